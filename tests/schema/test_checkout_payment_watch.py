"""What staff are shown that needs them: flags of orders, and how payment is doing."""

from typing import Any

import pytest
from django.utils import timezone

from checkout import access, endings
from checkout.models import Order, StripeEvent
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.buying import place
from tests.checkout.paying import opened, order
from tests.checkout.states import WAYS
from tests.client import call, mutate
from tests.factories import make_staff, make_user, make_variant
from users.models import User

SEEING = ["checkout.view_order", "checkout.process_order", "checkout.refund_order"]
FLAG = """query($id: ID!, $access: String) {
    order(id: $id, accessToken: $access) { reviewFlag events { type } } }"""


def flagged(user: User | None = None) -> Order:
    """Cancelled after it was paid: its refund is due."""
    return WAYS["cancelled when paid"](user)


# ── flags ────────────────────────────────────────────────────────────────────────────────────


def test_a_flag_is_shown_to_staff_who_see_orders_and_to_nobody_else() -> None:
    buyer = make_user()
    bought = flagged(buyer)

    def look(user: User | None, token: str | None = None) -> Any:
        return call(FLAG, user=user, id=ids.of(bought), access=token).data["order"]

    for permission in SEEING:
        shown = look(make_staff(permission))
        assert shown["reviewFlag"] == "refund due"
        assert {"type": "FLAGGED"} in shown["events"]
    for seen in (look(buyer), look(None, access.token_for(bought))):
        assert seen["reviewFlag"] is None
        assert {"type": "FLAGGED"} not in seen["events"]


def test_without_a_reason_there_is_no_flag() -> None:
    bought = place({make_variant(): 1})

    data = call(FLAG, user=make_staff(*SEEING), id=ids.of(bought)).data

    assert data["order"]["reviewFlag"] is None


def test_staff_narrow_orders_by_the_flag() -> None:
    clerk, marked, plain = make_staff(*SEEING), flagged(), place({make_variant(): 1})
    document = """query($filter: OrderFilter) {
        orders(filter: $filter) { nodes { number } totalCount } }"""

    def numbers(**filter: Any) -> list[str]:
        page = call(document, user=clerk, filter=filter).data["orders"]
        assert page["totalCount"] == len(page["nodes"])
        return [node["number"] for node in page["nodes"]]

    assert numbers(flagged=True) == [marked.number]
    assert numbers(flagged=False) == [plain.number]
    assert numbers(flagged=None) == numbers() == [plain.number, marked.number]
    assert numbers(flagged=True, status=["PENDING"]) == []


@pytest.mark.parametrize("wanted", [True, False])
def test_a_buyer_learns_nothing_by_the_flag(wanted: bool) -> None:
    buyer = make_user()
    flagged(buyer)
    place({make_variant(): 1}, user=buyer)
    document = """query($flagged: Boolean) {
        me { orders(filter: { flagged: $flagged }) { totalCount } } }"""

    for user in (buyer, make_user()):
        assert call(document, user=user, flagged=wanted).codes == ["FORBIDDEN"]
    assert call(document, user=buyer, flagged=None).data["me"]["orders"]["totalCount"] == 2


def test_staff_narrow_their_own_orders_by_the_flag() -> None:
    clerk = make_staff(*SEEING)
    flagged(clerk)
    place({make_variant(): 1}, user=clerk)

    data = call("{ me { orders(filter: { flagged: true }) { totalCount } } }", user=clerk).data

    assert data["me"]["orders"]["totalCount"] == 1


# ── health ───────────────────────────────────────────────────────────────────────────────────

HEALTH = """{ paymentHealth { isSetUp lastEventAt eventsFailing unfinishedAttempts oldestAttemptAt
    refundsWaiting oldestRefundAt refundsFailed flaggedOrders } }"""


def test_only_staff_who_see_orders_see_how_payment_is_doing() -> None:
    assert call(HEALTH).codes == ["UNAUTHENTICATED"]
    for user in (make_user(), make_staff(), make_staff("catalog.view_product")):
        answer = call(HEALTH, user=user)
        assert answer.codes == ["FORBIDDEN"]
        assert answer.body["data"] is None
    for permission in SEEING:
        assert call(HEALTH, user=make_staff(permission)).data["paymentHealth"]


def test_a_quiet_shop_has_nothing_to_look_at() -> None:
    found = call(HEALTH, user=make_staff(*SEEING)).data["paymentHealth"]

    assert found == {
        "isSetUp": False, "lastEventAt": None, "eventsFailing": 0, "unfinishedAttempts": 0,
        "oldestAttemptAt": None, "refundsWaiting": 0, "oldestRefundAt": None, "refundsFailed": 0,
        "flaggedOrders": 0,
    }  # fmt: skip


def test_what_is_unfinished_or_went_wrong_is_counted(stripe: Sandbox) -> None:
    clerk, at = make_staff(*SEEING), timezone.now()
    bought = order()
    opened(bought)
    flagged()
    endings.cancel(order().pk, actor=None, by_staff=True)
    waiting = order()
    session = opened(waiting)
    stripe.pay(session.id)
    mutate(
        "checkoutSessionSync",
        {"sessionId": session.id, "accessToken": access.token_for(waiting)},
        "order { number }",
    )
    stripe.faults.fail("POST", "/v1/refunds", "before", times=9)
    mutate("orderRefund", {"orderId": ids.of(waiting)}, "order { number }", user=clerk)
    StripeEvent.objects.create(id="evt_1", type="x", livemode=False, created=at, error="KeyError")

    found = call(HEALTH, user=clerk).data["paymentHealth"]

    instants = [found.pop(name) for name in ("lastEventAt", "oldestAttemptAt", "oldestRefundAt")]
    assert all(instants)
    assert found == {
        "isSetUp": True, "eventsFailing": 1, "unfinishedAttempts": 1, "refundsWaiting": 1,
        "refundsFailed": 0, "flaggedOrders": 1,
    }  # fmt: skip
