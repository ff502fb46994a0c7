"""What lists and details read: the columns that are asked for, at once, and no others."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from catalog.models import Category, CategoryImage, Product
from schema import ids
from schema.catalog import columns
from schema.root import schema
from tests.assortment import add_review_and_picture, make_assortment
from tests.client import call
from tests.factories import make_category, make_product, make_staff, make_variant
from users.models import User


@pytest.fixture(autouse=True)
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the suite runs with the switch off: only a plan knows what is asked for."""
    monkeypatch.setattr(schema, "planned", True)


TABLES = {
    "Product": columns.PRODUCT,
    "Variant": columns.VARIANT,
    "Image": columns.IMAGE,
    "Review": columns.REVIEW,
    "Category": columns.CATEGORY,
}
# Ways to rows of a type, where they are read by columns.
WAYS = [
    ("Product", "{ products(first: 50) { nodes { %s } } }"),
    ("Product", "{ products(first: 50) { edges { cursor node { %s } } pageInfo { endCursor } } }"),
    ("Product", "{ categories { products(first: 50) { nodes { %s } } } }"),
    ("Product", '{ category(slug: "home") { products(first: 50) { nodes { %s } } } }'),
    ("Product", '{ product(slug: "thing") { %s } }'),
    ("Product", '{ product(slug: "thing") { variants { product { %s } } } }'),
    ("Product", '{ product(slug: "thing") { slug defaultVariant { product { %s } } } }'),
    ("Variant", "{ products(first: 50) { nodes { variants { %s } } } }"),
    ("Variant", "{ products(first: 50) { nodes { defaultVariant { %s } options { name } } } }"),
    ("Variant", '{ product(slug: "thing") { variants { %s } images { url } } }'),
    ("Image", "{ products(first: 50) { nodes { image { %s } } } }"),
    ("Image", "{ products(first: 50) { nodes { images { %s } variants { image { id } } } } }"),
    ("Image", '{ product(slug: "thing") { variants { image { %s } } } }'),
    ("Review", '{ product(slug: "thing") { reviews(first: 50) { nodes { %s } } } }'),
    ("Review", '{ product(slug: "thing") { reviews { edges { cursor node { %s } } } } }'),
    ("Category", "{ categories { %s children { %s children { id } } } }"),
    ("Category", "{ categories { id children { children { %s } } } }"),
    ("Category", "{ products(first: 50) { nodes { category { %s } } } }"),
    ("Category", '{ product(slug: "thing") { category { %s children { id } } } }'),
]
ARGUMENTS = {"variant": '(options: [{name: "colour", value: "red"}])'}


@pytest.fixture
def shop() -> None:
    assortment = make_assortment(8)
    for product in assortment.products:
        add_review_and_picture(product)
    place = assortment.categories["desk-lamps"]
    Product.objects.filter(pk=assortment.products[0].pk).update(slug="thing", category=place)
    Category.objects.filter(parent=None).update(description="All of it.")
    for category in assortment.categories.values():
        CategoryImage.objects.create(
            category=category, file=f"{category.pk}.webp", width=1, height=1, bytes=1,
            checksum="x", mime="image/webp",
        )  # fmt: skip


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The columns that were read for a single row because somebody touched them."""
    seen: list[Any] = []
    real = Model.refresh_from_db

    def noted(row: Model, *args: Any, **options: Any) -> None:
        seen.append((type(row).__name__, options.get("fields")))
        real(row, *args, **options)

    monkeypatch.setattr(Model, "refresh_from_db", noted)
    return seen


def fields_of(name: str) -> Iterator[tuple[str, str]]:
    """Each field of the type, and how it is asked for with all that is plain below it."""
    kind = schema._schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    for field, about in kind.fields.items():
        yield field, f"{field}{ARGUMENTS.get(field, '')}{selection(about.type, 2)}"


def selection(kind: Any, depth: int) -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    found = [
        f"{name}{ARGUMENTS.get(name, '')}{selection(about.type, depth - 1)}"
        for name, about in named.fields.items()
        if name != "facets" and (depth > 1 or is_leaf_type(get_named_type(about.type)))
        if depth > 1 or not about.args or name == "url"
    ]
    return f" {{ __typename {' '.join(found)} }}"


def answers(document: str, **options: Any) -> tuple[Any, Any, list[str]]:
    """By graphql-core, by the plan, and the plan's statements."""
    plain = call(document, **options).body
    call(document, **options)
    with CaptureQueriesContext(connection) as captured:
        planned = call(document, **options).body
    return plain, planned, [one["sql"] for one in captured]


@pytest.mark.parametrize("name", TABLES)
def test_each_field_says_what_it_needs(name: str) -> None:
    kind = schema._schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)

    assert set(TABLES[name]) == {"__typename", *kind.fields}
    for field, needs in TABLES[name].items():
        if isinstance(needs, dict):
            below = get_named_type(kind.fields[field].type)
            assert set(needs) == {"__typename", *below.fields}


