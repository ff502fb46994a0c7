"""Carts and orders drawn at random, in memory."""

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal

from catalog.models import Category, Product, Variant
from checkout import placement
from checkout.discounts import Candidates
from checkout.lines import line_of
from checkout.models import Discount, DiscountRedemption, Order, OrderLine
from checkout.quotes import Quote, Wishes
from checkout.shipping import Option
from checkout.taxes import Rates
from shop.money import multiple
from tests.checkout.offering import GUEST, address

CURRENCIES = ["EUR", "JPY", "KWD"]
KINDS = ["PERCENT", "PERCENT", "FIXED", "FREE_SHIPPING", "BUY_X_GET_Y"]
PRICES = [0, 1, 3, 99, 999, 1_999, 12_345, 10**9]
GROUPS = ["product:1", "product:2", "category:1", "category:2"]


def draw_variant(draw: random.Random, id: int, step: int) -> Variant:
    shelf = Category(pk=draw.randint(1, 3))
    shelf.path = f"/{shelf.pk}/"
    product = Product(pk=id, name=f"Lamp {id}", category=shelf)
    product.tax_class = draw.choice(["", "reduced"])
    return Variant(
        pk=id,
        product=product,
        sku=f"L-{id}",
        price_minor=draw.choice(PRICES) * step,
        requires_shipping=draw.random() < 0.8,
    )


def draw_discount(draw: random.Random, id: int, step: int) -> Discount:
    return Discount(
        pk=id,
        name=f"Offer {id}",
        kind=draw.choice(KINDS),
        percent=Decimal(draw.choice(["0.5", "10", "33.33", "100"])),
        amount_minor=draw.choice([1, 500, 10**10]) * step,
        buy_quantity=draw.randint(1, 3),
        get_quantity=draw.randint(1, 2),
        groups=draw.sample(GROUPS, draw.choice([0, 0, 1, 2])),
        minimum_minor=draw.choice([0, 0, 1_000]) * step,
        is_combinable=draw.random() < 0.7,
        priority=draw.randint(-1, 1),
    )


def draw_rate(draw: random.Random) -> Decimal:
    return Decimal(draw.choice(["0", "0.07", "0.19", "0.0825", "0.333", "1"]))


def draw_quote(draw: random.Random) -> Quote:
    """A cart with its taxes, its way of sending and the discounts of the day."""
    currency = draw.choice(CURRENCIES)
    step = multiple(currency)
    ids = draw.sample(range(1, 200), draw.choice([1, 2, 5, 20, 100]))
    lines = [
        line_of(at, draw_variant(draw, id, step), draw.choice([1, 2, 3, 7, 999]))
        for at, id in enumerate(ids)
    ]
    beside = Wishes(email=GUEST, shipping_address=address())
    quote = Quote(lines, beside, currency, draw.random() < 0.5)
    quote.rates = Rates({name: draw_rate(draw) for name in ("", "reduced", "shipping")})
    price = draw.choice([0, 490, 99_999]) * step
    quote.options = [Option(1, "Parcel", price, None, None)] if quote.sent else []
    offered = [draw_discount(draw, id, step) for id in range(1, draw.choice([1, 2, 4, 6]))]
    codes = {row.pk: f"CODE{row.pk}" for row in offered if row.pk % 2}
    quote.candidates = Candidates({row.pk: row for row in offered}, codes)
    return quote


def order_of(quote: Quote) -> tuple[Order, Sequence[OrderLine]]:
    """The order that placement makes of it, with its redemptions, and its lines; in memory."""
    order = Order(pk=1, number="ABC", email=GUEST, **placement.copied_sums(quote))
    lines = placement.copied_lines(quote, order)
    order._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "lines": lines,
        "redemptions": list(redeemed(quote)),
    }
    return order, lines


def redeemed(quote: Quote) -> Iterator[DiscountRedemption]:
    for outcome in quote.priced.outcomes:
        if outcome.amount:
            key = outcome.offer.key
            row, code = quote.candidates.rows[key], quote.candidates.code_of.get(key, "")
            yield DiscountRedemption(name=row.name, code=code, amount_minor=outcome.amount)
