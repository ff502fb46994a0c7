"""The counts of a list of products: how many there are in all, and what each choice would give."""

from collections import Counter
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from catalog import branches, counts, facets, models
from catalog.filters import Narrowing, Rows
from schema import batch
from schema.errors import Denied
from users.models import User

T = TypeVar("T")


def kept(shape: Hashable, who: User | None, count: Callable[[], T]) -> Callable[[], T]:
    """The count of what the viewer may see, made anew only when the catalogue has changed."""
    staff = who is not None and who.is_staff
    return partial(counts.remembered, (shape, staff), count)


def number(rows: Rows) -> int:
    return rows.order_by().count()


def in_each(
    rows: Rows, narrowing: Narrowing, who: User | None, peers: list[models.Category]
) -> dict[int, int]:
    """How many rows stand in each of the categories or below it."""
    wanted = {peer.path: peer.pk for peer in peers}

    def read() -> dict[int, int]:
        found: Counter[int] = Counter()
        for path, count in branches.numbers(narrowing.apply(rows), wanted).items():
            for above, pk in wanted.items():
                found[pk] += count if path.startswith(above) else 0
        return found

    return kept(("in categories", frozenset(wanted), narrowing.key), who, read)()


def of_one(owner: Any, count: Callable[[], list[facets.Facet]]) -> Callable[[], list[facets.Facet]]:
    """The facets of one owner's list; several lists at once would cost statements for each."""

    def counted() -> list[facets.Facet]:
        if len(batch.peers_of(owner)) > 1:
            raise Denied("LIMIT_EXCEEDED", "Facets are counted for one list at a time.")
        return count()

    return counted
