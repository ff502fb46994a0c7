"""The counts beside a list of products, each with its own choice relaxed.

A shopper who has chosen one brand still sees what the other brands would give. Eight statements
and one for each chosen attribute and option. All is counted by ids, and their names are looked up
once, not joined to each product.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet

from catalog.filters import Narrowing, Rows, offering
from catalog.models import (
    AttributeValue,
    Brand,
    Category,
    ProductAttribute,
    VariantOption,
)
from shop.money import Money


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


def of(rows: Rows, narrowing: Narrowing) -> list[Facet]:
    """The facets of a list; those that offer nothing are left out.

    Args:
        rows: the list before it was narrowed.
    """
    found = [
        categories(rows, narrowing),
        brands(rows, narrowing),
        *named(rows, narrowing),
        *measured(rows, narrowing),
    ]
    return [facet for facet in found if facet.values or facet.min is not None]


def categories(rows: Rows, narrowing: Narrowing) -> Facet:
    """Each category with what is in it and below it, in the order of the tree."""
    chosen = narrowing.texts("category")
    placed = narrowing.apply(rows, relaxed={"category": []}).exclude(category=None)
    direct = dict(placed.order_by().values_list("category").annotate(n=Count("pk")))
    tree = {row.pk: row for row in Category.objects.all()} if direct or chosen else {}
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


def brands(rows: Rows, narrowing: Narrowing) -> Facet:
    """Each brand, by name."""
    chosen = narrowing.texts("brand")
    made = narrowing.apply(rows, relaxed={"brand": []}).exclude(brand=None).order_by()
    counts = dict(made.values_list("brand").annotate(n=Count("pk")))
    wanted = {*counts, *narrowing.meant["brand"]}
    found = Brand.objects.filter(pk__in=wanted) if wanted else []
    values = [
        Value(row.slug, row.name, counts.get(row.pk, 0), selected=row.slug in chosen)
        for row in sorted(found, key=lambda row: row.name)
    ]
    return Facet("brand", "Brand", "BRAND", values)


# ── attributes and options ──────────────────────────────────────────────────────────────────
Uses = Callable[[str | None], QuerySet[Any]]


def named(rows: Rows, narrowing: Narrowing) -> list[Facet]:
    """A facet for each option and each attribute that the products have."""

    def choices(without: str | None) -> QuerySet[VariantOption]:
        """Choices of the variants that offer what is chosen of all other options."""
        others = offering(narrowing.others("options", without))
        products = narrowing.apply(rows, relaxed={"options": {}}).order_by().values("pk")
        return VariantOption.objects.filter(variant__in=others, variant__product__in=products)

    def described(without: str | None) -> QuerySet[ProductAttribute]:
        others = narrowing.others("attributes", without)
        products = narrowing.apply(rows, relaxed={"attributes": others}).order_by()
        return ProductAttribute.objects.filter(product__in=products.values("pk"))

    options = Tally("OPTION", narrowing, "options")
    options.count(choices, Count("variant__product", distinct=True))
    attributes = Tally("ATTRIBUTE", narrowing, "attributes")
    attributes.count(described, Count("pk"))  # a product has a value once
    values = known({*options.counts, *attributes.counts})
    return [*options.facets(values), *attributes.facets(values)]


class Tally:
    """The counts of one kind, by the id of the value."""

    def __init__(self, kind: str, narrowing: Narrowing, field: str) -> None:
        self.kind = kind
        self.chosen = narrowing.pairs(field)
        self.meant: Mapping[str, list[int]] = narrowing.meant[field]
        self.counts: dict[int, int] = {}

    def count(self, uses: Uses, products: Count) -> None:
        """One statement for all names without a choice, and one for each name with one.

        What is chosen is shown where it gives nothing, too.
        """
        free = uses(None).exclude(value__attribute__slug__in=self.chosen)
        for found in [free, *(uses(n).filter(value__attribute__slug=n) for n in self.chosen)]:
            self.counts |= dict(found.order_by().values_list("value").annotate(n=products))
        for pk in (pk for values in self.meant.values() for pk in values):
            self.counts.setdefault(pk, 0)

    def facets(self, values: Iterable[AttributeValue]) -> Iterator[Facet]:
        mine = [value for value in values if value.pk in self.counts]
        for attribute, group in groupby(mine, key=lambda value: value.attribute):
            chosen = self.chosen.get(attribute.slug, [])
            yield Facet(
                attribute.slug,
                attribute.name,
                self.kind,
                [
                    Value(one.slug, one.value, self.counts[one.pk], selected=one.slug in chosen)
                    for one in group
                ],
            )


def known(ids: set[int]) -> list[AttributeValue]:
    """Those values with their attributes, in the merchant's order."""
    if not ids:
        return []
    rows = AttributeValue.objects.filter(pk__in=ids).select_related("attribute")
    return list(rows.order_by("attribute__position", "attribute", "position", "pk"))


# ── columns ─────────────────────────────────────────────────────────────────────────────────
PRICE = {"min_price", "max_price"}
STARS = (1, 2, 3, 4)


def measured(rows: Rows, narrowing: Narrowing) -> list[Facet]:
    """Price, rating and availability by one statement: each is a condition on a column."""
    others = {"min_price": None, "max_price": None, "min_rating": None, "in_stock": None}
    priced = narrowing.condition({"min_rating", "in_stock"})
    rated = narrowing.condition(PRICE | {"in_stock"})
    stocked = narrowing.condition(PRICE | {"min_rating"})
    found = (
        narrowing.apply(rows, relaxed=others)
        .order_by()
        .aggregate(
            low=Min("price_min_minor", filter=priced),
            high=Max("price_min_minor", filter=priced),
            yes=Count("pk", filter=stocked & Q(in_stock=True)),
            no=Count("pk", filter=stocked & Q(in_stock=False)),
            **{f"from_{n}": Count("pk", filter=rated & Q(rating_average__gte=n)) for n in STARS},
        )
    )
    stars, in_stock = narrowing.chosen["min_rating"], narrowing.chosen["in_stock"]
    rating = [
        Value(str(n), f"{n} and up", found[f"from_{n}"], selected=stars == n)
        for n in reversed(STARS)
    ]
    availability = [
        Value("true", "In stock", found["yes"], selected=in_stock is True),
        Value("false", "Out of stock", found["no"], selected=in_stock is False),
    ]
    return [
        prices(found["low"], found["high"]),
        Facet("minRating", "Rating", "RATING", offered(rating)),
        Facet("inStock", "Availability", "AVAILABILITY", offered(availability)),
    ]


def prices(low: int | None, high: int | None) -> Facet:
    if low is None or high is None:
        return Facet("price", "Price", "PRICE")
    currency = settings.SHOP_CURRENCY
    return Facet("price", "Price", "PRICE", min=Money(low, currency), max=Money(high, currency))


def offered(values: list[Value]) -> list[Value]:
    return [value for value in values if value.count or value.selected]
