"""Giving money back: by whom, how much, and what everybody sees of it."""

from typing import Any

import pytest
from pytest_django import Settings

from checkout import settlement
from checkout.models import Order, Refund
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.buying import check_books
from tests.checkout.paying import opened, order
from tests.checkout.states import WAYS
from tests.client import call, mutate, refusals
from tests.factories import make_staff, make_user
from users.models import User

REFUNDED = """__typename order { number paymentStatus availableActions
    refunded { amount currency } refunds { __typename id amount { amount currency } reason state }
    lines { refundedQuantity } }"""
KEY = "5b0e0c3e-6f5c-4a39-9a26-0b8a45fe4a51"


def treasurer() -> User:
    return make_staff("checkout.refund_order")


def paid(stripe: Sandbox, **terms: Any) -> Order:
    """Two units of 19.90, paid by Stripe."""
    bought = order(**terms)
    session = opened(bought)
    stripe.pay(session.id)
    settlement.sync(session.id)
    bought.refresh_from_db()
    return bought


def refund(of: Order, user: User | None = None, **what: Any) -> dict[str, Any]:
    input = {"orderId": ids.of(of)} | what
    return mutate("orderRefund", input, REFUNDED, user=user or treasurer())


def units(of: Order, quantity: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"lineId": ids.of(of.lines.get()), "quantity": quantity} | more]


def given_back(stripe: Sandbox) -> list[int]:
    """What Stripe has refunded, in minor units."""
    made = [one for one in stripe.requests if (one.method, one.path) == ("POST", "/v1/refunds")]
    return [int(one.params["amount"]) for one in made if one.status == 200]


def test_without_amount_and_lines_all_goes_back(stripe: Sandbox) -> None:
    bought = paid(stripe)

    payload = refund(bought, reason="Broken on arrival")

    assert payload["errors"] == []
    assert payload["__typename"] == "OrderPayload"
    found = payload["order"]
    assert found["paymentStatus"] == "REFUNDED"
    assert found["refunded"] == {"amount": "39.80", "currency": "EUR"}
    (made,) = found["refunds"]
    assert made.pop("id") == ids.of(Refund.objects.get())
    assert made == {
        "__typename": "Refund",
        "amount": {"amount": "39.80", "currency": "EUR"},
        "reason": "Broken on arrival",
        "state": "DONE",
    }
    assert found["lines"] == [{"refundedQuantity": 2}]
    assert "REFUND" not in found["availableActions"]
    assert given_back(stripe) == [3980]


def test_a_part_goes_back_by_amount(stripe: Sandbox) -> None:
    bought = paid(stripe)

    payload = refund(bought, amount="9.90")

    found = payload["order"]
    assert (found["paymentStatus"], found["refunded"]["amount"]) == ("PARTIALLY_REFUNDED", "9.90")
    assert found["lines"] == [{"refundedQuantity": 0}]
    assert "REFUND" in found["availableActions"]
    assert given_back(stripe) == [990]


@pytest.mark.parametrize("restock", [True, False, None])
def test_units_go_back_with_what_was_paid_for_them(stripe: Sandbox, restock: bool | None) -> None:
    bought = paid(stripe)
    variant = bought.lines.get().variant
    assert variant is not None
    before = variant.stock

    payload = refund(bought, lines=units(bought, 1, restock=restock))

    assert payload["errors"] == []
    assert payload["order"]["refunded"]["amount"] == "19.90"
    assert payload["order"]["lines"] == [{"refundedQuantity": 1}]
    variant.refresh_from_db()
    assert variant.stock == before + (restock is True)
    check_books()


def test_units_stay_off_the_shelf_unless_they_are_said_to_go_back(stripe: Sandbox) -> None:
    bought = paid(stripe)

    payload = refund(bought, lines=units(bought, 2))

    assert payload["errors"] == []
    assert bought.lines.get().restocked == 0


def test_an_amount_beside_lines_is_what_goes_back(stripe: Sandbox) -> None:
    bought = paid(stripe)

    payload = refund(bought, lines=units(bought, 1), amount="5")

    assert payload["order"]["refunded"]["amount"] == "5.00"
    assert payload["order"]["lines"] == [{"refundedQuantity": 1}]
    assert given_back(stripe) == [500]


def test_what_did_not_come_by_stripe_is_booked_for_people_to_carry_out(stripe: Sandbox) -> None:
    bought = WAYS["paid"](None)

    payload = refund(bought, amount="3.00")

    assert payload["errors"] == []
    assert [one["state"] for one in payload["order"]["refunds"]] == ["DONE"]
    assert stripe.requests == []


