"""Where the tax depends on the place, somebody has to say where they are."""

import pytest
from pytest_django import Settings

from tests.checkout.offering import address, make_method, make_tax, make_zone, problems, quoted
from tests.factories import make_variant

WHERE = ("ADDRESS_REQUIRED", ("billing_address",))


@pytest.mark.parametrize("country", ["", "GB"])
def test_leaving_the_address_out_avoids_no_tax(settings: Settings, country: str) -> None:
    settings.SHOP_COUNTRY, settings.PRICES_INCLUDE_TAX = country, False
    goods = {make_variant(price=1000, requires_shipping=False): 1}
    assert problems(quoted(goods)) == []
    make_tax("GB", "0.2")

    assert problems(quoted(goods)) == ([] if country else [WHERE])
    assert quoted(goods).totals.tax == (200 if country else 0)
    assert problems(quoted(goods, billing_address=address("FR"))) == []


def test_where_its_own_ways_are_switched_off_nothing_is_sent_as_to_the_rest() -> None:
    make_method(make_zone(), name="World")
    own = make_method(make_zone("CH"), name="Post")
    goods = {make_variant(): 1}
    assert [one.name for one in quoted(goods, shipping_address=address("CH")).options] == ["Post"]

    type(own).objects.filter(pk=own.pk).update(is_active=False)

    quote = quoted(goods, shipping_address=address("CH"))
    assert problems(quote) == [("SHIPPING_UNAVAILABLE", ("shipping_address",))]
