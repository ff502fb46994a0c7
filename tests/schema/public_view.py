"""All that everybody can see of the shop, and whether the stamp told when it changed."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import connection
from django.test import RequestFactory
from graphql import execute_sync, get_named_type, is_leaf_type, is_required_argument, parse

from catalog import stamp
from schema.answers.public import KEPT
from schema.context import Context
from schema.root import schema

Capture = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]
GRAPHQL = schema._schema
# What other fields show as well, in the same place or another.
AGAIN = {"edges", "ancestors", "defaultVariant"}
ROOTS = "categories collections products reviews shop"


def selected(field: Any, above: tuple[str, ...] = ()) -> str:
    """Every kept field below one, but for what leads back to a type above: that ends nowhere."""
    kind = get_named_type(field.type)
    path = (*above, kind.name)
    names = []
    for name in sorted(KEPT[kind.name] - AGAIN):
        below = kind.fields[name]
        inner = get_named_type(below.type)
        if any(map(is_required_argument, below.args.values())) or (name == "facets" and above):
            continue  # facets are counted for one list at a time
        if is_leaf_type(inner):
            names.append(name)
        elif path.count(inner.name) < (2 if name == "children" else 1):
            inside = selected(below, path)
            names += [name + inside] if inside else []
    return f" {{ {' '.join(names)} }}" if names else ""


QUERY = GRAPHQL.query_type
assert QUERY is not None
EVERYTHING = parse(
    f"{{ {' '.join(name + selected(QUERY.fields[name]) for name in ROOTS.split())} }}"
)


def seen() -> str:
    """What whoever is not signed in sees at this moment, computed anew.

    It is more than one request may ask for, so graphql-core is asked without the limits.
    """
    context = Context(RequestFactory().get("/graphql/"))
    result = execute_sync(GRAPHQL, EVERYTHING, context_value=context)
    assert not result.errors, result.errors
    return json.dumps(result.data)


@contextmanager
def told(capture: Capture) -> Iterator[None]:
    """Fails when something that everybody sees changes inside and the stamp stands still."""
    before = seen()
    connection.run_on_commit.clear()  # what came before is committed, as it were
    stood = stamp.read()
    with capture(execute=True):
        yield
    connection.run_on_commit.clear()
    assert stamp.read() != stood or seen() == before
