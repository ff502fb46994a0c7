"""Signing in, staying so, signing out, over HTTP."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from tests.client import call, mutate, refusals
from tests.factories import PASSWORD, make_user
from users import tokens
from users.models import RefreshToken, User

TOKENS = "token refreshToken expiresAt user { email }"
NUL = "a\0b"


def sign_in(user: User, password: str = PASSWORD) -> dict[str, Any]:
    return mutate("tokenCreate", {"email": user.email, "password": password}, TOKENS)


def test_signing_in_gives_tokens_that_work() -> None:
    user = make_user()

    payload = sign_in(user)

    assert payload["errors"] == []
    assert payload["user"] == {"email": user.email}
    assert datetime.fromisoformat(payload["expiresAt"]) > timezone.now()
    assert call("{ me { email } }", token=payload["token"]).data["me"] == {"email": user.email}


def test_signing_in_is_refused_alike() -> None:
    known, closed = make_user(), make_user(is_active=False)
    tries = [
        (known.email, "wrong"),
        (closed.email, PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("no address", ""),
    ]

    answers = [
        mutate("tokenCreate", {"email": email, "password": password}, TOKENS)
        for email, password in tries
    ]

    assert refusals(answers[0]) == [("INVALID_CREDENTIALS", [])]
    assert answers == [answers[0]] * 4
    assert answers[0]["token"] is answers[0]["refreshToken"] is answers[0]["user"] is None


def test_text_that_cannot_be_stored_signs_nobody_in() -> None:
    payload = mutate("tokenCreate", {"email": NUL, "password": "x"}, TOKENS)

    assert refusals(payload) == [("INVALID", ["email"])]


def test_a_refresh_token_is_good_once_and_a_copy_ends_the_sign_in() -> None:
    first = sign_in(make_user())["refreshToken"]

    second = mutate("tokenRefresh", {"refreshToken": first}, TOKENS)
    again = mutate("tokenRefresh", {"refreshToken": first}, TOKENS)
    third = mutate("tokenRefresh", {"refreshToken": second["refreshToken"]}, TOKENS)

    assert second["errors"] == []
    assert call("{ me { email } }", token=second["token"]).data["me"] == second["user"]
    assert refusals(again) == refusals(third) == [("INVALID_TOKEN", ["refreshToken"])]
    assert again["token"] is None


def test_refreshing_does_not_mind_an_access_token_that_has_ended() -> None:
    raw = sign_in(make_user())["refreshToken"]

    payload = mutate("tokenRefresh", {"refreshToken": raw}, TOKENS, token="ended")

    assert payload["token"]


@pytest.mark.parametrize(
    ("raw", "code"), [("", "INVALID_TOKEN"), ("x" * 9999, "INVALID_TOKEN"), (NUL, "INVALID")]
)
def test_what_is_no_refresh_token_is_refused(raw: str, code: str) -> None:
    payload = mutate("tokenRefresh", {"refreshToken": raw}, TOKENS)

    assert refusals(payload) == [(code, ["refreshToken"])]


def test_signing_out_here_needs_the_refresh_token_alone() -> None:
    user = make_user()
    here, there = sign_in(user), sign_in(user)

    payload = mutate("tokenRevoke", {"refreshToken": here["refreshToken"]}, "revoked")

    assert payload == {"revoked": 1, "errors": []}
    ended = mutate("tokenRefresh", {"refreshToken": here["refreshToken"]}, TOKENS)
    assert refusals(ended) == [("INVALID_TOKEN", ["refreshToken"])]
    assert mutate("tokenRefresh", {"refreshToken": there["refreshToken"]}, TOKENS)["token"]


def test_an_unknown_token_is_signed_out_already() -> None:
    payload = mutate("tokenRevoke", {"refreshToken": "unknown"}, "revoked")

    assert payload == {"revoked": 0, "errors": []}


def test_signing_out_everywhere_needs_a_sign_in_and_ends_all() -> None:
    user = make_user()
    here, there = sign_in(user), sign_in(user)
    document = "mutation { tokenRevoke(input: {everywhere: true}) { revoked } }"
    assert call(document).codes == ["UNAUTHENTICATED"]

    assert call(document, token=here["token"]).data["tokenRevoke"] == {"revoked": 2}

    for ended in (here, there):
        assert call("{ me { email } }", token=ended["token"]).codes == ["UNAUTHENTICATED"]
        payload = mutate("tokenRefresh", {"refreshToken": ended["refreshToken"]}, TOKENS)
        assert refusals(payload) == [("INVALID_TOKEN", ["refreshToken"])]


@pytest.mark.parametrize("input", [{}, {"everywhere": False}, {"refreshToken": None}])
def test_signing_out_wants_to_know_where(input: dict[str, Any]) -> None:
    payload = mutate("tokenRevoke", input, "revoked", user=make_user())

    assert refusals(payload) == [("REQUIRED", ["refreshToken"])]


def test_a_refresh_token_is_no_access_token() -> None:
    raw = tokens.issue(make_user()).refresh_token

    assert call("{ me { email } }", token=raw).codes == ["UNAUTHENTICATED"]
    assert RefreshToken.objects.filter(revoked_at=None).count() == 1
