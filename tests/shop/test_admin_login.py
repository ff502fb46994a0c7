"""Signing in to the admin: few wrong passwords at once."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.factories import PASSWORD, make_staff, make_user
from tests.users.counting import Clock, clock
from tests.users.hashing import Work
from users import attempts
from users.models import User

__all__ = ["clock"]

LOGIN = "/admin/login/"
HOME, CAFE = "198.51.100.7", "203.0.113.9"
AT_ACCOUNT = 3
TOO_OFTEN = "That was too often. Try again in 600 seconds."


@pytest.fixture(autouse=True)
def _limits(settings: Settings, clock: Clock) -> None:
    settings.PASSWORD_HASHERS = ["tests.users.hashing.CountingHasher"]
    settings.RATE_LIMITS = settings.RATE_LIMITS | {
        "wrong passwords by account and network": (6, 3600, AT_ACCOUNT),
        "wrong passwords by account": (6, 3600, 5),
    }


def sign_in(user: User, password: str = PASSWORD, network: str = HOME) -> Any:
    form = {"username": user.email, "password": password, "next": "/admin/"}
    return Client(REMOTE_ADDR=network).post(LOGIN, form)


def test_wrong_passwords_are_limited_and_the_page_says_so(clock: Clock) -> None:
    user = make_staff()
    work = Work()

    answers = [sign_in(user, "wrong") for _ in range(AT_ACCOUNT)]
    guessed, right = sign_in(user, "wrong"), sign_in(user)

    assert {one.status_code for one in answers} == {200}
    assert all("Retry-After" not in one for one in answers)
    assert (guessed.status_code, right.status_code) == (429, 429)
    assert guessed["Retry-After"] == right["Retry-After"] == "600"
    assert TOO_OFTEN in guessed.content.decode()
    assert TOO_OFTEN in right.content.decode()
    assert work.done == AT_ACCOUNT
    clock.turn(600)
    assert sign_in(user).status_code == 302


def test_right_ones_are_not_limited_and_make_the_network_known() -> None:
    user = make_staff()

    assert {sign_in(user).status_code for _ in range(AT_ACCOUNT * 2)} == {302}

    assert attempts.is_known(user.email, HOME)
    for number in range(9):
        sign_in(user, "wrong", network=f"192.0.2.{number}")
    assert sign_in(user, network=CAFE).status_code == 429
    assert sign_in(user).status_code == 302


def test_a_customer_s_right_password_counts_like_a_wrong_one() -> None:
    """The page says the same to both, so the limit must too."""
    user = make_user()

    statuses = [sign_in(user).status_code for _ in range(AT_ACCOUNT + 1)]

    assert statuses == [200] * AT_ACCOUNT + [429]


def test_an_empty_form_takes_no_attempt() -> None:
    user = make_staff()
    for _ in range(AT_ACCOUNT * 2):
        assert Client().post(LOGIN, {"username": user.email}).status_code == 200
        assert Client().post(LOGIN, {"password": PASSWORD}).status_code == 200

    assert sign_in(user, network="127.0.0.1").status_code == 302


def test_the_page_is_the_one_that_the_admin_sends_to() -> None:
    sent = Client().get("/admin/")

    assert sent["Location"].startswith(LOGIN)
    assert Client().get(LOGIN).status_code == 200
