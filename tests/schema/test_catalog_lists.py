"""Lists of products: their order, pages, limits and facets."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import (
    Collection,
    CollectionProduct,
    Product,
)
from schema import ids
from tests.assortment import make_assortment
from tests.client import Answer, call
from tests.factories import make_staff

SORTS = ["NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME", "RATING", "BEST_SELLING", "RELEVANCE"]
WALK = """query($sort: ProductSort, $search: String, $first: Int, $after: String, $last: Int,
    $before: String) {
  products(sort: $sort, search: $search, first: $first, after: $after, last: $last,
      before: $before) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def walk(read: Callable[..., dict[str, Any]], *, forwards: bool) -> list[str]:
    """All ids, page by page."""
    found: list[str] = []
    at: dict[str, Any] = {"first": 7} if forwards else {"last": 7}
    while True:
        page = read(**at)
        rows = [row["id"] for row in page["nodes"]]
        found = found + rows if forwards else rows + found
        info = page["pageInfo"]
        if not info["hasNextPage" if forwards else "hasPreviousPage"]:
            return found
        at |= {"after": info["endCursor"]} if forwards else {"before": info["startCursor"]}


@pytest.mark.parametrize("search", [None, "thing"])
def test_every_walk_meets_every_product_once(search: str | None) -> None:
    products = make_assortment(25).products

    for sort in SORTS:

        def read(sort: str = sort, **at: Any) -> dict[str, Any]:
            page: dict[str, Any] = call(WALK, sort=sort, search=search, **at).data["products"]
            return page

        there, back = walk(read, forwards=True), walk(read, forwards=False)

        assert there == back, sort
        assert sorted(there) == sorted(ids.of(one) for one in products), sort


def test_sorts_are_what_they_say() -> None:
    by_id = {ids.of(one): one for one in make_assortment(25).products}
    keys: dict[str, Callable[[Product], Any]] = {
        "NEWEST": lambda p: (-p.created_at.timestamp(), -p.pk),
        "PRICE_ASC": lambda p: (p.price_min_minor, p.pk),
        "PRICE_DESC": lambda p: (-p.price_min_minor, -p.pk),
        "NAME": lambda p: (p.name, p.pk),
        "RATING": lambda p: (-p.rating_average, -p.pk),
        "BEST_SELLING": lambda p: (-p.sales_count, -p.pk),
        "RELEVANCE": lambda p: (-p.created_at.timestamp(), -p.pk),  # without a search
    }

    for sort, key in keys.items():
        nodes = call(WALK, sort=sort, first=100).data["products"]["nodes"]
        assert [row["id"] for row in nodes] == [
            ids.of(one) for one in sorted(by_id.values(), key=key)
        ], sort


def test_a_collection_keeps_the_merchants_order() -> None:
    collection = make_assortment(30).collections[0]
    document = """query($slug: String!, $in: [String!], $first: Int, $after: String) {
      collection(slug: $slug) { products(first: $first, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } }
      products(filter: {collection: $in}, first: 100) { nodes { id } } }"""
    places = CollectionProduct.objects.filter(
        collection=collection, product__in=Product.objects.public()
    ).order_by("position", "product")
    expected = [ids.of(place.product) for place in places]

    def read(**at: Any) -> dict[str, Any]:
        found: dict[str, Any] = call(document, slug=collection.slug, **at).data["collection"]
        page: dict[str, Any] = found["products"]
        return page

    assert walk(read, forwards=True) == expected
    filtered: dict[str, Any] = {"slug": collection.slug, "in": [collection.slug]}
    nodes = call(document, **filtered).data["products"]["nodes"]
    assert [row["id"] for row in nodes] == expected


def filtered(filter: dict[str, Any], **more: Any) -> Answer:
    document = """query($filter: ProductFilter, $search: String) {
        products(filter: $filter, search: $search) { totalCount facets { name } } }"""
    return call(document, filter=filter, **more)


MANY = ["x"] * 51


@pytest.mark.parametrize(
    "filter",
    [
        {"brand": MANY}, {"category": MANY}, {"collection": MANY}, {"ids": MANY},
        {"attributes": [{"name": "a", "values": MANY}]},
        {"options": [{"name": "a", "values": ["b"]}] * 51}, {"status": ["ACTIVE"] * 51},
    ],
)  # fmt: skip
def test_long_lists_are_refused(filter: dict[str, Any]) -> None:
    assert filtered(filter).codes == ["LIMIT_EXCEEDED"]


def test_long_search_text_is_refused() -> None:
    assert filtered({}, search="x" * 100).data["products"]["totalCount"] == 0
    assert filtered({}, search="x" * 101).codes == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize(
    ("filter", "code"),
    [
        ({"minPrice": "NaN"}, "VALIDATION_FAILED"), ({"minPrice": 1.5}, "VALIDATION_FAILED"),
        ({"minRating": 1e300}, "BAD_REQUEST"), ({"updatedFrom": "yesterday"}, "VALIDATION_FAILED"),
        ({"brand": ["\0"]}, "BAD_REQUEST"), ({"nonsense": 1}, "VALIDATION_FAILED"),
    ],
)  # fmt: skip
def test_an_unreadable_filter_is_refused(filter: dict[str, Any], code: str) -> None:
    assert filtered(filter).codes == [code]


def test_a_filter_that_nothing_fits_is_an_empty_list() -> None:
    make_assortment(3)

    for filter in ({"minPrice": "9" * 28}, {"minPrice": "9", "maxPrice": "1"}, {"ids": ["?"]}):
        assert filtered(filter).data["products"]["totalCount"] == 0


def test_facets_are_told_as_money_and_slugs() -> None:
    make_assortment(20)
    document = """{ products(filter: {brand: ["essence"]}) { facets {
        name label kind values { value label count selected }
        min { amount currency } max { amount } } } }"""

    found = {one["name"]: one for one in call(document).data["products"]["facets"]}

    prices = Product.objects.public().filter(brand_name="Essence").order_by("price_min_minor")
    lowest = f"{prices[0].price.amount}"
    assert found["price"]["min"] == {"amount": lowest, "currency": prices[0].currency}
    assert found["price"]["values"] == []
    assert {one["value"] for one in found["brand"]["values"]} == {"essence", "nordlys", "kjær-søn"}
    assert [one["value"] for one in found["brand"]["values"] if one["selected"]] == ["essence"]
    assert found["material"]["kind"] == "ATTRIBUTE"
    assert found["colour"]["kind"] == "OPTION"


def test_facets_of_a_category_and_a_collection_count_what_stands_there() -> None:
    make_assortment(30)
    document = """{
        category(slug: "home") { products { totalCount facets { name values { count } } } }
        collection(slug: "c1") { products { totalCount facets { name values { count } } } } }"""

    data = call(document).data

    for place in ("category", "collection"):
        listed = data[place]["products"]
        stock = next(one for one in listed["facets"] if one["name"] == "inStock")
        assert sum(value["count"] for value in stock["values"]) == listed["totalCount"] > 0


def test_facets_of_several_lists_at_once_are_refused() -> None:
    make_assortment(3)

    answer = call("{ categories { products { facets { name } } } }")

    assert set(answer.codes) == {"LIMIT_EXCEEDED"}


def test_collections_come_by_name() -> None:
    for name in ("b", "a", "c"):
        Collection.objects.create(name=name, slug=name)

    data = call("{ collections(first: 2) { totalCount nodes { name } } }").data["collections"]

    assert data == {"totalCount": 3, "nodes": [{"name": "a"}, {"name": "b"}]}


def test_two_filters_of_one_place_are_two_lists() -> None:
    make_assortment(30)
    products = "products(filter: {inStock: true}) { totalCount } all: products { totalCount }"
    document = f"""{{ category(slug: "home") {{ {products} }}
        collection(slug: "c1") {{ {products} }} }}"""

    data = call(document).data

    for place in ("category", "collection"):
        assert 0 < data[place]["products"]["totalCount"] < data[place]["all"]["totalCount"]


@pytest.mark.parametrize("filter", [{"category": ["nowhere"]}, {"brand": ["nobody"]}])
def test_a_filter_that_means_nothing_says_nothing_of_the_whole_list(filter: dict[str, Any]) -> None:
    """Both orders of asking: statements are kept, and so are counts."""
    make_assortment(3)
    ask = "query($filter: ProductFilter) { products(filter: $filter) { totalCount nodes { id } } }"

    def found(user: Any, **variables: Any) -> tuple[int, int]:
        page = call(ask, user=user, **variables).data["products"]
        return page["totalCount"], len(page["nodes"])

    for who in (None, make_staff()):
        count = Product.objects.visible_to(who).count()
        assert found(who, filter=filter) == (0, 0)
        assert found(who) == (count, count)
        assert found(who, filter=filter) == (0, 0)
