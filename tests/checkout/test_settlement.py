"""An order follows what Stripe says of its session: forward only, and only for its own money."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from checkout import endings, gateway, orders, refunds, settlement
from checkout.gateway import Session
from checkout.models import Order, Payment, StripeEvent
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.session_form import Ui
from tests.checkout.buying import check_books, movements
from tests.checkout.paying import (
    PAID,
    SESSIONS,
    WAITING,
    asked,
    attempts,
    bought,
    check,
    check_money,
    deliver,
    opened,
    order,
    states,
)
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("impatient")


def hidden(stripe: Sandbox, made: Order) -> str:
    """The id of a session whose opening was never answered, and whose attempt was given up."""
    stripe.faults.fail("POST", SESSIONS, "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    settlement.abandon(made.payments.latest("pk"))
    return str(stripe.books.all("checkout.session")[0]["id"])


def snapshots(stripe: Sandbox, made: Order, *, ok: bool) -> list[Session]:
    """The session as it was at each step of a delayed payment."""
    session = opened(made)
    found = [session]
    stripe.pay(session.id, delayed=True)
    found.append(gateway.session(session.id))
    stripe.settle(session.id, ok=ok)
    return [*found, gateway.session(session.id)]


def test_a_sync_settles_once_however_often_it_runs(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id)

    settlement.sync(session.id)
    once = Order.objects.values().get(), Payment.objects.values().get()
    for _ in range(2):
        found = settlement.sync(session.id)
        assert found is not None
        assert found.payment_status == "PAID"

    assert (Order.objects.values().get(), Payment.objects.values().get()) == once
    assert states(made) == PAID
    payment = made.payments.get()
    assert (payment.state, payment.surplus) == ("PAID", False)
    assert payment.intent_id == payment.reference == gateway.session(session.id).intent_id
    assert made.events.filter(type="PAID").count() == 1
    assert movements(made) == ["HOLD", "SALE"]
    check(stripe)


@pytest.mark.parametrize("ok", [True, False])
@pytest.mark.parametrize("at", [(0, 1, 2), (1, 2, 0), (2, 1, 0), (2, 0, 1), (1, 2, 1, 0), (2,)])
def test_old_news_never_take_a_step_back(stripe: Sandbox, *, ok: bool, at: tuple[int, ...]) -> None:
    made = order()
    seen = snapshots(stripe, made, ok=ok)

    for one in at:
        settlement.apply(seen[one])

    assert states(made) == (PAID if ok else WAITING)
    assert attempts(made) == ["PAID" if ok else "FAILED"]
    check_books()


def test_nothing_is_done_for_a_session_that_is_still_open(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    before = Order.objects.values().get(), Payment.objects.values().get()

    settlement.sync(session.id)

    assert (Order.objects.values().get(), Payment.objects.values().get()) == before


def test_a_session_of_nobody_s_is_none(stripe: Sandbox) -> None:
    assert settlement.sync("cs_test_unknown") is None


def test_a_payment_that_is_told_again_after_its_refund_does_not_come_back(
    stripe: Sandbox,
) -> None:
    made = bought(stripe)
    refunds.refund(made.pk, Wish(), actor=make_staff())
    StripeEvent.objects.all().delete()

    deliver(stripe)
    settlement.sync(made.payments.get().session_id)

    assert states(made) == ("CONFIRMED", "REFUNDED", "SOLD")
    assert made.events.filter(type="PAID").count() == 1
    check_money(stripe)


@pytest.mark.parametrize(
    "odd",
    [
        {"amount": 3979}, {"amount": 3981}, {"amount": 0}, {"currency": "USD"},
        {"mode": "subscription"}, {"livemode": True}, {"status": "open"}, {"status": "expired"},
        {"payment_status": "no_payment_required"}, {"payment_status": "payed"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_not_the_order_s_own_money_is_a_flag_and_no_sale(
    stripe: Sandbox, odd: dict[str, Any]
) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id)
    said = gateway.session(session.id)

    for _ in range(2):
        settlement.apply(replace(said, **odd))

    assert states(made) == WAITING
    assert made.review_flag.startswith("amount mismatch: ")
    assert made.events.filter(type="FLAGGED").count() == 1
    assert attempts(made) == ["FAILED"]
    check_books()


def test_after_odd_money_the_order_can_still_be_paid(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id, amount=1)
    deliver(stripe)

    stripe.pay(opened(made).id)
    deliver(stripe)

    assert states(made) == PAID
    assert attempts(made) == ["FAILED", "PAID"]
    assert made.review_flag.startswith("amount mismatch: ")


@pytest.mark.parametrize("odd", [{"status": "archived"}, {"status": ""}])
def test_a_state_that_nobody_knows_changes_nothing(stripe: Sandbox, odd: dict[str, Any]) -> None:
    made = order()
    session = opened(made)

    settlement.apply(replace(session, **odd))

    assert (states(made), attempts(made)) == (WAITING, ["OPEN"])


# Sessions whose opening was never answered.


def test_a_payment_is_found_by_its_own_mark(stripe: Sandbox) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    (session,) = stripe.books.all("checkout.session")
    stripe.pay(session["id"])

    deliver(stripe)

    assert states(made) == PAID
    assert made.payments.get().session_id == session["id"]
    check_money(stripe)


def test_the_end_of_an_attempt_that_was_given_up_is_not_the_order_s(stripe: Sandbox) -> None:
    made = order()
    session = hidden(stripe, made)
    opened(made)
    stripe.expire(session)

    deliver(stripe)

    assert states(made) == WAITING
    assert attempts(made) == ["ABANDONED", "OPEN"]


def test_money_by_an_attempt_that_was_given_up_pays_the_order_and_ends_the_other(
    stripe: Sandbox, django_capture_on_commit_callbacks: Any
) -> None:
    made = order()
    session = hidden(stripe, made)
    other = opened(made)
    stripe.pay(session)

    with django_capture_on_commit_callbacks(execute=True):
        deliver(stripe)

    assert states(made) == PAID
    assert attempts(made) == ["PAID", "EXPIRED"]
    assert gateway.session(other.id).status == "expired"
    check_money(stripe)


def test_an_attempt_under_way_is_given_up_when_the_order_was_paid_by_another(
    stripe: Sandbox,
) -> None:
    made = order()
    session = hidden(stripe, made)
    stripe.faults.fail("POST", SESSIONS, "drop")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    stripe.pay(session)

    deliver(stripe)

    assert states(made) == PAID
    assert attempts(made) == ["PAID", "ABANDONED"]


def test_money_that_comes_twice_is_booked_twice_and_flagged(stripe: Sandbox) -> None:
    made = order()
    session = hidden(stripe, made)
    stripe.pay(opened(made).id)
    stripe.pay(session)

    for _ in range(2):
        deliver(stripe)

    assert states(made) == PAID
    assert made.review_flag == orders.REFUND_DUE
    assert sorted(made.payments.values_list("state", "surplus")) == [
        ("PAID", False), ("PAID", True),
    ]  # fmt: skip
    assert movements(made) == ["HOLD", "SALE"]
    check_money(stripe)


def test_money_for_a_cancelled_order_is_kept_and_flagged(stripe: Sandbox) -> None:
    made = order()
    session = hidden(stripe, made)
    endings.cancel(made.pk, actor=None, by_staff=False)
    stripe.pay(session)

    deliver(stripe)

    assert states(made) == ("CANCELLED", "PAID", "RELEASED")
    assert made.review_flag == orders.REFUND_DUE
    check(stripe)


def test_money_for_an_expired_order_takes_the_units_again(stripe: Sandbox) -> None:
    made = order()
    session = hidden(stripe, made)
    Order.objects.update(hold_until=timezone.now())
    endings.expire(made.pk)
    stripe.pay(session)

    deliver(stripe)

    assert states(made) == PAID
    assert movements(made) == ["HOLD", "RELEASE", "HOLD", "SALE"]
    assert made.review_flag == ""
    check(stripe)


def test_money_for_a_deleted_order_brings_it_back_to_sight(stripe: Sandbox) -> None:
    made = order()
    session = hidden(stripe, made)
    endings.cancel(made.pk, actor=None, by_staff=False)
    orders.delete(made.pk, actor=make_staff())
    stripe.pay(session)

    deliver(stripe)

    made.refresh_from_db()
    assert made.deleted_at is None
    assert made.review_flag == orders.REFUND_DUE
    check_money(stripe)


# Delayed methods.


def test_a_delayed_payment_that_fails_tells_why_and_leaves_time_for_another(
    stripe: Sandbox,
) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id, delayed=True)
    deliver(stripe)
    stripe.settle(session.id, ok=False)

    begun = timezone.now()
    for _ in range(2):
        deliver(stripe)

    made.refresh_from_db()
    (event,) = made.events.filter(type="PAYMENT_FAILED")
    assert event.message == "The payment failed."
    assert made.hold_until is not None
    assert timedelta(minutes=29) < made.hold_until - begun < timedelta(minutes=31)
    assert attempts(made) == ["FAILED"]


def test_a_delayed_payment_cannot_be_stopped(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id, delayed=True)
    deliver(stripe)
    requests = len(stripe.requests)

    settlement.close(made.pk)

    assert len(stripe.requests) == requests
    assert attempts(made) == ["PROCESSING"]


@pytest.mark.parametrize("ok", [True, False])
def test_odd_money_by_a_delayed_method_leaves_the_order_payable_and_cancellable(
    stripe: Sandbox, *, ok: bool
) -> None:
    made, other = order(), order()
    for one in (made, other):
        session = opened(one)
        stripe.pay(session.id, delayed=True, amount=100)
        deliver(stripe)
        assert states(one) == ("PENDING", "PENDING", "HELD")
        stripe.settle(session.id, ok=ok)
    deliver(stripe)
    assert states(made) == states(other) == WAITING
    assert made.review_flag.startswith("amount mismatch: ") == ok

    stripe.pay(opened(made).id)
    deliver(stripe)
    endings.cancel(other.pk, actor=None, by_staff=False)

    assert states(made) == PAID
    assert attempts(made) == ["FAILED", "PAID"]
    assert states(other) == ("CANCELLED", "UNPAID", "RELEASED")
    check_books()


# Sessions that Stripe does not know any more, as after a change of keys.


def forgotten(stripe: Sandbox, *, delayed: bool = False) -> tuple[Order, str]:
    made = order()
    session = opened(made)
    if delayed:
        stripe.pay(session.id, delayed=True)
        settlement.sync(session.id)
    stripe.books.objects["checkout.session"].clear()
    return made, session.id


@pytest.mark.parametrize("delayed", [True, False])
def test_a_session_that_stripe_forgot_holds_its_units_while_it_might_be_paid(
    stripe: Sandbox, *, delayed: bool
) -> None:
    made, session = forgotten(stripe, delayed=delayed)
    if delayed:
        Payment.objects.update(expires_at=timezone.now() - timedelta(hours=1))

    with pytest.raises(gateway.Unavailable):
        settlement.sync(session)

    assert states(made)[0::2] == ("PENDING", "HELD")


def test_a_session_that_stripe_forgot_is_over_when_its_time_is(stripe: Sandbox) -> None:
    made, session = forgotten(stripe)
    Payment.objects.update(expires_at=timezone.now() - timedelta(minutes=6))

    for _ in range(2):
        settlement.sync(session)

    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    assert attempts(made) == ["EXPIRED"]
    check_books()


# Ending a session.


def test_closing_ends_the_session_and_not_the_order(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)

    for _ in range(2):
        settlement.close(made.pk)
    deliver(stripe)

    assert gateway.session(session.id).status == "expired"
    assert attempts(made) == ["EXPIRED"]
    assert states(made) == WAITING
    assert asked(stripe, "POST", f"{SESSIONS}/{session.id}/expire") == 1


def test_closing_books_money_that_was_faster(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made, Ui.EMBEDDED).id)

    settlement.close(made.pk)

    assert states(made) == PAID
    check_money(stripe)


def test_closing_gives_up_what_nobody_has_seen(stripe: Sandbox) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, "drop")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    requests = len(stripe.requests)

    settlement.close(made.pk)

    assert attempts(made) == ["ABANDONED"]
    assert len(stripe.requests) == requests
    assert states(made) == WAITING
