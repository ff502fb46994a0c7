"""Pages of lists: keyset cursors, so that the last page is read as fast as the first."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from django.db import models
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from schema import batch
from schema.authorization.rules import OBJECT, guarded
from schema.errors import Denied
from schema.keysets import Keyset
from shop.prepared import PK, Prepared, Slot

__all__ = [
    "MOST", "After", "Before", "Edge", "First", "Keyset", "Last", "Page", "PageArgs",
    "PageInfo", "Slice", "page_of", "prepared_slice", "slice_for", "slice_in_parts", "slice_of",
    "slice_of_any",
]  # fmt: skip

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
        return (keyset if self.forward else keyset.backwards).ordered(rows)

    @property
    def shape(self) -> tuple[bool, bool, bool]:
        """What of the page a statement's text depends on."""
        return self.forward, self.after is not None, self.before is not None

    def prepared(self, rows: QuerySet[Any], keyset: Keyset) -> QuerySet[Any]:
        """As `ordered`, with slots for what the cursors say."""
        value = keyset.field(rows)
        if self.after is not None:
            rows = keyset.past(rows, Slot("after", value), Slot("after_pk", PK))
        if self.before is not None:
            before = (Slot("before", value), Slot("before_pk", PK))
            rows = keyset.backwards.past(rows, *before)
        return (keyset if self.forward else keyset.backwards).ordered(rows)

    def places(self, keyset: Keyset) -> dict[str, Any]:
        """What the cursors say, by slot. Raises Denied: BAD_REQUEST for one of another list."""
        found: dict[str, Any] = {}
        for name, cursor in (("after", self.after), ("before", self.before)):
            if cursor is not None:
                found[name], found[f"{name}_pk"] = keyset.position(cursor)
        return found


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

    def read() -> list[Any]:
        return batch.together(ordered[: args.limit + 1])

    return Slice(args, keyset, read=read, count=lambda: rows.order_by().count())


def page_of(ask: Prepared, keyset: Keyset, args: PageArgs) -> Prepared:
    """The read of one page of what is asked for; it takes one row more than the page holds."""
    own = ask.columns.own
    if own is not None and ask.columns.cursors:
        own |= {keyset.column}
    return Prepared(
        (ask.shape, keyset, args.shape),
        lambda: args.prepared(ask.build(), keyset),
        replace(ask.columns, own=own),
        {**ask.values, **args.places(keyset)},
    )


def prepared_slice(
    ask: Prepared, keyset: Keyset, args: PageArgs, count: Callable[[], int]
) -> Slice:
    """A page of what is asked for."""
    return slice_in_parts([ask], keyset, args, count)


def slice_in_parts(
    asks: Sequence[Prepared], keyset: Keyset, args: PageArgs, count: Callable[[], int]
) -> Slice:
    """A page of what is asked for in pieces, each of which stands before the next in this order.

    A page seldom needs more than one of them, and a short one is sorted fast.
    """
    parts = [page_of(ask, keyset, args) for ask in asks]

    def read() -> list[Any]:
        found: list[Any] = []
        for part in parts if args.forward else parts[::-1]:
            if len(found) <= args.limit:
                found += batch.found(part, args.limit + 1 - len(found))
        return found if len(parts) == 1 else batch.together(found)

    return Slice(args, keyset, read=read, count=count)


def slice_of_any(
    asks: Sequence[Prepared], keyset: Keyset, args: PageArgs, count: Callable[[], int]
) -> Slice:
    """A page of what is in one of several lists or in more; each row stands there once."""
    ask = asks[0] if len(asks) == 1 else first_of_any(asks, keyset, args)
    return slice_in_parts([ask], keyset, args, count)


def first_of_any(asks: Sequence[Prepared], keyset: Keyset, args: PageArgs) -> Prepared:
    """As much of each list as a page can need, which is read by the index of its order alone."""

    def build() -> QuerySet[Any]:
        first, *others = (
            args.prepared(ask.build(), keyset).values("pk")[: args.limit + 1] for ask in asks
        )
        return QuerySet(first.model).filter(pk__in=first.union(*others))

    return replace(
        asks[0], shape=("any", asks[0].shape, keyset, args.shape, args.limit), build=build
    )


def ordering(rows: QuerySet[Any]) -> list[str]:
    return [str(term) for term in rows.query.order_by]


Split = Callable[[list[Any]], Iterable[QuerySet[Any]]]
Alone = Callable[[Any], Prepared]


@dataclass(frozen=True)
class Shared:
    """One page for each of several owners, read by one statement; as `slice_for` takes them."""

    rows: QuerySet[Any] | Split
    keyset: Keyset
    args: PageArgs
    by: str
    alone: Alone | None = None

    def parts(self, peers: list[Any]) -> Iterable[QuerySet[Any]]:
        """The rows of all of the peers."""
        if callable(self.rows):
            return self.rows(peers)
        return [self.rows.filter(**{f"{self.by}__in": {peer.pk for peer in peers}})]

    def pages(self, peers: list[Any]) -> dict[Any, list[Any]]:
        """Each peer's page by its key, with a row more where there are more."""
        if self.alone and len(peers) == 1:
            page = page_of(self.alone(peers[0]), self.keyset, self.args)
            return {peers[0].pk: batch.found(page, self.args.limit + 1)}
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
    alone: Alone | None = None,
) -> Slice:
    """A page of the rows that belong to `owner`; one statement for all of the owner's peers.

    Args:
        rows: or, where no column tells the owner of a row, a function from the peers to
            the rows of each part of them, with the owner's key annotated as `by`.
        by: the column (or annotation) of `rows` that holds the owner's primary key.
        key: what tells these rows from others of the same `by`, such as the filter.
        alone: the same rows of one owner who has no peers, as a prepared read.
    """
    shared, here = Shared(rows, keyset, args, by, alone), (by, key)
    return Slice(
        args,
        keyset,
        read=lambda: batch.load(owner, (*here, keyset, args), shared.pages, []),
        count=lambda: batch.load(owner, (*here, "count"), shared.counts, 0),
    )


@guarded(OBJECT)
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


@guarded(OBJECT)
@strawberry.type(name="Edge", description="An entry with its place in the list.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="For `after` and `before`.")
    node: Node = strawberry.field(description="The entry itself.")


@guarded(OBJECT)
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
