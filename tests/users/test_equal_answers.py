"""Nobody learns over HTTP whether an address has an account: not by an answer, nor by its work.

Time is what an answer takes: how many passwords were hashed for it, and how many statements were
sent to the database. No clock is asked.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.factories import PASSWORD, make_staff, make_user
from tests.users.hashing import Work
from users import tokens
from users.models import User

OTHER = "a quite different secret"
STATES: dict[str, Callable[[str], object]] = {
    "unknown": lambda email: None,
    "unproven": lambda email: make_user(email=email),
    "proven": lambda email: make_user(email=email, email_verified_at=timezone.now()),
    "closed": lambda email: make_user(email=email, is_active=False),
    "without a password": lambda email: make_user(email=email, password=None),
    "staff": lambda email: make_staff(email=email),
    "spelt otherwise": lambda email: make_user(email=email.upper()),
}
REGISTER = """
    mutation($email: String!, $password: String!) {
      accountRegister(input: {email: $email, password: $password}) {
        accepted errors { __typename code path message }
      }
    }
"""
SIGN_IN = """
    mutation($email: String!, $password: String!) {
      tokenCreate(input: {email: $email, password: $password}) {
        token refreshToken user { id } errors { __typename code path message }
      }
    }
"""
BOTH = """
    mutation($email: String!, $password: String!) {
      accountRegister(input: {email: $email, password: $password}) { accepted errors { code } }
      tokenCreate(input: {email: $email, password: $password}) {
        token refreshToken user { id } errors { __typename code path message }
      }
    }
"""
RESET = """
    mutation($email: String!) {
      passwordResetRequest(input: {email: $email}) { accepted errors { code path message } }
    }
"""
VERIFY = """
    mutation($email: String!) {
      emailVerificationRequest(input: {email: $email}) { accepted errors { code path message } }
    }
"""
CHANGE = f"""
    mutation($email: String!) {{
      emailChangeRequest(input: {{newEmail: $email, password: "{PASSWORD}"}}) {{
        accepted errors {{ code path message }}
      }}
    }}
"""


@dataclass(frozen=True)
class Told:
    """All that a caller can see of an answer, and what it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    hashed: int
    statements: tuple[str, ...]  # what each does to which table


@pytest.fixture(autouse=True)
def _counting(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.users.hashing.CountingHasher"]


def ask(document: str, email: str, token: str = "", **variables: Any) -> Told:
    sent = json.dumps({"query": document, "variables": {"email": email} | variables})
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    work = Work()
    with CaptureQueriesContext(connection) as captured:
        answer = Client().post("/graphql/", sent, content_type="application/json", headers=headers)
    seen = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    did = tuple(" ".join(one["sql"].split('"s')[0].split()[:3]) for one in captured)
    return Told(answer.status_code, tuple(seen.items()), answer.content, work.done, did)


def asked_of_all(document: str, **options: Any) -> dict[str, Told]:
    """What is told of an address in each state; all of them as long as each other."""
    addresses = {state: f"ada{at}@example.com" for at, state in enumerate(STATES)}
    for state, email in addresses.items():
        STATES[state](email)
    ask(document, "first@example.com", **options)  # fills what is kept in memory
    return {state: ask(document, email, **options) for state, email in addresses.items()}


def test_registering_tells_nothing_and_takes_one_hash_and_the_same_statements() -> None:
    told = asked_of_all(REGISTER, password=OTHER)

    assert json.loads(told["unknown"].body)["data"] == {
        "accountRegister": {"accepted": True, "errors": []}
    }
    assert told["unknown"].hashed == 1
    assert set(told.values()) == {told["unknown"]}
    assert User.objects.with_email("ada0@example.com").exists()


@pytest.mark.parametrize("weak", ["short", "", "ada@example.com"])
def test_a_registration_that_is_refused_tells_nothing(weak: str) -> None:
    told = asked_of_all(REGISTER, password=weak)

    assert b"password" in told["unknown"].body
    assert told["unknown"].hashed == 0
    assert set(told.values()) == {told["unknown"]}


@pytest.mark.parametrize("proof", [True, False])
def test_signing_in_by_a_wrong_password_tells_nothing_and_takes_one_hash(
    proof: bool, settings: Settings
) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = proof

    told = asked_of_all(SIGN_IN, password=OTHER)

    assert b"INVALID_CREDENTIALS" in told["unknown"].body
    assert told["unknown"].hashed == 1
    assert set(told.values()) == {told["unknown"]}


def test_where_proof_is_asked_for_registering_and_signing_in_tells_nothing(
    settings: Settings,
) -> None:
    """Else the sign-in would work for whoever has just registered, and for nobody else."""
    settings.REQUIRE_VERIFIED_EMAIL = True

    in_one = asked_of_all(BOTH, password=OTHER)
    then = {
        state: ask(SIGN_IN, f"ada{at}@example.com", password=OTHER)
        for at, state in enumerate(STATES)
    }

    assert json.loads(in_one["unknown"].body)["data"]["accountRegister"]["accepted"] is True
    for told, hashed in ((in_one, 2), (then, 1)):
        assert b'"token":null' in told["unknown"].body.replace(b" ", b"")
        assert b"INVALID_CREDENTIALS" in told["unknown"].body
        assert told["unknown"].hashed == hashed
        assert set(told.values()) == {told["unknown"]}


def test_without_proof_the_two_steps_tell(settings: Settings) -> None:
    """What the setting is there for; so that the test above is known to see it."""
    settings.REQUIRE_VERIFIED_EMAIL = False

    told = asked_of_all(BOTH, password=OTHER)

    assert told["unknown"].body != told["proven"].body


@pytest.mark.parametrize("document", [RESET, VERIFY], ids=["reset", "verification"])
def test_asking_for_a_code_tells_nothing_and_mails_nothing_in_the_request(document: str) -> None:
    told = asked_of_all(document)

    assert b'"accepted":true' in told["unknown"].body.replace(b" ", b"")
    assert told["unknown"].hashed == 0
    assert set(told.values()) == {told["unknown"]}
    assert mail.outbox == []


def test_asking_for_another_address_tells_nothing() -> None:
    token = tokens.access_token(make_user(email="eve@example.com"))

    told = asked_of_all(CHANGE, token=token)

    assert b'"accepted":true' in told["unknown"].body.replace(b" ", b"")
    assert told["unknown"].hashed == 1
    assert set(told.values()) == {told["unknown"]}


@pytest.mark.parametrize("document", [REGISTER, RESET, VERIFY], ids=["register", "reset", "verify"])
def test_as_many_jobs_wait_for_the_commit_whosever_the_address_is(
    document: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    make_user(email="known@example.com")
    jobs = []

    for name in ("known", "nobody"):
        with django_capture_on_commit_callbacks() as waiting:
            ask(document, f"{name}@example.com", password=OTHER)
        jobs.append(len(waiting))

    assert jobs == [1, 1]
