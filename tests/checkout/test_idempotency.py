"""Keys: once is enough."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from checkout import carts, idempotency, placement
from checkout.models import IdempotencyRecord, Order
from checkout.placement import Terms
from checkout.quotes import Wish
from shop.errors import Refused, ShopError
from tests.checkout.buying import TRANSFER, place, rows
from tests.factories import make_user, make_variant


def key() -> str:
    return str(uuid4())


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_same_again_is_the_same_order(*, signed_in: bool) -> None:
    lamp, user = make_variant(), make_user() if signed_in else None
    terms: dict[str, Any] = {"user": user, "idempotency_key": key()}
    order = place({lamp: 2}, **terms)
    before = rows()

    assert place({lamp: 2}, **terms) == order
    assert rows() == before
    lamp.refresh_from_db()
    assert lamp.reserved == 2


@pytest.mark.parametrize(
    "other", [{"email": "x@example.com"}, {"method": "CASH_ON_DELIVERY"}, {"units": 3}]
)
def test_the_key_with_other_content_is_a_conflict(other: dict[str, Any]) -> None:
    lamp, same = make_variant(), key()
    place({lamp: 2}, idempotency_key=same)
    before = rows()

    with pytest.raises(Refused) as caught:
        place({lamp: other.pop("units", 2)}, idempotency_key=same, **other)

    assert (caught.value.code, caught.value.path) == ("CONFLICT", ("idempotency_key",))
    assert rows() == before


@pytest.mark.parametrize("odd", ["", "1", "not-a-uuid", "x" * 36, "0" * 33])
def test_what_is_no_uuid_is_no_key(odd: str) -> None:
    with pytest.raises(Refused) as caught:
        place({make_variant(): 1}, idempotency_key=odd)

    assert (caught.value.code, caught.value.path) == ("INVALID", ("idempotency_key",))
    assert not Order.objects.exists()


def test_the_spelling_of_a_key_does_not_matter() -> None:
    lamp, same = make_variant(), key()

    assert place({lamp: 1}, idempotency_key=same) == place({lamp: 1}, idempotency_key=same.upper())


def test_each_account_has_keys_of_its_own() -> None:
    lamp, same = make_variant(), key()

    orders = {
        place({lamp: 1}, user=user, idempotency_key=same).pk
        for user in (make_user(), make_user(), None)
    }

    assert len(orders) == 3


def test_a_guest_s_key_does_not_open_an_order_that_is_an_account_s_by_now() -> None:
    lamp, same = make_variant(), key()
    order = place({lamp: 1}, idempotency_key=same)
    Order.objects.filter(pk=order.pk).update(user=make_user())

    with pytest.raises(ShopError) as caught:
        place({lamp: 1}, idempotency_key=same)

    assert (caught.value.code, caught.value.path) == ("NOT_FOUND", ("idempotency_key",))


def test_a_refusal_leaves_the_key_unused() -> None:
    lamp, same = make_variant(stock=1), key()
    with pytest.raises(ShopError):
        place({lamp: 2}, idempotency_key=same)

    assert not IdempotencyRecord.objects.exists()
    assert place({lamp: 1}, idempotency_key=same)


def test_a_key_for_a_cart_that_was_ordered_without_one_stands_for_that_order() -> None:
    cart, token = carts.create(
        user=None, wishes=[Wish(make_variant().pk, 1)], fields={"email": "a@example.com"}
    )
    order = placement.place_cart(token, Terms(TRANSFER, None))
    terms = Terms(TRANSFER, None, idempotency_key=key())

    assert placement.place_cart(token, terms) == order
    assert placement.place_cart(token, terms) == order
    assert cart.version


def test_a_key_is_forgotten_after_thirty_days_and_not_before() -> None:
    for number, days in (("OLD", 31), ("NEW", 29)):
        record = IdempotencyRecord.objects.create(
            principal=number, operation="orderPlace", key=number, digest="x", subject=number
        )
        age = timezone.now() - timedelta(days=days)
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=age)

    idempotency.prune()

    assert IdempotencyRecord.objects.get().subject == "NEW"
