"""Try a mutation and take back what came of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from graphql import get_named_type, is_leaf_type, is_object_type, is_required_argument

from schema.root import schema
from tests.client import Answer
from users import tokens
from users.models import Allowance, User

GRAPHQL = schema._schema
MUTATIONS = GRAPHQL.mutation_type.fields if GRAPHQL.mutation_type else {}


@contextmanager
def undone() -> Iterator[list[str]]:
    """Take back what is written meanwhile; the list is filled with the statements that write."""
    written: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(sql)
        return execute(sql, *rest)

    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # durable blocks fit into it
    with block, connection.execute_wrapper(watch):
        yield written
        transaction.set_rollback(True)


def everything() -> dict[str, list[Any]]:
    """All rows of the shop but the counts of calls, which stay whatever becomes of one."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for app in ("users", "catalog", "checkout")
        for model in apps.get_app_config(app).get_models()
        if model is not Allowance
    }


def selection(type: Any, depth: int = 2) -> str:
    """The plain fields of an object and of those in it, for what was taken must be shown."""
    inner = get_named_type(type)
    if is_leaf_type(inner):
        return ""
    names = ["__typename"]
    for name, field in inner.fields.items() if depth and is_object_type(inner) else ():
        if name != "errors" and not any(map(is_required_argument, field.args.values())):
            names.append(name + selection(field.type, depth - 1))
    return f" {{ {' '.join(names)} }}"


def files_in(value: Any, path: str) -> Iterator[tuple[str, SimpleUploadedFile]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for name, entry in entries:
        if isinstance(entry, SimpleUploadedFile):
            entry.seek(0)
            yield f"{path}.{name}", entry
        elif isinstance(entry, dict | list):
            yield from files_in(entry, f"{path}.{name}")


def post(document: str, variables: dict[str, Any], token: str) -> Answer:
    response = respond(document, variables, token, {})
    return Answer(response.status_code, json.loads(response.content))


def respond(document: str, variables: dict[str, Any], token: str, more: dict[str, str]) -> Any:
    """As JSON, or with the files that stand in the variables as a form; `more` are headers."""
    own = {"Authorization": f"Bearer {token}"} if token else {}
    headers = {"GraphQL-Preflight": "1"} | own | more
    sent = json.dumps({"query": document, "variables": variables}, default=lambda file: None)
    files = dict(files_in(variables, "variables"))
    if files:
        numbered = {str(at): file for at, file in enumerate(files.values())}
        places = json.dumps({str(at): [path] for at, path in enumerate(files)})
        form = {"operations": sent, "map": places, **numbered}
        return Client().post("/graphql/", form, headers=headers)
    return Client().post("/graphql/", sent, content_type="application/json", headers=headers)


def document_of(name: str, depth: int) -> str:
    field = MUTATIONS[name]
    shown = selection(field.type, depth).removesuffix("}")
    return (
        f"mutation($input: {field.args['input'].type}) {{ {name}(input: $input)"
        f" {shown} errors {{ code message path }} }} }}"
    )


def token_of(caller: User | None) -> str:
    return tokens.access_token(caller) if caller else ""
