"""Narrowed lists in every order, page by page in both directions."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog import listings, sorting
from catalog.models import Category, Product, VariantOption
from schema import ids
from tests.assortment import make_assortment
from tests.client import call

SORTS = {name: one for name, one in sorting.SORTS.items() if one.column in listings.COLUMNS}
PAGE = "nodes { id } pageInfo { endCursor hasNextPage startCursor hasPreviousPage }"
ARGUMENTS = "first: $first, after: $after, last: $last, before: $before, sort: $sort"
HEAD = "query($sort: ProductSort, $first: Int, $after: String, $last: Int, $before: String)"
WAYS = {
    "category": f'{HEAD} {{ category(slug: "home") {{ products({ARGUMENTS}) {{ {PAGE} }} }} }}',
    "collection": f'{HEAD} {{ collection(slug: "c1") {{ products({ARGUMENTS}) {{ {PAGE} }} }} }}',
    "in category": f'{HEAD} {{ products(filter: {{category: "home"}}, {ARGUMENTS}) {{ {PAGE} }} }}',
    "in collection": f'{HEAD} {{ products(filter: {{collection: "c1"}},'
    f" {ARGUMENTS}) {{ {PAGE} }} }}",
    "attribute": f'{HEAD} {{ products(filter: {{attributes: {{name: "material", values: "oak"}}}},'
    f" {ARGUMENTS}) {{ {PAGE} }} }}",
    # Of each of these one list is read for each value; a product may stand in several.
    "categories": f'{HEAD} {{ products(filter: {{category: ["lamps", "garden", "lamps"]}},'
    f" {ARGUMENTS}) {{ {PAGE} }} }}",
    "collections": f'{HEAD} {{ products(filter: {{collection: ["c1", "c2", "none"]}},'
    f" {ARGUMENTS}) {{ {PAGE} }} }}",
    "attributes": f'{HEAD} {{ products(filter: {{attributes: [{{name: "material", values: ["oak",'
    f' "steel"]}}], inStock: true}}, {ARGUMENTS}) {{ {PAGE} }} }}',
    "options": f"{HEAD} {{ products(filter: {{options: ["
    f' {{name: "colour", values: ["red", "blue"]}}, {{name: "size", values: ["s", "m"]}}]}},'
    f" {ARGUMENTS}) {{ {PAGE} }} }}",
}


def expected(way: str, sort: sorting.Sort) -> list[str]:
    """What the list must be, put together in Python."""
    rows = [one for one in Product.objects.public() if stands_in(way.removeprefix("in "), one)]
    rows.sort(key=lambda one: (getattr(one, sort.column), one.pk), reverse=sort.descending)
    return [ids.of(one) for one in rows]


def stands_in(way: str, product: Product) -> bool:
    if way in ("category", "categories"):
        paths = map(path_of, ["home"] if way == "category" else ["lamps", "garden"])
        return product.category is not None and product.category.path.startswith(tuple(paths))
    if way in ("collection", "collections"):
        slugs = ["c1"] if way == "collection" else ["c1", "c2"]
        return product.places.filter(collection__slug__in=slugs).exists()
    if way == "options":
        live = product.variants.live().filter(chosen__value__slug__in=["red", "blue"])
        return live.filter(pk__in=having_size()).exists()
    slugs = ["oak"] if way == "attribute" else ["oak", "steel"]
    described = product.described_by.filter(value__slug__in=slugs).exists()
    return described and (way == "attribute" or product.in_stock)


def having_size() -> list[int]:
    found = VariantOption.objects.filter(value__slug__in=["s", "m"])
    return [*found.values_list("variant", flat=True)]


def path_of(slug: str) -> str:
    return Category.objects.get(slug=slug).path


def page(document: str, **variables: Any) -> dict[str, Any]:
    data = call(document, **variables).data
    (answer,) = data.values()
    found: dict[str, Any] = answer.get("products", answer)
    return found


def walk(read: Callable[..., dict[str, Any]], *, forwards: bool) -> list[str]:
    found: list[str] = []
    at: dict[str, Any] = {"first": 3} if forwards else {"last": 3}
    while True:
        one = read(**at)
        rows = [row["id"] for row in one["nodes"]]
        found = found + rows if forwards else rows + found
        info = one["pageInfo"]
        if not info["hasNextPage" if forwards else "hasPreviousPage"]:
            return found
        at |= {"after": info["endCursor"]} if forwards else {"before": info["startCursor"]}


@pytest.mark.parametrize("way", WAYS)
def test_every_sort_is_walked_in_order(way: str) -> None:
    make_assortment(40)

    for name, sort in SORTS.items():

        def read(name: str = name, **at: Any) -> dict[str, Any]:
            return page(WAYS[way], sort=name, **at)

        right = expected(way, sort)
        assert len(right) > 5
        assert walk(read, forwards=True) == right, name
        assert walk(read, forwards=False) == right, name
