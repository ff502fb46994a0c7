"""Lists of orders: for whom, narrowed, by the page, and what they cost."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkout import fulfilments, orders
from checkout.fulfilments import Parcel
from tests.checkout.buying import CASH, place
from tests.client import call
from tests.factories import make_staff, make_user, make_variant
from users.models import User

STAFF = ["checkout.view_order", "checkout.process_order", "checkout.delete_order"]


def test_the_list_of_all_orders_is_for_staff() -> None:
    place({make_variant(): 1})

    assert call("{ orders { totalCount } }").codes == ["UNAUTHENTICATED"]
    for user in (make_user(), make_staff(), make_staff("catalog.view_product")):
        assert call("{ orders { totalCount } }", user=user).codes == ["FORBIDDEN"]
    for user in (make_staff("checkout.view_order"), make_staff("checkout.process_order")):
        assert call("{ orders { totalCount } }", user=user).data["orders"]["totalCount"] == 1


def numbers(user: User, **filter: Any) -> list[str]:
    document = (
        "query($filter: OrderFilter) { orders(filter: $filter) { nodes { number } totalCount } }"
    )
    page = call(document, user=user, filter=filter).data["orders"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["number"] for node in page["nodes"]]


def test_staff_narrow_the_list() -> None:
    clerk = make_staff(*STAFF)
    lamp = make_variant(sku="RED-1")
    old, paid, new = place({lamp: 1}), place({make_variant(): 1}), place({lamp: 1}, email="x@y.org")
    orders.mark_paid(paid.pk, reference="B", actor=clerk)

    assert numbers(clerk) == [new.number, paid.number, old.number]
    assert numbers(clerk, status=["CONFIRMED", "EXPIRED"]) == [paid.number]
    assert numbers(clerk, paymentStatus=["PENDING"], search="red-1") == [new.number, old.number]
    assert numbers(clerk, search="x@Y red-1") == [new.number]
    assert numbers(clerk, search=old.number.lower()) == [old.number]
    assert numbers(clerk, search="%") == []
    assert numbers(clerk, fulfilmentStatus=["DELIVERED"]) == []
    at = paid.placed_at.isoformat()
    assert numbers(clerk, placedFrom=at) == [new.number, paid.number]
    assert numbers(clerk, placedTo=at) == [old.number]
    assert numbers(clerk, updatedFrom=timezone.now().isoformat()) == []
    too_long = call(
        "query($filter: OrderFilter) { orders(filter: $filter) { totalCount } }",
        user=clerk, filter={"search": "x" * 101},
    )  # fmt: skip
    assert too_long.codes == ["LIMIT_EXCEEDED"]


def test_pages_of_the_list_join_up() -> None:
    clerk = make_staff(*STAFF)
    placed = [place({make_variant(): 1}).number for _ in range(5)]
    document = """query($first: Int, $after: String, $filter: OrderFilter) {
        orders(first: $first, after: $after, filter: $filter) {
            edges { cursor node { number } } pageInfo { hasNextPage endCursor } } }"""
    found: list[str] = []
    after = None
    while True:
        filter = {"status": ["PENDING"]}
        page = call(document, user=clerk, first=2, after=after, filter=filter).data["orders"]
        found += [edge["node"]["number"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert found == placed[::-1]


def test_a_customer_s_own_orders_are_all_and_only_theirs() -> None:
    buyer = make_user()
    mine = [place({make_variant(): 1}, user=buyer).number for _ in range(2)]
    place({make_variant(): 1}, user=make_user())
    place({make_variant(): 1})
    document = """query($filter: OrderFilter) {
        me { orders(filter: $filter) { nodes { number } totalCount } } }"""

    assert call(document, user=buyer).data["me"]["orders"] == {
        "nodes": [{"number": number} for number in mine[::-1]], "totalCount": 2,
    }  # fmt: skip
    narrowed = call(document, user=buyer, filter={"status": ["CANCELLED"]}).data["me"]["orders"]
    assert narrowed == {"nodes": [], "totalCount": 0}


EVERYTHING = """nodes {
    id number status availableActions totals { total { amount } } expiresAt paymentInstructions
    customer { email } lines { name total { amount } options { name }
        product { name category { name } } variant { sku product { name } } }
    events { type actor } payments { state amount { amount } }
    fulfilments { carrier lines { quantity line { name unitPrice { amount } product { name } } } }
    discounts { name } shippingAddress { city }
} totalCount pageInfo { hasNextPage }"""


def sent_orders(count: int, user: User) -> None:
    clerk = make_staff()
    for _ in range(count):
        order = place({make_variant(): 2, make_variant(): 1}, method=CASH, user=user)
        orders.mark_paid(order.pk, reference="B", actor=clerk)
        one = [(order.lines.first().pk, 1)]  # type: ignore[union-attr]
        fulfilments.fulfil(order.pk, one, parcel=Parcel(), actor=clerk)


@pytest.mark.usefixtures("dear")
@pytest.mark.parametrize(
    "document",
    [
        f"{{ orders(first: 50) {{ {EVERYTHING} }} }}",
        f"{{ me {{ orders(first: 50) {{ {EVERYTHING} }} }} }}",
    ],
)
def test_fifty_orders_with_everything_take_as_many_statements_as_one(
    document: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_staff(*STAFF, "checkout.refund_order", "users.view_user")
    sent_orders(1, user)
    with django_assert_max_num_queries(30) as one:
        call(document, user=user).data  # noqa: B018
    sent_orders(49, user)

    with django_assert_max_num_queries(30) as fifty:
        data = call(document, user=user).data

    nodes = data["orders"]["nodes"] if "orders" in data else data["me"]["orders"]["nodes"]
    assert len(nodes) == 50
    assert nodes[0]["fulfilments"][0]["lines"][0]["line"]["product"]["name"]
    assert len(one) == len(fifty)


def test_lists_in_a_filter_have_bounds() -> None:
    document = """query($status: [OrderStatus!]) {
      orders(filter: { status: $status }) { totalCount }
    }"""

    answer = call(document, user=make_staff(*STAFF), status=["PENDING"] * 51)

    assert answer.codes == ["LIMIT_EXCEEDED"]
