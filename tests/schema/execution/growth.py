"""How much memory a process takes that answers ever new documents, each a few times.

Run by itself, since the tests' own process holds much else: `python -m
tests.schema.execution.growth DOCUMENTS RUNS` prints megabytes before and after. Its database is
an empty one in memory.
"""

import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import django
from django.core.management import call_command
from django.test import RequestFactory
from graphql import get_named_type, is_leaf_type

LISTS = ("products", "collections", "reviews")


def documents(schema: Any, count: int) -> list[str]:
    random, made = Random(3), []
    for number in range(count):
        name = random.choice(LISTS)
        page = get_named_type(schema.query_type.fields[name].type)
        kind = get_named_type(page.fields["nodes"].type)
        some = random.sample(sorted(kind.fields), min(8, len(kind.fields)))
        parts = " ".join(filter(None, (selected(each, kind.fields[each]) for each in some)))
        made.append(f"query Q{number} {{ {name}(first: 3) {{ nodes {{ id {parts} }} }} }}")
        if number % 10 == 0:
            made.append(long(number))
    return made


def long(number: int) -> str:
    """Few fields, and nearly as many tokens to parse as are allowed; most are never looked at."""
    brands = '"" ' * 900
    products = f"products(filter: {{ brand: [{brands}] }}) {{ totalCount }}"
    return f'query L{number} {{ category(slug: "{number}") {{ {products} }} }}'


def selected(name: str, one: Any) -> str:
    below = get_named_type(one.type)
    if any(argument.default_value is not None for argument in one.args.values()):
        return ""
    if is_leaf_type(below):
        return name
    leaves = [key for key, of in below.fields.items() if is_leaf_type(get_named_type(of.type))]
    return (
        f"{name} {{ __typename {' '.join(key for key in leaves if not below.fields[key].args)} }}"
    )


def resident() -> float:
    """Megabytes, as Linux tells them."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def measured(count: int, runs: int) -> tuple[float, float, int]:
    """Before, after, and how many plans there are then."""
    from schema.context import Context
    from schema.root import schema

    texts, request = documents(schema._schema, count), RequestFactory().post("/graphql/")
    before = resident()
    for text in texts:
        for _ in range(runs):
            found = schema.execute_sync(text, context_value=Context(request))
            assert not found.errors, (text, found.errors)
    return before, resident(), len(schema.plans)


def main() -> None:
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = ":memory:"
    django.setup()
    settings.MIGRATION_MODULES = {app.split(".")[-1]: None for app in settings.INSTALLED_APPS}
    call_command("migrate", run_syncdb=True, verbosity=0)
    print(*measured(int(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
