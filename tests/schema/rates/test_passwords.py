"""Guessing passwords over the API."""

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from tests.factories import PASSWORD, make_user
from tests.schema.rates.asking import (
    CAFE,
    HOME,
    ask,
    is_limited,
    is_signed_in,
    mutate,
    refusals,
    sign_in,
)
from tests.schema.trying import token_of
from tests.users.counting import Clock, clock
from tests.users.hashing import Work
from users import attempts, one_time
from users.models import User

__all__ = ["clock"]

AT_ACCOUNT, OF_NETWORK, OF_ALL = 5, 30, 30  # wrong passwords at once, by default
GUESSES = 1_000


@pytest.fixture(autouse=True)
def _limits(settings: Settings, clock: Clock) -> None:
    settings.PASSWORD_HASHERS = ["tests.users.hashing.CountingHasher"]
    settings.RATE_LIMITS = settings.RATE_LIMITS | {
        "wrong passwords by account and network": (12, 3600, AT_ACCOUNT),
        "wrong passwords by network": (60, 3600, OF_NETWORK),
        "wrong passwords by account": (12, 3600, OF_ALL),
    }


def network(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def test_wrong_passwords_are_limited_and_right_ones_are_not() -> None:
    user = make_user()

    assert all(is_signed_in(sign_in(user.email, PASSWORD)) for _ in range(AT_ACCOUNT * 3))
    wrong = [sign_in(user.email, "wrong") for _ in range(AT_ACCOUNT + 1)]

    assert [is_limited(one) for one in wrong] == [False] * AT_ACCOUNT + [True]
    assert refusals(wrong[0]) == ["INVALID_CREDENTIALS"]


def test_who_is_limited_has_no_password_looked_at_and_learns_nothing(clock: Clock) -> None:
    user, work = make_user(), Work()
    for _ in range(AT_ACCOUNT):
        sign_in(user.email, "wrong")
    assert work.done == AT_ACCOUNT

    wrong, right = sign_in(user.email, "wrong"), sign_in(user.email, PASSWORD)

    assert work.done == AT_ACCOUNT
    for said in ("status_code", "headers"):
        assert without_id(getattr(wrong, said)) == without_id(getattr(right, said))
    assert wrong.json()["errors"][0]["message"] == right.json()["errors"][0]["message"]
    clock.turn(float(right["Retry-After"]))
    assert is_signed_in(sign_in(user.email, PASSWORD))


def without_id(said: Any) -> Any:
    if isinstance(said, int):
        return said
    return {name: value for name, value in said.items() if name != "X-Request-ID"}


def test_a_known_and_an_unknown_address_are_limited_alike() -> None:
    known, work = make_user().email, Work()

    answers = [
        [sign_in(email, "wrong", network=place) for _ in range(AT_ACCOUNT + 2)]
        for email, place in ((known, HOME), ("nobody@example.com", CAFE))
    ]

    assert work.done == AT_ACCOUNT * 2
    for of_known, of_unknown in zip(*answers, strict=True):
        assert of_known.json().get("data") == of_unknown.json().get("data")
        assert without_id(of_known.headers) == without_id(of_unknown.headers)


def test_every_alias_is_a_guess() -> None:
    user, work = make_user(), Work()
    one = f'tokenCreate(input: {{email: "{user.email}", password: "wrong"}}) {{ token }}'
    document = f"mutation {{ a: {one} b: {one} }}"

    assert [is_limited(ask(document)) for _ in range(3)] == [False, False, True]
    assert work.done == 4
    assert not is_limited(sign_in(user.email, "wrong"))  # what was not looked at did not count
    assert is_limited(sign_in(user.email, "wrong"))


def test_a_guess_beside_a_success_counts_alone() -> None:
    ada, bob = make_user(), make_user()
    document = f"""mutation {{
        right: tokenCreate(input: {{email: "{ada.email}", password: "{PASSWORD}"}}) {{ token }}
        wrong: tokenCreate(input: {{email: "{bob.email}", password: "wrong"}}) {{ token }}
    }}"""

    for _ in range(AT_ACCOUNT):
        assert not is_limited(ask(document))

    assert is_limited(sign_in(bob.email, PASSWORD))
    assert is_signed_in(sign_in(ada.email, PASSWORD))


@pytest.mark.transactional
def test_a_key_gives_no_guess_back() -> None:
    user, work = make_user(), Work()

    for _ in range(AT_ACCOUNT + 3):
        sign_in(user.email, "wrong", Idempotency_Key=str(uuid4()))

    assert work.done == AT_ACCOUNT


@pytest.mark.transactional
def test_a_document_that_is_taken_back_gives_no_guess_back() -> None:
    user, work = make_user(), Work()
    document = f"""mutation {{
        tokenCreate(input: {{email: "{user.email}", password: "wrong"}}) {{ token }}
        reviewUpsert(input: {{productId: "x", rating: 1}}) {{ errors {{ code }} }}
    }}"""

    for _ in range(AT_ACCOUNT + 3):
        ask(document, Idempotency_Key=str(uuid4()))

    assert work.done == AT_ACCOUNT


@pytest.mark.parametrize(
    ("name", "input"),
    [
        ("passwordChange", {"currentPassword": "wrong", "newPassword": "some other phrase"}),
        ("accountDelete", {"password": "wrong"}),
        ("emailChangeRequest", {"newEmail": "new@example.com", "password": "wrong"}),
    ],
)
def test_whoever_has_the_token_guesses_no_faster(name: str, input: dict[str, str]) -> None:
    user = make_user()
    token, work = token_of(user), Work()

    answers = [mutate(name, input, token=token) for _ in range(AT_ACCOUNT + 2)]

    assert refusals(answers[0]) == ["INVALID_CREDENTIALS"]
    assert [is_limited(one) for one in answers] == [False] * AT_ACCOUNT + [True] * 2
    assert work.done == AT_ACCOUNT
    assert is_limited(sign_in(user.email, "wrong"))  # one allowance for all ways to guess


def test_a_right_password_is_no_guess_whatever_else_is_refused() -> None:
    token = token_of(make_user())
    input = {"currentPassword": PASSWORD, "newPassword": "12345678"}

    answers = [mutate("passwordChange", input, token=token) for _ in range(AT_ACCOUNT + 2)]

    assert [refusals(one) for one in answers] == [["WEAK_PASSWORD"]] * (AT_ACCOUNT + 2)


@pytest.mark.parametrize("token", ["", "forged"])
def test_who_is_not_signed_in_takes_nobody_s_attempts(token: str) -> None:
    answers = [mutate("accountDelete", {"password": "x"}, token=token) for _ in range(40)]

    assert not any(map(is_limited, answers))


def test_a_thousand_guesses_from_as_many_networks_look_at_few_passwords(clock: Clock) -> None:
    user, work = make_user(), Work()

    for number in range(GUESSES):
        sign_in(user.email, "wrong", network=network(number))

    assert work.done == OF_ALL
    clock.turn(3600)
    for number in range(GUESSES):
        sign_in(user.email, "wrong", network=network(number))
    assert work.done == OF_ALL + 12


def test_a_thousand_guesses_from_one_network_look_at_few_passwords() -> None:
    users, work = [make_user() for _ in range(GUESSES // 10)], Work()
    made = work.done

    for number in range(GUESSES):
        sign_in(users[number % len(users)].email, "wrong")

    assert work.done - made == OF_NETWORK


def attacked() -> User:
    """Somebody who signed in at home, and has no attempt left elsewhere."""
    user = make_user()
    assert is_signed_in(sign_in(user.email, PASSWORD, network=HOME))
    for number in range(OF_ALL + 5):
        sign_in(user.email, "wrong", network=network(number))
    assert is_limited(sign_in(user.email, PASSWORD, network=CAFE))
    return user


def test_the_owner_signs_in_at_home_all_the_while() -> None:
    user = attacked()

    assert is_signed_in(sign_in(user.email, PASSWORD, network=HOME))


def test_the_owner_elsewhere_gets_in_by_a_code_from_the_mail() -> None:
    user = attacked()
    code = one_time.issue(user, one_time.Purpose.PASSWORD_RESET)
    new = "another long phrase"

    done = mutate("passwordReset", {"token": code, "newPassword": new}, network=CAFE)

    assert refusals(done) == []
    assert is_signed_in(sign_in(user.email, new, network=CAFE))
    assert is_limited(sign_in(user.email, new, network="192.0.2.200"))


def test_a_code_that_is_refused_makes_no_network_known() -> None:
    user = attacked()

    mutate("passwordReset", {"token": "guessed", "newPassword": "a long phrase"}, network=CAFE)

    assert is_limited(sign_in(user.email, PASSWORD, network=CAFE))


def test_a_wrong_password_makes_no_network_known() -> None:
    user = make_user()

    sign_in(user.email, "wrong")
    assert not attempts.is_known(user.email, HOME)
    sign_in(user.email, PASSWORD)

    assert attempts.is_known(user.email, HOME)


def test_guesses_at_a_closed_account_are_not_forgiven() -> None:
    user, work = make_user(is_active=False), Work()

    for _ in range(AT_ACCOUNT + 3):
        sign_in(user.email, PASSWORD)

    assert work.done == AT_ACCOUNT
