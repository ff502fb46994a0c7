"""Narrowed lists in every order, page by page in both directions."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog import listings, sorting
from catalog.models import Category, Product
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
}


def expected(way: str, sort: sorting.Sort) -> list[str]:
    """What the list must be, put together in Python."""
    at = way.removeprefix("in ")
    rows = [
        one
        for one in Product.objects.public()
        if (at == "category" and one.category and one.category.path.startswith(home_path()))
        or (at == "collection" and one.places.filter(collection__slug="c1").exists())
        or (at == "attribute" and one.described_by.filter(value__slug="oak").exists())
    ]
    rows.sort(key=lambda one: (getattr(one, sort.column), one.pk), reverse=sort.descending)
    return [ids.of(one) for one in rows]


def home_path() -> str:
    return Category.objects.get(slug="home").path


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
