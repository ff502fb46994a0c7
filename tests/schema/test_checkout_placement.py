"""`orderPlace` as clients see it."""

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from checkout import access
from checkout.models import Order
from schema import ids
from tests.checkout.buying import ADDRESS, lines_of, rows
from tests.client import call, mutate, refusals
from tests.factories import make_product, make_user, make_variant
from users.models import User

ORDER = """accessToken order {
    id number email note status paymentStatus fulfilmentStatus paymentMethod paymentInstructions
    placedAt expiresAt paidAt cancelledAt shippingMethod availableActions customer { email }
    shippingAddress { city } billingAddress { city } discounts { name }
    lines { id sku name quantity unitPrice { amount } discount { amount } tax { amount }
            total { amount currency } fulfilledQuantity refundedQuantity options { name value }
            product { name } variant { sku } }
    totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
             total { amount currency } }
    payments { id method state reference amount { amount } } fulfilments { id }
    events { type message actor }
}"""
TYPED = """mutation($input: OrderPlaceInput!) {
  orderPlace(input: $input) { order { id } accessToken errors {
    __typename code path message
    ... on OutOfStockError { sku requested available }
    ... on PriceChangedError { expected { amount currency } actual { amount currency } }
} } }"""


def placed(user: User | None = None, **input: Any) -> Any:
    payload = mutate("orderPlace", {"paymentMethod": "BANK_TRANSFER"} | input, ORDER, user=user)
    assert payload["errors"] == []
    return payload


def refused(user: User | None = None, **input: Any) -> Any:
    """The refusals, which have written nothing."""
    before = rows()
    input = {"paymentMethod": "BANK_TRANSFER"} | input
    payload = call(TYPED, user=user, input=input).data["orderPlace"]
    assert rows() == before
    assert payload["order"] is payload["accessToken"] is None
    return payload["errors"]


def test_a_guest_orders_at_once_and_may_see_the_order_by_its_token() -> None:
    lamp = make_variant(price=1999)
    cart = {"lines": lines_of({lamp: 1}) * 2, "email": "a@example.com", "shippingAddress": ADDRESS}

    answer = placed(cart=cart, expectedTotal="39.98")

    order = answer["order"]
    assert (order["status"], order["paymentStatus"]) == ("PENDING", "PENDING")
    assert order["number"] in order["paymentInstructions"]
    assert order["availableActions"] == ["CANCEL"]
    assert order["totals"]["total"] == {"amount": "39.98", "currency": "EUR"}
    assert [line["quantity"] for line in order["lines"]] == [2]
    assert order["lines"][0]["product"] == {"name": lamp.product.name}
    assert order["events"] == [{"type": "PLACED", "message": "", "actor": ""}]
    assert order["customer"] is None
    assert order["shippingAddress"] == {"city": "London"}
    assert seen(order["id"], answer["accessToken"]) == order


def inside() -> str:
    return ORDER[ORDER.index("{") + 1 : ORDER.rindex("}")]


def seen(id: str, access_token: str) -> Any:
    document = "query($id: ID!, $access: String!) { order(id: $id, accessToken: $access) { %s } }"
    return call(document % inside(), id=id, access=access_token).data["order"]


def test_a_customer_orders_the_open_cart() -> None:
    user = make_user(first_name="Ada", last_name="Lovelace")
    mutate("cartLinesAdd", {"lines": lines_of({make_variant(): 1})}, "cart { id }", user=user)

    order = placed(user)["order"]

    assert (order["email"], order["customer"]) == (user.email, {"email": user.email})
    assert order["events"][0]["actor"] == "Ada Lovelace"
    assert call("{ me { cart { id } } }", user=user).data["me"]["cart"] is None


