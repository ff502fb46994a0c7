"""A guest's cart after the guest has signed in."""

from checkout import carts, claims
from checkout.models import Cart
from checkout.quotes import Wish
from tests.checkout.buying import ADDRESS
from tests.checkout.carting import close, contents, guest_cart, refused
from tests.factories import make_user, make_variant
from users.models import User


def test_a_claimed_cart_becomes_the_user_s_own() -> None:
    user, lamp = make_user(), make_variant()
    guest, token = guest_cart(Wish(lamp.pk, 2))

    assert claims.claim(token, user=user) == guest
    assert claims.claim(token, user=user) == guest

    assert carts.open_cart(user) == guest
    assert contents(guest) == {lamp.pk: 2}
    assert carts.by_token(token, user=None) is None


def own_and_guest(user: User, *quantities: int) -> tuple[Cart, Cart, str]:
    lamp, bulb = make_variant(), make_variant()
    own, _ = carts.create(user=user, wishes=[Wish(lamp.pk, quantities[0])])
    guest, token = guest_cart(
        Wish(lamp.pk, quantities[1]), Wish(bulb.pk, 1),
        note="ring", email="g@example.com", shipping_address=ADDRESS,
    )  # fmt: skip
    return own, guest, token


def test_a_claim_merges_into_the_open_cart() -> None:
    user = make_user()
    own, guest, token = own_and_guest(user, 2, 3)

    merged = claims.claim(token, user=user)

    guest.refresh_from_db()
    assert (merged, guest.status) == (own, "MERGED")
    assert sorted(contents(own).values()) == [1, 5]
    assert (merged.note, merged.email) == ("ring", "g@example.com")
    assert merged.shipping_address == guest.shipping_address
    assert refused(claims.claim, token, user=user) == ("CART_CLOSED", ("cart_token",))
    assert sorted(contents(own).values()) == [1, 5]


def test_merged_quantities_stop_at_the_most_allowed() -> None:
    user = make_user()
    own, _, token = own_and_guest(user, 600, 600)

    claims.claim(token, user=user)

    assert sorted(contents(own).values()) == [1, 999]


def test_what_the_own_cart_says_wins_and_what_is_gone_is_left_behind() -> None:
    user = make_user()
    own, guest, token = own_and_guest(user, 1, 1)
    carts.update(None, {"note": "mine", "discount_codes": ["A"]}, user=user)
    carts.update(token, {"discount_codes": ["B", "A"]}, user=None)
    guest.lines.last().variant.delete()  # type: ignore[union-attr]

    merged = claims.claim(token, user=user)

    assert (merged.note, merged.codes) == ("mine", ["A", "B"])
    assert list(contents(own).values()) == [2]


def test_a_merge_stops_at_a_hundred_lines() -> None:
    user, product = make_user(), make_variant().product
    lamps = [make_variant(product=product) for _ in range(102)]
    own, _ = carts.create(user=user, wishes=[Wish(lamp.pk, 1) for lamp in lamps[:99]])
    own.lines.filter(variant__in=lamps[:2]).update(variant=None)
    _, token = guest_cart(*[Wish(lamp.pk, 1) for lamp in lamps[98:]])

    claims.claim(token, user=user)

    assert own.lines.count() == 100
    assert contents(own)[lamps[98].pk] == 2


def test_a_claim_ends_an_own_cart_that_is_too_old() -> None:
    user, lamp = make_user(), make_variant()
    old, _ = carts.create(user=user)
    close(old, "late")
    guest, token = guest_cart(Wish(lamp.pk, 1))

    assert claims.claim(token, user=user) == guest
    old.refresh_from_db()
    assert old.status == "EXPIRED"
