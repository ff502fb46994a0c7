"""Alerts asked for, sent and taken away at once."""

from contextlib import suppress
from threading import Event
from typing import Any

import pytest
from django.core import mail

from catalog import alerts, products
from catalog.models import Alert, Product, Variant
from shop import jobs
from shop.errors import Refused
from tests.catalog.alerting import make_reader, receive, sold_out
from tests.catalog.races import at_once
from tests.factories import make_user

pytestmark = pytest.mark.transactional


def test_sweeps_at_once_send_each_mail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    variant, readers = sold_out(), [make_reader() for _ in range(2)]
    for reader in readers:
        alerts.on_stock(reader, variant)
    receive(variant)
    enqueue = jobs.enqueue

    def linger(*args: Any, **ids: Any) -> None:
        """Keep the first sweep's marks uncommitted until the others have looked."""
        Event().wait(0.2)
        enqueue(*args, **ids)

    monkeypatch.setattr(jobs, "enqueue", linger)
    at_once(*[alerts.send_due] * 4)

    assert sorted(one.to[0] for one in mail.outbox) == sorted(one.email for one in readers)


def test_alerts_at_once_never_pass_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST", 3)
    reader, variants = make_reader(), [sold_out() for _ in range(8)]

    def ask(variant: Variant) -> bool:
        try:
            alerts.on_stock(reader, variant)
        except Refused:
            return False
        return True

    won = at_once(*(lambda one=variant: ask(one) for variant in variants))

    assert won.count(True) == Alert.objects.count() == 3


def test_one_who_asks_at_once_has_one_alert() -> None:
    reader, variant = make_reader(), sold_out()

    made = at_once(*[lambda: alerts.on_stock(reader, variant)] * 8)

    assert {one.pk for one in made} == {Alert.objects.get().pk}


@pytest.mark.parametrize("about", ["stock", "price"])
def test_a_product_that_goes_meanwhile_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    reader, boss = make_reader(), make_user(is_staff=True, is_superuser=True)
    variant = sold_out(price=1000)
    count = alerts.refuse_too_many

    def linger(*args: Any) -> None:
        """Leave time to delete between the look and the write."""
        Event().wait(0.3)
        count(*args)

    def ask() -> None:
        with suppress(Refused):  # NOT_FOUND, when the other was faster
            if about == "stock":
                alerts.on_stock(reader, variant)
            else:
                alerts.on_price(reader, variant.product, below_minor=900)

    monkeypatch.setattr(alerts, "refuse_too_many", linger)
    at_once(ask, lambda: products.delete(variant.product, user=boss))

    assert not Product.objects.exists()
    assert not Alert.objects.exists()
