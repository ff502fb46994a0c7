"""Which tax is on what, where, and that an order keeps it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from checkout import placement, taxes
from checkout.models import Order, OrderLine, TaxRate
from checkout.placement import Terms
from checkout.quotes import Wish
from tests.checkout.buying import TRANSFER
from tests.checkout.offering import GUEST, address, make_method, make_tax, make_zone, quoted
from tests.factories import make_product, make_variant

NINETEEN, SEVEN = Decimal("0.19"), Decimal("0.07")


def rate(country: str, tax_class: str = "", region: str = "") -> Decimal:
    return taxes.rates_for(address(country, region)).of(tax_class)


def book(price: int) -> Any:
    """A variant of the reduced class."""
    return make_variant(price=price, product=make_product(tax_class="Reduced"))


# Which rate.


def test_a_class_has_its_own_rate_or_the_standard_one() -> None:
    make_tax("DE", "0.19")
    make_tax("DE", "0.07", tax_class="reduced")

    assert rate("DE", "reduced") == rate("DE", "REDUCED") == SEVEN
    assert rate("DE") == rate("DE", "no such class") == NINETEEN


def test_where_there_is_no_rate_there_is_no_tax() -> None:
    make_tax("DE", "0.19")

    assert rate("FR") == 0
    make_tax("FR", "0.055", tax_class="reduced")
    assert rate("FR") == 0
    assert rate("FR", "reduced") == Decimal("0.055")


@pytest.mark.parametrize("written", ["CA", "ca", " Ca "])
def test_a_region_s_rate_comes_before_its_country_s(written: str) -> None:
    make_tax("US", "0.05")
    make_tax("US", "0.0725", region="CA")
    make_tax("US", "0.06", region="NV")

    assert rate("US", region=written) == Decimal("0.0725")
    assert rate("US", region="TX") == rate("US") == Decimal("0.05")


def test_a_region_of_the_same_name_elsewhere_does_not_count() -> None:
    make_tax("US", "0.0725", region="CA")

    assert rate("IT", region="CA") == 0


def test_a_region_changes_only_the_classes_that_it_names() -> None:
    make_tax("US", "0.05")
    make_tax("US", "0.02", tax_class="food")
    make_tax("US", "0", tax_class="food", region="CA")

    assert rate("US", "food", "CA") == 0
    assert rate("US", "", "CA") == Decimal("0.05")
    assert rate("US", "food", "NV") == Decimal("0.02")


def test_before_an_address_is_known_the_shop_s_own_country_counts(settings: Settings) -> None:
    settings.SHOP_COUNTRY = "DE"
    make_tax("DE", "0.19")
    make_tax("DE", "0.5", region="Bayern")

    assert taxes.rates_for(None).of("") == NINETEEN
    settings.SHOP_COUNTRY = ""
    assert taxes.rates_for(None).of("") == 0


@pytest.mark.parametrize("rate", ["-0.01", "1.01"])
def test_a_rate_is_between_nothing_and_all(rate: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_tax("DE", rate)


def test_a_place_has_one_rate_for_a_class() -> None:
    make_tax("DE", "0.19", region="Bayern", tax_class="food")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_tax("DE", "0.07", region="Bayern", tax_class="food")


# What it comes to.


def test_tax_is_inside_gross_prices_and_on_top_of_net_ones(settings: Settings) -> None:
    make_tax("GB", "0.19")
    lamp, book_ = make_variant(price=11_900), book(10_700)
    make_tax("GB", "0.07", tax_class="reduced")

    gross = quoted({lamp: 1, book_: 2}, shipping_address=address()).totals
    settings.PRICES_INCLUDE_TAX = False
    net = quoted({lamp: 1, book_: 2}, shipping_address=address()).totals

    assert (gross.tax, gross.total) == (1900 + 1400, 33_300)
    assert (net.tax, net.total) == (2261 + 1498, 33_300 + 3759)


def test_where_nothing_is_sent_to_the_billing_address_counts() -> None:
    make_tax("GB", "0.2")
    make_tax("DE", "0.19")
    lamp = make_variant(price=1000)

    billed = quoted({lamp: 1}, billing_address=address("GB"))
    sent = quoted({lamp: 1}, billing_address=address("GB"), shipping_address=address("DE"))

    assert (billed.totals.tax, sent.totals.tax) == (167, 160)


def test_shipping_has_its_own_class_or_the_standard_rate(settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = False
    make_tax("GB", "0.19")
    make_method(make_zone("GB"), (0, 500))
    lamp = make_variant(price=1000)

    assert quoted({lamp: 1}, shipping_address=address()).totals.shipping_tax == 95
    make_tax("GB", "0.05", tax_class="shipping")
    totals = quoted({lamp: 1}, shipping_address=address()).totals
    assert (totals.shipping_tax, totals.tax, totals.total) == (25, 190 + 25, 1000 + 500 + 215)


# What an order keeps.


@pytest.mark.parametrize("includes", [True, False])
def test_an_order_keeps_its_taxes_whatever_the_rates_become(
    *, includes: bool, settings: Settings
) -> None:
    settings.PRICES_INCLUDE_TAX = includes
    make_tax("GB", "0.19")
    make_tax("GB", "0.07", tax_class="reduced")
    make_method(make_zone("GB"), (0, 500))
    wishes = [Wish(make_variant(price=1190).pk, 2), Wish(book(1070).pk, 1)]
    fields = {"email": GUEST, "shipping_address": address()}

    order = placement.place_wishes(wishes, fields, Terms(TRANSFER, None))
    TaxRate.objects.update(rate=1)
    settings.PRICES_INCLUDE_TAX = not includes

    lines = OrderLine.objects.values_list("tax_rate", "tax_minor", "total_minor")
    taxed = [380, 70, 80] if includes else [452, 75, 95]
    assert [*lines] == [(NINETEEN, taxed[0], 2380), (SEVEN, taxed[1], 1070)]
    order = Order.objects.get(pk=order.pk)
    assert (order.shipping_tax_minor, order.tax_minor) == (taxed[2], sum(taxed))
    assert order.prices_include_tax is includes
    assert order.total_minor == 2380 + 1070 + 500 + (0 if includes else sum(taxed))
