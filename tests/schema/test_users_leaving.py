"""Proving an address, changing to another, taking one's data along, and leaving, over HTTP."""

import json
import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from schema import ids
from tests.checkout import states
from tests.checkout.buying import place
from tests.client import call, mutate, refusals
from tests.factories import PASSWORD, make_staff, make_user, make_variant
from users.models import User

Callbacks = DjangoCaptureOnCommitCallbacks
EMAIL = "ada@example.com"
NUL = "a\0b"


def mailed_code() -> str:
    """The code in the first mail."""
    found = re.search(r"^[\w-]{40,}$", str(mail.outbox[0].body), re.MULTILINE)
    assert found
    return found[0]


def tokens_of(email: str) -> dict[str, Any]:
    return mutate("tokenCreate", {"email": email, "password": PASSWORD}, "token refreshToken")


def test_a_registration_is_proven_and_brings_in_the_guests_orders(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    order = place({make_variant(): 1}, email=EMAIL.upper())
    with django_capture_on_commit_callbacks(execute=True):
        mutate("accountRegister", {"email": EMAIL, "password": PASSWORD}, "accepted")
    before = tokens_of(EMAIL)["token"]
    orders = "{ me { emailVerified orders { nodes { number } } } }"
    assert call(orders, token=before).data["me"] == {
        "emailVerified": False, "orders": {"nodes": []}
    }  # fmt: skip

    payload = mutate("emailVerify", {"token": mailed_code()}, "user { email emailVerified }")

    assert payload == {"user": {"email": EMAIL, "emailVerified": True}, "errors": []}
    assert call(orders, token=before).data["me"] == {
        "emailVerified": True, "orders": {"nodes": [{"number": order.number}]}
    }  # fmt: skip
    again = mutate("emailVerify", {"token": mailed_code()}, "user { email }")
    assert (again["user"], refusals(again)) == (None, [("INVALID_TOKEN", ["token"])])


def test_asking_for_a_code_answers_alike_for_known_and_unknown() -> None:
    make_user(email=EMAIL)

    answers = [
        mutate("emailVerificationRequest", {"email": email}, "accepted")
        for email in (EMAIL, "nobody@example.com")
    ]

    assert answers == [{"accepted": True, "errors": []}] * 2


@pytest.mark.parametrize(("email", "code"), [("", "REQUIRED"), ("x", "INVALID"), (NUL, "INVALID")])
def test_asking_for_a_code_needs_an_address(email: str, code: str) -> None:
    payload = mutate("emailVerificationRequest", {"email": email}, "accepted")

    assert (payload["accepted"], refusals(payload)) == (False, [(code, ["email"])])


def test_another_address_is_the_accounts_once_its_code_comes_back(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    user = make_user()
    token = tokens_of(user.email)["token"]
    input = {"newEmail": EMAIL, "password": PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        asked = mutate("emailChangeRequest", input, "accepted", token=token)
    assert asked == {"accepted": True, "errors": []}
    assert call("{ me { email } }", token=token).data == {"me": {"email": user.email}}

    changed = mutate("emailVerify", {"token": mailed_code()}, "user { email }")

    assert changed == {"user": {"email": EMAIL}, "errors": []}
    assert call("{ me { email } }", token=token).codes == ["UNAUTHENTICATED"]
    assert tokens_of(EMAIL)["token"]
    assert refusals(tokens_of(user.email)) == [("INVALID_CREDENTIALS", [])]


def test_a_taken_address_is_answered_as_a_free_one() -> None:
    make_user(email="taken@example.com")
    user = make_user()

    answers = [
        mutate("emailChangeRequest", {"newEmail": email, "password": PASSWORD}, "accepted",
               user=user)
        for email in ("taken@example.com", "free@example.com")
    ]  # fmt: skip

    assert answers == [{"accepted": True, "errors": []}] * 2


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"password": "wrong"}, "INVALID_CREDENTIALS", ["password"]),
        ({"newEmail": "x"}, "INVALID", ["newEmail"]),
        ({"newEmail": NUL}, "INVALID", ["newEmail"]),
    ],
)
def test_a_change_of_address_that_is_refused(
    wrong: dict[str, str], code: str, path: list[str]
) -> None:
    input = {"newEmail": EMAIL, "password": PASSWORD} | wrong

    payload = mutate("emailChangeRequest", input, "accepted", user=make_user())

    assert (payload["accepted"], refusals(payload)) == (False, [(code, path)])