@pytest.mark.usefixtures("shop", "dear")
@pytest.mark.parametrize(("name", "way"), WAYS)
def test_no_field_is_read_row_by_row(name: str, way: str, one_by_one: list[Any]) -> None:
    staff = make_staff()
    for field, asked in fields_of(name):
        plain, planned, _ = answers(way.replace("%s", asked), user=staff)

        assert "errors" not in plain, (field, plain)
        assert planned == plain, field
        assert one_by_one == [], field


@pytest.mark.usefixtures("shop")
def test_a_list_reads_the_columns_that_are_asked_for() -> None:
    *_, (one,) = answers("{ products { nodes { name price { amount } } } }")

    assert '"name"' in one
    assert not any(f'"{name}"' in one for name in ("description", "histogram", "slug", "image_key"))
    assert '"created_at" AS' not in one


@pytest.mark.usefixtures("shop")
def test_the_category_of_a_product_comes_with_it() -> None:
    document = "{ products { nodes { name category { name slug } } } }"

    plain, planned, statements = answers(document)

    assert planned == plain
    assert len(statements) == 1


@pytest.mark.usefixtures("shop")
def test_all_of_a_product_is_five_statements() -> None:
    document = """{ product(slug: "thing") { name category { name } options { name values }
        variants { sku inStock options { name value } } images { url }
        rating { average count histogram } reviews(first: 10) { nodes { author rating } } } }"""

    plain, planned, statements = answers(document)

    assert planned == plain
    assert len(statements) == 5


@pytest.mark.usefixtures("shop")
def test_two_names_for_one_relation_stay_one_statement(one_by_one: list[Any]) -> None:
    one = """a: variants { sku } c: reviews { nodes { title } }
        category { a: products { nodes { name } } }"""
    other = """b: variants { name barcode image { alt } } d: reviews { nodes { body author } }
        images { url } category { b: products { nodes { slug description } } }"""
    *_, few = answers(f'{{ product(slug: "thing") {{ {one} images {{ id }} }} }}')

    plain, planned, statements = answers(f'{{ product(slug: "thing") {{ {one} {other} }} }}')

    assert planned == plain
    assert len(statements) == len(few)
    assert one_by_one == []


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("sort", ["NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME", "RATING",
                                  "BEST_SELLING", "RELEVANCE"])  # fmt: skip
def test_pages_are_the_same_in_every_order_and_direction(sort: str) -> None:
    document = """query($sort: ProductSort, $first: Int, $after: String, $last: Int,
        $before: String, $filter: ProductFilter) {
        products(sort: $sort, first: $first, after: $after, last: $last, before: $before,
          filter: $filter) { nodes { id name } edges { cursor } totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    for filter in ({}, {"inStock": True}, {"category": ["home"], "maxPrice": "15"}):
        everything = call(document, sort=sort, first=50, filter=filter).data["products"]
        nodes, cursors = everything["nodes"], [one["cursor"] for one in everything["edges"]]
        for asked, expected in (
            ({"first": 2}, nodes[:2]),
            ({"last": 2}, nodes[-2:]),
            ({"first": 2, "after": cursors[0]}, nodes[1:3]),
            ({"last": 2, "before": cursors[-1]}, nodes[:-1][-2:]),
            ({"first": 50, "after": cursors[0], "before": cursors[-1]}, nodes[1:-1]),
        ):
            plain, planned, _ = answers(document, sort=sort, filter=filter, **asked)
            assert planned == plain
            assert planned["data"]["products"]["nodes"] == expected
            assert planned["data"]["products"]["totalCount"] == len(nodes)


def test_nobody_sees_what_a_statement_of_others_finds() -> None:
    shown = make_variant()
    draft = make_product(status=Product.Status.DRAFT)
    variant = make_variant(product=draft)
    document = """query($id: ID!) { products { nodes { id variants { sku } } }
        product(id: $id) { id variants { sku } } }"""
    asked = {"id": ids.of(draft)}

    def seen(user: User | None) -> list[Any]:
        return [call(document, user=user, **asked).data for _ in range(3)]

    public = {"id": ids.of(shown.product), "variants": [{"sku": shown.sku}]}
    own = {"id": ids.of(draft), "variants": [{"sku": variant.sku}]}
    for_all = {"products": {"nodes": [public]}, "product": None}
    assert seen(None) == [for_all] * 3
    assert seen(make_staff()) == [{"products": {"nodes": [own, public]}, "product": own}] * 3
    assert seen(None) == [for_all] * 3


def test_a_price_is_of_the_currency_that_the_shop_has(settings: Any) -> None:
    make_variant(price=1000)
    document = '{ products(filter: {minPrice: "100"}) { nodes { id } } }'
    assert [call(document).data["products"]["nodes"] for _ in range(3)] == [[], [], []]

    settings.SHOP_CURRENCY = "JPY"

    assert len(call(document).data["products"]["nodes"]) == 1


def test_a_category_is_found_where_it_stands_now() -> None:
    top = make_category("Top")
    document = """query($slug: String!) { category(slug: $slug) { products { nodes { name } } } }"""
    for number in range(3):
        product = make_product(category=make_category(f"Below {number}", top))
        found = call(document, slug=top.slug).data["category"]["products"]["nodes"]
        assert product.name in [one["name"] for one in found]
        assert len(found) == number + 1
