"""The prices that are there keep their currency."""

from typing import Any

from catalog.currency import catalogue_currency
from tests.factories import make_product


def test_another_currency_than_the_prices_is_refused(settings: Any) -> None:
    make_product()
    assert catalogue_currency() == []

    settings.SHOP_CURRENCY = "JPY"

    assert [error.id for error in catalogue_currency()] == ["catalog.E001"]