def test_who_leaves_is_gone() -> None:
    user = make_user(email=EMAIL)
    signed_in = tokens_of(EMAIL)

    payload = mutate("accountDelete", {"password": PASSWORD}, "deletedId", token=signed_in["token"])

    assert payload == {"deletedId": ids.of(user), "errors": []}
    assert call("{ me { email } }", token=signed_in["token"]).codes == ["UNAUTHENTICATED"]
    raw = {"refreshToken": signed_in["refreshToken"]}
    assert refusals(mutate("tokenRefresh", raw, "token")) == [("INVALID_TOKEN", ["refreshToken"])]
    assert refusals(tokens_of(EMAIL)) == [("INVALID_CREDENTIALS", [])]
    staff = make_staff("users.view_user")
    seen = call("query($id: ID!) { node(id: $id) { id } users { totalCount } }",
                user=staff, id=ids.of(user))  # fmt: skip
    assert seen.data == {"node": None, "users": {"totalCount": 1}}


def test_nobody_leaves_while_an_order_is_open() -> None:
    user = make_user(email=EMAIL)
    order = states.WAYS["paid"](user)

    payload = mutate(
        "accountDelete", {"password": PASSWORD}, "deletedId", user=User.objects.get(pk=user.pk)
    )

    assert (payload["deletedId"], refusals(payload)) == (None, [("INVALID_STATE", [])])
    assert order.number in payload["errors"][0]["message"]
    assert tokens_of(EMAIL)["token"]


def test_leaving_needs_the_password() -> None:
    payload = mutate("accountDelete", {"password": "wrong"}, "deletedId", user=make_user())

    assert refusals(payload) == [("INVALID_CREDENTIALS", ["password"])]


def test_consent_to_marketing_is_said_and_taken_back() -> None:
    user = make_user()
    fields = "user { marketingConsent marketingConsentAt }"

    given = mutate("accountUpdate", {"marketingConsent": True}, fields, user=user)
    kept = mutate("accountUpdate", {"firstName": "Ada"}, fields, user=user)
    taken = mutate("accountUpdate", {"marketingConsent": False}, fields, user=user)
    emptied = mutate("accountUpdate", {"marketingConsent": None}, fields, user=user)

    assert given["user"]["marketingConsent"] is True
    assert given["user"]["marketingConsentAt"]
    assert kept["user"] == given["user"]
    assert taken["user"] == {"marketingConsent": False, "marketingConsentAt": None}
    assert refusals(emptied) == [("REQUIRED", ["marketingConsent"])]


@pytest.mark.parametrize(("said", "is_given"), [({}, False), ({"marketingConsent": True}, True)])
def test_registering_consents_to_nothing_that_was_not_said(
    said: dict[str, bool], is_given: bool
) -> None:
    mutate("accountRegister", {"email": EMAIL, "password": PASSWORD} | said, "accepted")

    assert (User.objects.get().marketing_consent_at is not None) == is_given


def test_a_list_shows_consent_at_the_same_cost_for_one_and_for_many() -> None:
    staff, counts = make_staff("users.view_user"), []

    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            call(
                "{ users { nodes { marketingConsent marketingConsentAt accountExport } } }",
                user=staff,
            )
        counts.append(len(captured))
        for _ in range(10):
            make_user()

    assert counts[0] == counts[1]


def test_the_export_is_for_its_owner_alone() -> None:
    user, staff = make_user(email=EMAIL), make_staff("users.view_user")

    own = call("{ me { accountExport } }", user=user).data["me"]["accountExport"]
    seen = call("{ users { nodes { email accountExport } } }", user=staff).data["users"]["nodes"]

    assert json.loads(own)["profile"]["email"] == EMAIL
    by_email = {one["email"]: one["accountExport"] for one in seen}
    assert by_email[EMAIL] is None
    assert by_email[staff.email]


@pytest.mark.parametrize("name", ["accountDelete", "emailChangeRequest"])
def test_an_account_is_needed_to_change_or_leave_it(name: str) -> None:
    fields = 'password: "x"' + (', newEmail: "x"' if name == "emailChangeRequest" else "")
    document = f"mutation {{ {name}(input: {{{fields}}}) {{ errors {{ code }} }} }}"

    assert call(document).codes == ["UNAUTHENTICATED"]
    assert call(document, token="ended").codes == ["UNAUTHENTICATED"]
