"""The counts of a list of products: how many there are in all, and what each choice would give."""

from collections import Counter
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from django.db.models import F, Func

from catalog import branches, counts, models
from catalog.cells import Cells
from catalog.facets import Facet, of
from catalog.filters import Narrowing, Rows
from schema import batch
from schema.errors import Denied
from shop.prepared import PK, Prepared
from users.models import User

T = TypeVar("T")

FACETS = counts.Memory(100)  # with a thousand brands those of one list take some 250 kB


def kept(
    shape: Hashable,
    who: User | None,
    count: Callable[[], T],
    *,
    within: counts.Memory = counts.COUNTS,
) -> Callable[[], T]:
    """The count of what the viewer may see, made anew only when the catalogue has changed."""
    staff = who is not None and who.is_staff
    return partial(counts.remembered, (shape, staff), count, within=within)


def number(ask: Prepared) -> int:
    """How many rows there are."""
    found = ask.tuples("number", numbered)
    return int(found[0][0]) if found else 0  # what nothing can fit is not even asked


def numbered(rows: Rows) -> Any:
    return rows.order_by().values_list(Func(F("pk"), function="COUNT", output_field=PK))


def facets(
    shape: Hashable, who: User | None, ask: Callable[[], Prepared], narrowing: Narrowing
) -> Callable[[], list[Facet]]:
    """Those of what is asked for, by the filter that narrows it."""
    told = ("facets", shape, narrowing.told)
    return kept(told, who, lambda: of(Cells(ask(), narrowing)), within=FACETS)


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


def of_one(owner: Any, count: Callable[[], list[Facet]]) -> Callable[[], list[Facet]]:
    """The facets of one owner's list; several lists at once would cost statements for each."""

    def counted() -> list[Facet]:
        if len(batch.peers_of(owner)) > 1:
            raise Denied("LIMIT_EXCEEDED", "Facets are counted for one list at a time.")
        return count()

    return counted
