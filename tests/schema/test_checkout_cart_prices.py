"""Shipping, taxes and discounts as clients see them, and what they cost in statements."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Collection, CollectionProduct, Variant
from checkout.models import CartLine, Discount, Order
from schema import ids
from tests.checkout.buying import lines_of
from tests.checkout.offering import (
    GUEST,
    address,
    make_discount,
    make_method,
    make_tax,
    make_zone,
)
from tests.client import call, mutate, refusals
from tests.factories import make_category, make_product, make_user, make_variant
from users.models import User

CART = """cart {
    id token version email note ready expiresAt createdAt
    lines { id sku name quantity unitPrice { amount currency } total { amount } discount { amount }
            variant { id name product { id name slug } } }
    problems { code message mutation line { id name } }
    totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
             total { amount } }
    shippingAddress { name line1 city country } billingAddress { city }
    shippingOptions { id name price { amount } minDays maxDays }
    shippingOption { id name price { amount } }
    discounts { name code amount { amount } } discountCodes { code applied reason }
}"""
ORDER = """accessToken order {
    number status shippingMethod discounts { name code amount { amount } }
    lines { quantity discount { amount } tax { amount } total { amount } product { name } }
    totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
             total { amount } }
}"""
BY_TOKEN = f"query($token: String!) {{ {CART.replace('cart {', 'cart(token: $token) {', 1)} }}"


def look(token: str) -> Any:
    """The cart, by a document that says the token itself: `call` has a name for another one."""
    document = BY_TOKEN.replace("($token: String!)", "").replace("$token", f'"{token}"')
    return call(document).data["cart"]


def changed(name: str, input: dict[str, Any], user: User | None = None) -> Any:
    payload = mutate(name, input, CART, user=user)
    assert payload["errors"] == []
    return payload["cart"]


def cart_of(quantities: dict[Variant, int], **fields: Any) -> dict[str, Any]:
    return {"lines": lines_of(quantities), "email": GUEST} | fields


def sums(shown: Any) -> dict[str, str]:
    return {name: money["amount"] for name, money in shown["totals"].items()}


def test_from_the_cart_to_the_order_it_is_the_same_price() -> None:
    zone = make_zone("GB")
    make_method(zone, (0, 490))
    express = make_method(zone, (0, 990), name="Express", min_days=1, max_days=2)
    make_tax("GB", "0.2")
    make_discount("TEN", name="Ten off")
    cart = changed(
        "cartCreate",
        cart_of({make_variant(price=6000): 2}, shippingAddress=address(), discountCodes=["ten"]),
    )
    assert [one["name"] for one in cart["shippingOptions"]] == ["Parcel", "Express"]
    assert cart["shippingOption"]["name"] == "Parcel"

    cart = changed(
        "cartUpdate",
        {"cartToken": cart["token"], "shippingOptionId": cart["shippingOptions"][1]["id"]},
    )
    payload = mutate(
        "orderPlace",
        {"cartToken": cart["token"], "paymentMethod": "BANK_TRANSFER", "expectedTotal": "117.90"},
        ORDER,
    )

    assert cart["shippingOption"] == {
        "id": ids.pack("ShippingOption", str(express.pk)), "name": "Express",
        "price": {"amount": "9.90"},
    }  # fmt: skip
    assert cart["discountCodes"] == [{"code": "ten", "applied": True, "reason": None}]
    assert payload["errors"] == []
    order = payload["order"]
    assert sums(order) == sums(cart) == {
        "subtotal": "120.00", "discount": "12.00", "shipping": "9.90", "tax": "19.65",
        "total": "117.90",
    }  # fmt: skip
    taken = [{"name": "Ten off", "code": "ten", "amount": {"amount": "12.00"}}]
    assert order["discounts"] == cart["discounts"] == taken
    assert order["shippingMethod"] == "Express"
    assert order["lines"][0]["discount"] == {"amount": "12.00"}


def test_codes_say_whether_they_apply_and_if_not_why() -> None:
    make_discount("TEN")
    make_discount("BIG", minimum_minor=2000)

    cart = changed(
        "cartCreate",
        cart_of({make_variant(price=1500): 1}, discountCodes=["TEN", "BIG", "NOPE"]),
    )

    assert cart["discountCodes"] == [
        {"code": "TEN", "applied": True, "reason": None},
        {"code": "BIG", "applied": False, "reason": "Goods for 5.00 EUR more are needed."},
        {"code": "NOPE", "applied": False, "reason": "This code is not known."},
    ]
    assert [(one["code"], one["mutation"]) for one in cart["problems"]] == [
        ("CODE_NOT_APPLICABLE", "cartUpdate")
    ] * 2
    assert sums(cart)["total"] == "13.50"
    cured = changed("cartUpdate", {"cartToken": cart["token"], "discountCodes": ["TEN"]})
    assert cured["ready"]


def test_an_order_with_such_a_code_is_refused_at_the_code() -> None:
    cart = cart_of({make_variant(): 1}, discountCodes=["NOPE"])

    payload = mutate("orderPlace", {"cart": cart, "paymentMethod": "BANK_TRANSFER"}, ORDER)

    assert refusals(payload) == [("CODE_NOT_APPLICABLE", ["cart", "discountCodes", "0"])]
    assert payload["order"] is None
    assert not Order.objects.exists()


def test_an_address_out_of_reach_is_told_at_the_address() -> None:
    make_method(make_zone("DE"))
    cart = cart_of({make_variant(): 1}, shippingAddress=address("GB"))

    payload = mutate("orderPlace", {"cart": cart, "paymentMethod": "BANK_TRANSFER"}, ORDER)

    assert refusals(payload) == [("SHIPPING_UNAVAILABLE", ["cart", "shippingAddress"])]


@pytest.mark.parametrize("id", ["x", "", ids.pack("ShippingOption", "0"), ids.pack("Cart", "1")])
def test_an_id_that_is_no_way_of_sending_is_refused(id: str) -> None:
    token = changed("cartCreate", {})["token"]

    payload = mutate("cartUpdate", {"cartToken": token, "shippingOptionId": id}, CART)

    assert refusals(payload) == [("SHIPPING_UNAVAILABLE", ["shippingOptionId"])]


def test_a_way_of_sending_of_another_cart_s_country_is_a_problem() -> None:
    make_method(make_zone("GB"))
    other = make_method(make_zone("DE"))
    id = ids.pack("ShippingOption", str(other.pk))

    cart = changed(
        "cartCreate",
        cart_of({make_variant(): 1}, shippingAddress=address(), shippingOptionId=id),
    )

    assert [one["code"] for one in cart["problems"]] == ["SHIPPING_UNAVAILABLE"]
    assert cart["shippingOption"] is None


# What it costs in statements.


def open_shop() -> None:
    """Zones, ways of sending, and taxes."""
    zone = make_zone("GB")
    make_method(zone, (0, 490))
    make_method(zone, (0, 990), (9000, 0), name="Express")
    make_tax("GB", "0.2")
    make_tax("GB", "0.05", tax_class="reduced", region="Kent")


def goods(lines: int) -> dict[Variant, int]:
    """As many products, each in a sub-category and a collection of its own."""
    rows: dict[Variant, int] = {}
    for _ in range(lines):
        product = make_product(category=make_category(parent=make_category()))
        place = Collection.objects.create(name=product.name, slug=product.slug)
        CollectionProduct.objects.create(collection=place, product=product)
        rows[make_variant(product=product, price=100_000)] = 1
    return rows


def offers(rows: dict[Variant, int], count: int) -> None:
    """Automatic discounts on products, categories and collections, each of which applies."""
    product = next(iter(rows)).product
    category = product.category
    assert category
    groups = [
        f"product:{product.pk}",
        f"category:{category.parent_id}",
        f"collection:{product.places.get().collection_id}",
    ]
    for at in range(count):
        make_discount(
            percent=Decimal(1),
            groups=[groups[at % 3]],
            usage_limit=10 if at % 2 else None,
            once_per_customer=at % 3 == 0,
        )


SIZES = [(1, 0), (50, 0), (1, 6), (50, 6), (1, 20), (50, 20)]  # lines, discounts


def reading(rows: dict[Variant, int], user: User) -> Callable[[], Any]:
    fields = {"shippingAddress": address(), "discountCodes": ["ONE", "NOPE"]}
    token = changed("cartCreate", cart_of(rows, **fields))["token"]
    return lambda: look(token)


def changing_codes(rows: dict[Variant, int], user: User) -> Callable[[], Any]:
    fields = {"shippingAddress": address(), "discountCodes": ["ONE", "NOPE"]}
    changed("cartCreate", cart_of(rows, **fields), user)
    return lambda: changed("cartUpdate", {"discountCodes": ["NOPE", "ONE"]}, user)


def changing_lines(rows: dict[Variant, int], user: User) -> Callable[[], Any]:
    fields = {"shippingAddress": address(), "discountCodes": ["ONE", "NOPE"]}
    changed("cartCreate", cart_of(rows, **fields), user)
    lines = [
        {"id": ids.pack("CartLine", str(pk)), "quantity": 2}
        for pk in CartLine.objects.filter(cart__user=user).values_list("pk", flat=True)
    ]
    return lambda: changed("cartLinesUpdate", {"lines": lines}, user)


def done(payload: dict[str, Any]) -> None:
    assert payload["errors"] == []


def placing(rows: dict[Variant, int], user: User) -> Callable[[], Any]:
    fields = {"shippingAddress": address()}
    input = {"cart": cart_of(rows, **fields), "paymentMethod": "BANK_TRANSFER"}
    return lambda: done(mutate("orderPlace", input, ORDER, user=user))


# Discounts cost nothing beside: what the customer used comes with them, and the collections with
# the goods. An order locks them, counts them unless they were used, and writes what they took off.
@pytest.mark.parametrize(
    ("ask", "most", "beside"),
    [(reading, 12, 0), (changing_codes, 15, 0), (changing_lines, 15, 0), (placing, 26, 3)],
    ids=["read", "codes", "lines", "place"],
)
def test_it_costs_as_much_for_fifty_lines_as_for_one_and_for_twenty_discounts_as_for_six(
    ask: Callable[[dict[Variant, int], User], Callable[[], Any]], most: int, beside: int
) -> None:
    open_shop()
    counts = {}
    for lines, discounts in [(1, 0), *SIZES]:  # the first one fills what is kept in memory
        Discount.objects.all().delete()
        rows = goods(lines)
        offers(rows, discounts)
        act = ask(rows, make_user())
        with CaptureQueriesContext(connection) as statements:
            act()
        counts[lines, discounts] = len(statements)

    none, some = counts[1, 0], counts[1, 6]
    assert counts[50, 0] == none
    assert counts[50, 6] == counts[1, 20] == counts[50, 20] == some
    assert some == none + beside
    assert some <= most