def test_the_same_again_is_the_same_answer() -> None:
    lamp, key = make_variant(), str(uuid4())
    cart = {"lines": lines_of({lamp: 2}), "email": "a@example.com"}

    first = placed(cart=cart, idempotencyKey=key)

    assert placed(cart=cart, idempotencyKey=key) == first
    assert placed(idempotencyKey=key, cart={**cart}) == first
    (error,) = refused(cart=cart | {"note": "x"}, idempotencyKey=key)
    assert (error["code"], error["path"]) == ("CONFLICT", ["idempotencyKey"])
    (error,) = refused(cart=cart, idempotencyKey="not one")
    assert (error["code"], error["path"]) == ("INVALID", ["idempotencyKey"])


def test_the_same_cart_again_is_the_same_answer() -> None:
    cart = {"lines": lines_of({make_variant(): 2}), "email": "a@example.com"}
    token = mutate("cartCreate", cart, "cart { token }")["cart"]["token"]

    assert placed(cartToken=token) == placed(cartToken=token, idempotencyKey=str(uuid4()))
    assert Order.objects.count() == 1


def test_a_customer_s_key_survives_the_cart() -> None:
    user, key = make_user(), str(uuid4())
    mutate("cartLinesAdd", {"lines": lines_of({make_variant(): 1})}, "cart { id }", user=user)

    assert placed(user, idempotencyKey=key) == placed(user, idempotencyKey=key)
    assert [error["code"] for error in refused(user)] == ["CART_EMPTY"]


def test_what_is_short_is_told_with_its_numbers() -> None:
    lamp = make_variant(stock=3)
    cart = {"lines": lines_of({make_variant(): 1, lamp: 5}), "email": "a@example.com"}

    (error,) = refused(cart=cart)

    assert error.pop("message") == f"Only 3 of {lamp.sku} left; 5 asked for."
    assert error == {
        "__typename": "OutOfStockError", "code": "OUT_OF_STOCK",
        "path": ["cart", "lines", "1", "variantId"],
        "sku": lamp.sku, "requested": 5, "available": 3,
    }  # fmt: skip


