"""The counts beside the search that was written by hand: six statements and the tree."""

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

Ask = Callable[[str], list[tuple[Any, ...]]]

PRICED, STOCKED = "p.price_min_minor >= %(least)s", "p.in_stock"
BOTH = f"{PRICED} AND {STOCKED}"
CATEGORIES = "SELECT id, name, slug, path, position FROM catalog_category"
BRANDS = """
SELECT b.slug, b.name, n FROM ({}) AS counted
JOIN catalog_brand b ON b.id = counted.id ORDER BY b.name"""
OPTIONS = """
SELECT o.value_id, count(DISTINCT v.product_id) FROM catalog_variantoption o
JOIN catalog_variant v ON v.id = o.variant_id AND v.archived_at IS NULL
WHERE v.product_id IN (SELECT p.id {}) GROUP BY 1"""
ATTRIBUTES = """
SELECT d.value_id, count(*) FROM catalog_productattribute d
WHERE d.product_id IN (SELECT p.id {}) GROUP BY 1"""
NAMED = """
SELECT v.id, a.slug, a.name, v.slug, v.value FROM catalog_attributevalue v
JOIN catalog_attribute a ON a.id = v.attribute_id
ORDER BY a.position, a.id, v.position, v.id"""


def of(ask: Ask, found: str, money: Callable[[int], Any]) -> list[dict[str, Any]]:
    narrowed = f"{found} AND {BOTH}"
    names = ask(NAMED)
    facets = [categories(ask, narrowed), brands(ask, narrowed)]
    facets += [*named(ask(options_of(narrowed)), names, "OPTION")]
    facets += [*named(ask(attributes_of(narrowed)), names, "ATTRIBUTE")]
    facets += measured(ask, found, money)
    return [facet for facet in facets if facet["values"] or facet["min"]]


def facet(
    name: str, label: str, kind: str, values: list[Any], low: Any = None, high: Any = None
) -> dict[str, Any]:
    return {"name": name, "label": label, "kind": kind, "min": low, "max": high, "values": values}


def value(text: str, label: str, count: int, *, selected: bool = False) -> dict[str, Any]:
    return {"value": text, "label": label, "count": count, "selected": selected}


def categories(ask: Ask, narrowed: str) -> dict[str, Any]:
    direct = ask(f"SELECT p.category_id, count(*) {narrowed} GROUP BY 1")
    tree = {row[0]: row for row in ask(CATEGORIES)}
    totals: Counter[int] = Counter()
    for pk, count in direct:
        if pk:
            for step in steps(tree[pk][3]):
                totals[step] += count

    def place(row: tuple[Any, ...]) -> list[tuple[int, int]]:
        return [(tree[step][4], step) for step in steps(row[3])]

    ordered = sorted(tree.values(), key=place)
    values = [value(row[2], row[1], totals[row[0]]) for row in ordered if totals[row[0]]]
    return facet("category", "Category", "CATEGORY", values)


def steps(path: str) -> list[int]:
    return [int(step) for step in path.strip("/").split("/")]


def brands(ask: Ask, narrowed: str) -> dict[str, Any]:
    counted = f"SELECT p.brand_id AS id, count(*) AS n {narrowed} GROUP BY 1"
    rows = ask(BRANDS.format(counted))
    return facet("brand", "Brand", "BRAND", [value(*row) for row in rows])


def options_of(narrowed: str) -> str:
    return OPTIONS.format(narrowed)


def attributes_of(narrowed: str) -> str:
    return ATTRIBUTES.format(narrowed)


def named(counted: list[Any], names: list[Any], kind: str) -> list[dict[str, Any]]:
    counts = dict(counted)
    rows = [row for row in names if row[0] in counts]
    return [
        facet(slug, name, kind, [value(row[3], row[4], counts[row[0]]) for row in group])
        for (slug, name), group in groupby(rows, key=lambda row: (row[1], row[2]))
    ]


def measured(ask: Ask, found: str, money: Callable[[int], Any]) -> list[dict[str, Any]]:
    stars = ", ".join(
        f"count(*) FILTER (WHERE {BOTH} AND p.rating_average >= {n})" for n in (4, 3, 2, 1)
    )
    row = ask(f"""SELECT min(p.price_min_minor) FILTER (WHERE {STOCKED}),
        max(p.price_min_minor) FILTER (WHERE {STOCKED}), count(*) FILTER (WHERE {BOTH}),
        count(*) FILTER (WHERE {PRICED} AND NOT p.in_stock), {stars} {found}""")[0]
    low, high, yes, no, *rated = row
    ratings = [
        value(str(n), f"{n} and up", count)
        for n, count in zip((4, 3, 2, 1), rated, strict=True)
        if count
    ]
    there = [value("true", "In stock", yes, selected=True)]
    there += [value("false", "Out of stock", no)] if no else []
    price = facet("price", "Price", "PRICE", [], low and money(low), high and money(high))
    return [
        price,
        facet("minRating", "Rating", "RATING", ratings),
        facet("inStock", "Availability", "AVAILABILITY", there),
    ]
