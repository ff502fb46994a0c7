"""One mail for each who asked and each cause; none to strangers, none too early."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog import alerts, emails, stock
from catalog.models import Alert, Product, Variant
from shop import jobs
from shop.errors import Refused
from tests.catalog.alerting import cut_price, make_reader, receive, sold_out
from tests.factories import make_product, make_user, make_variant
from users.models import User

Callbacks = DjangoCaptureOnCommitCallbacks


def refused(act: Callable[[], object]) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code, caught.value.path


@pytest.fixture
def swept(django_capture_on_commit_callbacks: Callbacks) -> Callable[[], list[Any]]:
    """Runs the sweep and what it enqueued; the mails that it made."""

    def sweep() -> list[Any]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            alerts.send_due()
        return list(mail.outbox)

    return sweep


Sweep = Callable[[], list[Any]]


def test_stock_that_comes_back_is_told_once(swept: Sweep) -> None:
    reader, variant = make_reader(), sold_out()
    alerts.on_stock(reader, variant)
    assert swept() == []

    receive(variant)
    (message,) = swept()

    assert message.to == [reader.email]
    assert swept() == []
    assert Alert.objects.get().sent_at is not None


def test_a_variant_that_sells_out_again_can_be_asked_for_again(swept: Sweep) -> None:
    reader, variant = make_reader(), sold_out()
    first = alerts.on_stock(reader, variant)
    receive(variant)
    swept()
    receive(variant, -1)

    again = alerts.on_stock(reader, variant)

    assert again != first
    assert swept() == []
    receive(variant)
    assert len(swept()) == 1


def test_units_that_are_promised_are_no_stock(swept: Sweep) -> None:
    variant = make_variant(stock=1)
    stock.hold({variant.pk: 1}, order_number="A1")
    alerts.on_stock(make_reader(), variant)
    assert swept() == []

    stock.release("A1")

    assert len(swept()) == 1


def test_units_that_nobody_counts_any_more_are_stock(swept: Sweep) -> None:
    variant = sold_out()
    alerts.on_stock(make_reader(), variant)

    Variant.objects.update(track_stock=False)

    assert len(swept()) == 1


def test_a_price_is_told_once_it_is_below(swept: Sweep) -> None:
    reader, product = make_reader(), make_variant(price=1000).product
    alerts.on_price(reader, product, below_minor=900)

    cut_price(product, 900)
    assert swept() == []
    cut_price(product, 899)
    (message,) = swept()
    cut_price(product, 500)

    assert message.to == [reader.email]
    assert swept() == []


def test_a_second_wish_for_a_price_moves_the_limit() -> None:
    reader, product = make_reader(), make_variant(price=1000).product
    first = alerts.on_price(reader, product, below_minor=900)

    second = alerts.on_price(reader, product, below_minor=700)

    assert second == first
    assert Alert.objects.get().below_minor == 700


def test_asked_again_for_stock_it_is_the_same_alert() -> None:
    reader, variant = make_reader(), sold_out()

    assert alerts.on_stock(reader, variant) == alerts.on_stock(reader, variant)

    assert Alert.objects.count() == 1


def hide(variant: Variant) -> None:
    Product.objects.update(status="DRAFT")


def postpone(variant: Variant) -> None:
    Product.objects.update(published_at=timezone.now() + timedelta(days=1))


def archive(variant: Variant) -> None:
    Variant.objects.update(archived_at=timezone.now())


def lock_out(variant: Variant) -> None:
    User.objects.update(is_active=False)


def doubt(variant: Variant) -> None:
    User.objects.update(email_verified_at=None)


@pytest.mark.parametrize("change", [hide, postpone, archive, lock_out, doubt])
def test_nobody_is_told_of_what_they_may_not_see_or_where_they_may_not_read(
    swept: Sweep, change: Callable[[Variant], None]
) -> None:
    variant = sold_out()
    alerts.on_stock(make_reader(), variant)
    receive(variant)

    change(variant)

    assert swept() == []
    assert Alert.objects.waiting().count() == 1


def test_an_address_that_nobody_proved_gets_no_alert() -> None:
    user, variant = make_user(), sold_out()
    product = make_variant(price=1000).product

    assert refused(lambda: alerts.on_stock(user, variant)) == ("INVALID_STATE", ())
    assert refused(lambda: alerts.on_price(user, product, below_minor=900)) == ("INVALID_STATE", ())
    assert not Alert.objects.exists()


def test_what_is_there_already_needs_no_alert() -> None:
    reader, variant = make_reader(), make_variant(price=1000)

    on_stock = refused(lambda: alerts.on_stock(reader, variant))
    on_price = refused(lambda: alerts.on_price(reader, variant.product, below_minor=1001))

    assert on_stock == ("INVALID_STATE", ("variant_id",))
    assert on_price == ("INVALID_STATE", ("below_price",))
    assert not Alert.objects.exists()


def test_a_price_below_zero_is_out_of_range() -> None:
    product = make_variant().product

    act = lambda: alerts.on_price(make_reader(), product, below_minor=0)  # noqa: E731

    assert refused(act) == ("OUT_OF_RANGE", ("below_price",))


def test_what_is_gone_is_not_found() -> None:
    reader, variant = make_reader(), sold_out()
    Product.objects.all().delete()

    on_stock = refused(lambda: alerts.on_stock(reader, variant))
    on_price = refused(lambda: alerts.on_price(reader, variant.product, below_minor=1))

    assert on_stock == ("NOT_FOUND", ("variant_id",))
    assert on_price == ("NOT_FOUND", ("product_id",))


def test_one_alert_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST", 1)
    reader, product = make_reader(), make_variant(price=1000).product
    alerts.on_stock(reader, sold_out())

    on_stock = refused(lambda: alerts.on_stock(reader, sold_out()))
    on_price = refused(lambda: alerts.on_price(reader, product, below_minor=900))

    assert on_stock == ("OUT_OF_RANGE", ("variant_id",))
    assert on_price == ("OUT_OF_RANGE", ("product_id",))
    assert Alert.objects.count() == 1


def test_an_alert_that_was_ended_sends_nothing(swept: Sweep) -> None:
    variant = sold_out()
    alert = alerts.on_stock(make_reader(), variant)
    receive(variant)

    alerts.delete(alert)

    assert swept() == []


def test_an_alert_whose_cause_went_again_is_not_sent(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    alert = alerts.on_stock(make_reader(), sold_out())

    with django_capture_on_commit_callbacks(execute=True):
        alerts.send([alert.pk])

    assert mail.outbox == []
    assert Alert.objects.waiting().exists()


def test_the_sweep_runs_every_five_minutes() -> None:
    assert jobs.sweeps()["catalog.alerts.send_due"] == "*/5 * * * *"


def test_a_mail_is_not_sent_of_what_was_hidden_meanwhile() -> None:
    alert = alerts.on_stock(make_reader(), sold_out())
    Product.objects.update(status="ARCHIVED")

    emails.back_in_stock(alert.pk)
    emails.back_in_stock(alert.pk + 1)

    assert mail.outbox == []


@pytest.mark.parametrize("tell", [emails.back_in_stock, emails.price_dropped])
def test_a_mail_is_not_sent_to_an_address_that_is_proven_no_longer(
    tell: Callable[[int], None],
) -> None:
    reader = make_reader()
    alert = alerts.on_stock(reader, sold_out())
    User.objects.filter(pk=reader.pk).update(email_verified_at=None)

    tell(alert.pk)

    assert mail.outbox == []


def test_more_than_a_part_are_all_told(swept: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "BATCH", 2)
    variant = sold_out()
    readers = [make_reader() for _ in range(5)]
    for reader in readers:
        alerts.on_stock(reader, variant)
    receive(variant)

    told = swept()

    assert sorted(message.to[0] for message in told) == sorted(one.email for one in readers)


def test_alerts_are_forgotten_a_month_after_their_mail(swept: Sweep) -> None:
    old = alerts.on_stock(make_reader(), sold_out())
    fresh = alerts.on_stock(make_reader(), sold_out())
    now = timezone.now()
    Alert.objects.filter(pk=old.pk).update(sent_at=now - timedelta(days=31))
    Alert.objects.filter(pk=fresh.pk).update(sent_at=now - timedelta(days=29))

    swept()

    assert list(Alert.objects.all()) == [fresh]


def test_a_mark_and_its_mail_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = sold_out()
    alerts.on_stock(make_reader(), variant)
    receive(variant)

    def fail(*args: object, **ids: object) -> None:
        raise OSError("the queue's table is gone")

    monkeypatch.setattr(jobs, "enqueue", fail)
    with pytest.raises(OSError, match="gone"):
        alerts.send_due()

    assert Alert.objects.waiting().count() == 1


@pytest.mark.parametrize("storefront", ["", "https://shop.example.com"])
def test_mails_say_what_for_and_how_to_end_the_others(
    swept: Sweep, settings: Settings, storefront: str
) -> None:
    settings.STOREFRONT_URL = storefront
    product = make_product(name="Lamp <b>&", slug="lamp")
    variant = sold_out(product=product, name="green", price=1999)
    alerts.on_stock(make_reader(), variant)
    alerts.on_price(make_reader(), product, below_minor=1500)
    receive(variant)
    cut_price(product, 1499)

    found = {message.subject: message for message in swept()}

    stocked, cheaper = found["Lamp <b>& is in stock again"], found["Lamp <b>& costs less now"]
    assert "Lamp <b>&, green, can be bought again at Shop, for 14.99 EUR." in stocked.body
    assert "Lamp <b>& costs 14.99 EUR now at Shop." in cheaper.body
    assert "less than 15.00 EUR" in cheaper.body
    for message in (stocked, cheaper):
        assert isinstance(message, EmailMultiAlternatives)
        html = str(message.alternatives[0][0])
        assert "Lamp &lt;b&gt;&amp;" in html
        for text in (str(message.body), html):
            assert ("https://shop.example.com/products/lamp" in text) == bool(storefront)
            assert ("https://shop.example.com/account/alerts" in text) == bool(storefront)
            assert ("Sign in at Shop" in text) != bool(storefront)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "BACK_IN_STOCK"},
        {"kind": "PRICE_BELOW"},
        {"kind": "PRICE_BELOW", "below_minor": 0},
        {"kind": "OTHER"},
    ],
)
def test_the_database_refuses_an_alert_that_says_not_what(wrong: dict[str, Any]) -> None:
    user, product = make_user(), make_product()

    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(user=user, product=product, **wrong)


def test_the_database_refuses_a_second_alert_while_the_first_waits() -> None:
    reader, variant = make_reader(), sold_out()
    product = make_variant(price=1000).product
    found = [
        alerts.on_stock(reader, variant),
        alerts.on_price(reader, product, below_minor=900),
    ]

    for row in found:
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
