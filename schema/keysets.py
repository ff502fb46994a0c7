"""Orders of rows and places in them: what a cursor says, and how a database finds it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Func, QuerySet, Value

from catalog import listings
from schema.errors import Denied, readable


@dataclass(frozen=True)
class Keyset:
    """An order of rows by one column (or annotation) and then the id, both in one direction.

    `kind` is what the column holds; a cursor that holds anything else is refused.
    """

    name: str
    column: str
    kind: type
    descending: bool = False

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in this order."""
        sign = "-" if self.descending else ""
        return rows.order_by(*(f"{sign}{column}" for column in listings.place(rows, self.column)))

    @property
    def backwards(self) -> "Keyset":
        return Keyset(self.name, self.column, self.kind, descending=not self.descending)

    def cursor(self, row: Any) -> str:
        value = getattr(row, self.column)
        kept = value.isoformat() if isinstance(value, datetime) else value
        return urlsafe_b64encode(json.dumps([self.name, kept, row.pk]).encode()).decode()

    def position(self, cursor: str) -> tuple[Any, int]:
        """Column and id of the row that the cursor was made from.

        Raises:
            Denied: BAD_REQUEST for a cursor of another order, or none of ours.
        """
        try:
            name, value, pk = json.loads(urlsafe_b64decode(cursor.encode()))
            if self.kind is datetime:
                value = datetime.fromisoformat(value)
        except (ValueError, TypeError, RecursionError):
            name, value, pk = None, None, None
        whole = type(pk) is int and abs(pk) < 2**63
        if name != self.name or type(value) is not self.kind or not whole or not storable(value):
            raise Denied("BAD_REQUEST", "The cursor does not belong to this list in this order.")
        return value, pk

    def beyond(self, rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        """The rows that follow the cursor's in this order."""
        value, pk = self.position(cursor)
        return self.past(rows, Value(value, self.field(rows)), Value(pk))

    def past(self, rows: QuerySet[Any], value: Value, pk: Value) -> QuerySet[Any]:
        """The rows that follow a place in this order."""
        compare = RowLess if self.descending else RowGreater
        return rows.filter(compare(*map(F, listings.place(rows, self.column)), value, pk))

    def field(self, rows: QuerySet[Any]) -> Any:
        """The column's, which keeps PostgreSQL's types."""
        return rows.query.resolve_ref(self.column).output_field


def storable(value: Any) -> bool:
    """Whether a database can compare a value that came out of a cursor."""
    if isinstance(value, datetime):
        return value.tzinfo is not None and 1900 < value.year < 9999
    if isinstance(value, str):
        return readable(value)
    return bool(abs(value) < 2**63)  # also false for a float that is not a number


class RowLess(Func):
    """`(a, b) < (x, y)`: unlike the same thing written with OR, an index answers it."""

    conditional = True
    output_field = models.BooleanField()
    sign = "<"

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **options: Any) -> Any:
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        values = [value for _, parameters in parts for value in parameters]
        return f"({left}) {self.sign} ({right})", values


class RowGreater(RowLess):
    sign = ">"
