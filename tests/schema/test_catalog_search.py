"""Searches through the API: pages, numbers and facets of what was found."""

from typing import Any

import pytest

from catalog import columns, vectors
from catalog.filters import Narrowing
from catalog.models import Product
from tests.assortment import make_assortment
from tests.client import call
from tests.factories import make_product

FOUND = """query($filter: ProductFilter) { products(search: "thing", filter: $filter) {
    totalCount nodes { name } facets { name values { value count } } } }"""
PAGE = """query($first: Int, $after: String, $last: Int, $before: String) {
    products(search: "lamp", first: $first, after: $after, last: $last, before: $before) {
    nodes { name } pageInfo { endCursor startCursor hasNextPage hasPreviousPage } } }"""


def page(**args: Any) -> tuple[list[str], dict[str, Any]]:
    found = call(PAGE, **args).data["products"]
    return [one["name"] for one in found["nodes"]], found["pageInfo"]


@pytest.mark.parametrize(
    "chosen",
    [{}, {"inStock": True}, {"brand": ["essence"], "minRating": 3}, {"category": ["nowhere"]}],
)
@pytest.mark.parametrize("ranked", [500, 3])
def test_the_number_is_of_what_was_found_and_fits(
    chosen: dict[str, Any], ranked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "RANKED", ranked)
    make_assortment(40)
    names = {"inStock": "in_stock", "minRating": "min_rating"}
    data = {names.get(name, name): value for name, value in chosen.items()}

    found = call(FOUND, filter=chosen).data["products"]

    expected = Narrowing.of(data).apply(Product.objects.public()).count()
    assert found["totalCount"] == expected
    assert len(found["nodes"]) == min(expected, 20)
    assert (expected > 0) == ("nowhere" not in chosen.get("category", []))


def test_pages_of_many_hits_hold_each_once_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are ranked and those that are not are read by statements of their own."""
    monkeypatch.setattr(vectors, "RANKED", 4)
    monkeypatch.setattr(vectors, "NEWEST", 5)
    made = [make_product(name=f"Lamp {number:02}") for number in range(11)]
    columns.refresh([one.pk for one in made], *columns.EVERYTHING)
    whole, _ = page(first=50)

    forward, at = page(first=3)
    while at["hasNextPage"]:
        more, at = page(first=3, after=at["endCursor"])
        forward += more
    backward, at = page(last=3)
    while at["hasPreviousPage"]:
        more, at = page(last=3, before=at["startCursor"])
        backward = more + backward

    assert sorted(whole) == [one.name for one in made]
    assert forward == backward == whole
