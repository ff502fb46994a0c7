"""Paid with Stripe, exactly once: each thing that can go wrong, and what comes of it.

Every request and answer is checked against Stripe's contract on the way.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from checkout import endings, gateway, orders, reconciling, refunds, sessions
from checkout.models import Order, Payment, Refund, StripeEvent
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.session_form import Face, Ui
from checkout.shares import Units
from shop.errors import Refused
from tests.checkout.buying import at_once, check_books, movements, place
from tests.checkout.paying import (
    CHECKER,
    PAID,
    SESSIONS,
    STRIPE,
    WAITING,
    attempts,
    bought,
    check,
    deliver,
    intent_of,
    opened,
    order,
    post,
    states,
    told,
)
from tests.factories import make_staff, make_variant

pytestmark = pytest.mark.usefixtures("impatient")
Callbacks = DjangoCaptureOnCommitCallbacks


def later(**fields: Any) -> None:
    """Let time pass: what was begun is two minutes old and more."""
    before = timezone.now() - timedelta(minutes=3)
    Payment.objects.update(created_at=before)
    Refund.objects.update(created_at=before)
    Order.objects.update(**fields)


# 1
@pytest.mark.transactional
def test_an_event_that_comes_eighteen_times_at_once_is_one_payment(stripe: Sandbox) -> None:
    made = order()
    mail.outbox.clear()
    stripe.pay(opened(made).id)
    copies = told(stripe, "checkout.session.completed") * 17 + stripe.books.events
    random.Random(1).shuffle(copies)

    answers = at_once(*[partial(post, *stripe.deliveries.signed(one)) for one in copies])

    assert set(answers) == {204}
    assert states(made) == PAID
    assert attempts(made) == ["PAID"]
    assert [one.subject for one in mail.outbox] == [f"Your order {made.number} is paid"]
    assert movements(made) == ["HOLD", "SALE"]
    check(stripe)


# 2
def test_a_session_whose_answer_is_lost_three_times_is_opened_once(stripe: Sandbox) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, "after", 3)
    for _ in range(3):
        with pytest.raises(gateway.Unavailable):
            opened(made)
        assert states(made) == WAITING

    session = opened(made)

    assert [one["id"] for one in stripe.books.all("checkout.session")] == [session.id]
    assert attempts(made) == ["OPEN"]
    check(stripe)


# 3
def test_payments_whose_events_are_all_lost_are_found_by_asking(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = [order() for _ in range(3)]
    for one in made:
        stripe.pay(opened(one).id)
    later()

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()

    assert {states(one) for one in made} == {PAID}
    check(stripe)


# 4
@pytest.mark.parametrize("odd", [{"amount": 3979}, {"amount": 3981}, {"currency": "usd"}])
def test_other_money_than_was_asked_for_is_no_sale_but_a_flag(
    stripe: Sandbox, odd: dict[str, Any]
) -> None:
    made = order()
    stripe.pay(opened(made).id, **odd)

    assert set(deliver(stripe)) == {204}

    assert states(made) == WAITING
    assert made.review_flag.startswith("amount mismatch")
    assert attempts(made) == ["FAILED"]
    check_books()


# 5
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_a_delayed_payment_is_pending_and_then_paid_in_any_order_of_events(
    stripe: Sandbox, *, late: bool, turned: bool
) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id, delayed=True)
    if not late:
        deliver(stripe)
        assert states(made) == ("PENDING", "PENDING", "HELD")
        assert made.hold_until is not None
        assert made.hold_until > timezone.now() + timedelta(days=13)
    stripe.settle(session.id)

    events = stripe.books.events
    deliver(stripe, reversed(events) if turned else events)

    assert states(made) == PAID
    assert attempts(made) == ["PAID"]
    check(stripe)


# 6
def test_a_delayed_payment_that_fails_keeps_the_hold_and_can_be_made_again(
    stripe: Sandbox,
) -> None:
    made = order()
    first = opened(made)
    stripe.pay(first.id, delayed=True)
    stripe.settle(first.id, ok=False)
    deliver(stripe)
    assert states(made) == WAITING

    second = opened(made)
    stripe.pay(second.id)
    deliver(stripe)

    assert second.id != first.id
    assert states(made) == PAID
    assert attempts(made) == ["FAILED", "PAID"]
    assert movements(made) == ["HOLD", "SALE"]
    check(stripe)


# 7
@pytest.mark.transactional
def test_an_expiry_that_is_told_four_times_at_once_frees_the_units_once(
    stripe: Sandbox,
) -> None:
    made = order()
    stripe.expire(opened(made).id)
    (event,) = told(stripe, "checkout.session.expired")

    answers = at_once(*[partial(post, *stripe.deliveries.signed(event))] * 4)

    assert answers == [204] * 4
    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    assert movements(made) == ["HOLD", "RELEASE"]
    check(stripe)


# 8
@pytest.mark.parametrize(
    "table",
    [
        "checkout_stripeevent", "checkout_orderevent", "checkout_payment", "checkout_order",
        "catalog_variant", "catalog_stockmovement",
    ],
)  # fmt: skip
def test_an_event_that_meets_a_broken_database_is_settled_when_it_comes_again(
    stripe: Sandbox, table: str
) -> None:
    made = order()
    stripe.pay(opened(made).id)
    (event,) = told(stripe, "checkout.session.completed")

    with connection.execute_wrapper(partial(_broken, table)):
        answers = deliver(stripe, [event])

    # What broke while the event was followed is counted at the event: the shop has its database.
    assert answers == [503 if table == "checkout_stripeevent" else 500]
    assert states(made) == WAITING
    assert not StripeEvent.objects.exclude(done_at=None).exists()
    assert deliver(stripe, [event]) == [204]
    assert states(made) == PAID
    check(stripe)


def _broken(table: str, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Lose the connection at whatever writes to the table."""
    if table in sql and not sql.startswith("SELECT"):
        raise OperationalError("the server closed the connection unexpectedly")
    return execute(sql, *rest)


