"""Orders that end before they are paid: Stripe first, then stock."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from checkout import endings, gateway, orders, sessions
from checkout.models import Order
from checkout.sandbox import Sandbox
from shop.errors import Refused
from tests.checkout.buying import check_books, movements, place
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
from tests.factories import make_staff, make_variant

pytestmark = pytest.mark.usefixtures("hasty")
CANCELLED = ("CANCELLED", "UNPAID", "RELEASED")
EXPIRED = ("EXPIRED", "UNPAID", "RELEASED")


def due(made: Order) -> None:
    """Its hold has run out."""
    Order.objects.filter(pk=made.pk).update(hold_until=timezone.now() - timedelta(seconds=1))


def cancel(made: Order, *, by_staff: bool = False) -> None:
    actor = make_staff() if by_staff else None
    endings.cancel(made.pk, actor=actor, by_staff=by_staff)


def test_a_cancelled_order_can_no_longer_be_paid(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)

    cancel(made)
    deliver(stripe)

    assert gateway.session(session.id).status == "expired"
    assert states(made) == CANCELLED
    assert attempts(made) == ["EXPIRED"]
    assert movements(made) == ["HOLD", "RELEASE"]
    check(stripe)


def test_without_a_session_stripe_is_not_asked(stripe: Sandbox) -> None:
    made = order()

    cancel(made)

    assert states(made) == CANCELLED
    assert stripe.requests == []


@pytest.mark.parametrize("how", ["before", "after", "drop", "429", "freeze"])
def test_while_stripe_is_silent_nothing_is_cancelled(stripe: Sandbox, how: Any) -> None:
    made = order()
    session = opened(made)
    stripe.faults.fail("POST", f"{SESSIONS}/{session.id}", how)

    with pytest.raises(gateway.Unavailable):
        cancel(made)
    assert states(made) == WAITING
    stripe.faults.lift()
    cancel(made)

    assert states(made) == CANCELLED
    assert gateway.session(session.id).status == "expired"
    check_books()


def test_a_buyer_who_has_just_paid_cannot_cancel(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id)

    with pytest.raises(Refused) as caught:
        cancel(made)

    assert caught.value.code == "INVALID_STATE"
    assert states(made) == PAID
    check_money(stripe)


def test_what_staff_cancel_when_it_was_just_paid_has_to_go_back(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id)

    cancel(made, by_staff=True)

    assert states(made) == ("CANCELLED", "PAID", "SOLD")
    assert made.review_flag == orders.REFUND_DUE
    assert movements(made) == ["HOLD", "SALE", "RETURN"]
    check(stripe)


@pytest.mark.parametrize("by_staff", [True, False])
@pytest.mark.parametrize("heard", [True, False])
def test_a_payment_under_way_cannot_be_cancelled(
    stripe: Sandbox, *, heard: bool, by_staff: bool
) -> None:
    made = order()
    stripe.pay(opened(made).id, delayed=True)
    if heard:
        deliver(stripe)

    with pytest.raises(Refused) as caught:
        cancel(made, by_staff=by_staff)

    assert caught.value.code == "INVALID_STATE"
    assert states(made) == ("PENDING", "PENDING", "HELD")


def test_an_attempt_that_nobody_saw_is_given_up_with_the_order(stripe: Sandbox) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)

    cancel(made)

    assert states(made) == CANCELLED
    assert attempts(made) == ["ABANDONED"]


def test_a_refused_cancelling_does_not_touch_the_session(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)

    with pytest.raises(Refused):
        endings.cancel(made.pk, actor=None, by_staff=False, reason="x" * 201)

    assert gateway.session(session.id).status == "open"
    assert attempts(made) == ["OPEN"]


# By time.


def test_only_what_is_due_expires(stripe: Sandbox) -> None:
    made, paid, transfer = order(), bought(stripe), place({make_variant(): 1})
    due(paid)

    for one in (made, paid, transfer):
        endings.expire(one.pk)

    assert states(made) == WAITING
    assert states(paid) == PAID
    assert states(transfer)[0] == "PENDING"
    due(made)
    endings.expire(made.pk)
    assert states(made) == EXPIRED
    check_books()


def test_an_order_whose_session_was_never_opened_expires(stripe: Sandbox) -> None:
    made = order()
    due(made)

    for _ in range(2):
        endings.expire(made.pk)

    assert states(made) == EXPIRED
    assert movements(made) == ["HOLD", "RELEASE"]
    assert stripe.requests == []


@pytest.mark.parametrize("how", ["before", "after", "drop", "429"])
def test_while_stripe_is_silent_nothing_expires(stripe: Sandbox, how: Any) -> None:
    made = order()
    session = opened(made)
    due(made)
    stripe.faults.fail("POST", f"{SESSIONS}/{session.id}", how)

    with pytest.raises(gateway.Unavailable):
        endings.expire(made.pk)
    assert states(made) == WAITING
    endings.expire(made.pk)

    assert states(made) == EXPIRED
    check_books()


def test_a_payment_under_way_for_too_long_is_a_flag_and_keeps_its_units(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id, delayed=True)
    deliver(stripe)
    due(made)

    for _ in range(2):
        endings.expire(made.pk)

    assert states(made) == ("PENDING", "PENDING", "HELD")
    assert made.review_flag == orders.TOO_LONG_UNDER_WAY
    assert made.events.filter(type="FLAGGED").count() == 1
    stripe.settle(session.id)
    deliver(stripe)
    assert states(made) == PAID


def test_an_order_that_is_stuck_is_written_once(stripe: Sandbox) -> None:
    """Else each sweep would make it the one that was changed last."""
    made = order()
    stripe.pay(opened(made).id, delayed=True)
    deliver(stripe)
    due(made)
    endings.expire(made.pk)
    before = Order.objects.values().get()

    endings.expire(made.pk)

    assert orders.TOO_LONG_UNDER_WAY in before["review_flag"]
    assert Order.objects.values().get() == before


@pytest.mark.parametrize(("ok", "end"), [(True, PAID), (False, WAITING)])
def test_the_flag_of_a_stuck_order_goes_with_the_news_of_its_payment(
    stripe: Sandbox, *, ok: bool, end: tuple[str, str, str]
) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id, delayed=True)
    deliver(stripe)
    due(made)
    endings.expire(made.pk)
    made.refresh_from_db()
    assert made.review_flag == orders.TOO_LONG_UNDER_WAY

    stripe.settle(session.id, ok=ok)
    deliver(stripe)

    assert states(made) == end
    assert made.review_flag == ""


def test_one_order_that_cannot_expire_does_not_stop_the_others(
    stripe: Sandbox, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    first, second = order(), order()
    session = opened(first)
    for made in (first, second):
        due(made)
    stripe.faults.fail("POST", f"{SESSIONS}/{session.id}", "before")

    with django_capture_on_commit_callbacks(execute=True):
        endings.expire_due()

    assert states(first) == WAITING
    assert states(second) == EXPIRED


def test_after_a_failed_payment_the_time_that_is_left_can_be_used(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id, delayed=True)
    stripe.settle(session.id, ok=False)
    deliver(stripe)
    made.refresh_from_db()

    endings.expire(made.pk)
    assert sessions.may_pay(made)
    assert states(made) == WAITING
    due(made)
    endings.expire(made.pk)

    assert states(made) == EXPIRED
    assert asked(stripe, "POST", f"{SESSIONS}/{session.id}/expire") == 0
    check_books()
