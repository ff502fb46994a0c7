"""Numbers and tokens."""

import re

import pytest
from pytest_django import Settings

from checkout import access
from tests.checkout.buying import place
from tests.factories import make_variant
from users import tokens


def test_numbers_are_short_readable_and_not_a_counter() -> None:
    numbers = {access.new_number() for _ in range(500)}

    assert len(numbers) == 500
    assert all(
        re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", n) for n in numbers
    )
    assert len({number[:4] for number in numbers}) > 450


def test_a_token_opens_its_own_order_only() -> None:
    lamp = make_variant()
    order, other = place({lamp: 1}), place({lamp: 1})

    assert access.opens(order, access.token_for(order))
    assert not access.opens(order, access.token_for(other))
    assert not any(
        access.opens(order, odd) for odd in ("", "x", "é", "\ud800"[:0], order.access_nonce)
    )


def test_a_token_outlives_its_key_as_long_as_that_is_a_fallback(settings: Settings) -> None:
    order = place({make_variant(): 1})
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another-" * 8
    settings.SECRET_KEY_FALLBACKS = [before]
    fresh = access.token_for(order)
    with_fallback = [access.opens(order, token) for token in (fresh, token_by(before, order))]
    settings.SECRET_KEY_FALLBACKS = []

    assert with_fallback == [True, True]
    assert not access.opens(order, token_by(before, order))
    assert access.opens(order, fresh)


def token_by(key: str, order: object) -> str:
    return access._token(order, key)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", "\ud800", "ü" * 5000, "\0"])
def test_whatever_is_presented_has_a_digest(token: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", tokens.digest(token))
