"""Lists by the page, events by type and time, and objects in the place of their ids."""

from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from tests.sandbox.calling import NOON, Clock, form, line

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def test_sessions_are_listed_by_what_is_asked(sandbox: Sandbox, v1: Any, clock: Clock) -> None:
    old = v1.checkout.sessions.create(form()).id
    clock.now += 10
    paid = v1.checkout.sessions.create(form(customer_email="ann@example.com")).id
    intent = sandbox.pay(paid)["payment_intent"]

    def listed(**asked: Any) -> list[str]:
        return [each.id for each in v1.checkout.sessions.list(asked).data]

    assert listed() == [paid, old]
    assert listed(status="open") == [old]
    assert listed(payment_intent=intent) == [paid]
    assert listed(customer_details={"email": "ann@example.com"}) == [paid]
    assert listed(created={"gt": NOON}) == listed(created=NOON + 10) == [paid]
    assert listed(created={"gte": NOON, "lt": NOON + 10}) == listed(created={"lte": NOON}) == [old]


def test_pages_go_forth_and_back_without_gap_or_repetition(v1: Any) -> None:
    made = [v1.checkout.sessions.create(form()).id for _ in range(5)]
    newest = made[::-1]

    first = v1.checkout.sessions.list({"limit": 2})
    second = v1.checkout.sessions.list({"limit": 2, "starting_after": newest[1]})
    whole = v1.checkout.sessions.list({"limit": 5})
    last = v1.checkout.sessions.list({"limit": 2, "starting_after": newest[3]})
    back = v1.checkout.sessions.list({"limit": 2, "ending_before": newest[4]})

    assert [each.id for each in [*first.data, *second.data, *last.data]] == newest
    assert [each.has_more for each in (first, second, last)] == [True, True, False]
    assert ([each.id for each in back.data], back.has_more) == (newest[2:4], True)
    assert ([each.id for each in whole.data], whole.has_more) == (newest, False)
    assert [each.id for each in first.auto_paging_iter()] == newest


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": 101},
        {"starting_after": "cs_test_nobody"},
        {"starting_after": "a", "ending_before": "b"},
    ],
)
def test_a_page_that_cannot_be_is_refused(v1: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        v1.checkout.sessions.list(asked)


def test_the_lines_come_in_their_order_by_themselves_and_expanded(v1: Any) -> None:
    id = v1.checkout.sessions.create(form(line_items=[line(100), line(200, quantity=2)])).id

    found = v1.checkout.sessions.line_items.list(id, {"limit": 1})
    whole = v1.checkout.sessions.retrieve(id, {"expand": ["line_items"]}).line_items

    assert ([each.amount_total for each in found.data], found.has_more) == ([100], True)
    assert [each.amount_total for each in whole.data] == [100, 400]
    assert [(each.description, each.quantity, each.price.unit_amount) for each in whole.data] == [
        ("Lamp", 1, 100), ("Lamp", 2, 200),
    ]  # fmt: skip
    assert "line_items" not in v1.checkout.sessions.retrieve(id)


@pytest.mark.parametrize("path", ["nothing", "status.deep", "a.b.c.d.e"])
def test_only_what_refers_to_an_object_can_be_expanded(v1: Any, path: str) -> None:
    id = v1.checkout.sessions.create(form()).id

    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        v1.checkout.sessions.retrieve(id, {"expand": [path]})


def test_objects_are_expanded_four_levels_deep(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id
    sandbox.pay(id)
    charge = "payment_intent.latest_charge.payment_intent.latest_charge"

    found = v1.checkout.sessions.retrieve(id, {"expand": [charge]})

    assert found.payment_intent.latest_charge.payment_intent.latest_charge.object == "charge"
    with pytest.raises(stripe.InvalidRequestError, match="more than 4"):
        v1.checkout.sessions.retrieve(id, {"expand": [charge + ".payment_intent"]})


def test_what_is_listed_is_expanded_each(sandbox: Sandbox, v1: Any) -> None:
    for _ in range(2):
        sandbox.pay(v1.checkout.sessions.create(form()).id)

    found = v1.checkout.sessions.list({"expand": ["data.payment_intent"]})

    assert [each.payment_intent.status for each in found.data] == ["succeeded"] * 2


def test_events_are_listed_by_type_and_time_for_a_month(
    sandbox: Sandbox, v1: Any, clock: Clock
) -> None:
    sandbox.expire(v1.checkout.sessions.create(form()).id)
    clock.now += 100
    sandbox.pay(v1.checkout.sessions.create(form()).id)

    def listed(**asked: Any) -> list[str]:
        return [each.type for each in v1.events.list(asked).data]

    assert listed() == [*PAID[::-1], "checkout.session.expired"]
    assert listed(types=["charge.succeeded", "checkout.session.expired"]) == [
        "charge.succeeded", "checkout.session.expired",
    ]  # fmt: skip
    assert listed(type="payment_intent.*") == ["payment_intent.succeeded", "payment_intent.created"]
    assert listed(created={"gte": NOON + 100}) == PAID[::-1]
    oldest = sandbox.books.events[0]["id"]
    assert v1.events.retrieve(oldest).type == "checkout.session.expired"
    clock.now = NOON + 30 * 24 * 60 * 60
    assert "checkout.session.expired" not in listed()
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        v1.events.retrieve(oldest)


@pytest.mark.parametrize(
    "asked", [{"types": ["charge.refunded"] * 21}, {"type": "refund.*", "types": ["refund.failed"]}]
)
def test_too_many_types_are_refused(v1: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        v1.events.list(asked)
