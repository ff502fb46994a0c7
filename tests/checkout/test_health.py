"""How payment is doing, for staff."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from checkout import endings, health, orders, refunds
from checkout.health import Health
from checkout.models import Order, StripeEvent
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from tests.checkout.buying import place
from tests.checkout.paying import bought, deliver, intent_of, opened, order
from tests.factories import make_staff, make_variant

pytestmark = pytest.mark.usefixtures("impatient")


def test_where_nothing_has_happened_there_is_nothing_to_see(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""

    assert health.now() == Health(
        is_set_up=False,
        last_event_at=None,
        events_failing=0,
        unfinished_attempts=0,
        oldest_attempt_at=None,
        refunds_waiting=0,
        oldest_refund_at=None,
        refunds_failed=0,
        flagged_orders=0,
    )


def test_attempts_that_are_neither_paid_nor_over_are_counted(stripe: Sandbox) -> None:
    bought(stripe)
    place({make_variant(): 1})  # by bank transfer, which Stripe has no part in
    first, second = order(), order()
    opened(first)
    stripe.pay(opened(second).id, delayed=True)
    deliver(stripe)
    oldest = timezone.now() - timedelta(hours=1)
    first.payments.update(created_at=oldest)

    found = health.now()

    assert found.is_set_up
    assert (found.unfinished_attempts, found.oldest_attempt_at) == (2, oldest)


def test_the_last_event_and_the_failing_ones_are_told(stripe: Sandbox) -> None:
    bought(stripe)
    assert health.now().events_failing == 0
    stripe.pay(opened(order()).id)
    stripe.faults.fail("GET", "/v1/checkout/sessions", "before")
    deliver(stripe)

    found = health.now()

    assert found.events_failing == 1
    assert found.last_event_at == StripeEvent.objects.order_by("-received_at")[0].received_at
    deliver(stripe)
    assert health.now().events_failing == 0


def test_refunds_that_wait_and_that_failed_are_told(stripe: Sandbox) -> None:
    made, staff = bought(stripe), make_staff()
    stripe.faults.fail("POST", "/v1/refunds", "drop")
    refunds.refund(made.pk, Wish(amount=1), actor=staff)
    stripe.books.refunds_pending = True
    refunds.refund(made.pk, Wish(amount=2), actor=staff)
    said = stripe.refund(intent_of(made), 3, pending=True)
    stripe.settle_refund(said["id"], ok=False)
    deliver(stripe)

    found = health.now()

    waiting = made.refunds.filter(state__in=("REQUESTED", "PENDING"))
    assert found.refunds_waiting == 2
    assert found.oldest_refund_at == min(one.created_at for one in waiting)
    assert found.refunds_failed == 1


def test_flagged_orders_are_counted_unless_they_are_deleted(stripe: Sandbox) -> None:
    made, other = order(), order()
    for one in (made, other):
        stripe.pay(opened(one).id, amount=1)
    deliver(stripe)
    assert health.now().flagged_orders == 2
    made.refresh_from_db()

    orders.clear_flag(made.pk, seen=made.review_flag, actor=make_staff())
    assert health.now().flagged_orders == 1
    endings.cancel(other.pk, actor=None, by_staff=False)
    Order.objects.filter(pk=other.pk).update(deleted_at=timezone.now())

    assert health.now().flagged_orders == 0
