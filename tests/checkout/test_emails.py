"""What buyers get to read."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from checkout import access
from shop.errors import ShopError
from tests.checkout.buying import ADDRESS, CASH, place
from tests.factories import make_product, make_variant

Callbacks = DjangoCaptureOnCommitCallbacks


def mailed(callbacks: Callbacks, **terms: Any) -> tuple[Any, str, str]:
    """The order, and its mail as text and as HTML."""
    lamp = make_variant(price=1999, name="green", product=make_product(name="Lamp <b>&"))
    with callbacks(execute=True):
        order = place({lamp: 2}, **terms)
        assert mail.outbox == []
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == [order.email]
    assert message.subject == f"Your order {order.number} at Shop"
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    return order, str(message.body), str(html)


def test_an_order_is_confirmed_in_text_and_html(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    order, text, html = mailed(django_capture_on_commit_callbacks)

    for body in (text, html):
        assert order.number in body
        assert "39.98 EUR" in body
        assert "Test Bank" in body
        assert access.token_for(order) in body
    assert "2 x Lamp <b>&, green" in text
    assert "2 × Lamp &lt;b&gt;&amp;, green" in html


def test_the_mail_leads_to_the_storefront(
    settings: Settings, django_capture_on_commit_callbacks: Callbacks
) -> None:
    settings.STOREFRONT_URL = "https://shop.example"
    order, text, html = mailed(django_capture_on_commit_callbacks)

    link = f"https://shop.example/orders/{order.number}?token={access.token_for(order)}"
    assert link in text
    assert f'href="{link}"' in html


def test_cash_on_delivery_asks_for_no_transfer(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    _, text, html = mailed(django_capture_on_commit_callbacks, method=CASH)

    assert "transfer" not in text + html
    assert "kept for you" not in text + html


def test_the_address_is_told_as_it_goes_on_the_parcel(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    from checkout import placement
    from checkout.placement import Terms
    from checkout.quotes import Wish

    fields = {"email": "a@example.com", "shipping_address": {**ADDRESS, "name": "Ada <i>"}}
    with django_capture_on_commit_callbacks(execute=True):
        placement.place_wishes([Wish(make_variant().pk, 1)], fields, Terms(CASH, None))

    (message,) = mail.outbox
    assert "  Ada <i>\n  12 St James's Square\n  SW1Y 4JH London\n" in message.body
    assert "Ada &lt;i&gt;" in str(message.alternatives)  # type: ignore[attr-defined]


def test_what_was_refused_is_not_confirmed(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as waiting, pytest.raises(ShopError):
        place({make_variant(stock=1): 2})

    assert waiting == []
    assert mail.outbox == []


def test_the_same_again_is_not_mailed_again(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    lamp, key = make_variant(), "6a1f5f0e-6e5c-4f3e-9f57-0c8f5a0f1a11"

    with django_capture_on_commit_callbacks(execute=True):
        place({lamp: 1}, idempotency_key=key)
        place({lamp: 1}, idempotency_key=key)

    assert len(mail.outbox) == 1
