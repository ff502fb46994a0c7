"""Carts as the API shows and changes them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Variant
from checkout import carts
from checkout.models import Cart, CartLine
from schema import ids
from tests.checkout.buying import ADDRESS, lines_of
from tests.client import call, mutate, refusals
from tests.factories import make_product, make_user, make_variant
from users.models import User

CART = """cart {
    id token version email note ready expiresAt createdAt
    lines { id sku name quantity unitPrice { amount currency } total { amount } discount { amount }
            variant { id product { name } } }
    problems { code message mutation line { id } }
    totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
             total { amount } }
    shippingAddress { name city country } billingAddress { city }
    shippingOptions { id } shippingOption { id } discounts { name }
    discountCodes { code applied reason }
}"""
BY_TOKEN = f"query($token: String!) {{ {CART.replace('cart {', 'cart(token: $token) {', 1)} }}"


def changed(name: str, input: dict[str, Any], user: User | None = None) -> Any:
    payload = mutate(name, input, CART, user=user)
    assert payload["errors"] == []
    return payload["cart"]


def refused(name: str, input: dict[str, Any], user: User | None = None) -> Any:
    payload = mutate(name, input, "cart { id }", user=user)
    assert payload["cart"] is None
    return refusals(payload)


def guest_cart(quantities: dict[Variant, int], **fields: Any) -> Any:
    return changed("cartCreate", {"lines": lines_of(quantities)} | fields)


def look(token: str, user: User | None = None) -> Any:
    """The cart by its token, as `user` sees it."""
    from users import tokens

    headers = {"Authorization": f"Bearer {tokens.access_token(user)}"} if user else {}
    response = Client().post(
        "/graphql/",
        json.dumps({"query": BY_TOKEN, "variables": {"token": token}}),
        content_type="application/json",
        headers=headers,
    )
    return response.json()["data"]["cart"]


def test_a_guest_makes_a_cart_and_finds_it_again_by_its_token() -> None:
    lamp = make_variant(price=1999, name="green")

    cart = guest_cart({lamp: 2}, email="a@example.com", note="ring", shippingAddress=ADDRESS)

    (line,) = cart["lines"]
    assert (line["quantity"], line["sku"]) == (2, lamp.sku)
    assert line["name"] == f"{lamp.product.name}, green"
    assert line["unitPrice"] == {"amount": "19.99", "currency": "EUR"}
    assert line["variant"] == {"id": ids.of(lamp), "product": {"name": lamp.product.name}}
    assert cart["totals"]["total"] == {"amount": "39.98"}
    assert cart["shippingAddress"] == {"name": "Ada Lovelace", "city": "London", "country": "GB"}
    assert (cart["ready"], cart["problems"], cart["email"]) == (True, [], "a@example.com")
    assert look(cart["token"]) == cart


def test_the_token_is_told_to_who_made_or_presented_it_and_to_nobody_else() -> None:
    user, lamp = make_user(), make_variant()
    guest = guest_cart({lamp: 1})
    presented = changed("cartLinesAdd", {"cartToken": guest["token"], "lines": lines_of({lamp: 1})})
    own = changed("cartCreate", {}, user)

    assert presented["token"] == guest["token"]
    assert own["token"]
    assert changed("cartCreate", {}, user)["token"] is None
    assert changed("cartLinesAdd", {"lines": []}, user)["token"] is None
    assert changed("cartClaim", {"cartToken": own["token"]}, user)["token"] == own["token"]
    assert changed("cartClaim", {"cartToken": guest["token"]}, user)["token"] is None


def test_another_customer_s_token_is_of_no_use() -> None:
    user, lamp = make_user(), make_variant()
    token = changed("cartCreate", {"lines": lines_of({lamp: 1})}, user)["token"]
    line = ids.of(CartLine.objects.get())
    gone = [("NOT_FOUND", ["cartToken"])]

    for other in (None, make_user()):
        assert look(token, other) is None
        for name, more in (
            ("cartLinesAdd", {"lines": lines_of({lamp: 1})}),
            ("cartLinesUpdate", {"lines": [{"id": line, "quantity": 5}]}),
            ("cartLinesRemove", {"lineIds": [line]}),
            ("cartUpdate", {"note": "x"}),
        ):
            assert refused(name, {"cartToken": token} | more, other) == gone
    assert look(token, user)["lines"][0]["quantity"] == 1


def test_the_id_of_a_cart_or_of_its_lines_opens_nothing() -> None:
    cart = guest_cart({make_variant(): 1})

    for id in (cart["id"], cart["lines"][0]["id"]):
        assert call("query($id: ID!) { node(id: $id) { id } }", id=id).body["data"]["node"] is None
        assert look(id) is None


def test_a_claim_needs_somebody_who_is_signed_in() -> None:
    answer = call('mutation { cartClaim(input: {cartToken: "x"}) { cart { id } } }')

    assert answer.codes == ["UNAUTHENTICATED"]


def test_a_claimed_cart_is_merged_and_the_guest_s_is_closed() -> None:
    user, lamp, bulb = make_user(), make_variant(), make_variant()
    changed("cartLinesAdd", {"lines": lines_of({lamp: 998})}, user)
    guest = guest_cart({lamp: 5, bulb: 2})

    merged = changed("cartClaim", {"cartToken": guest["token"]}, user)

    assert [line["quantity"] for line in merged["lines"]] == [999, 2]
    assert look(guest["token"]) is None
    again = refused("cartClaim", {"cartToken": guest["token"]}, user)
    assert again == [("CART_CLOSED", ["cartToken"])]


def test_prices_of_today_are_shown_at_every_look() -> None:
    lamp = make_variant(price=1000)
    cart = guest_cart({lamp: 2}, email="a@example.com")
    Variant.objects.update(price_minor=1250)
    before = Cart.objects.values().get(), CartLine.objects.values().get()

    again = look(cart["token"])

    assert again["lines"][0]["unitPrice"]["amount"] == "12.50"
    assert again["totals"]["total"]["amount"] == "25.00"
    assert again["version"] == cart["version"]
    assert (Cart.objects.values().get(), CartLine.objects.values().get()) == before


def delete(lamp: Variant) -> None:
    lamp.delete()


def archive(lamp: Variant) -> None:
    Variant.objects.filter(pk=lamp.pk).update(archived_at=timezone.now())


def hide(lamp: Variant) -> None:
    lamp.product.status = "DRAFT"
    lamp.product.save()


def sell_some(lamp: Variant) -> None:
    Variant.objects.filter(pk=lamp.pk).update(stock=2)


def sell_out(lamp: Variant) -> None:
    Variant.objects.filter(pk=lamp.pk).update(stock=0)


@pytest.mark.parametrize(
    ("happens", "code", "mutation"),
    [
        (delete, "NOT_FOUND", "cartLinesRemove"),
        (archive, "NOT_FOUND", "cartLinesRemove"),
        (hide, "NOT_FOUND", "cartLinesRemove"),
        (sell_some, "OUT_OF_STOCK", "cartLinesUpdate"),
        (sell_out, "OUT_OF_STOCK", "cartLinesRemove"),
    ],
)
def test_each_problem_names_the_mutation_that_cures_it(
    happens: Callable[[Variant], None], code: str, mutation: str
) -> None:
    lamp = make_variant(stock=5)
    cart = guest_cart({make_variant(): 1, lamp: 3}, email="a@example.com")
    happens(lamp)

    sick = look(cart["token"])
    (problem,) = sick["problems"]
    assert (problem["code"], problem["mutation"], sick["ready"]) == (code, mutation, False)
    assert problem["line"]["id"] == cart["lines"][1]["id"]
    assert (sick["lines"][1]["variant"] is None) == (code == "NOT_FOUND")
    assert sick["lines"][1]["name"] == lamp.product.name

    cure: dict[str, dict[str, Any]] = {
        "cartLinesRemove": {"lineIds": [problem["line"]["id"]]},
        "cartLinesUpdate": {"lines": [{"id": problem["line"]["id"], "quantity": 2}]},
    }
    cured = changed(mutation, {"cartToken": cart["token"]} | cure[mutation])
    assert (cured["problems"], cured["ready"]) == ([], True)


def test_an_empty_cart_and_a_missing_address_are_problems_too() -> None:
    cart = changed("cartCreate", {})
    found = [(problem["code"], problem["mutation"]) for problem in cart["problems"]]
    assert found == [("CART_EMPTY", "cartLinesAdd"), ("EMAIL_REQUIRED", "cartUpdate")]

    token = cart["token"]
    changed("cartLinesAdd", {"cartToken": token, "lines": lines_of({make_variant(): 1})})
    cured = changed("cartUpdate", {"cartToken": token, "email": "a@example.com"})

    assert cured["ready"]


def test_who_is_signed_in_needs_no_other_address() -> None:
    user = make_user()
    cart = guest_cart({make_variant(): 1})
    assert not cart["ready"]

    signed_in = look(cart["token"], user)

    assert (signed_in["ready"], signed_in["email"]) == (True, user.email)


def test_closed_and_expired_carts_are_null_to_look_at_and_closed_to_changes(
    settings: Settings,
) -> None:
    cart = guest_cart({make_variant(): 1})
    Cart.objects.update(expires_at=timezone.now())

    assert look(cart["token"]) is None
    assert refused("cartUpdate", {"cartToken": cart["token"], "note": "x"}) == [
        ("CART_CLOSED", ["cartToken"])
    ]


def test_codes_are_kept_and_say_that_they_are_not_known() -> None:
    cart = changed("cartCreate", {"discountCodes": ["SUMMER", " SUMMER "]})

    (code,) = cart["discountCodes"]
    assert (code["code"], code["applied"]) == ("SUMMER", False)
    assert code["reason"]


def test_null_empties_and_what_is_left_out_stays() -> None:
    token = changed("cartCreate", {"note": "ring", "email": "a@example.com"})["token"]

    cart = changed("cartUpdate", {"cartToken": token, "email": None})

    assert (cart["email"], cart["note"]) == (None, "ring")


def test_adding_lines_takes_few_statements_however_many(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user, product = make_user(), make_product()
    few = lines_of({make_variant(product=product): 1})
    many = lines_of({make_variant(product=product): 1 for _ in range(50)})
    changed("cartCreate", {}, user)

    with django_assert_max_num_queries(15) as one:
        changed("cartLinesAdd", {"lines": few}, user)
    with django_assert_max_num_queries(15) as fifty:
        changed("cartLinesAdd", {"lines": many}, user)

    assert len(one) == len(fifty)
    assert carts.open_cart(user)
