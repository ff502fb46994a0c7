"""News of Stripe's in any order: what is told of a payment before the payment itself."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from checkout import gateway, reconciling
from checkout.models import Dispute, Payment, StripeEvent
from checkout.sandbox import Sandbox
from checkout.sandbox.deliveries import signature
from checkout.session_form import Ui
from shop import jobs
from tests.checkout.buying import check_books
from tests.checkout.paying import check_money, deliver, opened, order, post, states, told

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_refund_told_before_its_payment_is_booked(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id)
    stripe.refund(gateway.session(session.id).intent_id, 500)

    deliver(stripe, reversed(stripe.books.events))

    assert states(made) == ("CONFIRMED", "PARTIALLY_REFUNDED", "SOLD")
    assert made.refunded_minor == 500
    check_money(stripe)
    check_books()


def test_a_refund_is_booked_when_all_news_of_its_payment_is_lost(
    stripe: Sandbox, django_capture_on_commit_callbacks: Any
) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id)
    stripe.refund(gateway.session(session.id).intent_id, 500)
    deliver(stripe, told(stripe, "refund.created", "charge.refunded"))
    Payment.objects.update(created_at=made.placed_at - timedelta(hours=1))

    with django_capture_on_commit_callbacks(execute=True):
        jobs.run_sweeps()

    check_money(stripe)


def test_a_dispute_told_before_its_payment_is_kept(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id)
    intent = gateway.session(session.id).intent_id
    stripe.dispute(intent)
    stripe.warn_of_fraud(intent)

    deliver(stripe, reversed(stripe.books.events))

    made.refresh_from_db()
    assert Dispute.objects.get().payment.order == made
    assert "disputed" in made.review_flag
    assert "early fraud warning" in made.review_flag
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")


def test_news_of_somebody_else_s_payment_is_none_of_ours(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id)
    stripe.refund(gateway.session(session.id).intent_id, 500)
    Payment.objects.update(session_id="cs_test_other")

    deliver(stripe, told(stripe, "refund.created"))

    assert states(made) == ("PENDING", "UNPAID", "HELD")
    assert made.refunded_minor == 0


def test_another_face_after_an_opening_without_an_answer_is_that_face(stripe: Sandbox) -> None:
    made = order()
    stripe.faults.fail("POST", "/v1/checkout/sessions", "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)

    session = opened(made, Ui.ELEMENTS)

    assert session.client_secret
    assert [one["status"] for one in stripe.books.all("checkout.session")] == ["open", "expired"]


def test_a_lost_event_that_cannot_be_followed_does_not_stop_the_others(stripe: Sandbox) -> None:
    made = [order(), order()]
    ids = [opened(one).id for one in made]
    for id in ids:
        stripe.pay(id)
    stripe.faults.fail("GET", f"/v1/checkout/sessions/{ids[0]}", "before")

    reconciling.look_for_lost_events()

    assert states(made[1]) == ("CONFIRMED", "PAID", "SOLD")
    assert StripeEvent.objects.get(done_at=None).error == "Unavailable"


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "e" * 300},
        {"id": "evt_\x00"},
        {"id": ""},
        {"id": None},
        {"data": {"object": {"id": ""}}},
        {"data": {"object": {"id": 7}}},
    ],
    ids=str,
)
def test_a_signed_event_without_proper_names_is_refused(stripe: Sandbox, odd: Any) -> None:
    event = {
        "id": "evt_1",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": {"id": "cs_1"}},
    }
    body = json.dumps(event | odd).encode()

    answer = post(body, signature(body, stripe.secret, int(time.time())))

    assert answer == 400
    assert not StripeEvent.objects.exists()
