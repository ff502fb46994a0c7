"""The shop's tables as the database shows them: what the invariants are stated about.

Read by plain SQL, so that nothing of the shop's own code stands between them and the rows.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection, transaction

Row = dict[str, Any]
APPS = ("users", "catalog", "checkout")
COUNTERS = ("users_allowance",)  # of requests: a refused one counts as well
JSON = ("options", "shipping_address", "billing_address")


class Rows:
    """All tables at one moment, each a list of rows in the order of their keys."""

    def __init__(self) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {}
        self.names: dict[str, list[str]] = {}
        with connection.cursor() as cursor:
            for table, key in tables():
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY {key}')  # noqa: S608
                self.names[table] = [column[0] for column in cursor.description]
                self.tables[table] = list(cursor.fetchall())

    def of(self, table: str) -> list[Row]:
        names = self.names[table]
        return [dict(zip(names, row, strict=True)) for row in self.tables[table]]

    def by(self, table: str, column: str) -> dict[Any, list[Row]]:
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self.of(table):
            found[row[column]].append(row)
        return found

    def differences(self, other: "Rows") -> list[str]:
        """The tables that are not the same, with what only one of the two has."""
        return [
            f"{table}: {only_in(rows, other.tables[table])} -> {only_in(other.tables[table], rows)}"
            for table, rows in self.tables.items()
            if rows != other.tables[table]
        ]


def only_in(one: Iterable[Any], other: Iterable[Any]) -> list[Any]:
    known = list(other)
    return [row for row in one if row not in known]


def plain(value: Any) -> Any:
    """JSON is text in one database and a structure in the other."""
    return json.loads(value) if isinstance(value, str) else value


def tables() -> list[tuple[str, str]]:
    """Each table of the shop with its key."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    found = [(model._meta.db_table, model._meta.pk_fields) for model in models]
    return [
        (table, ", ".join(f'"{field.column}"' for field in fields))
        for table, fields in found
        if table not in COUNTERS
    ]


def clear() -> None:
    """Empty the tables, faster than a flush; the migrations' own rows stay."""
    found = [
        model._meta.db_table
        for app in APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in found:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
