"""The whole way of the money in currencies with no, two and three decimals.

Stripe counts in minor units: https://docs.stripe.com/currencies#zero-decimal. Three-decimal
amounts must end in 0: https://docs.stripe.com/currencies#three-decimal.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from checkout import refunds
from checkout.models import Order, OrderLine
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.shares import Units
from tests.checkout import paying
from tests.checkout.buying import place
from tests.checkout.paying import STRIPE, attempts, deliver, opened, states
from tests.factories import make_staff, make_variant

stripe = paying.stripe


@dataclass(frozen=True)
class Goods:
    """A line in minor units: price of one, units, discount, and the tax on top."""

    unit: int
    units: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        return self.unit * self.units - self.discount


@dataclass(frozen=True)
class Bill:
    """An order with net prices, and what Stripe must be told of it, all in minor units."""

    currency: str
    lamps: Goods
    bulbs: Goods
    shipping: tuple[int, int, int]  # price, its discount, its tax
    items: list[tuple[int, int]]  # amount and units of each line item, the tax as the last one
    sending: int
    total: int
    first_lamp: int  # what one lamp of the first line gets back


BILLS = [
    # 5440 yen for three lamps do not divide; the bulbs do.
    Bill(
        "JPY", Goods(1980, 3, 500, 544), Goods(330, 2, 0, 66), (800, 200, 60),
        [(5440, 1), (330, 2), (670, 1)], 600, 7370, first_lamp=1995,
    ),
    # 2.900 dinars for four bulbs divide into 0.725, which is no amount that Stripe takes.
    Bill(
        "KWD", Goods(12500, 3, 1000, 1820), Goods(750, 4, 100, 150), (2000, 0, 100),
        [(36500, 1), (2900, 1), (2070, 1)], 2000, 43470, first_lamp=12770,
    ),
    Bill(
        "USD", Goods(1999, 3, 1000, 443), Goods(250, 2, 0, 44), (990, 495, 0),
        [(4997, 1), (250, 2), (487, 1)], 495, 6479, first_lamp=1813,
    ),
]  # fmt: skip
each_currency = pytest.mark.parametrize("bill", BILLS, ids=lambda bill: bill.currency)


def billed(bill: Bill) -> Order:
    """An order as discounts, shipping and net tax will make it."""
    goods = (bill.lamps, bill.bulbs)
    order = place(
        {make_variant(stock=10, price=one.unit): one.units for one in goods}, method=STRIPE
    )
    price, less, tax = bill.shipping
    for line, one in zip(order.lines.all(), goods, strict=True):
        OrderLine.objects.filter(pk=line.pk).update(
            discount_minor=one.discount, tax_minor=one.tax, total_minor=one.total
        )
    Order.objects.filter(pk=order.pk).update(
        prices_include_tax=False,
        discount_minor=sum(one.discount for one in goods) + less,
        shipping_minor=price,
        shipping_discount_minor=less,
        shipping_tax_minor=tax,
        tax_minor=sum(one.tax for one in goods) + tax,
        total_minor=bill.total,
    )
    order.refresh_from_db()
    return order


def sent(stripe: Sandbox, path: str) -> list[dict[str, Any]]:
    """The parameters of all that was asked there, the first first."""
    posts = [one for one in stripe.requests if one.method == "POST"]
    return [one.params for one in posts if one.path == path]


def told(stripe: Sandbox) -> dict[str, Any]:
    (params,) = sent(stripe, "/v1/checkout/sessions")
    return params


@each_currency
def test_stripe_is_asked_for_these_very_integers(
    bill: Bill, stripe: Sandbox, settings: Any
) -> None:
    settings.SHOP_CURRENCY = bill.currency

    session = opened(billed(bill))

    prices = [(one["price_data"], int(one["quantity"])) for one in told(stripe)["line_items"]]
    assert [(int(price["unit_amount"]), units) for price, units in prices] == bill.items
    assert {price["currency"] for price, _ in prices} == {bill.currency.lower()}
    (option,) = told(stripe)["shipping_options"]
    rate = option["shipping_rate_data"]["fixed_amount"]
    assert rate == {"amount": str(bill.sending), "currency": bill.currency.lower()}
    assert (session.amount, session.currency) == (bill.total, bill.currency)


@each_currency
def test_it_is_paid_and_given_back_to_the_last_unit(
    bill: Bill, stripe: Sandbox, settings: Any
) -> None:
    settings.SHOP_CURRENCY = bill.currency
    order, clerk = billed(bill), make_staff("checkout.refund_order")
    paid = stripe.pay(opened(order).id)
    deliver(stripe)
    assert states(order) == ("CONFIRMED", "PAID", "SOLD")
    assert attempts(order) == ["PAID"]

    lamps = order.lines.all()[0].pk
    refunds.refund(order.pk, Wish(lines=[Units(lamps, 1)]), actor=clerk)
    after_one = states(order)[1], order.refunded_minor
    refunds.refund(order.pk, Wish(), actor=clerk)

    assert after_one == ("PARTIALLY_REFUNDED", bill.first_lamp)
    assert (states(order)[1], order.refunded_minor) == ("REFUNDED", bill.total)
    asked = [int(one["amount"]) for one in sent(stripe, "/v1/refunds")]
    assert asked == [bill.first_lamp, bill.total - bill.first_lamp]
    charges = stripe.books.all("charge")
    assert [(one["amount"], one["amount_refunded"]) for one in charges] == [(bill.total,) * 2]
    assert (paid["amount_total"], paid["currency"]) == (bill.total, bill.currency.lower())


@each_currency
def test_lamp_by_lamp_the_whole_line_comes_back(bill: Bill, stripe: Sandbox, settings: Any) -> None:
    settings.SHOP_CURRENCY = bill.currency
    order, clerk = billed(bill), make_staff("checkout.refund_order")
    stripe.pay(opened(order).id)
    deliver(stripe)

    for _ in range(bill.lamps.units):
        lamps = order.lines.all()[0].pk
        refunds.refund(order.pk, Wish(lines=[Units(lamps, 1)]), actor=clerk)

    asked = [int(one["amount"]) for one in sent(stripe, "/v1/refunds")]
    assert sum(asked) == bill.lamps.total + bill.lamps.tax
    assert max(asked) - min(asked) <= order.step
    assert {one % order.step for one in asked} == {0}
