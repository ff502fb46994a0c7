"""What Stripe is asked for, and where buyers may be sent afterwards."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from checkout import session_form
from checkout.models import Order, OrderLine
from checkout.session_form import Face, Ui
from shop.errors import Refused
from tests.checkout.buying import place
from tests.factories import make_variant

SHOP = "https://shop.example.com"
UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_home(settings: Settings) -> None:
    settings.STOREFRONT_URL = SHOP
    settings.RETURN_ORIGINS = ["https://app.example.com:8443", "http://[::1]:3000"]
    settings.DEBUG = False


def items(order: Order) -> list[tuple[str, int, int]]:
    """Name, amount of a unit in minor units and units of each item asked for."""
    return [
        (
            one["price_data"]["product_data"]["name"],
            one["price_data"]["unit_amount"],
            one["quantity"],
        )
        for one in session_form.line_items(order)
    ]


def asked(order: Order, **face: Any) -> dict[str, Any]:
    chosen = Face(**face).parameters(order)
    return session_form.parameters(order, chosen, attempt=3, expires_at=UNTIL)


# Where to.


@pytest.mark.parametrize(
    "url",
    [
        SHOP, f"{SHOP}/", f"{SHOP}/thanks?a=b#c", "https://shop.example.com:443/x",
        "HTTPS://SHOP.EXAMPLE.COM/x", "https://app.example.com:8443/x", "http://[::1]:3000/x",
    ],
)  # fmt: skip
def test_the_shop_s_own_origins_are_allowed(url: str) -> None:
    assert session_form.allowed(url, "success_url") == url


@pytest.mark.parametrize(
    "url",
    [
        "", "/thanks", "//shop.example.com/x", "https:shop.example.com", "https:///x", "https://",
        "https://evil.example.com/", "https://shop.example.com.evil.com/",
        "https://evilshop.example.com/", "http://shop.example.com/", "https://shop.example.com:444/",
        "https://shop.example.com@evil.com/", "https://evil.com@shop.example.com/",
        "https://evil.com\\@shop.example.com/", "https://evil.com\\.shop.example.com/",
        "https://shop.example.com\\@evil.com/", " https://shop.example.com/",
        "https://shop.example.com/\r\nLocation: https://evil.com", "https://shop.example.com/\t",
        "javascript:alert(1)//shop.example.com", "data:text/html,x", "ftp://shop.example.com/",
        "https://shop.example.com:port/", "https://shop.example.com:99999/", "https://[::1/",
        "https://shop.example.com\u3002evil.com/", "https://ſhop.example.com/",
        "https://app.example.com/", "https://app.example.com:443/", "http://localhost:3000/",
        "https://shop.example.com/\x00", "https://shop.example.com/<script>",
    ],
)  # fmt: skip
def test_nobody_is_sent_anywhere_else(url: str) -> None:
    with pytest.raises(Refused) as caught:
        session_form.allowed(url, "cancel_url")

    assert (caught.value.code, caught.value.path) == ("INVALID", ("cancel_url",))


def test_an_address_has_a_longest_length() -> None:
    longest = SHOP + "/" + "x" * (session_form.LONGEST_URL - len(SHOP) - 1)

    assert session_form.allowed(longest, "success_url") == longest
    with pytest.raises(Refused) as caught:
        session_form.allowed(longest + "x", "success_url")
    assert caught.value.code == "TOO_LONG"


def test_nothing_listed_allows_nothing(settings: Settings) -> None:
    settings.STOREFRONT_URL, settings.RETURN_ORIGINS = "", []

    for url in ("", SHOP, "http://localhost:3000/"):
        with pytest.raises(Refused):
            session_form.allowed(url, "success_url")


def test_in_development_the_developer_s_own_machine_is_allowed(settings: Settings) -> None:
    settings.DEBUG = True

    for url in ("http://localhost:3000/x", "http://127.0.0.1:5173/x"):
        assert session_form.allowed(url, "success_url") == url
    with pytest.raises(Refused):
        session_form.allowed("http://localhost.evil.com:3000/x", "success_url")


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        (f"{SHOP}/x", f"{SHOP}/x?session_id={{CHECKOUT_SESSION_ID}}"),
        (f"{SHOP}/x?a=1", f"{SHOP}/x?a=1&session_id={{CHECKOUT_SESSION_ID}}"),
        (f"{SHOP}/x?a=&a=%26#top", f"{SHOP}/x?a=&a=%26&session_id={{CHECKOUT_SESSION_ID}}#top"),
        (f"{SHOP}/x?session_id=old&a=1", f"{SHOP}/x?a=1&session_id={{CHECKOUT_SESSION_ID}}"),
    ],
)
def test_the_page_after_paying_is_told_the_session(url: str, whole: str) -> None:
    assert session_form.with_session_id(url) == whole


def test_without_a_wish_the_buyer_comes_back_to_the_order() -> None:
    order = place({make_variant(): 1})
    own = f"{SHOP}/orders/{order.number}"

    assert Face().parameters(order) == {
        "ui_mode": "hosted_page",
        "success_url": f"{own}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": own,
    }
    for ui in (Ui.EMBEDDED, Ui.ELEMENTS):
        assert Face(ui).parameters(order) == {
            "ui_mode": ui.value,
            "return_url": f"{own}?session_id={{CHECKOUT_SESSION_ID}}",
        }


def test_without_a_storefront_the_buyer_s_way_has_to_be_said(settings: Settings) -> None:
    settings.STOREFRONT_URL = ""
    order = place({make_variant(): 1})

    with pytest.raises(Refused) as caught:
        Face().parameters(order)

    assert (caught.value.code, caught.value.path) == ("REQUIRED", ("success_url",))
    face = Face(success_url="https://app.example.com:8443/thanks").parameters(order)
    assert "cancel_url" not in face


@pytest.mark.parametrize("name", ["success_url", "cancel_url"])
@pytest.mark.parametrize("ui", list(Ui))
def test_no_face_sends_the_buyer_to_a_stranger(ui: Ui, name: str) -> None:
    order = place({make_variant(): 1})

    with pytest.raises(Refused) as caught:
        Face(ui, **{name: "https://evil.com/"}).parameters(order)

    assert caught.value.path == (name,)


# What for.


def test_each_line_is_an_item_with_its_sku() -> None:
    lamp, bulb = make_variant(price=1990, name="green"), make_variant(price=5)
    order = place({lamp: 2, bulb: 3})

    first, second = session_form.line_items(order)

    assert first == {
        "quantity": 2,
        "price_data": {
            "currency": "eur",
            "unit_amount": 1990,
            "product_data": {
                "name": f"{lamp.product.name}, green", "metadata": {"sku": lamp.sku},
            },
        },
    }  # fmt: skip
    assert (second["quantity"], second["price_data"]["unit_amount"]) == (3, 5)


def test_a_discount_that_does_not_divide_evenly_makes_one_item_of_the_line() -> None:
    order = place({make_variant(price=1000): 3})
    name = order.lines.get().name
    OrderLine.objects.update(discount_minor=300, total_minor=2700)
    assert items(order) == [(name, 900, 3)]

    OrderLine.objects.update(discount_minor=301, total_minor=2699)
    assert items(order) == [(f"3 × {name}", 2699, 1)]


def test_tax_on_top_of_net_prices_is_an_item_of_its_own() -> None:
    order = place({make_variant(price=1000): 2})
    order.tax_minor = 380
    assert len(items(order)) == 1  # the tax is in the price

    order.prices_include_tax = False
    assert items(order)[1] == ("Tax", 380, 1)


def test_more_lines_than_stripe_takes_become_one_item_of_the_same_sum() -> None:
    order = place({make_variant(price=1000): 1})
    line = order.lines.get()
    for number in range(100):
        line.pk, line.sku = None, f"S-{number}"
        line.save()

    assert items(order) == [(f"Order {order.number}", 101_000, 1)]
    order.lines.filter(sku="S-0").delete()
    assert len(items(order)) == 100


def test_the_way_of_sending_is_the_one_that_was_chosen() -> None:
    order = place({make_variant(): 1})
    assert "shipping_options" not in asked(order)

    order.shipping_minor, order.shipping_discount_minor, order.shipping_name = 500, 100, "Express"

    (option,) = asked(order)["shipping_options"]
    assert option["shipping_rate_data"] == {
        "type": "fixed_amount",
        "display_name": "Express",
        "fixed_amount": {"amount": 400, "currency": "eur"},
    }
    order.shipping_discount_minor = 500
    assert "shipping_options" not in asked(order)


def test_nothing_that_could_move_the_amount_is_on() -> None:
    order = place({make_variant(): 1})

    found = asked(order)

    assert found["adaptive_pricing"] == {"enabled": False}
    assert found["mode"] == "payment"
    assert not {"allow_promotion_codes", "automatic_tax", "discounts"} & found.keys()
    assert found["expires_at"] == int(UNTIL.timestamp())


def test_both_the_session_and_its_intent_carry_the_mark() -> None:
    order = place({make_variant(): 1})

    found = asked(order)

    mark = {"shop": "shop", "order": order.number, "attempt": "3"}
    assert found["metadata"] == found["payment_intent_data"]["metadata"] == mark


def test_an_order_without_an_address_asks_stripe_for_one() -> None:
    order = place({make_variant(): 1})
    assert asked(order)["customer_email"] == order.email

    order.email = ""

    assert "customer_email" not in asked(order)


def test_the_same_parameters_are_the_same_text() -> None:
    one = {"b": {"d": 1, "c": 2}, "a": "ü"}
    other = {"a": "ü", "b": {"c": 2, "d": 1}}

    assert session_form.canonical(one) == session_form.canonical(other)
    assert session_form.canonical(one) == '{"a":"\\u00fc","b":{"c":2,"d":1}}'
