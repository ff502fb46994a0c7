"""The catalogue as clients ask for it."""

from typing import Any

import pytest

from catalog import columns
from catalog.models import (
    Brand,
    Product,
    Review,
    Variant,
)
from schema import ids
from tests.assortment import add_review_and_picture, make_assortment
from tests.client import call
from tests.factories import make_category, make_product, make_staff, make_user, make_variant
from users.models import User


def test_hidden_products_are_reached_by_no_path() -> None:
    assortment = make_assortment(3)
    public, collection = assortment.products[0], assortment.collections[0]
    author, brand = make_user(), Brand.objects.get(slug="essence")
    category = assortment.categories["desk-lamps"]
    Product.objects.filter(pk=public.pk).update(category=category, brand=brand)
    for hidden in assortment.hidden:
        Product.objects.filter(pk=hidden.pk).update(category=category, brand=brand, name="Secret")
        hidden.collections.set([collection])
        add_review_and_picture(hidden)
        Review.objects.create(product=hidden, author=author, rating=1, title="Mine")
        document = f"""query($id: ID!, $variant: ID!, $image: ID!, $public: ID!) {{
          node(id: $id) {{ id }} nodes(ids: [$id, $variant, $image]) {{ id }}
          product(id: $id) {{ name }} slug: product(slug: "{hidden.slug}") {{ name }}
          variant(id: $variant) {{ sku }} sku: variant(sku: "SKU-{hidden.pk}-0") {{ sku }}
          products(filter: {{ids: [$id]}}) {{ totalCount nodes {{ name }} facets {{ name }} }}
          search: products(search: "secret") {{ totalCount nodes {{ name }} }}
          drafts: products(filter: {{status: [DRAFT, ARCHIVED]}}) {{ totalCount }}
          category(slug: "desk-lamps") {{ products {{ nodes {{ name }} }} }}
          collection(slug: "{collection.slug}") {{ products {{ nodes {{ name }} }} }}
          public: product(id: $public) {{ related {{ name }} }}
          reviews(filter: {{productId: $id}}) {{ totalCount nodes {{ title product {{ name }} }} }}
        }}"""
        given = {
            "id": ids.of(hidden),
            "variant": ids.of(hidden.variants.get(position=0)),
            "image": ids.of(hidden.images.get()),
            "public": ids.of(public),
        }
        for viewer in (None, make_user(), author):
            data = call(document, user=viewer, **given).data
            mine = viewer == author
            assert "Secret" not in str(data)
            assert data["node"] is data["product"] is data["slug"] is data["variant"] is None
            assert data["nodes"] == [None, None, None]
            assert data["sku"] is None
            assert data["products"] == {"totalCount": 0, "nodes": [], "facets": []}
            assert data["drafts"]["totalCount"] == data["search"]["totalCount"] == 0
            assert data["reviews"]["nodes"] == [{"title": "Mine", "product": None}] * mine
        seen = call(document, user=make_staff(), **given).data
        assert all(seen["nodes"])
        assert seen["product"] == seen["slug"] == {"name": "Secret"}
        for listed in ("category", "collection"):
            assert {"name": "Secret"} in seen[listed]["products"]["nodes"]
        assert {"name": "Secret"} in seen["public"]["related"]
        assert seen["reviews"]["totalCount"] == 2


def test_stock_is_told_to_staff_alone() -> None:
    variant = make_variant(stock=7)
    document = "query($id: ID!) { variant(id: $id) { available trackStock stock reserved } }"

    for viewer in (None, make_user()):
        assert call(document, user=viewer, id=ids.of(variant)).data["variant"] == {
            "available": 7, "trackStock": None, "stock": None, "reserved": None,
        }  # fmt: skip
    assert call(document, user=make_staff(), id=ids.of(variant)).data["variant"] == {
        "available": 7, "trackStock": True, "stock": 7, "reserved": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        "product { id }", 'product(id: "x", slug: "y") { id }', "variant { id }",
        'variant(id: "x", sku: "y") { id }', "category { id }", "collection(id: null) { id }",
    ],
)  # fmt: skip
def test_a_look_up_wants_exactly_one_key(asked: str) -> None:
    assert call(f"{{ {asked} }}").codes == ["BAD_REQUEST"]


def test_a_sku_is_found_in_any_case() -> None:
    variant = make_variant(sku="Läm-Ö1")

    for sku in ("Läm-Ö1", "läm-Ö1", "LäM-Ö1"):
        data = call("query($sku: String!) { variant(sku: $sku) { id } }", sku=sku).data
        assert data["variant"] == {"id": ids.of(variant)}


