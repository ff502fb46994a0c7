"""Opening accounts, changing them, and their passwords, over HTTP."""

import re
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.client import call, mutate, refusals
from tests.factories import PASSWORD, make_user
from users.models import User

NEW = "a quite different secret"
TOKENS = "token refreshToken expiresAt user { email }"
NUL = "a\0b"
HALF = "a\ud800b"


def sign_in(user: User, password: str = PASSWORD) -> dict[str, Any]:
    return mutate("tokenCreate", {"email": user.email, "password": password}, TOKENS)


def test_registering_answers_alike_for_new_and_known() -> None:
    make_user(email="known@example.com")

    answers = [
        mutate(
            "accountRegister", {"email": f"{name}@example.com", "password": PASSWORD}, "accepted"
        )
        for name in ("new", "known")
    ]

    assert answers == [{"accepted": True, "errors": []}] * 2
    assert User.objects.count() == 2


def test_one_document_registers_and_signs_in() -> None:
    answer = call(
        """
        mutation($account: AccountRegisterInput!, $signIn: TokenCreateInput!) {
          accountRegister(input: $account) { accepted errors { code } }
          tokenCreate(input: $signIn) { token user { firstName } errors { code } }
        }
        """,
        account={"email": "ada@example.com", "password": PASSWORD, "firstName": "Ada"},
        signIn={"email": "ada@example.com", "password": PASSWORD},
    )

    signed_in = answer.data["tokenCreate"]
    assert signed_in["user"] == {"firstName": "Ada"}
    me = call("{ me { email } }", token=signed_in["token"])
    assert me.data == {"me": {"email": "ada@example.com"}}


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"email": " "}, "REQUIRED", ["email"]),
        ({"email": "ada"}, "INVALID", ["email"]),
        ({"email": "a" * 250 + "@example.com"}, "TOO_LONG", ["email"]),
        ({"email": NUL}, "INVALID", ["email"]),
        ({"email": HALF}, "INVALID", ["email"]),
        ({"password": ""}, "REQUIRED", ["password"]),
        ({"password": "password"}, "WEAK_PASSWORD", ["password"]),
        ({"password": "x" * 1001}, "TOO_LONG", ["password"]),
        ({"password": PASSWORD + NUL}, "INVALID", ["password"]),
        ({"firstName": "x" * 101}, "TOO_LONG", ["firstName"]),
        ({"lastName": "x" * 101}, "TOO_LONG", ["lastName"]),
        ({"phone": NUL}, "INVALID", ["phone"]),
    ],
)
def test_a_registration_that_is_refused(wrong: dict[str, str], code: str, path: list[str]) -> None:
    account = {"email": "ada@example.com", "password": PASSWORD} | wrong

    payload = mutate("accountRegister", account, "accepted")

    assert refusals(payload) == [(code, path)]
    assert payload["accepted"] is False
    assert not User.objects.exists()


def test_a_form_learns_all_that_is_wrong_at_once() -> None:
    payload = mutate(
        "accountRegister", {"email": "ada", "password": "1", "firstName": "x" * 101}, "accepted"
    )

    assert sorted(refusals(payload)) == [
        ("INVALID", ["email"]),
        ("TOO_LONG", ["firstName"]),
        ("WEAK_PASSWORD", ["password"]),
    ]


def test_an_update_changes_what_is_sent() -> None:
    user = make_user(first_name="Ada", last_name="Byron", phone="1")

    payload = mutate(
        "accountUpdate",
        {"lastName": "Lovelace", "phone": None},
        "user { firstName lastName phone }",
        user=user,
    )

    assert payload["user"] == {"firstName": "Ada", "lastName": "Lovelace", "phone": ""}
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.phone) == ("Ada", "Lovelace", "")


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"firstName": "x" * 101}, "TOO_LONG", ["firstName"]),
        ({"phone": "1" * 41}, "TOO_LONG", ["phone"]),
        ({"lastName": NUL}, "INVALID", ["lastName"]),
    ],
)
def test_a_refused_update_changes_nothing(
    input: dict[str, str], code: str, path: list[str]
) -> None:
    user = make_user(first_name="Ada")

    payload = mutate("accountUpdate", input, "user { email }", user=user)

    assert refusals(payload) == [(code, path)]
    assert payload["user"] is None
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.phone) == ("Ada", "", "")


