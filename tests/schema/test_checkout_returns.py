"""Sending units back, and calling units off: by whom, what is refused, and what everybody sees."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkout import access, fulfilments, orders, returns
from checkout.fulfilments import Parcel
from checkout.models import Order, OrderLine, Refund, Return
from schema import ids
from tests.checkout.buying import CASH, place
from tests.checkout.states import WAYS
from tests.client import call, mutate, refusals
from tests.factories import make_staff, make_user, make_variant
from users.models import User

RETURN = """return { __typename id state reason note requestedAt decidedAt receivedAt
    order { number } lines { quantity line { sku } } }"""
LINES = "order { number reviewFlag refunded { amount } lines { quantity refundedQuantity } }"


def clerk(*more: str) -> User:
    return make_staff("checkout.process_order", *more)


def units(of: Order, quantity: Any = 1, **more: Any) -> list[dict[str, Any]]:
    return [{"lineId": ids.of(of.lines.get()), "quantity": quantity} | more]


def ask(of: Order, user: User | None = None, **more: Any) -> dict[str, Any]:
    input = {"orderId": ids.of(of), "lines": units(of)} | more
    return mutate("returnRequest", input, RETURN, user=user)


def asked(of: Order) -> Return:
    return returns.request(of.pk, [(of.lines.get().pk, 1)], reason="Too big", actor=None)


def approved(of: Order) -> Return:
    return returns.approve(asked(of).pk, note="By post.", actor=make_staff())


def step(name: str, found: Return, user: User | None = None, **more: Any) -> dict[str, Any]:
    return mutate(name, {"returnId": ids.of(found)} | more, RETURN, user=user)


# ── returns ─────────────────────────────────────────────────────────────────────────────────


def test_a_return_goes_from_the_buyer_to_the_shop() -> None:
    buyer, staff = make_user(), clerk("checkout.refund_order")
    order = WAYS["completed"](buyer)
    sku = order.lines.get().sku

    made = ask(order, buyer, reason="Too big")
    assert made["errors"] == []
    found = Return.objects.get()
    shown = made["return"]
    assert shown.pop("requestedAt")
    assert shown == {
        "__typename": "Return",
        "id": ids.of(found),
        "state": "REQUESTED",
        "reason": "Too big",
        "note": "",
        "decidedAt": None,
        "receivedAt": None,
        "order": {"number": order.number},
        "lines": [{"quantity": 1, "line": {"sku": sku}}],
    }
    let = step("returnApprove", found, staff, note="By post.")["return"]
    assert (let["state"], let["note"]) == ("APPROVED", "By post.")
    assert let["decidedAt"]
    came = step("returnReceive", found, staff, restock=True, refund=True)

    assert came["errors"] == []
    assert came["return"]["state"] == "RECEIVED"
    assert came["return"]["receivedAt"]
    assert Refund.objects.get().amount_minor == 1000


def test_a_guest_sends_back_with_the_access_token() -> None:
    order, other = WAYS["completed"](None), WAYS["completed"](None)
    token, wrong = access.token_for(order), access.token_for(other)

    for odd in ({}, {"accessToken": wrong}, {"accessToken": ""}, {"accessToken": None}):
        assert refusals(ask(order, **odd)) == [("NOT_FOUND", ["orderId"])]
    assert not Return.objects.exists()
    assert ask(order, accessToken=token)["errors"] == []
    found = Return.objects.get()
    for odd in ({}, {"accessToken": wrong}, {"accessToken": ""}, {"accessToken": None}):
        assert refusals(step("returnCancel", found, **odd)) == [("NOT_FOUND", ["returnId"])]
    ended = step("returnCancel", found, accessToken=token)

    assert ended["errors"] == []
    assert ended["return"]["state"] == "CANCELLED"


def test_somebody_else_s_order_is_not_found() -> None:
    order, other = WAYS["completed"](make_user()), make_user()
    found = asked(order)

    assert refusals(ask(order, other)) == [("NOT_FOUND", ["orderId"])]
    assert refusals(step("returnCancel", found, other)) == [("NOT_FOUND", ["returnId"])]
    assert Return.objects.get().state == "REQUESTED"


def test_staff_who_see_an_order_do_not_send_back_in_its_buyer_s_name() -> None:
    order = WAYS["completed"](None)
    found = asked(order)

    for staff in (clerk(), make_staff("checkout.view_order")):
        assert refusals(ask(order, staff)) == [("NOT_ALLOWED", ["orderId"])]
        assert refusals(step("returnCancel", found, staff)) == [("NOT_ALLOWED", ["returnId"])]
    assert Return.objects.get().state == "REQUESTED"


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("returnApprove", {}),
        ("returnReject", {"reason": "Worn"}),
        ("returnReceive", {"restock": True, "refund": False}),
    ],
)
def test_only_staff_who_process_orders_deal_with_returns(name: str, more: dict[str, Any]) -> None:
    buyer = make_user()
    found = approved(WAYS["completed"](buyer))
    input = {"returnId": ids.of(found)} | more
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"

    assert call(document, input=input).codes == ["UNAUTHENTICATED"]
    others = ("checkout.view_order", "checkout.refund_order", "checkout.change_order")
    for user in (buyer, make_user(), make_staff(), make_staff(*others)):
        answer = call(document, user=user, input=input)
        assert answer.codes == ["FORBIDDEN"]
        assert answer.body["data"] == {name: None}
    assert Return.objects.get().state == "APPROVED"


def test_money_goes_back_only_by_who_may_refund() -> None:
    found = approved(WAYS["completed"](None))
    document = """mutation($input: ReturnReceiveInput!) {
        returnReceive(input: $input) { errors { code } } }"""
    input = {"returnId": ids.of(found), "restock": False, "refund": True}

    assert call(document, user=clerk(), input=input).codes == ["FORBIDDEN"]
    assert Return.objects.get().state == "APPROVED"
    answer = step("returnReceive", found, clerk(), restock=False, refund=False)

    assert answer["errors"] == []
    assert not Refund.objects.exists()


def test_refusals_are_told_at_their_place() -> None:
    buyer, staff = make_user(), clerk("checkout.refund_order")
    order = WAYS["cash, sent"](buyer)
    other = WAYS["completed"](buyer).lines.get()

    at = ["lines", "0", "quantity"]
    assert refusals(ask(order, buyer, lines=units(order, 3))) == [("OUT_OF_RANGE", at)]
    assert refusals(ask(order, buyer, lines=[])) == [("REQUIRED", ["lines"])]
    for odd in ("", "x", ids.of(other), ids.of(order), ids.pack("OrderLine", "0")):
        lines = [{"lineId": odd, "quantity": 1}]
        refused = ask(order, buyer, lines=lines)
        assert refusals(refused) == [("NOT_FOUND", ["lines", "0", "lineId"])]
        assert refused["return"] is None
    assert refusals(ask(order, buyer, reason="x" * 201)) == [("TOO_LONG", ["reason"])]
    assert not Return.objects.exists()
    found = asked(order)
    assert refusals(step("returnReject", found, staff, reason=" ")) == [("REQUIRED", ["reason"])]
    early = step("returnReceive", found, staff, restock=True, refund=False)
    assert refusals(early) == [("INVALID_STATE", ["returnId"])]
    step("returnApprove", found, staff)
    unpaid = step("returnReceive", found, staff, restock=True, refund=True)
    assert refusals(unpaid) == [("INVALID_STATE", ["refund"])]


def test_odd_ids_lead_to_no_return() -> None:
    staff = clerk()
    found = asked(WAYS["completed"](None))

    for odd in ("", "x", ids.of(found.order), ids.pack("Return", "0"), ids.pack("Return", "x")):
        payload = mutate("returnApprove", {"returnId": odd}, RETURN, user=staff)
        assert refusals(payload) == [("NOT_FOUND", ["returnId"])]


def test_a_return_is_seen_as_its_order_is() -> None:
    buyer = make_user()
    order = WAYS["completed"](buyer)
    id = ids.of(asked(order))
    document = "query($id: ID!) { node(id: $id) { ... on Return { state } } }"

    for user in (None, make_user(), make_staff()):
        assert call(document, user=user, id=id).data["node"] is None
    for user in (buyer, make_staff("checkout.view_order"), clerk()):
        assert call(document, user=user, id=id).data["node"] == {"state": "REQUESTED"}


def test_an_order_tells_its_returns_and_what_can_still_come_back() -> None:
    order = WAYS["completed"](None)
    approved(order)
    document = """query($number: String!, $code: String!) {
        order(number: $number, accessToken: $code) {
            returns { state note lines { quantity } } lines { returnableQuantity }
            events { type actor } } }"""

    found = call(document, number=order.number, code=access.token_for(order)).data["order"]

    assert found["returns"] == [
        {"state": "APPROVED", "note": "By post.", "lines": [{"quantity": 1}]}
    ]
    assert found["lines"] == [{"returnableQuantity": 1}]
    told = [event for event in found["events"] if event["type"].startswith("RETURN_")]
    assert [event["type"] for event in told] == ["RETURN_REQUESTED", "RETURN_APPROVED"]
    assert {event["actor"] for event in told} == {""}


def test_nothing_can_come_back_of_what_was_not_sent() -> None:
    order = WAYS["paid"](None)
    document = "query($number: String!) { order(number: $number) { lines { returnableQuantity } } }"

    found = call(document, user=clerk(), number=order.number).data["order"]

    assert found["lines"] == [{"returnableQuantity": 0}]


def test_a_list_of_orders_with_returns_costs_the_same_for_many() -> None:
    staff = clerk()
    document = """{ orders(first: 100) { nodes { lines { returnableQuantity }
        returns { state order { number } lines { quantity line { sku } } } } } }"""

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert call(document, user=staff).data["orders"]["nodes"]
        return len(queries)

    asked(arrived_line(make_variant(stock=1000)))
    one = cost()
    variant = make_variant(stock=1000)
    for _ in range(49):
        asked(arrived_line(variant))

    assert cost() == one


def arrived_line(variant: Any) -> Order:
    order = place({variant: 2}, method=CASH)
    staff = make_staff()
    fulfilments.fulfil(order.pk, None, parcel=Parcel(), actor=staff)
    return fulfilments.deliver(order.pk, fulfilment_id=None, actor=staff)


# ── units called off ────────────────────────────────────────────────────────────────────────


def call_off(of: Order, user: User, **more: Any) -> dict[str, Any]:
    input = {"orderId": ids.of(of), "lines": units(of)} | more
    return mutate("orderLinesCancel", input, LINES, user=user)


def test_units_are_called_off_with_their_money() -> None:
    order = WAYS["paid"](None)

    payload = call_off(order, clerk("checkout.refund_order"), reason="Broken")

    assert payload["errors"] == []
    assert payload["order"] == {
        "number": order.number,
        "reviewFlag": None,
        "refunded": {"amount": "10.00"},
        "lines": [{"quantity": 2, "refundedQuantity": 1}],
    }
    assert order.events.get(type="LINES_CANCELLED").message.endswith("Broken")


def test_who_may_not_refund_calls_off_and_flags() -> None:
    payload = call_off(WAYS["paid"](None), clerk())

    assert payload["errors"] == []
    assert payload["order"]["reviewFlag"] == "refund due"
    assert payload["order"]["refunded"] == {"amount": "0.00"}


def test_units_called_off_are_refused_at_their_place() -> None:
    staff, order = clerk(), WAYS["paid"](None)

    too_many = call_off(order, staff, lines=units(order, 3))
    assert refusals(too_many) == [("OUT_OF_RANGE", ["lines", "0", "quantity"])]
    whole = call_off(order, staff, lines=units(order, 2))
    assert refusals(whole) == [("INVALID_STATE", ["lines"])]
    assert whole["order"] is None
    assert refusals(call_off(order, staff, lines=[])) == [("REQUIRED", ["lines"])]
    assert refusals(call_off(order, staff, reason="x" * 201)) == [("TOO_LONG", ["reason"])]
    waiting = WAYS["awaiting transfer"](None)
    assert refusals(call_off(waiting, staff)) == [("INVALID_STATE", ["orderId"])]
    for odd in ("", "x", ids.pack("Order", "0000-0000-0000")):
        assert refusals(call_off(order, staff, orderId=odd)) == [("NOT_FOUND", ["orderId"])]
    assert not OrderLine.objects.exclude(withdrawn=0).exists()


def test_only_staff_who_process_orders_call_units_off() -> None:
    buyer = make_user()
    order = orders.seen(WAYS["paid"](buyer).pk)
    input = {"orderId": ids.of(order), "lines": units(order)}
    document = """mutation($input: OrderLinesCancelInput!) {
        orderLinesCancel(input: $input) { errors { code } } }"""

    assert call(document, input=input).codes == ["UNAUTHENTICATED"]
    for user in (buyer, make_user(), make_staff(), make_staff("checkout.refund_order")):
        assert call(document, user=user, input=input).codes == ["FORBIDDEN"]
    assert not OrderLine.objects.exclude(withdrawn=0).exists()
