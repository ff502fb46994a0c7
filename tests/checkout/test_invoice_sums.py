"""What an invoice says of sums, discounts and taxes: it adds up, and the PDF says the same.

INVOICES says how many are drawn, INVOICE_SEED with which number they begin:
`INVOICES=1 INVOICE_SEED=17 pytest tests/checkout/test_invoice_sums.py` draws one again.
"""

import logging
import os
import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from checkout import invoices, placement, printing
from checkout.invoices import Sheet
from checkout.models import Invoice, Order
from checkout.models.orders import PaymentMethod
from checkout.placement import Terms
from checkout.quotes import Wish
from shop import money
from tests.checkout.drawing import draw_quote, order_of
from tests.checkout.offering import GUEST, address, make_discount, make_method, make_tax, make_zone
from tests.checkout.pdf_text import pages
from tests.checkout.states import paid
from tests.factories import make_product, make_variant

INVOICES = int(os.environ.get("INVOICES", "80"))
FIRST = int(os.environ.get("INVOICE_SEED", "1"))


@dataclass(frozen=True)
class Printed:
    """What stands below the goods, in minor units: sums by name, and net, tax, gross by rate."""

    sums: list[tuple[str, int]]
    total: int
    taxes: list[tuple[str, list[int]]]
    whole: list[int]  # net, tax and gross of all rates


def minor(text: str) -> int:
    amount, currency = text.split()
    return int(Decimal(amount).scaleb(money.exponent(currency)))


def printed(invoice: Invoice) -> Printed:
    texts = "\n".join(pages(printing.pdf(invoice))).split("\n")
    below = texts[texts.index("Subtotal") :]
    end = below.index("Total")
    sums = [(below[at], minor(below[at + 1])) for at in range(0, end, 2)]
    rows: list[tuple[str, list[int]]] = []
    if "Gross" in below:
        cells = below[below.index("Gross") + 1 : -1]  # the payment is the last line
        parts = [cells[at : at + 4] for at in range(0, len(cells), 4)]
        rows = [(name, [minor(one) for one in amounts]) for name, *amounts in parts]
    whole = rows.pop()[1] if rows else [0, 0, 0]
    return Printed(sums, minor(below[end + 1]), rows, whole)


def drawn(seed: int) -> Invoice:
    order, _ = order_of(draw_quote(random.Random(seed)))
    return Invoice(order=order, year=2026, serial=1, seller=["Lamps"], buyer=[GUEST], payment="-")


def check(order: Order, found: Printed) -> None:
    assert found.total == order.total_minor == sum(minor for _, minor in found.sums)
    used = [(one.name, one.code, one.amount_minor) for one in order.redemptions.all()]
    named = [(f"{name} ({code})" if code else name, -off) for name, code, off in used]
    assert [row for row in found.sums if row[0].startswith("Offer")] == named
    assert "Discount" not in dict(found.sums)
    if not order.tax_minor:
        assert not found.taxes
        return
    columns = [sum(column) for column in zip(*(row for _, row in found.taxes), strict=True)]
    assert columns == found.whole == [found.total - order.tax_minor, order.tax_minor, found.total]
    assert all(net + tax == gross for _, (net, tax, gross) in found.taxes)
    names = [name for name, _ in found.taxes]
    rates = [Decimal(name.removesuffix(" %")) for name in names]
    assert rates == sorted(set(rates), reverse=True)


@pytest.mark.parametrize("part", range(4))
def test_whatever_was_ordered_the_printed_rows_add_up_to_the_totals(part: int) -> None:
    for seed in range(FIRST + part, FIRST + INVOICES, 4):
        invoice = drawn(seed)
        found = printed(invoice)
        try:
            check(invoice.order, found)
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {invoice.order.currency} {found}") from broken


def open_shop(*, standard: str = "0.19", reduced: str = "0.077") -> None:
    make_tax("GB", standard)
    make_tax("GB", reduced, tax_class="reduced")
    make_method(make_zone("GB"), (0, 500))


def ordered(*classes: str, codes: tuple[str, ...] = ()) -> Sheet:
    """The invoice of one thing at 10.00 of each tax class, sent for 5.00."""
    things = [make_variant(product=make_product(tax_class=name)) for name in classes]
    fields: dict[str, Any] = {"email": GUEST, "shipping_address": address()}
    fields["discount_codes"] = codes
    wishes = [Wish(one.pk, 1) for one in things]
    terms = Terms(PaymentMethod.BANK_TRANSFER, None)
    order = paid(placement.place_wishes(wishes, fields, terms))
    return invoices.sheet(invoices.of(order.pk, actor=None))


