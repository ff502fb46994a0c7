"""The products of a list, added up by everything that its facets count, by one statement.

A cell is what products have in common: category, brand, whole stars and so on. The statement
leaves out what was chosen there, and each facet takes the cells that miss no choice but its own.
"""

from collections.abc import Iterator
from functools import cached_property, partial, reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.db.models import Case, Count, Max, Min, Q, QuerySet, Value, When

from catalog.filters import Narrowing, Rows
from shop.prepared import Prepared

PRICE = {"min_price", "max_price"}
STARS = (4, 3, 2, 1)
YES, NO = Value(value=True), Value(value=False)
RELAXED: dict[str, Any] = {
    "category": [], "brand": [], "min_price": None, "max_price": None, "min_rating": None,
    "in_stock": None,
}  # fmt: skip


class Cell(NamedTuple):
    """So many products, from the lowest price to the highest."""

    category: int | None
    brand: int | None
    in_stock: bool
    stars: int  # as many of STARS as they reach
    is_priced: bool  # within the chosen prices
    is_rated: bool  # as well as was chosen
    number: int  # of products
    low: int
    high: int


class Cells:
    """Those of one list.

    Args:
        ask: the list before it was narrowed.
    """

    def __init__(self, ask: Prepared, narrowing: Narrowing) -> None:
        self.ask, self.narrowing = ask, narrowing

    @cached_property
    def all(self) -> list[tuple[Cell, set[str]]]:
        """Each with the names of what was chosen and it misses."""
        shape = ("cells", self.narrowing.key)
        read = self.ask.tuples(shape, partial(added_up, narrowing=self.narrowing))
        return [(cell, missed(cell, self.narrowing)) for cell in (Cell(*row) for row in read)]

    def without(self, name: str) -> Iterator[Cell]:
        """What the list would hold if nothing were chosen there."""
        return (cell for cell, names in self.all if names <= {name})

    @property
    def total(self) -> int:
        """How many products the narrowed list holds."""
        return sum(cell.number for cell, names in self.all if not names)


def missed(cell: Cell, narrowing: Narrowing) -> set[str]:
    chosen, meant = narrowing.chosen, narrowing.meant
    fits = {
        "category": not chosen["category"] or cell.category in meant["category"],
        "brand": not chosen["brand"] or cell.brand in meant["brand"],
        "price": cell.is_priced,
        "rating": cell.is_rated,
        "stock": chosen["in_stock"] in (None, cell.in_stock),
    }
    return {name for name, is_right in fits.items() if not is_right}


def added_up(rows: Rows, narrowing: Narrowing) -> QuerySet[Any, Any]:
    """The tuples that cells are made of."""
    stars = Case(*(When(rating_average__gte=n, then=Value(n)) for n in STARS), default=Value(0))
    near = narrowing.apply(rows, relaxed=RELAXED).filter(misses_one_at_most(narrowing)).order_by()
    by = near.annotate(
        _stars=stars,
        _priced=whether(narrowing.condition(PRICE)),
        _rated=whether(narrowing.condition({"min_rating"})),
    ).values_list("category", "brand", "in_stock", "_stars", "_priced", "_rated")
    return by.annotate(
        _count=Count("pk"), _low=Min("price_min_minor"), _high=Max("price_min_minor")
    )


def whether(condition: Q) -> Any:
    return Case(When(condition, then=YES), default=NO) if condition else YES


def misses_one_at_most(narrowing: Narrowing) -> Q:
    """What no facet counts is not read: of several choices all but one must hold."""
    chosen = [
        Q(**{f"{name}__in": narrowing.meant[name]})
        for name in ("category", "brand")
        if narrowing.chosen[name]
    ]
    columns = (PRICE, {"min_rating"}, {"in_stock"})
    chosen += [found for names in columns if (found := narrowing.condition(names))]
    if len(chosen) < 2:
        return Q()
    others = ([one for one in chosen if one is not left] for left in chosen)
    return reduce(or_, (reduce(and_, kept) for kept in others))