def test_a_new_password_signs_everybody_out_the_caller_too() -> None:
    user = make_user()
    signed_in = sign_in(user)

    payload = mutate(
        "passwordChange",
        {"currentPassword": PASSWORD, "newPassword": NEW},
        "user { email }",
        token=signed_in["token"],
    )

    assert payload == {"user": {"email": user.email}, "errors": []}
    assert call("{ me { email } }", token=signed_in["token"]).codes == ["UNAUTHENTICATED"]
    raw = {"refreshToken": signed_in["refreshToken"]}
    assert refusals(mutate("tokenRefresh", raw, TOKENS)) == [("INVALID_TOKEN", ["refreshToken"])]
    assert refusals(sign_in(user)) == [("INVALID_CREDENTIALS", [])]
    assert sign_in(user, NEW)["token"]


@pytest.mark.parametrize(
    ("current", "new", "code", "path"),
    [
        ("wrong", NEW, "INVALID_CREDENTIALS", ["currentPassword"]),
        (PASSWORD, "password", "WEAK_PASSWORD", ["newPassword"]),
        (PASSWORD, "", "REQUIRED", ["newPassword"]),
        (PASSWORD, NUL, "INVALID", ["newPassword"]),
    ],
)
def test_a_password_change_that_is_refused(
    current: str, new: str, code: str, path: list[str]
) -> None:
    user = make_user()
    input = {"currentPassword": current, "newPassword": new}

    payload = mutate("passwordChange", input, "user { email }", user=user)

    assert refusals(payload) == [(code, path)]
    assert sign_in(user)["token"]


def test_a_forgotten_password_is_replaced_by_mail(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = make_user(email="ada@example.com")
    signed_in = sign_in(user)
    with django_capture_on_commit_callbacks(execute=True):
        asked = mutate("passwordResetRequest", {"email": "ADA@example.com"}, "accepted")
    found = re.search(r"^[\w-]{40,}$", str(mail.outbox[0].body), re.MULTILINE)
    assert found
    input = {"token": found[0], "newPassword": NEW}

    weak = mutate("passwordReset", input | {"newPassword": "1"}, "user { email }")
    done = mutate("passwordReset", input, "user { email }")
    again = mutate("passwordReset", input, "user { email }")

    assert asked == {"accepted": True, "errors": []}
    assert refusals(weak) == [("WEAK_PASSWORD", ["newPassword"])]
    assert done == {"user": {"email": "ada@example.com"}, "errors": []}
    assert refusals(again) == [("INVALID_TOKEN", ["token"])]
    assert call("{ me { email } }", token=signed_in["token"]).codes == ["UNAUTHENTICATED"]
    assert sign_in(user, NEW)["token"]


def test_asking_for_a_reset_answers_alike_for_known_and_unknown() -> None:
    make_user(email="ada@example.com")

    answers = [
        mutate("passwordResetRequest", {"email": f"{name}@example.com"}, "accepted")
        for name in ("ada", "nobody")
    ]

    assert answers == [{"accepted": True, "errors": []}] * 2


@pytest.mark.parametrize(("email", "code"), [("", "REQUIRED"), ("x", "INVALID"), (NUL, "INVALID")])
def test_asking_for_a_reset_needs_an_address(email: str, code: str) -> None:
    payload = mutate("passwordResetRequest", {"email": email}, "accepted")

    assert refusals(payload) == [(code, ["email"])]
    assert payload["accepted"] is False


@pytest.mark.parametrize(("token", "code"), [("", "INVALID_TOKEN"), (NUL, "INVALID")])
def test_a_reset_needs_a_code(token: str, code: str) -> None:
    payload = mutate("passwordReset", {"token": token, "newPassword": NEW}, "user { email }")

    assert refusals(payload) == [(code, ["token"])]


@pytest.mark.parametrize(
    ("name", "input"),
    [
        ("accountUpdate", "{}"),
        ("passwordChange", '{currentPassword: "x", newPassword: "y"}'),
        ("addressCreate", '{address: {name: "x", line1: "x", city: "x", country: "DE"}}'),
        ("addressUpdate", '{id: "x"}'),
        ("addressDelete", '{id: "x"}'),
    ],
)
def test_an_account_is_needed_for_what_is_done_to_one(name: str, input: str) -> None:
    document = f"mutation {{ {name}(input: {input}) {{ errors {{ code }} }} }}"

    assert call(document).codes == ["UNAUTHENTICATED"]
    assert call(document, token="ended").codes == ["UNAUTHENTICATED"]
