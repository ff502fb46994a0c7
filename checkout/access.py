"""The secrets that open carts and orders to guests, and the numbers that people read out."""

import secrets

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from checkout.models import Order

# Without the letters that are taken for digits (Crockford's Base32): 12 of them are 60 bits.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """An order number: readable, and not to be guessed from another one."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3))


def new_token() -> str:
    """A cart's token: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_for(order: Order) -> str:
    """The order's access token: made from its row and the shop's key, so it is kept nowhere."""
    return _token(order, settings.SECRET_KEY)


def opens(order: Order, token: str) -> bool:
    """Whether the token is the order's, by the present key or a former one."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_token(order, key), token) for key in keys)


def _token(order: Order, key: str) -> str:
    value = f"{order.number}:{order.access_nonce}"
    return salted_hmac("checkout.order.access", value, secret=key, algorithm="sha256").hexdigest()
