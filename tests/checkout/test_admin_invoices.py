"""Invoices in the admin: from an order's page, in their list, and who gets them."""

import pytest
from django.urls import reverse

from checkout import invoices
from checkout.models import Invoice, Order
from tests.admin_pages import messages, order_page, page, shown, signed_in, statements
from tests.checkout.buying import CASH, place
from tests.checkout.pdf_text import pages
from tests.checkout.states import WAYS, cancelled
from tests.factories import make_staff, make_variant

SEES = "checkout.view_order"
WAYS_TO_WRITE = ("add", "change", "delete")


def of(order: Order) -> str:
    return reverse("admin:checkout_invoice_of", args=[order.pk])


def pdf(invoice: Invoice) -> str:
    return reverse("admin:checkout_invoice_pdf", args=[invoice.pk])


def test_an_order_s_page_leads_to_its_invoice() -> None:
    order, client = WAYS["paid"](None), signed_in(make_staff(SEES))
    assert of(order) in shown(client.get(order_page(order)))

    response = client.post(of(order))

    invoice = Invoice.objects.get()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.filename}"'
    assert invoice.number in pages(response.content)[0]


def test_the_page_offers_none_before_there_can_be_one() -> None:
    order, client = WAYS["awaiting transfer"](None), signed_in(make_staff(SEES))
    assert of(order) not in shown(client.get(order_page(order)))

    response = client.post(of(order), follow=True)

    assert messages(response) == ["There is an invoice once the order is paid or confirmed."]
    assert not Invoice.objects.exists()


def test_one_that_was_issued_stays_within_reach_when_the_order_ends_unpaid() -> None:
    order = place({make_variant(): 1}, method=CASH)
    invoices.of(order.pk, actor=None)

    ended = cancelled(order)

    client = signed_in(make_staff(SEES))
    assert of(ended) in shown(client.get(order_page(ended)))
    assert client.post(of(ended)).status_code == 200


def test_looking_gives_no_number() -> None:
    order = WAYS["paid"](None)

    assert signed_in(make_staff(SEES)).get(of(order)).status_code == 405
    assert not Invoice.objects.exists()


def test_the_list_shows_and_hands_out_what_was_issued() -> None:
    order, client = WAYS["paid"](None), signed_in(make_staff(SEES))
    invoice = invoices.of(order.pk, actor=None)

    for address in (
        page("checkout.invoice") + f"?q={order.number}",
        page("checkout.invoice", "change", invoice.pk),
    ):
        source = shown(client.get(address))
        assert invoice.number in source
        assert pdf(invoice) in source
    assert invoice.number in pages(client.get(pdf(invoice)).content)[0]
    assert client.get(reverse("admin:checkout_invoice_pdf", args=[0])).status_code == 404


@pytest.mark.parametrize("permissions", [[], ["checkout.process_order"]])
def test_who_does_not_see_orders_gets_none(permissions: list[str]) -> None:
    order = WAYS["paid"](None)
    invoice = invoices.of(order.pk, actor=None)
    client = signed_in(make_staff(*permissions))

    assert client.post(of(order)).status_code == 403
    assert client.get(pdf(invoice)).status_code == 403
    assert client.get(page("checkout.invoice")).status_code == 403


def test_nobody_adds_changes_or_deletes_one_by_hand() -> None:
    invoice = invoices.of(WAYS["paid"](None).pk, actor=None)
    client = signed_in(make_staff(SEES, *(f"checkout.{way}_invoice" for way in WAYS_TO_WRITE)))

    assert client.get(page("checkout.invoice", "add")).status_code == 403
    assert client.post(page("checkout.invoice", "delete", invoice.pk)).status_code == 403
    assert client.post(page("checkout.invoice", "change", invoice.pk), {}).status_code == 403
    assert Invoice.objects.count() == 1


def test_the_list_takes_as_many_statements_for_twenty_as_for_one() -> None:
    client, counts = signed_in(make_staff(SEES)), []
    for count in (1, 19):
        for _ in range(count):
            invoices.of(WAYS["paid"](None).pk, actor=None)
        counts.append(statements(client, page("checkout.invoice")))

    assert counts[0] == counts[1]
