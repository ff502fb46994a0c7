"""Orders mended before they are sent, placed for customers, and ordered again."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product, Variant
from checkout import access, care, carts, placement
from checkout.models import Cart, Order, OrderEvent
from checkout.models.carts import MAX_LINES
from checkout.placement import Terms
from checkout.quotes import Wish
from shop.errors import ShopError
from tests.checkout.buying import ADDRESS, TRANSFER, at_once, check_books, place, rows
from tests.checkout.carting import contents, refused
from tests.checkout.states import WAYS, clerk
from tests.factories import make_product, make_user, make_variant
from users.models import User

WHOLE_ADDRESS = {"company": "", "line2": "", "region": "", "phone": "", **ADDRESS}
SENT = {
    name for name in WAYS if "sent" in name or "arrived" in name or name == "completed"
}  # fmt: skip


def update(order: Order, **fields: Any) -> Order:
    return care.update(order.pk, fields, actor=clerk())


def row(order: Order) -> dict[str, Any]:
    return dict(Order.objects.filter(pk=order.pk).values().get())


def changes(order: Order) -> list[tuple[str, bool, bool]]:
    found = OrderEvent.objects.filter(order=order, type="CHANGED")
    return list(found.values_list("message", "internal", "by_staff"))


def test_staff_mend_what_the_buyer_got_wrong() -> None:
    order = WAYS["paid"](None)
    before = row(order)

    update(order, email="b@example.com", note=" Ring twice ", shipping_address=ADDRESS)

    after = row(order)
    assert (after["email"], after["note"]) == ("b@example.com", "Ring twice")
    assert after["shipping_address"] == WHOLE_ADDRESS
    kept = set(before) - {"email", "note", "shipping_address", "access_nonce", "updated_at"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert changes(order) == [("Changed: e-mail, note, shipping address", True, True)]


def test_what_is_left_out_stays_and_null_empties() -> None:
    order = WAYS["paid"](None)
    update(order, note="x", billing_address=ADDRESS)

    update(order, note=None)

    assert (row(order)["note"], row(order)["billing_address"]) == ("", WHOLE_ADDRESS)
    update(order, billing_address=None)
    assert row(order)["billing_address"] is None


def test_the_same_again_changes_nothing() -> None:
    order, staff = WAYS["paid"](None), clerk()
    fields = {"note": "x", "shipping_address": ADDRESS}
    care.update(order.pk, fields, actor=staff)
    before = row(order), rows()

    care.update(order.pk, fields | {"email": order.email}, actor=staff)

    assert (row(order), rows()) == before


@pytest.mark.parametrize("state", WAYS)
def test_an_order_is_mended_until_something_is_sent_or_it_ends(state: str) -> None:
    order, staff = WAYS[state](None), clerk()
    before = row(order), rows()

    if state in SENT or order.status in ("CANCELLED", "EXPIRED"):
        with pytest.raises(ShopError) as caught:
            care.update(order.pk, {"note": "x"}, actor=staff)
        assert (caught.value.code, caught.value.path) == ("INVALID_STATE", ("order_id",))
        assert (row(order), rows()) == before
    else:
        assert care.update(order.pk, {"note": "x"}, actor=staff).note == "x"


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"email": None}, "REQUIRED", ("email",)),
        ({"email": " "}, "REQUIRED", ("email",)),
        ({"email": "nobody"}, "INVALID", ("email",)),
        ({"note": "x" * 1001}, "TOO_LONG", ("note",)),
        ({"shipping_address": None}, "REQUIRED", ("shipping_address",)),
        ({"billing_address": {**ADDRESS, "country": "XX"}}, "INVALID",
         ("billing_address", "country")),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(
    fields: dict[str, Any], code: str, path: tuple[str, ...]
) -> None:
    order = WAYS["paid"](None)
    update(order, shipping_address=ADDRESS)
    before = row(order)

    assert refused(care.update, order.pk, {"note": "x"} | fields, actor=clerk()) == (code, path)
    assert row(order) == before


def test_goods_that_are_not_sent_need_no_address() -> None:
    order = place({make_variant(requires_shipping=False): 1})
    update(order, shipping_address=ADDRESS)

    assert update(order, shipping_address=None).shipping_address is None


def test_another_email_gets_the_mail_and_a_token_of_its_own(
    django_capture_on_commit_callbacks: Any,
) -> None:
    order = place({make_variant(): 1})
    old = access.token_for(order)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        mended = update(order, email="right@example.com")

    assert not access.opens(mended, old)
    (sent,) = mail.outbox
    assert sent.to == ["right@example.com"]
    assert access.token_for(mended) in sent.body


def test_a_note_alone_sends_no_mail_and_keeps_the_token(
    django_capture_on_commit_callbacks: Any,
) -> None:
    order = place({make_variant(): 1})
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        mended = update(order, note="x")

    assert access.opens(mended, access.token_for(order))
    assert not mail.outbox


@pytest.mark.transactional
def test_mended_by_two_at_once_it_keeps_both() -> None:
    order = WAYS["paid"](None)
    staff = clerk()

    at_once(
        partial(care.update, order.pk, {"note": "x"}, actor=staff),
        partial(care.update, order.pk, {"billing_address": ADDRESS}, actor=staff),
    )

    assert (row(order)["note"], row(order)["billing_address"]) == ("x", WHOLE_ADDRESS)
    assert len(changes(order)) == 2


# ── for a customer ──────────────────────────────────────────────────────────────────────────


def place_for(buyer: User, staff: User, *wishes: Wish, key: str | None = None) -> Order:
    terms = Terms(method=TRANSFER, user=buyer, placed_by=staff, idempotency_key=key)
    return placement.place_wishes(wishes, {}, terms)


def test_an_order_for_a_customer_is_theirs_and_tells_staff_who_placed_it() -> None:
    buyer, staff, lamp = make_user(), clerk(), make_variant()

    order = place_for(buyer, staff, Wish(lamp.pk, 2))

    assert (order.user, order.email) == (buyer, buyer.email)
    event = order.events.get(type="PLACED")
    assert (event.actor, event.by_staff) == (staff, True)
    check_books()


def test_a_key_of_staff_is_for_one_customer_and_not_the_customer_s_own() -> None:
    buyer, other, staff, lamp = make_user(), make_user(), clerk(), make_variant()
    key = str(uuid4())
    own = place({lamp: 1}, user=buyer, email=None, idempotency_key=key)

    order = place_for(buyer, staff, Wish(lamp.pk, 1), key=key)

    assert order.pk != own.pk
    assert place_for(buyer, staff, Wish(lamp.pk, 1), key=key).pk == order.pk
    again = partial(place_for, other, staff, Wish(lamp.pk, 1), key=key)
    assert refused(again) == ("CONFLICT", ("idempotency_key",))


# ── again ───────────────────────────────────────────────────────────────────────────────────


def hide(variant: Variant) -> None:
    Product.objects.filter(pk=variant.product_id).update(status="DRAFT")


def test_a_guest_gets_a_new_cart_with_what_is_still_for_sale() -> None:
    lamp, gone = make_variant(), make_variant()
    order = place({lamp: 2, gone: 1})
    hide(gone)

    done = care.reorder(order, user=None)

    assert contents(done.cart) == {lamp.pk: 2}
    assert carts.by_token(done.token or "", user=None) == done.cart
    assert [(one.line.name, one.reason.code) for one in done.skipped] == [
        (gone.product.name, "NOT_FOUND")
    ]


def test_a_customer_s_open_cart_then_holds_what_was_ordered() -> None:
    buyer, lamp, other, more = make_user(), make_variant(), make_variant(), make_variant()
    order = place({lamp: 3, more: 1}, user=buyer)
    wishes = [Wish(lamp.pk, 1), Wish(other.pk, 1), Wish(more.pk, 5)]
    open_cart, _ = carts.create(user=buyer, wishes=wishes)

    done = care.reorder(order, user=buyer)

    assert (done.cart, done.token) == (open_cart, None)
    assert contents(open_cart) == {lamp.pk: 3, other.pk: 1, more.pk: 5}
    care.reorder(order, user=buyer)
    assert contents(open_cart) == {lamp.pk: 3, other.pk: 1, more.pk: 5}


def test_nothing_left_for_sale_is_told_and_leaves_no_cart() -> None:
    buyer, lamp = make_user(), make_variant()
    order = place({lamp: 2}, user=buyer)
    hide(lamp)

    for user in (None, buyer):
        assert refused(care.reorder, order, user=user) == ("INVALID_STATE", ("order_id",))
    assert not Cart.objects.exists()


def test_what_finds_no_room_in_the_cart_is_told() -> None:
    buyer, product = make_user(), make_product()
    lamps = [make_variant(product=product) for _ in range(MAX_LINES + 1)]
    order = place({lamps[0]: 1, lamps[1]: 1, lamps[-1]: 1}, user=buyer)
    carts.create(user=buyer, wishes=[Wish(lamp.pk, 1) for lamp in lamps[1:MAX_LINES]])

    done = care.reorder(order, user=buyer)

    assert done.cart.lines.count() == MAX_LINES
    assert [(one.line.sku, one.reason.code) for one in done.skipped] == [
        (lamps[-1].sku, "OUT_OF_RANGE")
    ]


def test_what_is_out_of_stock_gets_in_as_a_problem_of_the_cart() -> None:
    lamp = make_variant(stock=2)
    order = place({lamp: 2})

    done = care.reorder(order, user=None)

    codes = [problem.refusal.code for problem in carts.quote(done.cart).problems]
    assert "OUT_OF_STOCK" in codes


@pytest.mark.transactional
def test_ordered_again_twice_at_once_it_is_in_the_cart_once() -> None:
    buyer, lamp = make_user(), make_variant()
    order = place({lamp: 2}, user=buyer)

    at_once(*[partial(care.reorder, order, user=buyer)] * 4)

    cart = carts.open_cart(buyer)
    assert cart is not None
    assert contents(cart) == {lamp.pk: 2}


def test_ordering_again_takes_as_many_statements_for_fifty_lines_as_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    product, counts = make_product(), []
    for count in (1, 50):
        order = place({make_variant(product=product): 1 for _ in range(count)})
        buyer = make_user()
        with django_assert_max_num_queries(20) as statements:
            care.reorder(order, user=buyer)
        counts.append(len(statements))

    assert counts[0] == counts[1]
