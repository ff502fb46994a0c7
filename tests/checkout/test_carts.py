"""Carts: who may use them, what they take, what becomes of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from checkout import carts, claims, placement
from checkout.models import Cart, CartLine
from checkout.placement import Terms
from checkout.quotes import Wish
from shop import jobs
from tests.checkout.buying import ADDRESS, CASH
from tests.checkout.carting import close, contents, guest_cart, refused
from tests.factories import make_user, make_variant
from users.models import Address


def test_the_token_itself_is_not_kept() -> None:
    cart, token = guest_cart()

    assert token not in str(Cart.objects.filter(pk=cart.pk).values())
    assert carts.by_token(token, user=None) == cart


def test_a_user_has_one_open_cart() -> None:
    user, lamp = make_user(), make_variant()
    first, token = carts.create(user=user, wishes=[Wish(lamp.pk, 1)])

    again, none = carts.create(user=user, wishes=[Wish(lamp.pk, 2)])
    added = carts.add(None, [Wish(lamp.pk, 3)], user=user)

    assert token
    assert none is None
    assert first == again == added == carts.open_cart(user)
    assert contents(added) == {lamp.pk: 6}


def test_the_token_of_a_user_s_cart_is_of_no_use_to_others() -> None:
    user, lamp = make_user(), make_variant()
    _, token = carts.create(user=user, wishes=[Wish(lamp.pk, 1)])
    gone = ("NOT_FOUND", ("cart_token",))

    for other in (None, make_user()):
        assert carts.by_token(token or "", user=other) is None
        assert refused(carts.add, token, [Wish(lamp.pk, 1)], user=other) == gone
        assert refused(carts.update, token, {"note": "x"}, user=other) == gone
        assert refused(placement.place_cart, token, Terms(CASH, other)) == gone
        if other:
            assert refused(claims.claim, token, user=other) == gone
    assert carts.by_token(token or "", user=user)


def test_a_guest_without_a_token_has_no_cart() -> None:
    for call in (carts.add, carts.change, carts.remove, carts.update):
        assert refused(call, None, {}, user=None) == ("REQUIRED", ("cart_token",))


@pytest.mark.parametrize("token", ["", "x", "ü" * 300])
def test_unknown_tokens_are_not_found(token: str) -> None:
    assert carts.by_token(token, user=None) is None
    assert refused(carts.add, token, [], user=make_user()) == ("NOT_FOUND", ("cart_token",))


@pytest.mark.parametrize("how", ["ORDERED", "MERGED", "EXPIRED", "late"])
def test_a_closed_cart_is_shown_to_nobody_and_changes_no_more(how: str) -> None:
    lamp = make_variant()
    cart, token = guest_cart(Wish(lamp.pk, 1))
    close(cart, how)
    closed = ("CART_CLOSED", ("cart_token",))

    assert carts.by_token(token, user=None) is None
    assert refused(carts.add, token, [Wish(lamp.pk, 1)], user=None) == closed
    assert refused(carts.change, token, [], user=None) == closed
    assert refused(carts.remove, token, [], user=None) == closed
    assert refused(carts.update, token, {}, user=None) == closed
    assert refused(claims.claim, token, user=make_user()) == closed


@pytest.mark.parametrize("how", ["ORDERED", "EXPIRED", "late"])
def test_after_a_closed_cart_a_user_gets_a_fresh_one(how: str) -> None:
    user, lamp = make_user(), make_variant()
    old, _ = carts.create(user=user, wishes=[Wish(lamp.pk, 1)])
    close(old, how)

    assert carts.open_cart(user) is None
    fresh = carts.add(None, [Wish(lamp.pk, 2)], user=user)

    assert fresh != old
    assert contents(fresh) == {lamp.pk: 2}


def test_a_cart_lives_for_some_days_after_its_last_change(settings: Settings) -> None:
    settings.CART_DAYS = 3
    cart, token = guest_cart()
    Cart.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    carts.update(token, {"note": "please ring"}, user=None)

    cart.refresh_from_db()
    assert timedelta(days=2, hours=23) < cart.expires_at - timezone.now() <= timedelta(days=3)


def test_the_sweep_closes_what_is_due_and_nothing_else() -> None:
    due, live = guest_cart()[0], guest_cart()[0]
    ordered = guest_cart()[0]
    close(due, "late")
    close(ordered, "late")
    close(ordered, "ORDERED")

    jobs.run("checkout.carts.expire_due", {})

    found = dict(Cart.objects.values_list("pk", "status"))
    assert found == {due.pk: "EXPIRED", live.pk: "OPEN", ordered.pk: "ORDERED"}
    assert "checkout.carts.expire_due" in jobs.sweeps()


def test_each_change_counts_and_a_look_does_not() -> None:
    lamp = make_variant()
    cart, token = guest_cart()
    versions = [cart.version]
    versions.append(carts.add(token, [Wish(lamp.pk, 1)], user=None).version)
    line = cart.lines.get()
    versions.append(carts.change(token, [(line.pk, 5)], user=None).version)
    versions.append(carts.update(token, {"note": "x"}, user=None).version)
    versions.append(carts.remove(token, [line.pk], user=None).version)
    carts.quote(cart)

    assert versions == list(range(versions[0], versions[0] + 5))


@pytest.mark.parametrize("quantity", [0, -1, 1000, 2**31 - 1])
def test_quantities_have_bounds(quantity: int) -> None:
    lamp = make_variant()
    _, token = guest_cart()
    there = ("OUT_OF_RANGE", ("lines", "0", "quantity"))

    assert refused(carts.add, token, [Wish(lamp.pk, quantity)], user=None) == there
    cart = carts.add(token, [Wish(lamp.pk, 999)], user=None)
    line = cart.lines.get()
    assert refused(carts.add, token, [Wish(lamp.pk, 1)], user=None) == there
    if quantity:
        assert refused(carts.change, token, [(line.pk, quantity)], user=None) == there


def test_zero_removes_a_line() -> None:
    lamp, bulb = make_variant(), make_variant()
    cart, token = guest_cart(Wish(lamp.pk, 1), Wish(bulb.pk, 2))
    ids = dict(cart.lines.values_list("variant_id", "pk"))

    carts.change(token, [(ids[lamp.pk], 0), (ids[bulb.pk], 7)], user=None)

    assert contents(cart) == {bulb.pk: 7}


def test_a_cart_takes_a_hundred_lines_the_gone_ones_included() -> None:
    product = make_variant().product
    lamps = [make_variant(product=product) for _ in range(101)]
    cart, token = guest_cart(*[Wish(lamp.pk, 1) for lamp in lamps[:99]])
    full = ("OUT_OF_RANGE", ("lines",))

    last_two = [Wish(lamp.pk, 1) for lamp in lamps[99:]]
    assert refused(carts.add, token, last_two, user=None) == full
    carts.add(token, last_two[:1], user=None)
    cart.lines.filter(variant__in=lamps[:3]).update(variant=None)
    assert refused(carts.add, token, last_two[1:], user=None) == full
    carts.add(token, [Wish(lamps[50].pk, 1)], user=None)
    assert cart.lines.count() == 100


@pytest.mark.parametrize("id", [None, 0, 2**62])
def test_unknown_variants_and_lines_are_not_found_and_nothing_else_is_done(id: int | None) -> None:
    lamp = make_variant()
    cart, token = guest_cart(Wish(lamp.pk, 1))
    others = guest_cart(Wish(lamp.pk, 1))[0].lines.get()
    line = cart.lines.get()

    wishes = [Wish(lamp.pk, 1), Wish(id, 1)]
    there = ("NOT_FOUND", ("lines", "1", "variant_id"))
    assert refused(carts.add, token, wishes, user=None) == there
    for odd in (id, others.pk):
        changes = [(line.pk, 5), (odd, 1)]
        there = ("NOT_FOUND", ("lines", "1", "id"))
        assert refused(carts.change, token, changes, user=None) == there
        there_too = ("NOT_FOUND", ("line_ids", "1"))
        assert refused(carts.remove, token, [line.pk, odd], user=None) == there_too


def test_prices_are_today_s_and_reading_them_writes_nothing() -> None:
    lamp = make_variant(price=1000)
    cart, _ = guest_cart(Wish(lamp.pk, 2), email="a@example.com")
    lamp.price_minor = 1500
    lamp.save()
    before = list(Cart.objects.values()), list(CartLine.objects.values())

    quote = carts.quote(cart)

    assert quote.totals.total == 3000
    assert (list(Cart.objects.values()), list(CartLine.objects.values())) == before
    assert cart.lines.get().unit_minor == 1000


def test_what_is_gone_stays_as_it_was_last_seen_until_it_is_removed() -> None:
    lamp = make_variant(price=1000)
    sku, name = lamp.sku, lamp.product.name
    cart, token = guest_cart(Wish(lamp.pk, 2), email="a@example.com")
    lamp.delete()

    (problem,) = carts.quote(cart).problems

    assert (problem.refusal.code, problem.mutation) == ("NOT_FOUND", "cartLinesRemove")
    assert problem.line
    assert (problem.line.sku, problem.line.name, problem.line.unit_minor) == (sku, name, 1000)
    carts.remove(token, [problem.line.id], user=None)
    assert [one.mutation for one in carts.quote(cart).problems] == ["cartLinesAdd"]


@pytest.mark.parametrize("lines", [1, 20])
def test_the_quote_takes_five_statements(lines: int, django_assert_num_queries: Any) -> None:
    wishes = [Wish(make_variant().pk, 1) for _ in range(lines)]
    cart, _ = guest_cart(*wishes, email="a@example.com")

    # Lines, variants, discounts, whether there is a way of sending, and whether there are taxes.
    with django_assert_num_queries(5):
        quote = carts.quote(cart)
        assert not quote.problems
        assert quote.totals.total == 1000 * lines


def test_mails_go_to_the_cart_s_address_else_the_account_s() -> None:
    user = make_user()
    own, _ = carts.create(user=user)
    guest, _ = guest_cart()

    assert carts.email_of(own) == user.email
    assert carts.email_of(guest) == ""
    assert carts.email_of(guest, user) == user.email
    own.email = "other@example.com"
    assert carts.email_of(own) == "other@example.com"


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"email": "nobody"}, "INVALID", "email"),
        ({"email": "a@" + "b" * 250 + ".com"}, "TOO_LONG", "email"),
        ({"note": "x" * 1001}, "TOO_LONG", "note"),
        ({"shipping_address": {**ADDRESS, "country": "XX"}}, "INVALID", "shipping_address.country"),
        ({"billing_address": {**ADDRESS, "name": " "}}, "REQUIRED", "billing_address.name"),
        ({"billing_address": {**ADDRESS, "city": "x" * 999}}, "TOO_LONG", "billing_address.city"),
        ({"discount_codes": ["A", " "]}, "INVALID", "discount_codes.1"),
        ({"discount_codes": ["x"] * 11}, "OUT_OF_RANGE", "discount_codes"),
        ({"shipping_option_id": 0}, "SHIPPING_UNAVAILABLE", "shipping_option_id"),
    ],
)
def test_what_goes_beside_the_lines_is_checked(fields: Any, code: str, path: str) -> None:
    _, token = guest_cart()

    assert refused(carts.update, token, fields, user=None) == (code, tuple(path.split(".")))
    assert refused(carts.create, user=None, fields=fields) == (code, tuple(path.split(".")))


def test_null_empties_and_what_is_left_out_stays() -> None:
    cart, token = guest_cart(
        email=" a@example.com ", note=" ring ", shipping_address=ADDRESS, discount_codes=["A", "A"]
    )
    assert (cart.email, cart.note, cart.codes) == ("a@example.com", "ring", ["A"])
    assert cart.shipping_address == dict.fromkeys(Address.POSTAL, "") | ADDRESS

    cart = carts.update(token, {"email": None, "shipping_address": None}, user=None)

    assert (cart.email, cart.shipping_address, cart.note) == ("", None, "ring")
    assert carts.update(token, {"discount_codes": None}, user=None).codes == []
