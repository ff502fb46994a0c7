"""What a cart costs: parts that add up, in every currency, in whatever order it was filled."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from checkout.pricing import NOT_SENT, Kind, Line, Offer, Priced, Reason, Shipping, price
from shop import money

CARTS = 2_000
CURRENCIES = ("EUR", "JPY", "KWD", "ISK")
RATES = [Decimal(rate) for rate in ("0", "0.07", "0.19", "0.0825", "1")]
GROUPS = ("product:1", "product:2", "category:1", "collection:1")
STANDARD = Decimal("0.19")


def draw_line(draw: random.Random, key: int, step: int) -> Line:
    return Line(
        key=key,
        unit=draw.choice([0, 1, 99, 999, 12_345, 10**9]) * step,
        quantity=draw.choice([1, 2, 3, 7, 999]),
        tax_rate=draw.choice(RATES),
        groups=frozenset(draw.sample(GROUPS, draw.randint(0, 3))),
    )


def draw_offer(draw: random.Random, key: int, step: int) -> Offer:
    return Offer(
        key=key,
        kind=draw.choice([*Kind]),
        percent=Decimal(draw.choice(["0.5", "10", "33.33", "100"])),
        amount=draw.choice([1, 500, 10**10]) * step,
        buy=draw.randint(1, 3),
        get=draw.randint(1, 2),
        groups=frozenset(draw.sample(GROUPS, draw.choice([0, 0, 1, 2]))),
        minimum=draw.choice([0, 0, 1000, 10**12]) * step,
        combinable=draw.random() < 0.7,
        priority=draw.randint(-1, 1),
    )


def draw_cart(seed: int) -> dict[str, Any]:
    draw = random.Random(seed)
    currency = draw.choice(CURRENCIES)
    step = money.multiple(currency)
    count = draw.choice([1, 2, 5, 20])
    return {
        "lines": [draw_line(draw, key, step) for key in draw.sample(range(100), count)],
        "offers": [draw_offer(draw, key, step) for key in range(draw.choice([0, 1, 2, 5]))],
        "shipping": Shipping(draw.choice([0, 490, 99_999]) * step, draw.choice(RATES)),
        "currency": currency,
        "includes_tax": draw.random() < 0.5,
    }


def check(priced: Priced, cart: dict[str, Any]) -> None:
    """What must hold for every cart."""
    totals, step = priced.totals, money.multiple(cart["currency"])
    off = sum(one.discount for one in priced.lines) + totals.shipping_discount
    tax = sum(one.tax for one in priced.lines) + totals.shipping_tax
    goods = sum(one.total for one in priced.lines)
    assert totals.discount == off == sum(one.amount for one in priced.outcomes)
    assert totals.tax == tax
    on_top = 0 if cart["includes_tax"] else tax
    assert totals.total == goods + totals.shipping - totals.shipping_discount + on_top
    assert totals.total == totals.subtotal - totals.discount + totals.shipping + on_top
    for one in priced.lines:
        assert 0 <= one.discount <= one.line.subtotal
        assert 0 <= one.tax <= max(one.total, 0)
        assert one.total % step == one.discount % step == one.tax % step == 0
    assert 0 <= totals.shipping_discount <= totals.shipping
    for outcome in priced.outcomes:
        assert (outcome.amount > 0) == (outcome.reason is None)


def test_parts_add_up_in_whatever_order_a_cart_was_filled() -> None:
    for seed in range(CARTS):
        cart = draw_cart(seed)
        priced = price(**cart)
        try:
            check(priced, cart)
            shuffled = [*cart["lines"]]
            random.Random(seed).shuffle(shuffled)
            again = price(**cart | {"lines": shuffled, "offers": cart["offers"][::-1]})
            assert again.totals == priced.totals
            assert again.outcomes == priced.outcomes
            assert {one.line.key: one for one in again.lines} == {
                one.line.key: one for one in priced.lines
            }
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {cart}") from broken


def euro(*lines: Line, offers: Any = (), shipping: Shipping = NOT_SENT, tax: bool = True) -> Priced:
    return price(lines, offers, shipping, currency="EUR", includes_tax=tax)


def test_tax_is_inside_the_price_or_on_top_of_it() -> None:
    lamp = Line(1, 11_900, 1, STANDARD)

    assert euro(lamp).totals.tax == 1_900
    assert euro(lamp).totals.total == 11_900
    net = euro(replace(lamp, unit=10_000), tax=False).totals
    assert (net.tax, net.total) == (1_900, 11_900)


def test_shipping_is_taxed_after_its_discount() -> None:
    free = Offer(1, Kind.FREE_SHIPPING)
    lamp, way = Line(1, 1_000, 1), Shipping(490, STANDARD)

    assert euro(lamp, shipping=way, tax=False).totals.shipping_tax == 93
    totals = euro(lamp, shipping=way, offers=[free], tax=False).totals
    assert (totals.shipping, totals.shipping_discount, totals.shipping_tax) == (490, 490, 0)
    assert (totals.discount, totals.total) == (490, 1_000)


def test_a_percentage_is_rounded_once_a_line_half_to_even() -> None:
    half = Offer(1, Kind.PERCENT, percent=Decimal(50))

    priced = euro(Line(1, 1, 1), Line(2, 3, 1), offers=[half])

    assert [one.discount for one in priced.lines] == [0, 2]


def test_a_fixed_amount_is_spread_to_the_last_cent_and_never_more_than_there_is() -> None:
    lines = [Line(key, 333, 1) for key in range(3)]
    ten, all_of_it = (Offer(1, Kind.FIXED, amount=amount) for amount in (10, 10_000))

    assert sum(one.discount for one in euro(*lines, offers=[ten]).lines) == 10
    assert euro(*lines, offers=[all_of_it]).totals.total == 0


def test_the_cheapest_units_of_each_group_are_given() -> None:
    three_for_two = Offer(1, Kind.BUY_X_GET_Y, percent=Decimal(100), buy=2, get=1)
    dear, cheap = Line(1, 1_000, 5), Line(2, 200, 2)

    priced = euro(dear, cheap, offers=[three_for_two])

    assert [one.discount for one in priced.lines] == [0, 400]
    assert euro(Line(1, 500, 2), offers=[three_for_two]).outcomes[0].reason == Reason.NOTHING


def test_an_offer_is_for_its_groups_alone_and_says_what_is_missing() -> None:
    offer = Offer(
        1, Kind.PERCENT, percent=Decimal(10), groups=frozenset({"category:3"}), minimum=5_000
    )
    inside = Line(1, 1_000, 3, groups=frozenset({"category:3"}))
    outside = Line(2, 9_000, 1)

    (missing,) = euro(inside, outside, offers=[offer]).outcomes
    assert (missing.reason, missing.missing) == (Reason.MINIMUM, 2_000)
    enough = euro(replace(inside, quantity=5), outside, offers=[offer])
    assert [one.discount for one in enough.lines] == [500, 0]
    assert euro(outside, offers=[offer]).outcomes[0].reason == Reason.NOTHING


@pytest.mark.parametrize("first_alone", [True, False])
def test_the_first_by_priority_decides_who_stands_beside_it(*, first_alone: bool) -> None:
    first = Offer(2, Kind.FIXED, amount=100, combinable=not first_alone, priority=-1)
    second = Offer(1, Kind.FIXED, amount=300)
    alone = Offer(3, Kind.FIXED, amount=500, combinable=False, priority=5)

    outcomes = euro(Line(1, 10_000, 1), offers=[alone, second, first]).outcomes

    assert [one.offer.key for one in outcomes] == [2, 1, 3]
    amounts = [100, 0, 0] if first_alone else [100, 300, 0]
    assert [one.amount for one in outcomes] == amounts
    assert outcomes[2].reason == Reason.NOT_COMBINABLE


def test_an_offer_that_takes_nothing_off_stands_in_nobody_s_way() -> None:
    alone = Offer(1, Kind.FIXED, amount=100, minimum=10**9, combinable=False, priority=-1)
    other = Offer(2, Kind.FIXED, amount=300)

    outcomes = euro(Line(1, 10_000, 1), offers=[alone, other]).outcomes

    assert [one.amount for one in outcomes] == [0, 300]
