"""What buyers contest at their banks."""

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from checkout import books, disputes, gateway, payments, refunds
from checkout.models import Dispute, StripeEvent
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from shop.errors import Refused
from tests.checkout.buying import check_books
from tests.checkout.paying import asked, bought, check_money, deliver, intent_of, states, told
from tests.factories import make_staff

TOTAL = 3980


@pytest.fixture(autouse=True)
def impatient(settings: Settings) -> None:
    """A call that fails is not repeated by the library, which would pause in between."""
    settings.STRIPE_RETRIES = 0
    gateway._client.cache_clear()


def test_a_dispute_is_kept_and_staff_are_told_until_when_to_answer(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = stripe.dispute(intent_of(made), 1000, reason="product_not_received")

    for _ in range(2):
        deliver(stripe)

    (dispute,) = Dispute.objects.all()
    assert (dispute.stripe_id, dispute.payment) == (said["id"], made.payments.get())
    assert (dispute.amount_minor, dispute.currency) == (1000, "EUR")
    assert (dispute.reason, dispute.status) == ("product_not_received", "needs_response")
    due = said["evidence_details"]["due_by"]
    assert dispute.evidence_due_by is not None
    assert dispute.evidence_due_by.timestamp() == due
    made.refresh_from_db()
    assert made.review_flag == f"disputed, answer by {datetime.fromtimestamp(due, UTC).date()}"
    (event,) = made.events.filter(type="DISPUTED")
    assert event.internal
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    check_money(stripe)


def test_a_dispute_that_is_won_leaves_the_money(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = stripe.dispute(intent_of(made))
    deliver(stripe)
    stripe.close_dispute(said["id"], won=True)

    deliver(stripe)

    assert Dispute.objects.get().status == "won"
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert made.refunded_minor == 0
    assert payments.left(made.payments.get()) == TOTAL


@pytest.mark.parametrize(("amount", "status"), [(TOTAL, "REFUNDED"), (1000, "PARTIALLY_REFUNDED")])
def test_a_dispute_that_is_lost_counts_as_money_that_left(
    stripe: Sandbox, amount: int, status: str
) -> None:
    made = bought(stripe)
    said = stripe.dispute(intent_of(made), amount)
    deliver(stripe)
    stripe.close_dispute(said["id"], won=False)

    for _ in range(2):
        deliver(stripe)

    assert states(made) == ("CONFIRMED", status, "SOLD")
    assert made.refunded_minor == amount
    assert made.review_flag.endswith("; dispute lost")
    assert payments.left(made.payments.get()) == TOTAL - amount
    check_books()


def test_what_a_lost_dispute_took_is_not_given_back_again(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = stripe.dispute(intent_of(made))
    stripe.close_dispute(said["id"], won=False)
    deliver(stripe)

    with pytest.raises(Refused) as caught:
        refunds.refund(made.pk, Wish(amount=1), actor=make_staff())

    assert caught.value.code == "INVALID_STATE"
    assert asked(stripe, "POST", "/v1/refunds") == 0


def test_a_closed_dispute_stays_closed_whatever_old_news_say(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = stripe.dispute(intent_of(made))
    old = gateway.dispute(said["id"])
    stripe.close_dispute(said["id"], won=False)
    deliver(stripe)

    books.dispute(old)

    assert old.status == "needs_response"
    assert Dispute.objects.get().status == "lost"
    made.refresh_from_db()
    assert made.refunded_minor == TOTAL


def test_a_dispute_of_another_shop_s_payment_is_none_of_ours(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = stripe.dispute(intent_of(made))
    made.payments.update(intent_id="pi_ours")

    disputes.sync(said["id"])

    assert not Dispute.objects.exists()
    made.refresh_from_db()
    assert made.review_flag == ""


def test_a_dispute_that_meets_a_silent_stripe_is_kept_when_it_comes_again(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.dispute(intent_of(made))
    events = told(stripe, "charge.dispute.created")
    stripe.faults.fail("GET", "/v1/disputes", "before")

    assert deliver(stripe, events) == [500]
    assert not Dispute.objects.exists()
    assert StripeEvent.objects.get(pk=events[0]["id"]).done_at is None

    assert deliver(stripe, events) == [204]
    assert Dispute.objects.exists()


def test_a_warning_of_fraud_is_a_flag_and_nothing_else(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.warn_of_fraud(intent_of(made))

    for _ in range(2):
        deliver(stripe)

    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert made.review_flag == disputes.FRAUD
    assert made.events.filter(type="FLAGGED").count() == 1


def test_a_warning_about_another_shop_s_charge_is_none_of_ours(stripe: Sandbox) -> None:
    made = bought(stripe)
    warning = stripe.warn_of_fraud(intent_of(made))
    made.payments.update(intent_id="pi_ours")

    disputes.warned(warning["charge"])

    made.refresh_from_db()
    assert made.review_flag == ""
