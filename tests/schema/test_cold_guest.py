"""Somebody who was never here comes to a payable order: in one request, or in the classic six."""

from typing import Any

from checkout.models import Order
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.offering import address, make_discount, make_method, make_tax, make_zone
from tests.client import mutate
from tests.factories import make_variant

PLACED = """accessToken order { id availableActions shippingMethod
    discounts { code amount { amount } }
    totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
             total { amount } } }"""


def set_up() -> str:
    """A shop with everything that has a price; the id of what is bought."""
    make_method(make_zone("GB"), (0, 490), (5_000, 290), name="Parcel")
    make_tax("GB", "0.20")
    make_discount("TEN")
    return ids.of(make_variant(price=2_000))


def payable(stripe: Sandbox, placed: dict[str, Any]) -> int:
    """What Stripe asks the buyer for."""
    order = placed["order"]
    assert order["availableActions"] == ["PAY", "CANCEL"]
    paying = {
        "orderId": order["id"],
        "accessToken": placed["accessToken"],
        "successUrl": "https://shop.example.com/thanks",
    }
    session = mutate("checkoutSessionCreate", paying, "session { id url }")["session"]
    found = stripe.books.find("checkout.session", session["id"], param="session")
    return int(found["amount_total"])


def test_one_request_and_six_steps_come_to_the_same(stripe: Sandbox) -> None:
    variant, where = set_up(), address("GB")
    cart = {
        "lines": [{"variantId": variant, "quantity": 3}],
        "email": "new@example.com",
        "shippingAddress": where,
        "discountCodes": ["TEN"],
    }

    at_once = mutate("orderPlace", {"cart": cart, "paymentMethod": "STRIPE"}, PLACED)

    token = mutate("cartCreate", {}, "cart { token }")["cart"]["token"]
    mutate("cartLinesAdd", {"cartToken": token, "lines": cart["lines"]}, "cart { id }")
    mutate("cartUpdate", {"cartToken": token, "email": "new@example.com"}, "cart { id }")
    told = mutate(
        "cartUpdate",
        {"cartToken": token, "shippingAddress": where},
        "cart { shippingOptions { id } }",
    )
    chosen = {
        "cartToken": token,
        "shippingOptionId": told["cart"]["shippingOptions"][0]["id"],
        "discountCodes": ["TEN"],
    }
    ready = mutate("cartUpdate", chosen, "cart { ready totals { total { amount } } }")["cart"]
    total = ready["totals"]["total"]["amount"]
    in_steps = mutate(
        "orderPlace",
        {"cartToken": token, "paymentMethod": "STRIPE", "expectedTotal": total},
        PLACED,
    )

    assert ready["ready"]
    assert at_once["order"]["totals"] == in_steps["order"]["totals"]
    assert at_once["order"]["totals"]["total"]["amount"] == "56.90"  # 60.00 - 6.00 + 2.90
    assert in_steps["order"]["shippingMethod"] == "Parcel"
    assert at_once["order"]["discounts"] == [{"code": "TEN", "amount": {"amount": "6.00"}}]
    assert payable(stripe, at_once) == payable(stripe, in_steps) == 5690
    assert Order.objects.count() == 2