def test_another_total_is_told_with_both() -> None:
    cart = {"lines": lines_of({make_variant(price=1999): 1}), "email": "a@example.com"}

    (error,) = refused(cart=cart, expectedTotal="15.00")

    assert (error["__typename"], error["path"]) == ("PriceChangedError", ["expectedTotal"])
    assert error["expected"] == {"amount": "15.00", "currency": "EUR"}
    assert error["actual"] == {"amount": "19.99", "currency": "EUR"}


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"cart": {}}, "CART_EMPTY", ["cart", "lines"]),
        ({"cart": {"lines": None}}, "CART_EMPTY", ["cart", "lines"]),
        ({"cart": {"email": "nobody"}}, "INVALID", ["cart", "email"]),
        ({"cart": {"note": "x" * 1001}}, "TOO_LONG", ["cart", "note"]),
        ({"cart": {"note": "\0"}}, "INVALID", ["cart", "note"]),
        ({"cart": {"shippingAddress": {**ADDRESS, "country": "XX"}}}, "INVALID",
         ["cart", "shippingAddress", "country"]),
        ({"cart": {"shippingOptionId": "x"}}, "SHIPPING_UNAVAILABLE", ["cart", "shippingOptionId"]),
        ({"cart": {}, "cartToken": "x"}, "INVALID", ["cart"]),
        ({"cartToken": "x"}, "NOT_FOUND", ["cartToken"]),
        ({}, "REQUIRED", ["cartToken"]),
        ({"cartToken": None, "cart": None}, "REQUIRED", ["cartToken"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(input: Any, code: str, path: list[str]) -> None:
    if "cart" in input and input["cart"] is not None:
        input = input | {"cart": {"email": "a@example.com"} | input["cart"]}

    assert [(error["code"], error["path"]) for error in refused(**input)] == [(code, path)]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    lines = [{"variantId": id, "quantity": 1} for id in ("x", "y", ids.of(make_variant(stock=0)))]

    found = [(error["code"], error["path"]) for error in refused(cart={"lines": lines})]

    assert found == [
        ("NOT_FOUND", ["cart", "lines", "0", "variantId"]),
        ("NOT_FOUND", ["cart", "lines", "1", "variantId"]),
        ("OUT_OF_STOCK", ["cart", "lines", "2", "variantId"]),
        ("EMAIL_REQUIRED", ["cart", "email"]),
    ]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e3", "-", "", "1,50", 19.99, True])
def test_what_is_no_decimal_does_not_get_in(amount: Any) -> None:
    input = {"paymentMethod": "BANK_TRANSFER", "cart": {}, "expectedTotal": amount}

    assert call(TYPED, input=input).codes == ["VALIDATION_FAILED"]


@pytest.mark.parametrize(
    ("amount", "code"),
    [("-1", "OUT_OF_RANGE"), ("9" * 30, "OUT_OF_RANGE"), ("19.999", "INVALID")],
)
def test_what_is_no_amount_is_refused(amount: str, code: str) -> None:
    cart = {"lines": lines_of({make_variant(): 1}), "email": "a@example.com"}

    (error,) = refused(cart=cart, expectedTotal=amount)

    assert (error["code"], error["path"]) == (code, ["expectedTotal"])


def test_only_offered_ways_to_pay_are_taken() -> None:
    offered = call("{ shop { paymentMethods } }").data["shop"]["paymentMethods"]
    cart = {"lines": lines_of({make_variant(): 1}), "email": "a@example.com"}

    (error,) = refused(cart=cart, paymentMethod="STRIPE")

    assert offered == ["BANK_TRANSFER", "CASH_ON_DELIVERY"]
    assert (error["code"], error["path"]) == ("PAYMENT_METHOD_UNAVAILABLE", ["paymentMethod"])


def test_another_customer_s_cart_is_not_ordered() -> None:
    user, thief = make_user(), make_user()
    cart = {"lines": lines_of({make_variant(): 1})}
    token = mutate("cartCreate", cart, "cart { token }", user=user)["cart"]["token"]

    for other in (None, thief):
        assert [error["code"] for error in refused(other, cartToken=token)] == ["NOT_FOUND"]
    placed(user, cartToken=token)
    for other in (None, thief):
        assert [error["code"] for error in refused(other, cartToken=token)] == ["NOT_FOUND"]


def test_the_token_is_the_one_that_the_mail_tells() -> None:
    cart = {"lines": lines_of({make_variant(): 1}), "email": "a@example.com"}

    answer = placed(cart=cart)

    assert answer["accessToken"] == access.token_for(Order.objects.get())


def test_a_shop_in_yen_shows_whole_yen(settings: Settings) -> None:
    settings.SHOP_CURRENCY = "JPY"
    lamp = make_variant(price=1500)
    cart = {"lines": lines_of({lamp: 2}), "email": "a@example.com"}

    order = placed(cart=cart, expectedTotal="3000")["order"]

    assert order["totals"]["total"] == {"amount": "3000", "currency": "JPY"}
    assert order["lines"][0]["unitPrice"] == {"amount": "1500"}
    assert [e["code"] for e in refused(cart=cart, expectedTotal="3000.50")] == ["INVALID"]


@pytest.mark.parametrize("method", ["BANK_TRANSFER", "CASH_ON_DELIVERY"])
def test_placing_takes_as_many_statements_for_thirty_lines_as_for_one(
    method: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user, product = make_user(), make_product()
    counts = []
    for count in (1, 30):
        lamps = {make_variant(product=product): 1 for _ in range(count)}
        with django_assert_max_num_queries(40) as statements:
            placed(user, cart={"lines": lines_of(lamps)}, paymentMethod=method)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_a_repeat_never_counts_as_a_refusal() -> None:
    cart = {"lines": lines_of({make_variant(stock=1): 1}), "email": "a@example.com"}
    key = str(uuid4())
    placed(cart=cart, idempotencyKey=key)

    again = mutate(
        "orderPlace",
        {"cart": cart, "idempotencyKey": key, "paymentMethod": "BANK_TRANSFER"},
        "order { number }",
    )

    assert refusals(again) == []