# 9
def test_a_partial_refund_counts_once_however_often_it_is_told(stripe: Sandbox) -> None:
    made = bought(stripe)
    refunds.refund(made.pk, Wish(amount=1500), actor=make_staff())

    for _ in range(3):
        deliver(stripe)

    assert states(made) == ("CONFIRMED", "PARTIALLY_REFUNDED", "SOLD")
    assert made.refunded_minor == 1500
    assert Refund.objects.get().state == "DONE"
    check(stripe)


# 10
@pytest.mark.parametrize("forgotten", [False, True])
def test_a_refund_whose_answer_and_events_are_lost_is_made_once(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks, *, forgotten: bool
) -> None:
    made = bought(stripe)
    stripe.faults.fail("POST", "/v1/refunds", "after")
    refunds.refund(made.pk, Wish(amount=1500), actor=make_staff())
    assert Refund.objects.get().state == "REQUESTED"
    later()
    if forgotten:  # as Stripe does with keys after a day
        stripe.books.records.clear()

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()

    assert Refund.objects.get().state == "DONE"
    assert len(stripe.books.all("refund")) == 1
    check(stripe)


# 11
def test_more_than_was_paid_is_never_given_back(stripe: Sandbox) -> None:
    made, staff = bought(stripe), make_staff()
    refunds.refund(made.pk, Wish(amount=1500), actor=staff)
    stripe.refund(intent_of(made), 1000)  # in the dashboard, and its event is lost

    with pytest.raises(Refused) as caught:
        refunds.refund(made.pk, Wish(amount=3980 - 2500 + 1), actor=staff)

    assert caught.value.code == "REFUND_TOO_LARGE"
    assert sum(one["amount"] for one in stripe.books.all("refund")) == 2500
    check(stripe)


# 12
@pytest.mark.transactional
def test_of_four_full_refunds_at_once_one_is_made(stripe: Sandbox) -> None:
    made, staff = bought(stripe), make_staff()

    answers = at_once(*[partial(refunds.refund, made.pk, Wish(), actor=staff)] * 4)

    assert answers.count("INVALID_STATE") == 3
    assert states(made) == ("CONFIRMED", "REFUNDED", "SOLD")
    assert [one["amount"] for one in stripe.books.all("refund")] == [3980]
    check(stripe)


