"""Pages of lists: keyset cursors, so that the last page is read as fast as the first."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from django.db import models
from django.db.models import Count, F, Func, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from schema import batch
from schema.errors import Denied, readable

MOST = 100
USUAL = 20
OWNER = "_owner"

Node = TypeVar("Node")

First = Annotated[
    int | None, strawberry.argument(description="How many from the start; at most 100.")
]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end; at most 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what precedes this cursor.")]


@dataclass(frozen=True)
class Keyset:
    """An order of rows by one column (or annotation) and then the id, both in one direction.

    `kind` is what the column holds; a cursor that holds anything else is refused.
    """

    name: str
    column: str
    kind: type
    descending: bool = False

    @property
    def order(self) -> tuple[str, str]:
        return (f"-{self.column}", "-pk") if self.descending else (self.column, "pk")

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
        compare = RowLess if self.descending else RowGreater
        field = rows.query.resolve_ref(self.column).output_field  # keeps PostgreSQL's types
        return rows.filter(compare(F(self.column), F("pk"), Value(value, field), Value(pk)))


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


@dataclass(frozen=True)
class PageArgs:
    """Which page is asked for."""

    limit: int
    forward: bool
    after: str | None
    before: str | None

    @classmethod
    def of(
        cls, first: int | None, after: str | None, last: int | None, before: str | None
    ) -> "PageArgs":
        """Raises Denied: BAD_REQUEST for both ends or a negative count, LIMIT_EXCEEDED."""
        if first is not None and last is not None:
            raise Denied("BAD_REQUEST", "Take `first` or `last`, not both.")
        limit = first if first is not None else last if last is not None else USUAL
        if limit < 0:
            raise Denied("BAD_REQUEST", "A page cannot have a negative length.")
        if limit > MOST:
            raise Denied("LIMIT_EXCEEDED", f"A page has at most {MOST} entries.")
        return cls(limit, last is None, after, before)

    def ordered(self, rows: QuerySet[Any], keyset: Keyset) -> QuerySet[Any]:
        """The rows between the cursors, in the order in which they are to be read."""
        if self.after is not None:
            rows = keyset.beyond(rows, self.after)
        if self.before is not None:
            rows = keyset.backwards.beyond(rows, self.before)
        return rows.order_by(*(keyset if self.forward else keyset.backwards).order)


@dataclass
class Slice:
    """One page of a list, read when it is looked at: its rows and how many there are in all."""

    args: PageArgs
    keyset: Keyset
    read: Callable[[], list[Any]]  # one row more than the page holds, when there is one
    count: Callable[[], int]

    @cached_property
    def found(self) -> list[Any]:
        return self.read()

    @cached_property
    def rows(self) -> list[Any]:
        rows = self.found[: self.args.limit]
        return rows if self.args.forward else rows[::-1]

    @property
    def is_more(self) -> bool:
        return len(self.found) > self.args.limit


def slice_of(rows: QuerySet[Any], keyset: Keyset, args: PageArgs) -> Slice:
    """A page of the rows."""
    ordered = args.ordered(rows, keyset)
    return Slice(
        args,
        keyset,
        read=lambda: batch.together(ordered[: args.limit + 1]),
        count=lambda: rows.order_by().count(),
    )


def ordering(rows: QuerySet[Any]) -> list[str]:
    return [str(term) for term in rows.query.order_by]


Split = Callable[[list[Any]], Iterable[QuerySet[Any]]]


@dataclass(frozen=True)
class Shared:
    """One page for each of several owners, read by one statement; as `slice_for` takes them."""

    rows: QuerySet[Any] | Split
    keyset: Keyset
    args: PageArgs
    by: str

    def parts(self, peers: list[Any]) -> Iterable[QuerySet[Any]]:
        """The rows of all of the peers."""
        if callable(self.rows):
            return self.rows(peers)
        return [self.rows.filter(**{f"{self.by}__in": {peer.pk for peer in peers}})]

    def pages(self, peers: list[Any]) -> dict[Any, list[Any]]:
        """Each peer's page by its key, with a row more where there are more."""
        found = [row for own in self.parts(peers) for row in self.first_of_each(own, peers)]
        by_owner: dict[Any, list[Any]] = {}
        for row in batch.together(found):
            by_owner.setdefault(getattr(row, OWNER), []).append(row)
        return by_owner

    def first_of_each(self, own: QuerySet[Any], peers: list[Any]) -> Any:
        most = self.args.limit + 1
        ordered = self.args.ordered(own, self.keyset).annotate(**{OWNER: F(self.by)})
        if len(peers) == 1:  # an index answers this; a window reads all there is
            return ordered[:most]
        place = Window(RowNumber(), partition_by=F(self.by), order_by=ordering(ordered))
        return ordered.annotate(_place=place).filter(_place__lte=most)

    def counts(self, peers: list[Any]) -> dict[Any, int]:
        """How many rows each peer has on all pages; who has none is left out."""
        by = self.by
        parts = [own.order_by().values_list(by) for own in self.parts(peers)]
        return dict(pair for own in parts for pair in own.annotate(n=Count("pk")))


def slice_for(
    owner: models.Model,
    rows: QuerySet[Any] | Split,
    keyset: Keyset,
    args: PageArgs,
    *,
    by: str,
    key: Hashable = None,
) -> Slice:
    """A page of the rows that belong to `owner`; one statement for all of the owner's peers.

    Args:
        rows: or, where no column tells the owner of a row, a function from the peers to
            the rows of each part of them, with the owner's key annotated as `by`.
        by: the column (or annotation) of `rows` that holds the owner's primary key.
        key: what tells these rows from others of the same `by`, such as the filter.
    """
    shared, here = Shared(rows, keyset, args, by), (by, key)
    return Slice(
        args,
        keyset,
        read=lambda: batch.load(owner, (*here, keyset, args), shared.pages, []),
        count=lambda: batch.load(owner, (*here, "count"), shared.counts, 0),
    )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether some precede.")
    start_cursor: str | None = strawberry.field(description="Of the first entry; null without one.")
    end_cursor: str | None = strawberry.field(description="Of the last entry; null without one.")

    @classmethod
    def of(cls, page: Slice) -> "PageInfo":
        forward, cursor = page.args.forward, page.keyset.cursor
        return cls(
            has_next_page=page.is_more if forward else page.args.before is not None,
            has_previous_page=page.args.after is not None if forward else page.is_more,
            start_cursor=cursor(page.rows[0]) if page.rows else None,
            end_cursor=cursor(page.rows[-1]) if page.rows else None,
        )


@strawberry.type(name="Edge", description="An entry with its place in the list.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="For `after` and `before`.")
    node: Node = strawberry.field(description="The entry itself.")


@strawberry.type(name="Connection", description="A page of a list.")
class Page(Generic[Node]):
    page: strawberry.Private[Slice]

    @strawberry.field(description="The entries with their cursors.")
    def edges(self) -> list[Edge[Node]]:
        return [Edge(cursor=self.page.keyset.cursor(row), node=row) for row in self.page.rows]

    @strawberry.field(description="The entries alone.")
    def nodes(self) -> list[Node]:
        return self.page.rows

    @strawberry.field(description="Where the page stands.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page)

    @strawberry.field(description="How many there are on all pages; counted only when asked for.")
    def total_count(self) -> int:
        return self.page.count()