def test_rating_is_rounded_and_null_without_reviews() -> None:
    product, none = make_product(), make_product()
    for rating in (5, 4, 4):
        Review.objects.create(product=product, author=make_user(), rating=rating)
    columns.refresh([product.pk], columns.ratings)
    document = """query($one: ID!, $two: ID!) {
          one: product(id: $one) { ...R } two: product(id: $two) { ...R } }
        fragment R on Product {
          rating { average count histogram } reviews { totalCount nodes { author } } }"""

    data = call(document, one=ids.of(product), two=ids.of(none)).data

    assert data["one"]["rating"] == {"average": 4.33, "count": 3, "histogram": [0, 0, 0, 2, 1]}
    assert data["one"]["reviews"] == {"totalCount": 3, "nodes": [{"author": "Customer"}] * 3}
    assert data["two"]["rating"] == {"average": None, "count": 0, "histogram": [0] * 5}


def test_a_variant_is_found_by_its_options_alone() -> None:
    product = make_assortment(1).products[0]
    variant = product.variants.get(position=0)
    chosen = [
        {"name": one.attribute.slug, "value": one.value.value.lower()}
        for one in variant.chosen.all()
    ]
    document = """query($id: ID!, $options: [SelectedOptionInput!]!) {
        product(id: $id) { variant(options: $options) { sku } } }"""

    def found(options: list[dict[str, str]]) -> Any:
        return call(document, id=ids.of(product), options=options).data["product"]["variant"]

    assert found(chosen) == {"sku": variant.sku}
    assert found(chosen[:1]) is None
    assert found([*chosen, {"name": "weight", "value": "9"}]) is None
    assert found([]) is None


def test_the_default_variant_is_the_first_in_stock() -> None:
    product = make_product()
    first = make_variant(product=product, stock=0, position=0)
    second = make_variant(product=product, stock=3, position=1)
    document = "query($id: ID!) { product(id: $id) { defaultVariant { sku } } }"

    assert call(document, id=ids.of(product)).data["product"]["defaultVariant"]["sku"] == second.sku
    Variant.objects.update(stock=0)
    assert call(document, id=ids.of(product)).data["product"]["defaultVariant"]["sku"] == first.sku


def test_related_are_of_the_category_then_of_the_brand_best_first() -> None:
    category, brand = make_category(), Brand.objects.create(name="B", slug="b")
    product = make_product(category=category, brand=brand)
    good, best = (make_product(category=category, rating_average=stars) for stars in (3.0, 5.0))
    branded = make_product(brand=brand, rating_average=4.0)
    both = make_product(category=category, brand=brand, rating_average=1.0)
    make_product()
    document = "query($id: ID!, $n: Int) { product(id: $id) { related(first: $n) { id } } }"

    def related(count: int) -> list[str]:
        data = call(document, id=ids.of(product), n=count).data["product"]["related"]
        return [row["id"] for row in data]

    everything = [ids.of(one) for one in (best, good, both, branded)]
    assert [related(count) for count in range(6)] == [everything[:count] for count in range(6)]


def test_ways_up_and_down_the_tree() -> None:
    make_assortment(1)
    document = """{ category(slug: "desk-lamps") { parent { slug parent { slug parent { slug } } }
        ancestors { slug } children { slug } }
        categories { slug children { slug children { slug } } } }"""

    data = call(document).data

    assert [row["slug"] for row in data["category"]["ancestors"]] == ["home", "lamps"]
    assert data["category"]["parent"] == {
        "slug": "lamps", "parent": {"slug": "home", "parent": None},
    }  # fmt: skip
    assert data["category"]["children"] == []
    assert [row["slug"] for row in data["categories"]] == ["home", "garden"]
    assert [row["slug"] for row in data["categories"][0]["children"]] == ["lamps", "rugs"]


def test_reviews_are_narrowed_by_status_and_product() -> None:
    author, staff, product = make_user(), make_staff(), make_product()
    Review.objects.create(product=product, author=author, rating=1, title="waits", status="PENDING")
    Review.objects.create(product=make_product(), author=author, rating=1, title="other")
    document = (
        "query($filter: ReviewFilter) { reviews(filter: $filter) { totalCount nodes { title } } }"
    )

    def titles(viewer: User | None, **filter: Any) -> set[str]:
        nodes = call(document, user=viewer, filter=filter).data["reviews"]["nodes"]
        return {row["title"] for row in nodes}

    assert titles(None) == {"other"}
    assert titles(None, status=["PENDING"]) == set()
    assert titles(author) == titles(staff) == {"other", "waits"}
    assert titles(staff, status=["PENDING"]) == {"waits"}
    assert titles(staff, productId=ids.of(product)) == {"waits"}
    assert titles(staff, productId="what?") == set()


def test_a_product_shows_the_published_reviews_alone() -> None:
    product, author = make_product(), make_user()
    Review.objects.create(product=product, author=author, rating=1, title="w", status="PENDING")
    Review.objects.create(product=product, author=make_user(), rating=5, title="shown")
    columns.refresh([product.pk], columns.ratings)
    document = "query($id: ID!) { product(id: $id) { reviews { totalCount nodes { title } } } }"

    for viewer in (None, author, make_staff()):
        data = call(document, user=viewer, id=ids.of(product)).data["product"]
        assert data["reviews"] == {"totalCount": 1, "nodes": [{"title": "shown"}]}
