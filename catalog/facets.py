"""The counts beside a list of products, each with its own choice relaxed.

A shopper who has chosen one brand still sees what the other brands would give. Five statements:
two that count (`catalog.cells`, and the attributes and options), three for the names of what was
found. All is counted by ids, and the names are looked up once, not joined to each product.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from django.conf import settings

from catalog import uses
from catalog.cells import STARS, Cell, Cells
from catalog.filters import Narrowing
from catalog.models import AttributeValue, Brand, Category
from shop.money import Money
from shop.prepared import Among, Columns, Prepared


@dataclass(frozen=True)
class Value:
    """A choice: what the filter takes for it, and how many products it gives."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """One way to narrow a list; a range instead of values for the price."""

    name: str
    label: str
    kind: str
    values: list[Value] = field(default_factory=list)
    min: Money | None = None
    max: Money | None = None


def of(cells: Cells) -> list[Facet]:
    """The facets of the list; those that offer nothing are left out."""
    narrowing = cells.narrowing
    found = [
        categories(cells, narrowing),
        brands(cells, narrowing),
        *named(cells.ask, narrowing),
        prices(cells),
        ratings(cells, narrowing),
        availability(cells, narrowing),
    ]
    return [facet for facet in found if facet.values or facet.min is not None]


TREE = Columns(frozenset({"name", "slug", "path", "position"}))


def categories(cells: Cells, narrowing: Narrowing) -> Facet:
    """Each category with what is in it and below it, in the order of the tree."""
    chosen = narrowing.texts("category")
    direct: Counter[int] = Counter()
    for cell in cells.without("category"):
        if cell.category is not None:
            direct[cell.category] += cell.number
    found = Prepared("tree", Category.objects.all, TREE).read() if direct or chosen else []
    tree: dict[int, Category] = {row.pk: row for row in found}
    totals: Counter[int] = Counter()
    for pk, count in direct.items():
        for step in (*tree[pk].ancestor_ids, pk):
            totals[step] += count
    values = [
        Value(row.slug, row.name, totals[row.pk], selected=row.slug in chosen)
        for row in in_order(tree)
        if totals[row.pk] or row.slug in chosen
    ]
    return Facet("category", "Category", "CATEGORY", values)


def in_order(tree: dict[int, Category]) -> list[Category]:
    """Depth first, siblings by their positions."""

    def way(row: Category) -> list[tuple[int, int]]:
        return [(tree[pk].position, pk) for pk in (*row.ancestor_ids, row.pk)]

    return sorted(tree.values(), key=way)


BRANDS = Prepared("brands", lambda: Brand.objects.filter(Among("pk", "brands")))


def brands(cells: Cells, narrowing: Narrowing) -> Facet:
    """Each brand, by name."""
    chosen = narrowing.texts("brand")
    counts: Counter[int] = Counter()
    for cell in cells.without("brand"):
        if cell.brand is not None:
            counts[cell.brand] += cell.number
    wanted = {*counts, *narrowing.meant["brand"]}
    found: list[Brand] = BRANDS.read(brands=wanted) if wanted else []
    values = [
        Value(row.slug, row.name, counts[row.pk], selected=row.slug in chosen)
        for row in sorted(found, key=lambda row: row.name)
    ]
    return Facet("brand", "Brand", "BRAND", values)


# ── attributes and options ──────────────────────────────────────────────────────────────────
VALUES = Prepared(
    "attribute values",
    lambda: AttributeValue.objects.filter(Among("pk", "values")).order_by(
        "attribute__position", "attribute", "position", "pk"
    ),
    Columns(beside=(("attribute", Columns()),)),
)


def named(ask: Prepared, narrowing: Narrowing) -> list[Facet]:
    """A facet for each option and each attribute that the products have, in that order."""
    counts = {kind: uses.shown(kind, narrowing) for kind in uses.KINDS}
    for kind, pk, count in ask.tuples(
        ("uses", narrowing.key), partial(uses.counted, narrowing=narrowing)
    ):
        counts[kind][pk] = count
    wanted = {pk for found in counts.values() for pk in found}
    # Those values with their attributes, in the merchant's order.
    values: list[AttributeValue] = VALUES.read(values=wanted) if wanted else []
    return [
        facet
        for kind, found in counts.items()
        for facet in in_groups(kind, found, values, narrowing)
    ]


def in_groups(
    kind: str, counts: dict[int, int], values: Iterable[AttributeValue], narrowing: Narrowing
) -> Iterator[Facet]:
    """A facet for each attribute of the values that were counted."""
    pairs = narrowing.pairs(uses.KINDS[kind])
    mine = [value for value in values if value.pk in counts]
    for attribute, group in groupby(mine, key=lambda value: value.attribute):
        chosen = pairs.get(attribute.slug, [])
        offers = [
            Value(one.slug, one.value, counts[one.pk], selected=one.slug in chosen) for one in group
        ]
        yield Facet(attribute.slug, attribute.name, kind, offers)


# ── columns ─────────────────────────────────────────────────────────────────────────────────
def prices(cells: Cells) -> Facet:
    found = [(cell.low, cell.high) for cell in cells.without("price")]
    if not found:
        return Facet("price", "Price", "PRICE")
    lows, highs = zip(*found, strict=True)
    currency = settings.SHOP_CURRENCY
    return Facet(
        "price", "Price", "PRICE", min=Money(min(lows), currency), max=Money(max(highs), currency)
    )


def ratings(cells: Cells, narrowing: Narrowing) -> Facet:
    chosen = narrowing.chosen["min_rating"]
    found = [*cells.without("rating")]
    values = [
        Value(str(n), f"{n} and up", count_of(c for c in found if c.stars >= n), chosen == n)
        for n in STARS
    ]
    return Facet("minRating", "Rating", "RATING", offered(values))


def availability(cells: Cells, narrowing: Narrowing) -> Facet:
    chosen = narrowing.chosen["in_stock"]
    found = [*cells.without("stock")]
    values = [
        Value("true", "In stock", count_of(c for c in found if c.in_stock), chosen is True),
        Value(
            "false", "Out of stock", count_of(c for c in found if not c.in_stock), chosen is False
        ),
    ]
    return Facet("inStock", "Availability", "AVAILABILITY", offered(values))


def count_of(cells: Iterable[Cell]) -> int:
    return sum(cell.number for cell in cells)


def offered(values: list[Value]) -> list[Value]:
    return [value for value in values if value.count or value.selected]
