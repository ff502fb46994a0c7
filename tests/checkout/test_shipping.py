"""How a cart can be sent, for how much, and what stands in the way."""

import pytest
from django.db import IntegrityError, transaction

from checkout import carts, placement, shipping
from checkout.models import Order, ShippingMethod
from checkout.placement import Terms
from checkout.quotes import Wish
from tests.checkout.buying import TRANSFER
from tests.checkout.carting import guest_cart, refused
from tests.checkout.offering import GUEST, address, make_method, make_zone, problems, quoted
from tests.factories import make_variant

SUBTOTAL, WEIGHT = ShippingMethod.Basis.SUBTOTAL, ShippingMethod.Basis.WEIGHT


def offered(country: str, *, subtotal: int = 1000, weight: int = 0) -> dict[str, int]:
    """Names and prices of the ways to send so much there."""
    found = shipping.options(country, subtotal=subtotal, weight=weight)
    return {option.name: option.price for option in found}


# Where to.


def test_a_country_is_sent_to_as_its_zone_says() -> None:
    make_method(make_zone("DE", "AT"), (0, 490), name="Near")
    make_method(make_zone("CH"), (0, 1990), name="Far")

    assert offered("DE") == offered("AT") == {"Near": 490}
    assert offered("CH") == {"Far": 1990}
    assert offered("FR") == {}


def test_all_other_countries_are_the_rest() -> None:
    make_method(make_zone("DE"), (0, 490), name="Near")
    make_method(make_zone(), (0, 2990), name="World")

    assert offered("DE") == {"Near": 490}
    assert offered("FR") == {"World": 2990}


def test_a_country_is_in_one_zone_and_one_zone_is_the_rest() -> None:
    make_zone("DE")
    make_zone()

    for again in (["DE"], []):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_zone(*again)


def test_a_method_that_is_switched_off_is_not_offered() -> None:
    zone = make_zone("DE")
    make_method(zone, name="Parcel")
    make_method(zone, name="Pigeon", is_active=False)

    assert offered("DE") == {"Parcel": 490}


def test_the_ways_come_in_the_merchant_s_order_with_their_days() -> None:
    zone = make_zone("DE")
    make_method(zone, (0, 100), name="Second", position=2)
    make_method(zone, (0, 900), name="First", position=1, min_days=1, max_days=2)

    first, second = shipping.options("DE", subtotal=0, weight=0)

    assert (first.name, first.min_days, first.max_days) == ("First", 1, 2)
    assert (second.name, second.min_days, second.max_days) == ("Second", None, None)


# For how much.


@pytest.mark.parametrize(
    ("size", "price"), [(0, 900), (4999, 900), (5000, 490), (9999, 490), (10_000, 0)]
)
@pytest.mark.parametrize("basis", [SUBTOTAL, WEIGHT])
def test_the_last_rate_that_is_reached_is_taken(basis: str, size: int, price: int) -> None:
    make_method(make_zone("DE"), (10_000, 0), (0, 900), (5000, 490), basis=basis)
    other = 7_000  # of what the rates do not go by

    by_subtotal = {"subtotal": size, "weight": other}
    by_weight = {"subtotal": other, "weight": size}
    assert offered("DE", **by_subtotal if basis == SUBTOTAL else by_weight) == {"Parcel": price}


def test_a_method_whose_rates_begin_above_the_cart_is_not_offered() -> None:
    method = make_method(make_zone("DE"))
    method.rates.update(starts_at=5000)

    assert offered("DE", subtotal=4999) == {}
    assert offered("DE", subtotal=5000) == {"Parcel": 490}


@pytest.mark.parametrize("basis", [SUBTOTAL, WEIGHT])
def test_from_an_amount_on_it_is_free_whatever_it_weighs(basis: str) -> None:
    make_method(make_zone("DE"), basis=basis, free_above_minor=5000)

    assert offered("DE", subtotal=4999, weight=9000) == {"Parcel": 490}
    assert offered("DE", subtotal=5000, weight=9000) == {"Parcel": 0}


@pytest.mark.parametrize(
    ("rates", "code"),
    [
        ([], "REQUIRED"),
        ([(1, 490)], "INVALID"),
        ([(0, 490), (5000, 300), (5000, 200)], "INVALID"),
        ([(0, -1)], "OUT_OF_RANGE"),
        ([(-1, 5), (0, 5)], "OUT_OF_RANGE"),
    ],
    ids=["none", "gap", "twice", "negative price", "negative start"],
)
def test_a_table_that_leaves_a_doubt_is_refused_and_the_old_one_stays(
    rates: list[tuple[int, int]], code: str
) -> None:
    method = make_method(make_zone("DE"), (0, 490), (5000, 0))

    assert refused(shipping.save_rates, method, rates) == (code, ("rates",))

    kept = method.rates.order_by("starts_at").values_list("starts_at", "price_minor")
    assert [*kept] == [(0, 490), (5000, 0)]


# For a cart.


def test_without_a_zone_nobody_is_asked_and_nothing_is_charged() -> None:
    quote = quoted({make_variant(price=1000): 1})

    assert (quote.problems, quote.options, quote.option) == ([], [], None)
    assert (quote.totals.shipping, quote.totals.total) == (0, 1000)


def test_with_a_zone_it_has_to_be_said_where_to() -> None:
    make_method(make_zone("GB"))

    quote = quoted({make_variant(): 1})

    assert problems(quote) == [("ADDRESS_REQUIRED", ("shipping_address",))]
    assert [one.mutation for one in quote.problems] == ["cartUpdate"]


