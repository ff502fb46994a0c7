"""Refunds: never more than there is, given back when they fail, and told of by events."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from checkout.sandbox.errors import StripeError
from tests.sandbox.calling import form, kinds, post

REFUNDS = "/v1/refunds"


@pytest.fixture
def intent(sandbox: Sandbox, v1: Any) -> str:
    """The intent of a payment of 10.00 EUR, with no events before it."""
    paid: str = sandbox.pay(v1.checkout.sessions.create(form()).id)["payment_intent"]
    sandbox.books.events.clear()
    return paid


def charge(v1: Any, intent: str) -> Any:
    return v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge


def sums(v1: Any, intent: str) -> tuple[int, bool]:
    found = charge(v1, intent)
    return found.amount_refunded, found.refunded


def test_a_refund_succeeds_at_once_and_keeps_its_metadata(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    asked = {
        "payment_intent": intent, "amount": 300, "reason": "requested_by_customer",
        "metadata": {"refund_id": "7"},
    }  # fmt: skip
    refund = v1.refunds.create(asked)

    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 300, "eur")
    assert (refund.payment_intent, refund.charge) == (intent, charge(v1, intent).id)
    assert (refund.metadata.to_dict(), refund.reason) == (
        {"refund_id": "7"}, "requested_by_customer",
    )  # fmt: skip
    assert v1.refunds.retrieve(refund.id).to_dict() == refund.to_dict()
    assert sums(v1, intent) == (300, False)
    assert kinds(sandbox) == ["refund.created", "charge.refunded"]
    told = sandbox.books.events[0]["data"]["object"]
    assert told["metadata"] == {"refund_id": "7"}


def test_without_an_amount_all_that_is_left_is_refunded(v1: Any, intent: str) -> None:
    v1.refunds.create({"payment_intent": intent, "amount": 300})

    refund = v1.refunds.create({"charge": charge(v1, intent).id})

    assert refund.amount == 700
    assert sums(v1, intent) == (1000, True)


@pytest.mark.parametrize(("before", "asked"), [(0, 1001), (300, 701), (999, 2)])
def test_no_more_is_refunded_than_is_left(v1: Any, intent: str, before: int, asked: int) -> None:
    if before:
        v1.refunds.create({"payment_intent": intent, "amount": before})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as caught:
        v1.refunds.create({"payment_intent": intent, "amount": asked})

    assert (caught.value.http_status, caught.value.param) == (400, "amount")
    assert sums(v1, intent) == (before, False)


@pytest.mark.parametrize("amount", [None, 1])
def test_what_was_refunded_whole_says_so(v1: Any, intent: str, amount: int | None) -> None:
    v1.refunds.create({"payment_intent": intent})

    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"payment_intent": intent} | ({"amount": amount} if amount else {}))

    assert (caught.value.http_status, caught.value.code) == (400, "charge_already_refunded")


def test_of_refunds_at_the_same_time_only_those_that_fit_are_made(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    def ask(_: int) -> int:
        return post(sandbox, REFUNDS, {"payment_intent": intent, "amount": 300})[0]

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(ask, range(8)))

    assert statuses == [200] * 3 + [400] * 5
    assert sums(v1, intent) == (900, False)


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "ten"])
def test_an_amount_is_a_whole_number_above_nothing(
    intent: str, sandbox: Sandbox, amount: str
) -> None:
    sandbox.api.check = None

    status, body, _ = post(sandbox, REFUNDS, {"payment_intent": intent, "amount": amount})

    assert (status, body["error"]["code"]) == (400, "parameter_invalid_integer")


def test_a_refund_names_what_it_is_of(sandbox: Sandbox, v1: Any, intent: str) -> None:
    other = charge(v1, sandbox.pay(v1.checkout.sessions.create(form()).id)["payment_intent"]).id

    for asked, status in (
        ({}, 400),
        ({"payment_intent": "pi_nobodys"}, 404),
        ({"charge": "ch_nobodys"}, 404),
        ({"payment_intent": intent, "charge": other}, 400),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.refunds.create(asked)
        assert caught.value.http_status == status
    assert not v1.refunds.list().data


@pytest.mark.parametrize("way", ["declined", "delayed"])
def test_what_was_not_paid_is_not_refunded(sandbox: Sandbox, v1: Any, way: str) -> None:
    id = v1.checkout.sessions.create(form()).id
    session = sandbox.decline(id) if way == "declined" else sandbox.pay(id, delayed=True)
    intent = session["payment_intent"]

    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        v1.refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"charge": charge(v1, intent).id})

    assert caught.value.code == "charge_not_refundable"


def test_a_pending_refund_counts_and_then_succeeds(sandbox: Sandbox, v1: Any, intent: str) -> None:
    sandbox.books.refunds_pending = True
    refund = v1.refunds.create({"payment_intent": intent, "amount": 800})

    assert (refund.status, sums(v1, intent)) == ("pending", (800, False))
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        v1.refunds.create({"payment_intent": intent, "amount": 300})
    sandbox.settle_refund(refund.id)
    assert v1.refunds.retrieve(refund.id).status == "succeeded"
    assert sums(v1, intent) == (800, False)
    assert kinds(sandbox) == ["refund.created", "charge.refunded", "refund.updated"]


@pytest.mark.parametrize("pending", [True, False])
def test_a_refund_that_fails_gives_the_amount_back(
    sandbox: Sandbox, v1: Any, intent: str, pending: bool
) -> None:
    sandbox.books.refunds_pending = pending
    refund = v1.refunds.create({"payment_intent": intent})

    sandbox.settle_refund(refund.id, ok=False)

    found = v1.refunds.retrieve(refund.id)
    assert (found.status, found.failure_reason) == ("failed", "unknown")
    assert sums(v1, intent) == (0, False)
    assert kinds(sandbox)[2:] == ["refund.updated", "refund.failed", "charge.updated"]
    assert v1.refunds.create({"payment_intent": intent}).amount == 1000


@pytest.mark.parametrize(("first", "then"), [(True, True), (False, False), (False, True)])
def test_a_refund_ends_once(
    sandbox: Sandbox, v1: Any, intent: str, first: bool, then: bool
) -> None:
    sandbox.books.refunds_pending = True
    refund = v1.refunds.create({"payment_intent": intent})
    sandbox.settle_refund(refund.id, ok=first)

    with pytest.raises(StripeError, match=r"has (succeeded|failed)"):
        sandbox.settle_refund(refund.id, ok=then)


def test_a_refund_by_hand_has_none_of_the_shops_metadata(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    made = sandbox.refund(intent, 400)
    waiting = sandbox.refund(intent, pending=True)

    assert (made["status"], made["amount"], made["metadata"]) == ("succeeded", 400, {})
    assert (waiting["status"], waiting["amount"]) == ("pending", 600)
    assert [each.id for each in v1.refunds.list({"payment_intent": intent}).data] == [
        waiting["id"], made["id"],
    ]  # fmt: skip
    assert sandbox.books.events[0]["request"] == {"id": None, "idempotency_key": None}


def test_refunds_are_listed_by_what_they_are_of_and_by_the_page(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    other = sandbox.pay(v1.checkout.sessions.create(form()).id)["payment_intent"]
    elsewhere = sandbox.refund(other, 50)["id"]
    made = [sandbox.refund(intent, 10)["id"] for _ in range(12)][::-1]

    found = v1.refunds.list({"payment_intent": intent, "limit": 5})

    assert ([each.id for each in found.data], found.has_more) == (made[:5], True)
    assert [each.id for each in found.auto_paging_iter()] == made
    assert len(v1.refunds.list({"payment_intent": intent}).data) == 10
    listed = v1.refunds.list({"charge": charge(v1, other).id})
    assert [each.id for each in listed.data] == [elsewhere]
