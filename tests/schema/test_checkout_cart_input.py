"""What the cart's mutations refuse to take."""

from base64 import b64encode
from typing import Any

import pytest

from catalog.models import Variant
from checkout.models import Cart, CartLine
from tests.checkout.buying import ADDRESS, lines_of
from tests.client import call, mutate, refusals
from tests.factories import make_product, make_variant


def refused(name: str, input: dict[str, Any]) -> Any:
    payload = mutate(name, input, "cart { id }")
    assert payload["cart"] is None
    return refusals(payload)


def made(quantities: dict[Variant, int]) -> str:
    """The token of a guest's cart."""
    payload = mutate("cartCreate", {"lines": lines_of(quantities)}, "cart { token }")
    return str(payload["cart"]["token"])


@pytest.mark.parametrize("quantity", [0, -1, 1000, 2**31 - 1, -(2**31)])
def test_quantities_have_bounds(quantity: int) -> None:
    lamp = make_variant()
    there = [("OUT_OF_RANGE", ["lines", "0", "quantity"])]

    assert refused("cartCreate", {"lines": lines_of({lamp: quantity})}) == there
    assert not Cart.objects.exists()


def test_numbers_beyond_32_bits_are_no_quantities() -> None:
    document = "mutation($input: CartInput!) { cartCreate(input: $input) { cart { id } } }"

    for quantity in (2**31, 10**30, 1.5, "1"):
        lines = [{"variantId": "x", "quantity": quantity}]
        assert call(document, input={"lines": lines}).codes == ["VALIDATION_FAILED"]


def test_a_hundred_and_one_variants_are_out_of_range() -> None:
    product = make_product()
    lamps = {make_variant(product=product): 1 for _ in range(101)}
    *most, last = lines_of(lamps)
    token = mutate("cartCreate", {"lines": most}, "cart { token }")["cart"]["token"]

    assert refused("cartLinesAdd", {"cartToken": token, "lines": [last]}) == [
        ("OUT_OF_RANGE", ["lines"])
    ]


@pytest.mark.parametrize("count", [101, 3000])
def test_too_many_lines_at_once_are_over_the_limit(count: int) -> None:
    line = {"variantId": "x", "quantity": 1}
    inputs: list[tuple[str, str, dict[str, Any]]] = [
        ("cartCreate", "CartInput", {"lines": [line] * count}),
        ("cartLinesAdd", "CartLinesAddInput", {"lines": [line] * count}),
        ("cartLinesRemove", "CartLinesRemoveInput", {"lineIds": ["x"] * count}),
        (
            "cartLinesUpdate",
            "CartLinesUpdateInput",
            {"lines": [{"id": "x", "quantity": 1}] * count},
        ),
        ("cartUpdate", "CartUpdateInput", {"discountCodes": ["x"] * count}),
        (
            "orderPlace",
            "OrderPlaceInput",
            {"cart": {"lines": [line] * count}, "paymentMethod": "BANK_TRANSFER"},
        ),
    ]
    for name, kind, input in inputs:
        document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        answer = call(document, input=input)
        assert answer.codes == ["LIMIT_EXCEEDED"], name
        assert answer.body["data"] == {name: None}


def test_ten_thousand_lines_do_not_even_get_in() -> None:
    line = {"variantId": "VmFyaWFudDox", "quantity": 1}
    document = "mutation($input: CartInput!) { cartCreate(input: $input) { cart { id } } }"

    assert call(document, input={"lines": [line] * 10_000}).status == 413


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_text_that_cannot_be_stored_is_refused_at_its_place(text: str) -> None:
    address = {**ADDRESS, "city": text}
    for input, path in (
        ({"note": text}, ["note"]),
        ({"email": text}, ["email"]),
        ({"shippingAddress": address}, ["shippingAddress", "city"]),
        ({"discountCodes": ["A", text]}, ["discountCodes", "1"]),
        ({"lines": [{"variantId": text, "quantity": 1}]}, ["lines", "0", "variantId"]),
    ):
        assert refused("cartCreate", input) == [("INVALID", path)]
    assert refused("cartUpdate", {"cartToken": text}) == [("INVALID", ["cartToken"])]
    assert not Cart.objects.exists()


def odd_ids() -> list[str]:
    def packed(text: str) -> str:
        return b64encode(text.encode()).decode()

    keys = ["0", "-1", "99999999", "9" * 18, str(2**63), "9" * 40, "1e3", " 1", "¹", "one", "1.0"]
    return [
        *(packed(f"Variant:{key}") for key in keys),
        *(packed(f"CartLine:{key}") for key in keys),
        packed("Product:1"), packed("Variant"), packed(":1"), "", "1", "é", "x" * 5000,
    ]  # fmt: skip


@pytest.mark.parametrize("id", odd_ids())
def test_ids_that_lead_nowhere_are_not_found_at_their_place(id: str) -> None:
    token = made({make_variant(): 1})
    by_token = {"cartToken": token}
    before = Cart.objects.values().get(), CartLine.objects.values().get()

    wish = {"lines": [{"variantId": id, "quantity": 1}]}
    assert refused("cartLinesAdd", by_token | wish) == [("NOT_FOUND", ["lines", "0", "variantId"])]
    change = {"lines": [{"id": id, "quantity": 1}]}
    assert refused("cartLinesUpdate", by_token | change) == [("NOT_FOUND", ["lines", "0", "id"])]
    assert refused("cartLinesRemove", by_token | {"lineIds": [id]}) == [
        ("NOT_FOUND", ["lineIds", "0"])
    ]
    assert (Cart.objects.values().get(), CartLine.objects.values().get()) == before


def test_addresses_are_checked_with_the_way_to_what_is_wrong() -> None:
    wrong = {**ADDRESS, "country": "XX", "name": ""}

    assert refused("cartCreate", {"shippingAddress": wrong}) == [
        ("REQUIRED", ["shippingAddress", "name"]),
        ("INVALID", ["shippingAddress", "country"]),
    ]
    blank = dict.fromkeys(ADDRESS, " ")
    assert refused("cartCreate", {"billingAddress": blank}) == [
        ("REQUIRED", ["billingAddress", name]) for name in ("name", "line1", "city", "country")
    ]
