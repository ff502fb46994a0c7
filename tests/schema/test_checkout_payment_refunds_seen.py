"""Refunds as they are seen: by whom, where they are offered, and what lists of them cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkout import access, endings
from checkout.models import Order, Refund
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.states import WAYS
from tests.client import call
from tests.factories import make_staff, make_user
from tests.schema.test_checkout_payment_refunds import paid, refund, treasurer
from users.models import User


def test_a_refund_is_seen_as_its_order_is(stripe: Sandbox) -> None:
    buyer = make_user()
    bought = paid(stripe, user=buyer)
    refund(bought, amount="1.00", reason="Late")
    id = ids.of(Refund.objects.get())
    document = """query($id: ID!) { node(id: $id) {
        ... on Refund { id amount { amount } reason state createdAt } } }"""

    for nobody in (None, make_user(), make_staff("catalog.view_product")):
        assert call(document, user=nobody, id=id).data["node"] is None
    for somebody in (buyer, make_staff("checkout.view_order")):
        found = call(document, user=somebody, id=id).data["node"]
        assert (found["id"], found["reason"], found["state"]) == (id, "Late", "DONE")
    Order.objects.update(deleted_at=timezone.now())
    assert call(document, user=buyer, id=id).data["node"] is None


def test_the_guest_and_the_buyer_see_what_came_back(stripe: Sandbox) -> None:
    bought = paid(stripe)
    refund(bought, amount="1.00", reason="Late")
    document = """query($number: String!, $access: String!) {
        order(number: $number, accessToken: $access) {
            refunded { amount } refunds { reason amount { amount } } } }"""

    data = call(document, number=bought.number, access=access.token_for(bought)).data

    assert data["order"] == {
        "refunded": {"amount": "1.00"},
        "refunds": [{"reason": "Late", "amount": {"amount": "1.00"}}],
    }


@pytest.mark.parametrize("state", list(WAYS))
def test_a_refund_is_offered_where_it_is_taken_and_to_who_may(state: str) -> None:
    buyer, clerk = make_user(), make_staff("checkout.view_order", "checkout.process_order")
    bought = WAYS[state](buyer)
    document = "query($id: ID!) { order(id: $id) { availableActions } }"

    def offered(user: User) -> bool:
        data = call(document, user=user, id=ids.of(bought)).data
        return "REFUND" in data["order"]["availableActions"]

    assert not offered(buyer)
    assert not offered(clerk)
    to_treasurer = offered(treasurer())
    assert to_treasurer == (refund(bought)["errors"] == [])


NESTED = """nodes { number paymentStatus availableActions reviewFlag refunded { amount }
    refunds { id amount { amount currency } reason state createdAt }
    payments { id state reference } events { type message } }"""


def refunded_orders(count: int, user: User) -> None:
    """Paid, cancelled, and given back in two parts each."""
    clerk = make_staff()
    for _ in range(count):
        bought = WAYS["paid"](user)
        endings.cancel(bought.pk, actor=clerk, by_staff=True)
        for part in ("3.00", "4.00"):
            assert refund(bought, amount=part)["errors"] == []


LISTS = [
    f"{{ orders(first: 50) {{ {NESTED} }} }}",
    f"{{ me {{ orders(first: 50) {{ {NESTED} }} }} }}",
]


def test_fifty_orders_with_refunds_take_as_many_statements_as_one() -> None:
    user = make_staff("checkout.view_order", "checkout.refund_order")
    refunded_orders(1, user)
    of_one = [statements(document, user) for document in LISTS]

    refunded_orders(49, user)

    assert [statements(document, user) for document in LISTS] == of_one
    assert max(of_one) <= 12
    for document in LISTS:
        data = call(document, user=user).data
        nodes = data.get("me", data)["orders"]["nodes"]
        assert len(nodes) == 50
        assert all(len(node["refunds"]) == 2 and node["reviewFlag"] for node in nodes)


def statements(document: str, user: User) -> int:
    with CaptureQueriesContext(connection) as caught:
        call(document, user=user).data  # noqa: B018
    return len(caught)
