"""What was missed is made up for."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from checkout import gateway, reconciling, refunds
from checkout.models import Order, Payment, Refund, StripeEvent
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from shop import jobs
from tests.checkout.buying import check_books
from tests.checkout.paying import (
    PAID,
    SESSIONS,
    WAITING,
    attempts,
    bought,
    check_money,
    deliver,
    give_back,
    intent_of,
    opened,
    order,
    states,
)
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("impatient")
Callbacks = DjangoCaptureOnCommitCallbacks


def later(**time: int) -> None:
    """Let time pass for what was begun."""
    before = timezone.now() - timedelta(**time or {"minutes": 3})
    Payment.objects.update(created_at=before)
    Refund.objects.update(created_at=before)


def test_the_sweeps_are_declared_and_run_by_housekeeping(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    stripe.pay(opened(made).id)

    with django_capture_on_commit_callbacks(execute=True):
        failed = jobs.run_sweeps()

    assert failed == []
    assert states(made) == PAID
    every = {name: cron for name, cron in jobs.sweeps().items() if "reconciling" in name}
    assert every == {
        "checkout.reconciling.look_after_payments": "*/5 * * * *",
        "checkout.reconciling.look_after_refunds": "17 * * * *",
        "checkout.reconciling.look_for_lost_events": "37 * * * *",
        "checkout.reconciling.forget_events": "23 4 * * *",
    }


def test_without_stripe_nobody_is_asked(settings: Settings, stripe: Sandbox) -> None:
    opened(order())
    later()
    requests = len(stripe.requests)
    settings.STRIPE_SECRET_KEY = ""

    reconciling.look_after_payments()
    reconciling.look_after_refunds()
    reconciling.look_for_lost_events()

    assert len(stripe.requests) == requests


def test_what_was_just_begun_is_left_alone(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    stripe.pay(opened(order()).id)
    made = bought(stripe)
    stripe.faults.fail("POST", "/v1/refunds", "drop")
    refunds.refund(made.pk, Wish(amount=1), actor=make_staff())
    stripe.pay(opened(order()).id)
    later(minutes=1)
    requests = len(stripe.requests)

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()

    assert len(stripe.requests) == requests


@pytest.mark.parametrize("how", ["drop", "after"])
def test_an_attempt_left_half_way_is_finished(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks, how: str
) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, how)  # type: ignore[arg-type]  # one of its words
    with pytest.raises(gateway.Unavailable):
        opened(made)
    later()

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            reconciling.look_after_payments()

    assert attempts(made) == ["OPEN"]
    assert len(stripe.books.all("checkout.session")) == 1


def test_a_session_that_ended_unheard_frees_its_units(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    stripe.expire(opened(made).id)
    later()

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()

    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    check_books()


def test_a_delayed_payment_that_ended_unheard_is_booked(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    good, bad = order(), order()
    for made, ok in ((good, True), (bad, False)):
        session = opened(made)
        stripe.pay(session.id, delayed=True)
        deliver(stripe)
        stripe.settle(session.id, ok=ok)
    later()

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()

    assert states(good) == PAID
    assert states(bad) == WAITING
    check_money(stripe)


def test_one_that_cannot_be_asked_about_does_not_stop_the_others(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = [order() for _ in range(3)]
    for one in made:
        stripe.pay(opened(one).id)
    later()
    stripe.faults.fail("GET", f"{SESSIONS}/{made[0].payments.get().session_id}", "before")

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()
    assert [states(one) for one in made] == [WAITING, PAID, PAID]

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()
    assert states(made[0]) == PAID
    check_money(stripe)


@pytest.mark.skipif(
    not settings.DATABASE_NAME, reason="the queue is PostgreSQL's; SQLite runs jobs inline"
)
def test_what_the_sweeps_find_again_waits_in_the_queue_once(
    stripe: Sandbox, settings: Settings
) -> None:
    opened(order())
    made = bought(stripe)
    stripe.faults.fail("POST", "/v1/refunds", "drop")
    give_back(made, amount=1)
    stripe.books.refunds_pending = True
    give_back(made, amount=2)
    later()
    settings.JOBS = "queue"

    for _ in range(3):
        reconciling.look_after_payments()
        reconciling.look_after_refunds()

    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'name' FROM procrastinate_jobs WHERE status = 'todo'")
        waiting = Counter(name for (name,) in cursor.fetchall())
    wanted = ("checkout.sessions.resume", "checkout.refunds.carry_out", "checkout.refunds.sync")
    assert {name: waiting[name] for name in wanted} == dict.fromkeys(wanted, 1)


@pytest.mark.parametrize("ok", [True, False])
def test_a_refund_that_ended_unheard_is_booked(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks, *, ok: bool
) -> None:
    made = bought(stripe)
    stripe.books.refunds_pending = True
    refunds.refund(made.pk, Wish(amount=1500), actor=make_staff())
    stripe.settle_refund(made.refunds.get().provider_id, ok=ok)

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_refunds()

    assert made.refunds.get().state == ("DONE" if ok else "FAILED")
    check_money(stripe)


# Events that never came.


def test_lost_events_are_read_from_stripe_s_own_list(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id)
    session = made.payments.get()
    Payment.objects.update(state="ABANDONED")  # nobody asks about those any more

    reconciling.look_for_lost_events()

    assert states(made) == PAID
    (event,) = StripeEvent.objects.all()
    assert event.type == "checkout.session.completed"
    assert event.done_at is not None
    session.refresh_from_db()
    assert session.state == "PAID"
    check_money(stripe)


def test_lost_refunds_of_the_dashboard_are_booked(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.refund(intent_of(made), 1500)

    reconciling.look_for_lost_events()

    made.refresh_from_db()
    assert made.refunded_minor == 1500
    check_money(stripe)


def test_what_was_heard_is_not_followed_again(stripe: Sandbox) -> None:
    bought(stripe)
    requests = len(stripe.requests)

    reconciling.look_for_lost_events()

    assert len(stripe.requests) == requests + 1  # the list itself


def test_what_could_not_be_followed_is_followed_later(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id)
    stripe.faults.fail("GET", SESSIONS, "before")
    assert 500 in deliver(stripe)

    reconciling.look_for_lost_events()

    assert states(made) == PAID
    assert StripeEvent.objects.get().error == ""


def test_while_stripe_is_silent_housekeeping_names_what_failed_and_does_the_rest(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    stripe.pay(opened(made).id)
    later()
    stripe.faults.fail("GET", "/v1/events", "before")

    with django_capture_on_commit_callbacks(execute=True):
        failed = jobs.run_sweeps()

    assert failed == ["checkout.reconciling.look_for_lost_events"]
    assert states(made) == PAID


def test_events_are_forgotten_when_stripe_has_long_forgotten_them(stripe: Sandbox) -> None:
    now = timezone.now()
    for name, days in (("evt_old", 91), ("evt_young", 89)):
        at = now - timedelta(days=days)
        StripeEvent.objects.create(id=name, type="x", livemode=False, created=at, received_at=at)

    reconciling.forget_events()

    assert [one.pk for one in StripeEvent.objects.all()] == ["evt_young"]
    assert not Order.objects.exists()