def test_only_staff_with_the_permission_give_money_back(stripe: Sandbox) -> None:
    buyer = make_user()
    bought = paid(stripe, user=buyer)
    document = """mutation($input: OrderRefundInput!) {
        orderRefund(input: $input) { errors { code } } }"""
    input = {"orderId": ids.of(bought)}

    assert call(document, input=input).codes == ["UNAUTHENTICATED"]
    others = ("checkout.view_order", "checkout.process_order", "checkout.change_order")
    for user in (buyer, make_user(), make_staff(), make_staff(*others)):
        answer = call(document, user=user, input=input)
        assert answer.codes == ["FORBIDDEN"]
        assert answer.body["data"] == {"orderRefund": None}
    assert not Refund.objects.exists()
    assert given_back(stripe) == []


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("39.81", "REFUND_TOO_LARGE"),
        ("1000000", "REFUND_TOO_LARGE"),
        ("0", "OUT_OF_RANGE"),
        ("-1", "OUT_OF_RANGE"),
        ("99999999999999999999", "OUT_OF_RANGE"),
        ("1.999", "INVALID"),
    ],
)
def test_an_amount_that_cannot_go_back_is_refused(stripe: Sandbox, amount: str, code: str) -> None:
    bought = paid(stripe)

    payload = refund(bought, amount=amount)

    assert refusals(payload) == [(code, ["amount"])]
    assert payload["order"] is None
    assert payload["errors"][0]["__typename"] == "InputError"
    assert not Refund.objects.exists()


def test_amounts_are_in_the_order_s_currency(stripe: Sandbox, settings: Settings) -> None:
    settings.SHOP_CURRENCY = "JPY"
    bought = paid(stripe)

    assert refusals(refund(bought, amount="10.5")) == [("INVALID", ["amount"])]
    found = refund(bought, amount="1000")["order"]["refunded"]

    assert found == {"amount": "1000", "currency": "JPY"}
    assert given_back(stripe) == [1000]


def test_lines_that_cannot_go_back_are_refused_at_their_place(stripe: Sandbox) -> None:
    bought, other = paid(stripe), paid(stripe)
    twice = units(bought, 1) * 2

    for odd in ("", "x", ids.of(other.lines.get()), ids.of(bought), ids.pack("OrderLine", "0")):
        lines = [{"lineId": odd, "quantity": 1}]
        assert refusals(refund(bought, lines=lines)) == [("NOT_FOUND", ["lines", "0", "lineId"])]
    assert refusals(refund(bought, lines=twice)) == [("NOT_FOUND", ["lines", "1", "lineId"])]
    for quantity in (0, -1, 3):
        assert refusals(refund(bought, lines=units(bought, quantity))) == [
            ("OUT_OF_RANGE", ["lines", "0", "quantity"])
        ]
    assert refusals(refund(bought, lines=[])) == [("REQUIRED", ["lines"])]
    assert not Refund.objects.exists()


def test_an_order_with_nothing_to_give_back_is_refused(stripe: Sandbox) -> None:
    unpaid, done = order(), paid(stripe)
    refund(done)

    for bought in (unpaid, done):
        assert refusals(refund(bought)) == [("INVALID_STATE", ["orderId"])]
        assert refusals(refund(bought, amount="1")) == [("INVALID_STATE", ["orderId"])]


def test_an_unknown_order_is_not_found(stripe: Sandbox) -> None:
    user = treasurer()
    for odd in ("", "x", ids.pack("Order", "0000-0000-0000"), ids.pack("Product", "1")):
        payload = mutate("orderRefund", {"orderId": odd}, REFUNDED, user=user)
        assert refusals(payload) == [("NOT_FOUND", ["orderId"])]


def test_the_same_key_is_the_same_refund(stripe: Sandbox) -> None:
    bought, user = paid(stripe), treasurer()

    first = refund(bought, user, amount="1.00", idempotencyKey=KEY)
    again = refund(bought, user, amount="1.00", idempotencyKey=KEY.upper())
    other = refund(bought, user, amount="2.00", idempotencyKey=KEY)
    odd = refund(bought, user, amount="1.00", idempotencyKey="x")

    assert first["errors"] == []
    assert again == first
    assert refusals(other) == [("CONFLICT", ["idempotencyKey"])]
    assert refusals(odd) == [("INVALID", ["idempotencyKey"])]
    assert given_back(stripe) == [100]


def test_a_reason_has_bounds(stripe: Sandbox) -> None:
    bought = paid(stripe)

    assert refusals(refund(bought, reason="x" * 201)) == [("TOO_LONG", ["reason"])]
    assert refund(bought, reason="x" * 200)["errors"] == []


def test_while_stripe_is_down_nothing_is_promised(stripe: Sandbox) -> None:
    bought = paid(stripe)

    stripe.stop()
    payload = refund(bought)
    stripe.start()

    assert refusals(payload) == [("PAYMENT_PROVIDER_UNAVAILABLE", [])]
    assert not Refund.objects.exists()
    assert refund(bought)["order"]["paymentStatus"] == "REFUNDED"


def test_a_refund_that_stripe_was_not_heard_of_is_shown_as_requested(stripe: Sandbox) -> None:
    bought = paid(stripe)
    stripe.faults.fail("POST", "/v1/refunds", "before", times=9)

    payload = refund(bought, amount="1.00")

    assert payload["errors"] == []
    assert [one["state"] for one in payload["order"]["refunds"]] == ["REQUESTED"]
    assert payload["order"]["refunded"]["amount"] == "0.00"
