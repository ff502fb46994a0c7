"""What questions about the catalogue cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from catalog.models import (
    Category,
    Product,
)
from schema import ids
from tests.assortment import add_review_and_picture, make_assortment
from tests.client import call
from tests.factories import make_category, make_product, make_variant

EVERYTHING = """
    id name slug description brand status publishedAt createdAt updatedAt inStock
    price { amount currency } compareAtPrice { amount } priceRange { min { amount } max { amount } }
    category { id name ancestors { name } }
    collections { name }
    options { name values }
    defaultVariant { sku }
    variants {
      id sku name price { amount } inStock available options { name value } image { url }
      product { name } trackStock stock reserved
    }
    variant(options: [{name: "colour", value: "red"}, {name: "Size", value: "M"}]) { sku }
    attributes { name value }
    image { id url(width: 400) alt width height position }
    images { url }
    rating { average count histogram }
    reviews { totalCount nodes { author rating title body verifiedPurchase } }
    seoTitle seoDescription
"""


def statements(document: str, **options: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call(document, **options).data
    return len(captured)


def test_everything_of_one_product_is_eight_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for product in make_assortment(5).products:
        add_review_and_picture(product)
        with django_assert_max_num_queries(8):
            data = call(
                f"query($slug: String!) {{ product(slug: $slug) {{ {EVERYTHING} }} }}",
                slug=product.slug,
            ).data["product"]
        assert data["name"] == product.name
        assert len(data["variants"]) == product.variants.filter(archived_at=None).count()
        assert data["reviews"]["totalCount"] == 1
        assert data["reviews"]["nodes"][0]["author"] == "Ada"


LISTS = {
    "products": f"""{{ products(first: 60) {{
        totalCount nodes {{ {EVERYTHING} related {{ name }} }} }} }}""",
    "edges": "{ products(first: 60) { edges { cursor node { variants { image { url } } } } } }",
    "collections": "{ collections { nodes { name products(first: 3) { totalCount nodes {"
    " name variants { sku } collections { name products(first: 2) { nodes { name } } } } } } } }",
    "reviews": "{ reviews(first: 60) { totalCount nodes {"
    " author product { name category { name } } } } }",
}


@pytest.mark.usefixtures("dear")
def test_a_list_costs_the_same_with_one_row_and_with_fifty() -> None:
    assortment = make_assortment(1)
    for product in assortment.products:
        add_review_and_picture(product)
        product.collections.set(assortment.collections)
        Product.objects.filter(pk=product.pk).update(category=assortment.categories["desk-lamps"])
    few = {name: statements(document) for name, document in LISTS.items()}

    add_many(assortment.products[0], 50)

    assert {name: statements(document) for name, document in LISTS.items()} == few


def add_many(like: Product, count: int) -> None:
    """More of the same, with all that hangs on it."""
    for number in range(count):
        variant = make_variant(stock=number % 2)
        product = variant.product
        product.category, product.brand = like.category, like.brand
        product.save()
        product.collections.set(like.collections.all())
        for chosen in like.variants.first().chosen.all():  # type: ignore[union-attr]
            chosen.pk, chosen.variant = None, variant
            chosen.save()
        for described in like.described_by.all():
            described.pk, described.product = None, product
            described.save()
        add_review_and_picture(product)


def test_a_page_is_two_statements_and_a_found_one_seven_at_most() -> None:
    make_assortment(10)

    plain = "products(first: 5) { totalCount nodes { name price { amount } image { url } } }"
    assert statements(f"{{ {plain} }}") == 2
    # The ids of the category, SKUs, the ranks (two), whether they are few, the page, the count.
    found = 'search: "thing", filter: {category: ["home"], inStock: true}'
    assert statements(f"{{ products({found}) {{ totalCount nodes {{ name brand }} }} }}") <= 7


def test_categories_cost_a_bounded_number_of_statements() -> None:
    document = """{ categories { name products(first: 3) { totalCount nodes { name } }
        children { name products(first: 3) { nodes { name } } ancestors { name }
          parent { name } } } }"""
    assortment = make_assortment(20)
    few = statements(document)
    for top in range(10):
        above = make_category(f"Top {top}")
        for _ in range(3):
            make_product(category=make_category(f"Below {top}", above))

    assert statements(document) == few
    for top in call(document).data["categories"]:
        below = Category.objects.get(name=top["name"])
        rows = Product.objects.public().filter(category__path__startswith=below.path)
        newest = rows.order_by("-created_at", "-pk")[:3]
        assert [one["name"] for one in top["products"]["nodes"]] == [one.name for one in newest]
        assert top["products"]["totalCount"] == rows.count()
    assert assortment.products


def test_categories_above_each_other_each_have_their_own_products() -> None:
    assortment = make_assortment(30)
    document = """query($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Category { slug products { totalCount nodes { id } } } } }"""
    rows = assortment.categories.values()

    found = call(document, ids=[ids.of(row) for row in rows]).data["nodes"]

    for row, answer in zip(rows, found, strict=True):
        below = Product.objects.public().filter(category__path__startswith=row.path)
        assert answer["products"]["totalCount"] == below.count()
        listed = {one["id"] for one in answer["products"]["nodes"]}
        assert listed == {ids.of(one) for one in below.order_by("-created_at", "-pk")[:20]}


def test_facets_beside_a_page_keep_to_their_statements() -> None:
    make_assortment(20)
    document = """{ products(search: "thinq", filter: {brand: ["essence"], category: ["rugs"],
        options: [{name: "size", values: ["s"]}], attributes: [{name: "material", values: ["oak"]}],
        minRating: 5, maxPrice: "5", inStock: true}) {
        totalCount nodes { name } facets { name values { value count } } } }"""

    # Ids of four kinds, a search that has to guess, page and count, the facets.
    assert statements(document) <= 4 + 8 + 2 + 5
