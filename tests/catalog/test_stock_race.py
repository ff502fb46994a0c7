"""Many buyers at once: units are promised once, and nobody fails for anything but stock."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from catalog import columns, stock
from catalog.errors import OutOfStock
from catalog.models import Product, Variant
from catalog.stock import StockChange
from shop.errors import ShopError
from tests.catalog.races import at_once
from tests.factories import make_product, make_variant

pytestmark = pytest.mark.transactional


def wrong_units() -> list[str]:
    """Read columns that differ; the factories write no search text."""
    return [line for line in columns.differences() if "search_text" not in line]


def buyer(number: int, quantities: Mapping[int, int]) -> Callable[[], bool]:
    def buy() -> bool:
        try:
            stock.hold(quantities, order_number=f"R{number}")
        except OutOfStock:
            return False
        return True

    return buy


def test_the_last_unit_is_promised_once() -> None:
    lamp = make_variant(stock=1)

    won = at_once(*(buyer(number, {lamp.pk: 1}) for number in range(8)))

    assert won.count(True) == 1
    lamp.refresh_from_db()
    assert lamp.reserved == 1


def test_of_24_buyers_of_5_units_exactly_5_get_one() -> None:
    lamp = make_variant(stock=5)

    won = at_once(*(buyer(number, {lamp.pk: 1}) for number in range(24)))

    assert won.count(True) == 5
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (5, 5)
    assert not wrong_units()


def test_orders_that_cross_do_not_deadlock() -> None:
    products = [make_product(), make_product()]
    first, second = (make_variant(stock=30, product=product) for product in products)
    third, fourth = (make_variant(stock=30, product=product) for product in reversed(products))

    def trade(number: int) -> Callable[[], None]:
        wanted = [{first.pk: 2, second.pk: 2}, {second.pk: 2, first.pk: 2}]
        wanted += [{third.pk: 2, fourth.pk: 2}, {fourth.pk: 2, third.pk: 2}]
        quantities = wanted[number % 4]

        def act() -> None:
            for round_ in range(3):
                order_number = f"R{number}-{round_}"
                stock.hold(quantities, order_number=order_number)
                stock.sell(lambda: quantities, order_number=order_number)
                stock.take_back(quantities, order_number=order_number, actor=None)

        return act

    at_once(*(trade(number) for number in range(8)))

    assert list(Variant.objects.values_list("stock", "reserved")) == [(30, 0)] * 4
    assert list(Product.objects.values_list("sales_count", flat=True)) == [0, 0]
    assert not wrong_units()


def test_a_product_whose_variants_go_at_once_is_out_of_stock() -> None:
    product = make_product()
    rows = [make_variant(stock=1, product=product) for _ in range(6)]

    at_once(*(buyer(number, {row.pk: 1}) for number, row in enumerate(rows)))

    product.refresh_from_db()
    assert not product.in_stock


def test_two_who_counted_the_same_shelf_do_not_count_twice() -> None:
    lamp = make_variant(stock=5)

    def count() -> str:
        try:
            stock.adjust([StockChange(lamp.pk, 3, expected=5)], actor=None)
        except ShopError as refusal:
            return ",".join(each.code for each in refusal.each())
        return "done"

    answers: list[Any] = at_once(*[count] * 6)

    assert sorted(answers) == ["CONFLICT"] * 5 + ["done"]
    lamp.refresh_from_db()
    assert lamp.stock == 8
