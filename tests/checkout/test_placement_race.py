"""Orders and carts at the same moment, over HTTP where the client is what repeats itself."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from catalog.models import Variant
from checkout import carts, claims, endings, orders
from checkout.models import Cart, Order
from checkout.quotes import Wish
from tests.checkout.buying import CASH, at_once, check_books, lines_of, place
from tests.client import mutate
from tests.factories import make_product, make_staff, make_user, make_variant
from users.models import User

pytestmark = pytest.mark.transactional

TRANSFER = "BANK_TRANSFER"


def bought(user: User | None = None, **input: Any) -> str:
    """The number of the order, or the codes of the refusals."""
    payload = mutate(
        "orderPlace", {"paymentMethod": TRANSFER} | input, "order { number }", user=user
    )
    if payload["order"]:
        return str(payload["order"]["number"])
    # Also who lost only when the stock was locked is told where.
    assert all(error["path"] for error in payload["errors"])
    return " ".join(error["code"] for error in payload["errors"])


def a_cart(lamp: Variant, units: int = 1) -> dict[str, Any]:
    return {"lines": lines_of({lamp: units}), "email": "guest@example.com"}


@pytest.mark.parametrize("method", [TRANSFER, "CASH_ON_DELIVERY"])
def test_the_last_five_units_go_to_five_of_twenty_four_buyers(method: str) -> None:
    lamp = make_variant(stock=5)

    answers = at_once(*[lambda: bought(cart=a_cart(lamp), paymentMethod=method)] * 24)

    assert answers.count("OUT_OF_STOCK") == 19
    assert len(set(answers) - {"OUT_OF_STOCK"}) == 5
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == ((5, 5) if method == TRANSFER else (0, 0))
    check_books()


def test_one_cart_is_one_order_however_often_it_is_placed() -> None:
    for _ in range(3):
        lamp = make_variant(stock=100)
        cart, token = carts.create(
            user=None, wishes=[Wish(lamp.pk, 2)], fields={"email": "a@example.com"}
        )

        answers = at_once(*[partial(bought, cartToken=token)] * 8)

        assert set(answers) == {Order.objects.get(cart=cart).number}
        lamp.refresh_from_db()
        assert lamp.reserved == 2


def test_a_customer_s_open_cart_is_ordered_once() -> None:
    user, lamp = make_user(), make_variant(stock=100)
    carts.create(user=user, wishes=[Wish(lamp.pk, 2)])

    answers = at_once(*[lambda: bought(user)] * 8)

    assert answers.count("CART_EMPTY") == 7
    assert Order.objects.count() == 1


@pytest.mark.parametrize("signed_in", [True, False])
def test_one_key_is_one_order(*, signed_in: bool) -> None:
    user, lamp = make_user() if signed_in else None, make_variant(stock=100)
    for _ in range(3):
        key = str(uuid4())
        before = Order.objects.count()

        answers = at_once(*[partial(bought, user, cart=a_cart(lamp), idempotencyKey=key)] * 8)

        assert len(set(answers)) == 1
        assert Order.objects.count() == before + 1
    lamp.refresh_from_db()
    assert lamp.reserved == 3


def test_one_key_for_two_carts_is_one_order_and_a_conflict() -> None:
    lamp, bulb = make_variant(stock=100), make_variant(stock=100)
    for _ in range(3):
        key, before = str(uuid4()), Order.objects.count()

        answers = at_once(
            *[partial(bought, cart=a_cart(row), idempotencyKey=key) for row in (lamp, bulb) * 3]
        )

        assert answers.count("CONFLICT") == 3
        assert Order.objects.count() == before + 1


def test_a_customer_who_adds_at_once_has_one_cart_with_all_of_it() -> None:
    for _ in range(3):
        user, lamp, bulb = make_user(), make_variant(), make_variant()

        def add(row: Variant, user: User = user) -> bool:
            input = {"lines": lines_of({row: 2})}
            return not mutate("cartLinesAdd", input, "cart { version }", user=user)["errors"]

        answers = at_once(*[partial(add, row) for row in (lamp, bulb) * 4])

        assert all(answers)
        cart = Cart.objects.get(user=user)
        lines = dict(cart.lines.values_list("variant_id", "quantity"))
        assert lines == {lamp.pk: 8, bulb.pk: 8}


def test_claims_at_once_end_in_one_cart_with_all_of_it() -> None:
    for _ in range(3):
        user, lamp = make_user(), make_variant()
        tokens = [carts.create(user=None, wishes=[Wish(lamp.pk, 1)])[1] or "" for _ in range(6)]

        answers = at_once(*[partial(claims.claim, token, user=user) for token in tokens])

        assert all(isinstance(answer, Cart) for answer in answers)
        assert Cart.objects.get(user=user, status="OPEN").lines.get().quantity == 6


def test_a_claim_and_an_order_of_the_same_cart_do_not_both_win() -> None:
    for _ in range(5):
        user, lamp = make_user(), make_variant()
        carts.create(user=user, wishes=[Wish(lamp.pk, 1)])
        guest, token = carts.create(
            user=None, wishes=[Wish(lamp.pk, 1)], fields={"email": "a@example.com"}
        )

        claimed, ordered = at_once(
            partial(claims.claim, token or "", user=user),
            partial(bought, cartToken=token),
        )

        guest.refresh_from_db()
        if guest.status == "ORDERED":
            assert claimed == "CART_CLOSED"
            assert ordered == Order.objects.get(cart=guest).number
        else:
            assert ordered == "CART_CLOSED"
            assert not Order.objects.filter(cart=guest).exists()


def test_cancelling_and_paying_at_once_keep_the_books() -> None:
    staff, lamp = make_staff(), make_variant(stock=100)
    for _ in range(6):
        order = place({lamp: 2})

        at_once(
            partial(endings.cancel, order.pk, actor=staff, by_staff=True),
            partial(orders.mark_paid, order.pk, reference="B", actor=staff),
            partial(orders.mark_paid, order.pk, reference="C", actor=staff),
            partial(endings.cancel, order.pk, actor=None, by_staff=False),
        )

        order.refresh_from_db()
        kinds = Counter(order.events.values_list("type", flat=True))
        assert order.payments.filter(state="PAID").count() == kinds["PAID"] == 1
        assert kinds["CANCELLED"] <= 1
        if order.status == "CANCELLED":
            assert order.review_flag == "refund due"
        else:
            assert (order.status, order.stock_state) == ("CONFIRMED", "SOLD")
        check_books()


def test_paying_and_expiring_at_once_keep_the_books() -> None:
    staff, lamp = make_staff(), make_variant(stock=100)
    for _ in range(6):
        order = place({lamp: 2})
        Order.objects.filter(pk=order.pk).update(hold_until=order.placed_at)

        at_once(
            partial(orders.mark_paid, order.pk, reference="B", actor=staff),
            *[partial(endings.expire, order.pk)] * 3,
        )

        order.refresh_from_db()
        assert (order.status, order.payment_status, order.stock_state) == (
            "CONFIRMED", "PAID", "SOLD",
        )  # fmt: skip
        assert order.events.filter(type="EXPIRED").count() <= 1
        check_books()


def test_a_deleted_order_is_deleted_once() -> None:
    buyer = make_user()
    order = place({make_variant(): 1}, user=buyer)
    endings.cancel(order.pk, actor=buyer, by_staff=False)

    answers = at_once(*[partial(orders.delete, order.pk, actor=buyer)] * 6)

    assert answers.count("NOT_FOUND") == 5
    assert order.events.filter(type="DELETED").count() == 1


def test_orders_that_cross_wait_for_each_other() -> None:
    product = make_product()
    first, second = make_variant(product=product, stock=999), make_variant(stock=999)

    def buy(*rows: Variant, method: str) -> Any:
        return [place(dict.fromkeys(rows, 1), method=method).status for _ in range(6)]

    answers = at_once(
        *[partial(buy, first, second, method=method) for method in (TRANSFER, CASH)],
        *[partial(buy, second, first, method=method) for method in (TRANSFER, CASH)],
    )

    assert Counter(status for answer in answers for status in answer) == {
        "PENDING": 12, "CONFIRMED": 12,
    }  # fmt: skip
    check_books()


def test_orders_of_other_variants_of_the_same_products_do_not_lock_in_a_circle() -> None:
    """Each takes the last unit of one product and one of many of the other."""
    for _ in range(6):
        one, other = make_product(), make_product()
        many_of_one, last_of_one = make_variant(product=one), make_variant(product=one, stock=1)
        many_of_other = make_variant(product=other)
        last_of_other = make_variant(product=other, stock=1)

        answers = at_once(
            partial(place, {many_of_one: 1, last_of_other: 1}, method=CASH),
            partial(place, {many_of_other: 1, last_of_one: 1}, method=CASH),
        )

        assert [order.status for order in answers] == ["CONFIRMED", "CONFIRMED"]
    check_books()
