"""Carts to test with, and what must come of refusals."""

from typing import Any

import pytest
from django.utils import timezone

from checkout import carts
from checkout.models import Cart, CartLine
from checkout.quotes import Wish
from shop.errors import ShopError
from tests.checkout.buying import rows


def guest_cart(*wishes: Wish, **fields: Any) -> tuple[Cart, str]:
    cart, token = carts.create(user=None, wishes=wishes, fields=fields)
    assert token is not None
    return cart, token


def contents(cart: Cart) -> dict[int | None, int]:
    return dict(cart.lines.values_list("variant_id", "quantity"))


def refused(call: Any, *args: Any, **kwargs: Any) -> tuple[str, tuple[str, ...]]:
    """Code and path of the one refusal, which has written nothing."""
    before = rows(), list(Cart.objects.values()), list(CartLine.objects.values())
    with pytest.raises(ShopError) as caught:
        call(*args, **kwargs)
    assert (rows(), list(Cart.objects.values()), list(CartLine.objects.values())) == before
    (refusal,) = caught.value.each()
    return refusal.code, refusal.path


def close(cart: Cart, how: str) -> None:
    if how == "late":
        Cart.objects.filter(pk=cart.pk).update(expires_at=timezone.now())
    else:
        Cart.objects.filter(pk=cart.pk).update(status=how)