def test_the_cheapest_way_is_taken_until_one_is_chosen() -> None:
    zone, lamp = make_zone("GB"), make_variant(price=1000)
    express = make_method(zone, (0, 990), name="Express")
    make_method(zone, (0, 490), name="Parcel", position=1)

    cheapest = quoted({lamp: 1}, shipping_address=address())
    chosen = quoted({lamp: 1}, shipping_address=address(), method_id=express.pk)

    assert (cheapest.totals.shipping, cheapest.totals.total) == (490, 1490)
    assert (chosen.totals.shipping, chosen.totals.total) == (990, 1990)


def test_an_address_out_of_reach_says_so() -> None:
    make_method(make_zone("DE"))

    quote = quoted({make_variant(): 1}, shipping_address=address("GB"))

    assert problems(quote) == [("SHIPPING_UNAVAILABLE", ("shipping_address",))]
    assert "Nothing is sent" in str(quote.problems[0].refusal)


def test_a_billing_address_does_not_say_where_to_send_it() -> None:
    make_method(make_zone("GB"))

    quote = quoted({make_variant(): 1}, billing_address=address("GB"))

    assert problems(quote) == [("ADDRESS_REQUIRED", ("shipping_address",))]


def test_a_way_that_is_of_another_zone_is_not_taken_for_the_cart() -> None:
    make_method(make_zone("GB"))
    elsewhere = make_method(make_zone("DE"))

    quote = quoted({make_variant(): 1}, shipping_address=address(), method_id=elsewhere.pk)

    assert problems(quote) == [("SHIPPING_UNAVAILABLE", ("shipping_option_id",))]
    assert quote.totals.shipping == 0


def test_what_needs_no_parcel_is_sent_to_nowhere_for_nothing() -> None:
    make_method(make_zone("GB"))
    ticket = make_variant(price=1000, requires_shipping=False)

    for beside in ({}, {"shipping_address": address()}, {"shipping_address": address("FR")}):
        quote = quoted({ticket: 2}, **beside)
        assert (quote.problems, quote.options, quote.totals.shipping) == ([], [], 0)


def test_only_what_is_in_the_parcel_weighs() -> None:
    make_method(make_zone("GB"), (0, 100), (1000, 900), basis=WEIGHT)
    lamp, unweighed = make_variant(weight_g=333), make_variant(weight_g=None)
    stone = make_variant(weight_g=50_000, requires_shipping=False)

    light = quoted({lamp: 3, unweighed: 5, stone: 1}, shipping_address=address())
    heavy = quoted({lamp: 4, unweighed: 5, stone: 1}, shipping_address=address())

    assert (light.totals.shipping, heavy.totals.shipping) == (100, 900)


def test_a_chosen_way_that_was_switched_off_is_told_and_not_replaced() -> None:
    zone = make_zone("GB")
    express = make_method(zone, (0, 990), name="Express")
    make_method(zone)
    cart, token = guest_cart(
        Wish(make_variant().pk, 1),
        email=GUEST, shipping_address=address(), shipping_option_id=express.pk,
    )  # fmt: skip
    assert not carts.quote(cart).problems

    ShippingMethod.objects.filter(pk=express.pk).update(is_active=False)

    there = ("SHIPPING_UNAVAILABLE", ("shipping_option_id",))
    assert problems(carts.quote(cart)) == [there]
    assert refused(placement.place_cart, token, Terms(TRANSFER, None)) == (
        "SHIPPING_UNAVAILABLE", ("cart_token",),
    )  # fmt: skip
    assert refused(carts.update, token, {"shipping_option_id": express.pk}, user=None) == there
    cured = carts.update(token, {"shipping_option_id": None}, user=None)
    assert carts.quote(cured).totals.shipping == 490


def test_a_chosen_way_that_was_deleted_leaves_the_cheapest() -> None:
    zone = make_zone("GB")
    express = make_method(zone, (0, 990), name="Express")
    make_method(zone)
    cart, _ = guest_cart(
        Wish(make_variant().pk, 1), shipping_address=address(), shipping_option_id=express.pk
    )
    assert carts.quote(cart).totals.shipping == 990

    express.delete()

    cart.refresh_from_db()
    assert carts.quote(cart).totals.shipping == 490


@pytest.mark.parametrize("id", [0, 2**31 - 1])
def test_a_way_that_never_was_is_refused(id: int) -> None:
    _, token = guest_cart()

    assert refused(carts.update, token, {"shipping_option_id": id}, user=None) == (
        "SHIPPING_UNAVAILABLE", ("shipping_option_id",),
    )  # fmt: skip


# For an order.


def test_an_order_keeps_how_it_is_sent_whatever_the_merchant_does_then() -> None:
    method = make_method(make_zone("GB"), name="Express")
    fields = {"email": GUEST, "shipping_address": address()}

    order = placement.place_wishes(
        [Wish(make_variant(price=1000).pk, 1)], fields, Terms(TRANSFER, None)
    )
    method.rates.update(price_minor=9999)
    method.zone.delete()

    order = Order.objects.get(pk=order.pk)
    assert (order.shipping_name, order.shipping_minor, order.total_minor) == ("Express", 490, 1490)


def test_an_order_out_of_reach_leaves_no_trace() -> None:
    make_method(make_zone("DE"))
    wishes = [Wish(make_variant().pk, 1)]

    for fields, code in (
        ({"email": GUEST, "shipping_address": address("GB")}, "SHIPPING_UNAVAILABLE"),
        ({"email": GUEST}, "ADDRESS_REQUIRED"),
    ):
        found = refused(placement.place_wishes, wishes, fields, Terms(TRANSFER, None))
        assert found == (code, ("cart", "shipping_address"))
