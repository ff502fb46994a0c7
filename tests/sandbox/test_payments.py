"""How sessions end: paid at once or later, declined, expired by somebody or by time."""

from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from checkout.sandbox.errors import StripeError
from tests.sandbox.calling import NOON, Clock, form, kinds

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]
DELAYED = [
    "payment_intent.created",
    "charge.pending",
    "payment_intent.processing",
    "checkout.session.completed",
]
FAILED = ["charge.failed", "payment_intent.payment_failed"]


def test_paying_completes_the_session_and_makes_intent_and_charge(
    sandbox: Sandbox, v1: Any
) -> None:
    made = v1.checkout.sessions.create(
        form(metadata={"order": "1"}, payment_intent_data={"metadata": {"order": "1"}})
    )

    sandbox.pay(made.id)

    expand = ["payment_intent.latest_charge"]
    session = v1.checkout.sessions.retrieve(made.id, {"expand": expand})
    intent, charge = session.payment_intent, session.payment_intent.latest_charge
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 1000, 1000)
    assert (charge.status, charge.paid, charge.amount_captured) == ("succeeded", True, 1000)
    assert intent.metadata.to_dict() == charge.metadata.to_dict() == {"order": "1"}
    assert v1.payment_intents.retrieve(intent.id).latest_charge == charge.id
    assert v1.charges.retrieve(charge.id).payment_intent == intent.id
    assert kinds(sandbox) == PAID


def test_an_event_shows_its_object_as_it_was(sandbox: Sandbox, v1: Any) -> None:
    made = v1.checkout.sessions.create(form())
    sandbox.pay(made.id, delayed=True)
    sandbox.settle(made.id)

    first = v1.events.list({"type": "checkout.session.completed"}).data[0]
    last = v1.events.list({"type": "checkout.session.async_payment_*"}).data[0]

    assert first.data.object.payment_status == "unpaid"
    assert last.data.object.payment_status == "paid"
    assert (first.livemode, first.created, first.pending_webhooks) == (False, NOON, 0)
    assert (first.request.id, first.request.idempotency_key) == (None, None)


def test_a_delayed_payment_completes_first_and_is_paid_later(sandbox: Sandbox, v1: Any) -> None:
    made = v1.checkout.sessions.create(form())

    sandbox.pay(made.id, delayed=True)

    session = v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert session.payment_intent.status == "processing"
    sandbox.settle(made.id)
    session = v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert session.payment_intent.status == "succeeded"
    assert kinds(sandbox) == [
        *DELAYED,
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_a_delayed_payment_that_fails_leaves_the_session_complete_and_unpaid(
    sandbox: Sandbox, v1: Any
) -> None:
    made = v1.checkout.sessions.create(form())
    sandbox.pay(made.id, delayed=True)

    sandbox.settle(made.id, ok=False)

    session = v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert session.payment_intent.status == "requires_payment_method"
    assert session.payment_intent.last_payment_error.message
    assert kinds(sandbox) == [*DELAYED, *FAILED, "checkout.session.async_payment_failed"]


@pytest.mark.parametrize("state", ["open", "paid", "settled", "failed"])
def test_only_a_delayed_payment_under_way_can_settle(sandbox: Sandbox, v1: Any, state: str) -> None:
    id = v1.checkout.sessions.create(form()).id
    if state != "open":
        sandbox.pay(id, delayed=state != "paid")
    if state in ("settled", "failed"):
        sandbox.settle(id, ok=state == "settled")
    before = kinds(sandbox)

    with pytest.raises(StripeError, match="No delayed payment"):
        sandbox.settle(id)

    assert kinds(sandbox) == before


def test_a_declined_card_leaves_the_session_open_for_another_try(sandbox: Sandbox, v1: Any) -> None:
    made = v1.checkout.sessions.create(form())

    sandbox.decline(made.id)

    session = v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    intent = session.payment_intent
    assert (session.status, session.payment_status, session.url) == ("open", "unpaid", made.url)
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_payment_method", "card_declined",
    )  # fmt: skip
    assert kinds(sandbox) == ["payment_intent.created", *FAILED]
    assert sandbox.pay(made.id)["payment_intent"] == intent.id
    assert kinds(sandbox)[3:] == PAID[1:]
    assert v1.payment_intents.retrieve(intent.id).last_payment_error is None


def test_the_books_can_lie_about_what_was_paid(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id

    sandbox.pay(id, amount=1, currency="usd")

    session = v1.checkout.sessions.retrieve(id, {"expand": ["payment_intent"]})
    assert (session.amount_total, session.currency) == (1, "usd")
    assert (session.payment_intent.amount_received, session.payment_intent.currency) == (1, "usd")


def test_an_open_session_can_be_expired_and_then_not_be_paid(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id

    session = v1.checkout.sessions.expire(id)

    assert (session.status, session.payment_status, session.url) == ("expired", "unpaid", None)
    assert kinds(sandbox) == ["checkout.session.expired"]
    assert sandbox.books.events[0]["request"]["id"].startswith("req_")
    for late in (sandbox.pay, sandbox.decline):
        with pytest.raises(StripeError, match="expired"):
            late(id)
    assert v1.checkout.sessions.retrieve(id).payment_intent is None


@pytest.mark.parametrize("state", ["complete", "expired"])
def test_only_an_open_session_can_be_expired(sandbox: Sandbox, v1: Any, state: str) -> None:
    id = v1.checkout.sessions.create(form()).id
    sandbox.pay(id) if state == "complete" else sandbox.expire(id)
    before = kinds(sandbox)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.checkout.sessions.expire(id)

    assert caught.value.http_status == 400
    assert caught.value.user_message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. '
        f"This Checkout Session has a status of `{state}`."
    )
    assert kinds(sandbox) == before
    assert v1.checkout.sessions.retrieve(id).status == state


def test_expiry_cancels_the_intent_of_a_declined_card(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id
    intent = sandbox.decline(id)["payment_intent"]

    sandbox.expire(id)

    assert v1.payment_intents.retrieve(intent).status == "canceled"
    assert kinds(sandbox)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_time_expires_a_session_whoever_looks_first(
    sandbox: Sandbox, v1: Any, clock: Clock
) -> None:
    soon = NOON + 30 * 60
    first, second, later = (
        v1.checkout.sessions.create(form(expires_at=at)).id for at in (soon, soon, soon + 1)
    )
    clock.now = soon

    states = [v1.checkout.sessions.retrieve(id).status for id in (first, second, later)]

    assert states == ["expired", "expired", "open"]
    assert [event["data"]["object"]["id"] for event in sandbox.books.events] == [first, second]
    clock.now += 1
    with pytest.raises(StripeError, match="expired"):
        sandbox.pay(later)
    sandbox.lapse()
    assert kinds(sandbox) == ["checkout.session.expired"] * 3
