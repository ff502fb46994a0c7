"""Whatever is in a cart: what Stripe is asked for is the order's total, to the minor unit.

CARTS says how many are drawn, CART_SEED with which number they begin:
`CARTS=1 CART_SEED=17 pytest tests/checkout/test_totals_at_stripe.py` draws one again.
"""

import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from catalog.models import Product
from checkout import placement, session_form
from checkout.models import Order, OrderLine
from checkout.models.orders import PaymentMethod
from checkout.placement import Terms
from checkout.quotes import Wish
from checkout.sandbox import Sandbox
from tests.checkout.drawing import CURRENCIES, draw_quote, order_of
from tests.checkout.offering import GUEST, address, make_discount, make_method, make_tax, make_zone
from tests.checkout.paying import deliver, opened, states
from tests.factories import make_product, make_variant

CARTS = int(os.environ.get("CARTS", "1000"))
FIRST = int(os.environ.get("CART_SEED", "1"))
UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked_of(order: Order) -> tuple[list[tuple[int, int]], list[int]]:
    """Amount and units of each item that Stripe is asked for, and the amount for sending."""
    face = {"ui_mode": "hosted_page", "success_url": "https://shop.example.com/"}
    asked = session_form.parameters(order, face, attempt=1, expires_at=UNTIL)
    items = [(one["price_data"]["unit_amount"], one["quantity"]) for one in asked["line_items"]]
    rates = [one["shipping_rate_data"] for one in asked.get("shipping_options", [])]
    return items, [rate["fixed_amount"]["amount"] for rate in rates]


def check(order: Order, lines: Sequence[OrderLine]) -> None:
    """The amounts asked for are whole steps, none negative, and add up to the total."""
    items, sending = asked_of(order)

    assert sum(amount * units for amount, units in items) + sum(sending) == order.total_minor
    amounts = [amount for amount, _ in items] + sending
    assert all(amount >= 0 and amount % order.step == 0 for amount in amounts)
    assert all(units >= 1 for _, units in items)
    assert len(items) <= 100
    assert len(sending) <= 1
    off, tax = (
        sum(getattr(line, name) for line in lines) for name in ("discount_minor", "tax_minor")
    )
    assert order.discount_minor == off + order.shipping_discount_minor
    assert order.tax_minor == tax + order.shipping_tax_minor


@pytest.mark.parametrize("part", range(4))
def test_the_items_and_the_shipping_add_up_to_the_total(part: int) -> None:
    for seed in range(FIRST + part, FIRST + CARTS, 4):
        order, lines = order_of(draw_quote(random.Random(seed)))
        try:
            check(order, lines)
        except AssertionError as broken:
            sums = {name: value for name, value in vars(order).items() if "_minor" in name}
            raise AssertionError(f"seed {seed}: {order.currency} {sums}") from broken


# Through the database and the sandbox.


def open_shop(draw: random.Random) -> None:
    step = 10  # of every currency's own steps
    make_tax("GB", draw.choice(["0.07", "0.19", "0.0825"]))
    make_tax("GB", "0.055", tax_class="reduced")
    make_tax("GB", "0.333", tax_class="shipping")
    make_method(make_zone("GB"), (0, 99 * step), (5_000 * step, 49 * step))
    make_discount(percent=Decimal("33.33"))
    make_discount("FIXED", kind="FIXED", amount_minor=77 * step, priority=-1)
    make_discount("FREE", kind="FREE_SHIPPING", priority=2)


def draw_order(draw: random.Random) -> Order:
    prices = draw.sample([10, 990, 1_990, 12_340, 77_770], draw.randint(2, 4))
    wishes = [
        Wish(make_variant(price=price, product=a_product(draw)).pk, draw.randint(1, 9))
        for price in prices
    ]
    fields: dict[str, Any] = {"email": GUEST, "shipping_address": address()}
    fields["discount_codes"] = draw.sample(["FIXED", "FREE"], draw.randint(0, 2))
    return placement.place_wishes(wishes, fields, Terms(PaymentMethod.STRIPE, None))


def a_product(draw: random.Random) -> Product:
    return make_product(tax_class=draw.choice(["", "reduced"]))


@pytest.mark.parametrize("net", [True, False], ids=["net", "gross"])
@pytest.mark.parametrize("currency", CURRENCIES)
def test_stripe_itself_comes_to_the_same_total(
    currency: str, *, net: bool, stripe: Sandbox, settings: Settings
) -> None:
    settings.SHOP_CURRENCY, settings.PRICES_INCLUDE_TAX = currency, not net
    draw = random.Random(currency)
    open_shop(draw)

    for _ in range(4):
        order = draw_order(draw)
        check(order, [*order.lines.all()])
        session = opened(order)
        stripe.pay(session.id)
        deliver(stripe)

        assert (session.amount, session.currency) == (order.total_minor, order.currency)
        assert states(order)[:2] == ("CONFIRMED", "PAID")
