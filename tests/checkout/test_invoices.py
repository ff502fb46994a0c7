"""Invoices: their numbers, when there is one, and that it stays as it was issued."""

import logging
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from checkout import care, invoices, orders, printing
from checkout.models import Invoice, InvoiceYear, Order, OrderEvent, OrderLine
from checkout.models.orders import PaymentMethod
from shop.errors import Refused
from tests.checkout.buying import ADDRESS, CASH, at_once, place, rows
from tests.checkout.pdf_text import pages
from tests.checkout.states import WAYS, clerk, paid
from tests.factories import make_product, make_user, make_variant

YEAR = timezone.localdate().year
SOLD = {name for name in WAYS if name not in ("awaiting transfer", "cancelled", "expired")}


def invoice_of(order: Order) -> Invoice:
    return invoices.of(order.pk, actor=None)


def paid_order(**terms: Any) -> Order:
    return paid(place({make_variant(): 2}, **terms))


def test_numbers_count_within_each_year() -> None:
    InvoiceYear.objects.create(year=YEAR - 1, last=7)

    found = [invoice_of(paid_order()).number for _ in range(3)]

    assert found == [f"{YEAR}-00001", f"{YEAR}-00002", f"{YEAR}-00003"]


def test_asked_again_it_is_the_same_invoice() -> None:
    order = paid_order()
    first = invoice_of(order)

    again = invoice_of(order)

    assert (again.pk, again.issued_at) == (first.pk, first.issued_at)
    assert InvoiceYear.objects.get().last == 1
    assert order.events.filter(type="INVOICED").count() == 1


def test_what_is_taken_back_leaves_no_gap() -> None:
    with transaction.atomic():
        invoice_of(paid_order())
        transaction.set_rollback(True)

    assert invoice_of(paid_order()).serial == 1


@pytest.mark.parametrize("state", WAYS)
def test_there_is_one_once_the_order_is_paid_or_confirmed(state: str) -> None:
    order = WAYS[state](None)
    if state in SOLD:
        assert invoice_of(order).serial == 1
        return
    before = rows()

    with pytest.raises(Refused) as caught:
        invoice_of(order)

    assert (caught.value.code, caught.value.path) == ("INVALID_STATE", ("order_id",))
    assert rows() == before


@pytest.mark.transactional
def test_eight_requests_at_once_get_one_number() -> None:
    order = paid_order()

    found = at_once(*[partial(invoice_of, order)] * 8)

    assert {invoice.number for invoice in found} == {f"{YEAR}-00001"}
    assert InvoiceYear.objects.get().last == Invoice.objects.count() == 1


@pytest.mark.transactional
def test_eight_orders_at_once_get_numbers_without_a_gap() -> None:
    bought = [paid_order() for _ in range(8)]

    found = at_once(*[partial(invoice_of, order) for order in bought])

    assert sorted(invoice.serial for invoice in found) == list(range(1, 9))


@pytest.mark.parametrize("number", [{"serial": 0}, {}])
def test_the_database_refuses_a_number_twice_and_number_zero(number: dict[str, int]) -> None:
    taken = invoice_of(paid_order())
    fields = {"year": taken.year, "serial": taken.serial, "seller": [], "buyer": []} | number
    order = paid_order()

    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.create(order=order, **fields)


def test_an_order_with_an_invoice_cannot_be_deleted() -> None:
    order = paid_order()
    invoice_of(order)
    order.events.all().delete()

    with pytest.raises(ProtectedError) as caught:
        order.delete()

    assert any(isinstance(row, Invoice) for row in caught.value.protected_objects)


def test_it_names_seller_and_buyer(settings: Settings) -> None:
    settings.SELLER_NAME, settings.SELLER_TAX_ID = "Nordlys ApS", "DK 12345678"
    settings.SELLER_ADDRESS = ["Strøget 1", "1000 København"]
    order = paid_order()
    Order.objects.filter(pk=order.pk).update(billing_address=ADDRESS)

    invoice = invoice_of(order)

    assert invoice.seller == ["Nordlys ApS", "Strøget 1", "1000 København", "Tax ID: DK 12345678"]
    assert invoice.buyer == ["Ada Lovelace", "12 St James's Square", "SW1Y 4JH London", "GB"]
    assert invoice.filename == f"invoice-{YEAR}-00001.pdf"


