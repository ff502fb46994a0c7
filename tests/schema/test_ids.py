"""Global ids, and whatever a client may send in their place."""

from base64 import b64encode

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Collection, Product
from schema import ids
from shop.errors import Refused
from tests.client import call
from tests.factories import make_category, make_product, make_staff, make_user, make_variant


def packed(text: str) -> str:
    return b64encode(text.encode()).decode()


ODD = [
    "", " ", "1", "Product", "Product:1", "%", "é", "🙂", "\ud800", "a" * 100_000, "====",
    packed(""), packed(":"), packed("Product"), packed("Product:"), packed(":1"),
    packed("Product:x"), packed("Product:-1"), packed("Product:1.0"), packed("Product: 1"),
    packed("Product:²"), packed("Product:١"), packed("Product:1_0"), packed("Product:0x1"),
    packed("Product:" + "9" * 19), packed("Product:" + "9" * 400), packed(f"Product:{2**63}"),
    packed("product:1"), packed("Nope:1"), packed("User:1:2"), packed("Order:\u0000"),
    packed("Order:%"), packed("Order:1"), packed("Order:" + "A" * 400), packed("__class__:1"),
    b64encode(b"Product:\xff\xfe").decode(), b64encode(b"Product:1\0").decode(),
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_odd_ids_lead_to_nothing(odd: str) -> None:
    make_product()
    document = """query($id: ID!) {
        node(id: $id) { id } nodes(ids: [$id]) { id } product(id: $id) { id }
        variant(id: $id) { id } category(id: $id) { id } collection(id: $id) { id }
        products(filter: {ids: [$id]}) { totalCount }
        reviews(filter: {productId: $id}) { totalCount } }"""

    if "\ud800" in odd:
        assert call(document, id=odd).codes == ["BAD_REQUEST"]
        return
    data = call(document, user=make_staff(), id=odd).data

    assert data.pop("nodes") == [None]
    assert data.pop("products") == data.pop("reviews") == {"totalCount": 0}
    assert set(data.values()) == {None}


def test_an_id_of_another_type_leads_to_nothing() -> None:
    product = make_product()
    category = make_category()
    document = "query($id: ID!) { product(id: $id) { id } variant(id: $id) { id } }"

    for row in (category, Collection.objects.create(name="a", slug="a")):
        type(row).objects.filter(pk=row.pk).update(id=product.pk)
        odd = ids.pack(type(row).__name__, str(product.pk))
        assert call(document, id=odd).data == {"product": None, "variant": None}
    assert call(document, id=ids.of(product)).data["product"] == {"id": ids.of(product)}


def test_nodes_come_in_order_with_a_statement_for_each_type(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    products = [make_product() for _ in range(5)]
    categories = [make_category() for _ in range(5)]
    wanted = [ids.of(row) for pair in zip(products, categories, strict=True) for row in pair]
    wanted += ["odd", wanted[0]]

    with django_assert_num_queries(2):
        found = call("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=wanted)

    assert [row and row["id"] for row in found.data["nodes"]] == [
        None if id == "odd" else id for id in wanted
    ]
    assert [row["__typename"] for row in found.data["nodes"][:2]] == ["Product", "Category"]


def test_nodes_are_together_in_what_they_show(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    wanted = [ids.of(make_variant().product) for _ in range(5)]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { variants { sku } } } }"

    with django_assert_num_queries(2):
        found = call(document, ids=wanted).data["nodes"]

    assert all(len(row["variants"]) == 1 for row in found)


def test_too_many_nodes_are_refused() -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert len(call(document, ids=["x"] * 100).data["nodes"]) == 100
    assert call(document, ids=["x"] * 101).codes == ["LIMIT_EXCEEDED"]


def test_rows_are_found_among_those_given_alone() -> None:
    shown, hidden = make_product(), make_product(status="DRAFT")
    public = Product.objects.public()

    assert ids.find(public, ids.of(shown)) == shown
    assert ids.find(public, ids.of(hidden)) is None
    with pytest.raises(Refused) as caught:
        ids.get(public, ids.of(hidden), "product_id")
    assert (caught.value.code, caught.value.path) == ("NOT_FOUND", ("product_id",))


def test_several_rows_come_in_the_order_asked_by_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    one, two = make_product(), make_product()
    wanted = [ids.of(two), packed(f"Product:00{one.pk}"), ids.of(two)]

    with django_assert_num_queries(1):
        assert ids.get_all(Product.objects.all(), wanted, "ids") == [two, one, two]
    with pytest.raises(Refused) as caught:
        ids.get_all(Product.objects.public(), [ids.of(one), "odd"], "ids")
    assert caught.value.path == ("ids", "1")


def test_users_are_reached_by_themselves_and_staff_alone() -> None:
    user, other = make_user(), make_user()
    document = "query($id: ID!) { node(id: $id) { id } }"
    if "User" not in ids.NODES:
        pytest.fail("accounts have no guard")

    assert call(document, user=user, id=ids.of(other)).data["node"] is None
    assert call(document, id=ids.of(user)).data["node"] is None