def test_taxes_inside_the_prices_stand_by_rate_below_the_total(settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = True
    open_shop()

    sheet = ordered("", "reduced")

    assert sheet.sums == [("Subtotal", "20.00 EUR"), ("Shipping", "5.00 EUR")]
    assert sheet.total == "25.00 EUR"
    assert sheet.taxes == [
        ["19 %", "12.60 EUR", "2.40 EUR", "15.00 EUR"],  # with shipping: 10.00 and 5.00
        ["7.7 %", "9.29 EUR", "0.71 EUR", "10.00 EUR"],
        ["Total", "21.89 EUR", "3.11 EUR", "25.00 EUR"],
    ]


def test_taxes_on_top_of_the_prices_are_a_sum_and_stand_by_rate(settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = False
    open_shop()

    sheet = ordered("", "reduced")

    assert sheet.sums[1:] == [("Shipping", "5.00 EUR"), ("Tax", "3.62 EUR")]
    assert sheet.total == "28.62 EUR"
    assert sheet.taxes == [
        ["19 %", "15.00 EUR", "2.85 EUR", "17.85 EUR"],
        ["7.7 %", "10.00 EUR", "0.77 EUR", "10.77 EUR"],
        ["Total", "25.00 EUR", "3.62 EUR", "28.62 EUR"],
    ]


@pytest.mark.parametrize("include", [True, False])
def test_shipping_is_never_put_to_goods_of_another_rate(
    settings: Settings, *, include: bool
) -> None:
    settings.PRICES_INCLUDE_TAX = include
    open_shop()
    make_tax("GB", "0.055", tax_class="shipping")

    names = [row[0] for row in ordered("", "reduced").taxes]

    assert names == ["19 %", "7.7 %", "5.5 %", "Total"]


def test_shipping_without_tax_is_at_nought(settings: Settings) -> None:
    open_shop()
    make_tax("GB", "0", tax_class="shipping")

    assert ["0 %", "5.00 EUR", "0.00 EUR", "5.00 EUR"] in ordered("").taxes


def test_the_rate_of_shipping_is_the_one_it_was_taxed_at(settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = True
    open_shop()
    make_tax("GB", "0.081", tax_class="shipping")  # 8 % and 8.2 % take 0.37 as well

    assert ["8.1 %", "4.63 EUR", "0.37 EUR", "5.00 EUR"] in ordered("").taxes


def test_what_costs_nothing_has_no_row() -> None:
    open_shop()
    make_discount(kind="FREE_SHIPPING")

    assert [row[0] for row in ordered("reduced").taxes] == ["7.7 %", "Total"]


def test_without_taxes_there_is_no_table() -> None:
    make_method(make_zone("GB"), (0, 500))

    sheet = ordered("")

    assert (sheet.taxes, sheet.total) == ([], "15.00 EUR")


def test_each_discount_stands_by_its_name_and_code() -> None:
    open_shop()
    make_discount(name="Spring sale")
    make_discount("THANKS", name="A present", kind="FIXED", amount_minor=200)
    make_discount("Post", name="Sent for nothing", kind="FREE_SHIPPING")

    sheet = ordered("", codes=("THANKS", "post"))

    assert sheet.rows[0][1:] == ["1", "10.00 EUR", "-3.00 EUR", "7.00 EUR"]
    assert sheet.sums[:5] == [
        ("Subtotal", "10.00 EUR"),
        ("Spring sale", "-1.00 EUR"),
        ("A present (THANKS)", "-2.00 EUR"),
        ("Sent for nothing (post)", "-5.00 EUR"),
        ("Shipping", "5.00 EUR"),
    ]


def test_a_discount_that_was_not_kept_by_name_is_told_as_a_sum() -> None:
    make_discount(name="Spring sale")
    make_method(make_zone("GB"), (0, 500))
    order = Order.objects.get(number=ordered("").facts[2][1])
    order.redemptions.all().delete()

    sheet = invoices.sheet(invoices.of(order.pk, actor=None))

    assert ("Discount", "-1.00 EUR") in sheet.sums


def test_a_long_name_of_a_discount_is_broken_into_lines() -> None:
    make_discount("C" * 50, name="Wonderful " * 10)
    make_method(make_zone("GB"), (0, 500))
    order = Order.objects.get(number=ordered("", codes=("C" * 50,)).facts[2][1])

    texts = "\n".join(pages(printing.pdf(invoices.of(order.pk, actor=None)))).split("\n")

    broken = [text for text in texts if text.startswith("Wonderful")]
    assert len(broken) > 1
    assert sum(text.count("Wonderful") for text in broken) == 10
    assert texts[texts.index(broken[-1]) + 1 :][:2] == [f"({'C' * 50})", "-1.00 EUR"]


def test_a_discount_may_be_named_in_signs_that_the_font_has_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_discount(name="日本")
    make_method(make_zone("GB"), (0, 500))
    order = Order.objects.get(number=ordered("").facts[2][1])

    with caplog.at_level(logging.INFO):
        text = "".join(pages(printing.pdf(invoices.of(order.pk, actor=None))))

    assert "\N{REPLACEMENT CHARACTER}" * 2 in text
    assert not caplog.messages


def test_neither_the_sums_nor_the_taxes_are_torn_apart() -> None:
    invoice = drawn(9)  # with many lines, five discounts and two rates
    kept: dict[str, Any] = invoice.order._prefetched_objects_cache  # type: ignore[attr-defined]
    lines = kept["lines"]

    for count in range(1, 30):
        kept["lines"] = lines[:count]
        found = pages(printing.pdf(invoice))

        (sums,) = [page.partition("Subtotal\n")[2] for page in found if "Subtotal\n" in page]
        assert "\nShipping\n" in sums
        assert "\nTotal\n" in sums.partition("Tax rate\n")[0]
        (taxes,) = [page.partition("Tax rate\n")[2] for page in found if "Tax rate\n" in page]
        assert "\nTotal\n" in taxes