def test_without_settings_and_addresses_it_names_shop_and_email(settings: Settings) -> None:
    settings.SHOP_NAME, settings.SELLER_NAME = "Lamps", ""
    settings.SELLER_ADDRESS, settings.SELLER_TAX_ID = [], ""

    invoice = invoice_of(paid_order())

    assert (invoice.seller, invoice.buyer) == (["Lamps"], ["guest@example.com"])


def test_it_stays_as_it_was_issued(settings: Settings) -> None:
    order = place({make_variant(): 2}, method=CASH)
    before = printing.pdf(invoice_of(order))

    settings.SELLER_NAME = "Somebody else"
    care.update(order.pk, {"billing_address": ADDRESS, "email": "b@example.com"}, actor=clerk())
    paid(order)
    OrderLine.objects.get(order=order).product.delete()  # type: ignore[union-attr]

    assert printing.pdf(invoice_of(order)) == before
    assert "To be paid on delivery." in pages(before)[0]


def test_the_payment_is_told_as_it_stands() -> None:
    order = paid_order()
    order.paid_at = datetime(2026, 3, 1, 12, tzinfo=timezone.get_current_timezone())
    assert invoices.payment_of(order) == "Paid on 1 March 2026."

    order.refunded_minor = 500

    assert invoices.payment_of(order) == "Paid on 1 March 2026. Given back since: 5.00 EUR."
    order.total_minor = 0
    assert invoices.payment_of(order) == "There is nothing to pay."
    awaited = place({make_variant(): 1}, method=PaymentMethod.BANK_TRANSFER)
    assert invoices.payment_of(awaited) == "To be paid."


def test_the_page_says_all_of_it() -> None:
    order = paid(place({make_variant(product=make_product(name="Łampa Грош № 1")): 2}))
    OrderLine.objects.filter(order=order).update(options=[{"name": "Größe", "value": "S/M (€)"}])
    invoice = invoice_of(order)

    (page,) = pages(printing.pdf(invoice))

    day = invoices.day(invoice.issued_at)
    for text in (
        *(invoice.number, order.number, day, "Łampa Грош № 1", "Größe: S/M (€)"),
        *(order.lines.get().sku, "10.00 EUR", "20.00 EUR", "guest@example.com", "Paid on"),
    ):
        assert text in page


def test_a_long_order_takes_several_pages_with_their_headings() -> None:
    product = make_product(name="Very long lamp " * 13)
    order = paid(place({make_variant(product=product): 1 for _ in range(40)}))

    found = pages(printing.pdf(invoice_of(order)))

    assert len(found) > 3
    assert all("Unit price" in page for page in found)
    assert "Total" in found[-1]


def test_printing_leaves_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    order = paid_order()
    OrderLine.objects.filter(order=order).update(name="日本")

    with caplog.at_level(logging.INFO):
        printing.pdf(invoice_of(order))

    assert not caplog.messages


def test_no_text_of_a_buyer_or_a_product_breaks_the_page() -> None:
    words = "x" * 420
    order = paid_order()
    OrderLine.objects.filter(order=order).update(
        name="日本\u200b\x07\t" + words[:400], sku="y" * 64,
        options=[{"name": words[:90], "value": "<b>**--" + words[:90]} for _ in range(30)],
    )  # fmt: skip
    address = {**ADDRESS, "name": words[:100], "line2": "שלום عليكم", "company": "\N{PARTY POPPER}"}
    Order.objects.filter(pk=order.pk).update(billing_address=address)

    page = pages(printing.pdf(invoice_of(order)))[0]

    assert "\N{REPLACEMENT CHARACTER}" in page


def test_buyer_and_staff_see_when_it_was_issued() -> None:
    buyer = make_user()
    order = paid_order(user=buyer)

    invoice = invoices.of(order.pk, actor=buyer)

    event = OrderEvent.objects.get(order=order, type="INVOICED")
    assert (event.message, event.actor, event.internal) == (invoice.number, buyer, False)


def test_it_takes_as_many_statements_for_fifty_lines_as_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    invoice_of(paid_order())  # the first of a year makes the year's row
    counts = []
    for count in (1, 50):
        order = paid(place({make_variant(product=make_product()): 1 for _ in range(count)}))
        with django_assert_max_num_queries(15) as statements:
            invoices.sheet(invoice_of(order))
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_an_order_deleted_meanwhile_has_none() -> None:
    order = WAYS["cancelled"](None)
    orders.delete(order.pk, actor=clerk())

    with pytest.raises(Refused) as caught:
        invoice_of(order)

    assert caught.value.code == "NOT_FOUND"