# 13
def test_a_lapsed_hold_is_freed_only_after_stripe_has_ended_the_session(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    session = opened(made)
    later(hold_until=timezone.now())
    stripe.faults.fail("POST", f"{SESSIONS}/{session.id}/expire", "before")

    with django_capture_on_commit_callbacks(execute=True):
        endings.expire_due()
    assert states(made) == WAITING
    with django_capture_on_commit_callbacks(execute=True):
        endings.expire_due()

    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    assert gateway.session(session.id).status == "expired"
    check(stripe)


# 14
def test_what_is_paid_in_the_last_second_before_the_sweep_is_sold(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    session = opened(made)
    later(hold_until=timezone.now())
    stripe.pay(session.id)

    with django_capture_on_commit_callbacks(execute=True):
        endings.expire_due()

    assert states(made) == PAID
    assert movements(made) == ["HOLD", "SALE"]
    check(stripe)


# 15
def test_money_that_comes_when_the_units_are_gone_is_kept_and_flagged(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    lamp = make_variant(stock=2, price=1990)
    made = place({lamp: 2}, method=STRIPE)
    stripe.faults.fail("POST", SESSIONS, "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    (hidden,) = stripe.books.all("checkout.session")
    later(hold_until=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        endings.expire_due()
    orders.mark_paid(place({lamp: 2}).pk, reference="B", actor=make_staff())

    stripe.pay(hidden["id"])
    deliver(stripe)

    assert states(made) == ("CONFIRMED", "PAID", "RELEASED")
    assert made.review_flag == "paid, stock gone"
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (0, 0)
    check(stripe)


# 16
def test_what_an_event_says_of_money_is_not_believed(stripe: Sandbox) -> None:
    made = order()
    opened(made)
    (session,) = stripe.books.all("checkout.session")
    stripe.expire(session["id"])
    (event,) = told(stripe, "checkout.session.expired")
    lie = event["data"]["object"] | {"status": "complete", "payment_status": "paid"}
    event |= {"type": "checkout.session.completed", "data": {"object": lie}}

    assert deliver(stripe, [event]) == [204]

    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    check(stripe)


# 17
@pytest.mark.transactional
def test_twenty_buyers_at_once_share_what_there_is(stripe: Sandbox) -> None:
    lamp = make_variant(stock=30, price=1990)

    def buy() -> str:
        made = place({lamp: 2}, method=STRIPE)
        session, _ = sessions.open_for(made.pk, Face())
        stripe.pay(session.id)
        completed = told(stripe, "checkout.session.completed")
        own = [one for one in completed if one["data"]["object"]["id"] == session.id]
        assert set(deliver(stripe, own * 2)) == {204}
        return "bought"

    answers = at_once(*[buy] * 20)

    assert (answers.count("bought"), answers.count("OUT_OF_STOCK")) == (15, 5)
    assert {states(made) for made in Order.objects.all()} == {PAID}
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (0, 0)
    check(stripe)


# 18
def test_all_that_is_asked_of_stripe_and_answered_keeps_its_contract(stripe: Sandbox) -> None:
    made, staff = order(), make_staff()
    for ui in Ui:
        session = opened(made, ui)
    stripe.pay(session.id)
    deliver(stripe)
    line = made.lines.get().pk
    refunds.refund(made.pk, Wish(lines=[Units(line, 1)]), actor=staff)
    stripe.close_dispute(stripe.dispute(intent_of(made), 100)["id"], won=True)
    stripe.warn_of_fraud(intent_of(made))
    deliver(stripe)
    gateway.events(["refund.created"], since=timezone.now() - timedelta(hours=1))

    kinds = {(one.method, one.path.split("/")[2], one.path.count("/")) for one in stripe.requests}
    assert kinds == {
        ("POST", "checkout", 3), ("GET", "checkout", 4), ("POST", "checkout", 5),
        ("POST", "refunds", 2), ("GET", "refunds", 2), ("GET", "disputes", 3),
        ("GET", "charges", 3), ("GET", "events", 2),
    }  # fmt: skip
    assert stripe.violations == []
    # And what breaks it would be seen.
    assert CHECKER.request("POST", SESSIONS, {"mode": "payment", "payment_method_types": ["card"]})
    check(stripe)
