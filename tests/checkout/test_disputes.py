"""What buyers contest at their banks."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from checkout import books, disputes, endings, gateway, orders, payments, refunds
from checkout.models import Dispute, StripeEvent
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from shop.errors import Refused
from tests.checkout.buying import check_books
from tests.checkout.paying import asked, bought, check_money, deliver, intent_of, states, told
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("impatient")
TOTAL = 3980


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


# What the bank decides, and decides again.


def follow(said: gateway.Dispute, *statuses: str) -> Dispute:
    """The dispute after Stripe has told it in these states, one after the other."""
    for status in statuses:
        books.dispute(replace(said, status=status))
    return Dispute.objects.get(stripe_id=said.id)


@pytest.mark.parametrize("amount", [10, 650000])
def test_what_is_lost_in_another_currency_is_the_whole_payment(
    stripe: Sandbox, amount: int
) -> None:
    """Its own number says nothing in the currency of the order."""
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])

    dispute = follow(replace(said, amount=amount, currency="JPY"), "needs_response", "lost")

    assert (dispute.amount_minor, dispute.currency, dispute.lost_minor) == (amount, "JPY", TOTAL)
    assert states(made) == ("CONFIRMED", "REFUNDED", "SOLD")
    assert made.refunded_minor == TOTAL
    assert payments.left(made.payments.get()) == 0


def test_nothing_is_lost_while_it_is_not_decided(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])

    dispute = follow(replace(said, currency="JPY"), "needs_response", "under_review")

    assert dispute.lost_minor == 0
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")


@pytest.mark.parametrize(
    "appeal", [("appeal_needs_response",), ("appeal_needs_response", "appeal_under_review"), ()]
)
def test_an_appeal_that_is_won_brings_the_money_back(
    stripe: Sandbox, appeal: tuple[str, ...]
) -> None:
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])
    assert follow(said, "needs_response", "lost").lost_minor == TOTAL
    assert states(made)[1] == "REFUNDED"

    assert follow(said, *appeal).status == ["lost", *appeal][-1]
    dispute = follow(said, "won")

    assert (dispute.status, dispute.lost_minor) == ("won", 0)
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert made.refunded_minor == 0
    assert books.DISPUTE_LOST not in made.review_flag
    assert payments.left(made.payments.get()) == TOTAL


def test_an_appeal_that_is_lost_leaves_the_loss(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])

    dispute = follow(said, "lost", "appeal_needs_response", "appeal_under_review", "lost")

    assert dispute.lost_minor == TOTAL
    assert states(made)[1] == "REFUNDED"
    assert books.DISPUTE_LOST in made.review_flag


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("under_review", "needs_response"),
        ("warning_under_review", "warning_needs_response"),
        ("needs_response", "warning_needs_response"),
        ("appeal_under_review", "appeal_needs_response"),
        ("appeal_needs_response", "needs_response"),
        ("won", "under_review"),
        ("won", "lost"),
        ("warning_closed", "warning_needs_response"),
    ],
)
def test_a_dispute_never_goes_backwards(stripe: Sandbox, before: str, now: str) -> None:
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])

    dispute = follow(said, before, now)

    assert dispute.status == before
    assert made.events.filter(type="DISPUTED").count() == 1


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("warning_needs_response", "warning_under_review"),
        ("warning_under_review", "needs_response"),
        ("needs_response", "under_review"),
        ("under_review", "prevented"),
        ("needs_response", "asked_for_advice"),  # which nobody knows yet
        ("asked_for_advice", "under_review"),
    ],
)
def test_a_dispute_follows_what_is_new(stripe: Sandbox, before: str, now: str) -> None:
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])

    dispute = follow(said, before, now)

    assert dispute.status == now
    assert made.events.filter(type="DISPUTED").count() == 2


def test_no_refund_is_due_of_what_a_lost_dispute_took(stripe: Sandbox) -> None:
    made = bought(stripe)
    endings.cancel(made.pk, actor=make_staff(), by_staff=True)
    said = stripe.dispute(intent_of(made))
    deliver(stripe)
    made.refresh_from_db()
    assert orders.REFUND_DUE in made.review_flag
    stripe.close_dispute(said["id"], won=False)

    deliver(stripe)

    assert states(made) == ("CANCELLED", "REFUNDED", "SOLD")
    assert orders.REFUND_DUE not in made.review_flag
    assert made.review_flag.endswith(books.DISPUTE_LOST)


def test_what_a_lost_dispute_left_is_still_due(stripe: Sandbox) -> None:
    made = bought(stripe)
    endings.cancel(made.pk, actor=make_staff(), by_staff=True)
    said = stripe.dispute(intent_of(made), TOTAL - 1)
    stripe.close_dispute(said["id"], won=False)

    deliver(stripe)

    made.refresh_from_db()
    assert orders.REFUND_DUE in made.review_flag
