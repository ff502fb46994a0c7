"""What buyers get to read about their money."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoCaptureOnCommitCallbacks

from checkout import access, orders, refunds
from checkout.models import Order
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from tests.checkout.buying import place
from tests.checkout.paying import SHOP, bought, deliver, intent_of, opened, order
from tests.factories import make_staff, make_variant

Callbacks = DjangoCaptureOnCommitCallbacks


def bodies() -> tuple[str, str]:
    """The one mail that was sent, as text and as HTML."""
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    return str(message.body), str(html)


def check_mail(made: Order, subject: str, *said: str) -> None:
    """One mail to the buyer, with what is said and the way to the order."""
    text, html = bodies()
    assert mail.outbox[0].to == [made.email]
    assert mail.outbox[0].subject == subject
    token = access.token_for(made)
    link = f"{SHOP}/orders/{made.number}?token={token}"
    for body in (text, html):
        assert made.number in body
        assert link in body
        for words in said:
            assert words in body


def test_a_payment_is_confirmed_once(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    stripe.pay(opened(made).id)

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            deliver(stripe)

    check_mail(made, f"Your order {made.number} is paid", "39.80 EUR")


def test_a_payment_under_way_is_no_payment(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    stripe.pay(opened(order()).id, delayed=True)

    with django_capture_on_commit_callbacks(execute=True):
        deliver(stripe)

    assert mail.outbox == []


def test_a_failed_payment_is_told_with_the_time_that_is_left(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = order()
    session = opened(made)
    stripe.pay(session.id, delayed=True)
    deliver(stripe)
    stripe.settle(session.id, ok=False)

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            deliver(stripe)

    made.refresh_from_db()
    assert made.hold_until is not None
    until = date_format(timezone.localtime(made.hold_until), "j F Y, H:i")
    subject = f"Your payment for order {made.number} did not go through"
    check_mail(made, subject, "39.80 EUR", until)


@pytest.mark.parametrize("pending", [True, False])
def test_a_refund_is_told_once(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks, *, pending: bool
) -> None:
    made = bought(stripe)
    stripe.books.refunds_pending = pending

    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund(made.pk, Wish(amount=1500), actor=make_staff())
    if pending:
        stripe.settle_refund(made.refunds.get().provider_id)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            deliver(stripe)

    check_mail(made, "15.00 EUR come back to you", "15.00 EUR", "five to ten days")


def test_a_refund_of_the_dashboard_is_told_as_well(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = bought(stripe)
    stripe.refund(intent_of(made), 1500)

    with django_capture_on_commit_callbacks(execute=True):
        deliver(stripe)

    check_mail(made, "15.00 EUR come back to you", "15.00 EUR")


def test_a_refund_that_was_not_made_is_not_told(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    made = bought(stripe)
    stripe.dispute(intent_of(made))  # a disputed charge cannot be refunded

    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund(made.pk, Wish(), actor=make_staff())

    assert made.refunds.get().state == "FAILED"
    assert mail.outbox == []


def test_money_that_came_by_hand_goes_back_without_a_word_of_banks(
    settings: Any, django_capture_on_commit_callbacks: Callbacks
) -> None:
    settings.STOREFRONT_URL = SHOP
    made = place({make_variant(price=1990): 2})
    orders.mark_paid(made.pk, reference="B", actor=make_staff())

    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund(made.pk, Wish(amount=1500), actor=make_staff())

    check_mail(made, "15.00 EUR come back to you", "15.00 EUR")
    assert "five to ten days" not in str(mail.outbox[0].body)


def test_an_order_of_nothing_is_not_told_to_be_paid(
    stripe: Sandbox, django_capture_on_commit_callbacks: Callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = order(price=0)

    assert [one.subject for one in mail.outbox] == [f"Your order {made.number} at Shop"]
