"""Changing one's own password in the admin: who came by somebody's visit cannot guess there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.admin_pages import signed_in
from tests.factories import PASSWORD, make_staff
from tests.users.counting import Clock, clock
from tests.users.hashing import Work
from users import attempts
from users.models import User

__all__ = ["clock"]

NEW = "a quite different horse"
HOME = "198.51.100.7"
FEW = 3
TOO_OFTEN = "That was too often. Try again in 600 seconds."


@pytest.fixture(autouse=True)
def _limits(settings: Settings, clock: Clock) -> None:
    settings.PASSWORD_HASHERS = ["tests.users.hashing.CountingHasher"]
    settings.RATE_LIMITS = settings.RATE_LIMITS | {
        "wrong passwords by account and network": (6, 3600, FEW),
    }


def visit(user: User) -> Client:
    return signed_in(user, REMOTE_ADDR=HOME)


def change(client: Client, old: str, new: str = NEW) -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("admin:password_change"), fields)


def test_wrong_old_passwords_are_limited_and_the_page_says_so(clock: Clock) -> None:
    user = make_staff()
    client = visit(user)

    answers = [change(client, "guess") for _ in range(FEW)]
    work = Work()
    guessed, right = change(client, "guess"), change(client, PASSWORD)

    assert [one.status_code for one in answers] == [200] * FEW
    assert [one.status_code for one in (guessed, right)] == [429, 429]
    assert guessed["Retry-After"] == "600"
    assert TOO_OFTEN in right.content.decode()
    assert work.done == 0
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    clock.turn(600)
    assert change(client, PASSWORD).status_code == 302


def test_guesses_here_and_at_signing_in_are_counted_together() -> None:
    user = make_staff()
    client = visit(user)
    change(client, "guess")
    for _ in range(FEW - 1):
        attempts.begin(user.email, HOME)

    assert change(client, "guess").status_code == 429


def test_what_is_wrong_with_the_new_one_alone_takes_no_attempt() -> None:
    client = visit(make_staff())

    weak = [change(client, PASSWORD, "1").status_code for _ in range(FEW * 2)]
    changed = [change(client, *pair).status_code for pair in [(PASSWORD, NEW), (NEW, PASSWORD)] * 2]

    assert weak == [200] * FEW * 2
    assert changed == [302] * 4


def test_only_who_is_signed_in_takes_attempts() -> None:
    user = make_staff()

    statuses = {change(Client(REMOTE_ADDR=HOME), "guess").status_code for _ in range(FEW * 2)}

    assert statuses == {302}
    assert change(visit(user), PASSWORD).status_code == 302
