"""Changing a password, and getting back in without it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from shop.errors import Refused
from tests.factories import PASSWORD, make_user
from tests.users.hashing import Work
from users import one_time, passwords, tokens
from users.models import OneTimeToken, User

NEW = "a quite different secret"
RESET = one_time.Purpose.PASSWORD_RESET


def reset_code() -> str:
    """The code in the last mail."""
    found = re.search(r"^[\w-]{40,}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[0]


def refused(caught: pytest.ExceptionInfo[Refused]) -> tuple[str, tuple[str, ...]]:
    return caught.value.code, caught.value.path


def test_a_change_ends_every_token_and_is_told_by_mail(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = make_user()
    issued = tokens.issue(user)
    code = one_time.issue(user, RESET)

    with django_capture_on_commit_callbacks(execute=True):
        changed = passwords.change(user, current=PASSWORD, new=NEW)

    assert changed.check_password(NEW)
    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert tokens.owner_of(issued.token) is None
    with pytest.raises(Refused):
        tokens.refresh(issued.refresh_token)
    with pytest.raises(Refused):
        passwords.reset(code, new="still another secret")
    assert [one.subject for one in mail.outbox] == ["Your password at Shop was changed"]
    assert tokens.owner_of(tokens.issue(changed).token) == user


@pytest.mark.parametrize(
    ("current", "new", "code", "path"),
    [
        ("wrong", NEW, "INVALID_CREDENTIALS", "current_password"),
        ("", NEW, "INVALID_CREDENTIALS", "current_password"),
        (PASSWORD, "", "REQUIRED", "new_password"),
        (PASSWORD, "short", "WEAK_PASSWORD", "new_password"),
        (PASSWORD, "x" * 1001, "TOO_LONG", "new_password"),
    ],
)
def test_a_refused_change_changes_nothing(current: str, new: str, code: str, path: str) -> None:
    user = make_user()
    issued = tokens.issue(user)

    with pytest.raises(Refused) as caught:
        passwords.change(user, current=current, new=new)

    assert refused(caught) == (code, (path,))
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert tokens.owner_of(issued.token) == user


def test_a_mailed_code_sets_the_password_once_and_ends_every_token(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = make_user(email="ada@example.com")
    issued = tokens.issue(user)
    with django_capture_on_commit_callbacks(execute=True):
        passwords.request_reset("ADA@example.com")
    code = reset_code()

    assert passwords.reset(code, new=NEW) == user

    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert tokens.owner_of(issued.token) is None
    with pytest.raises(Refused):
        tokens.refresh(issued.refresh_token)
    with pytest.raises(Refused) as caught:
        passwords.reset(code, new="still another secret")
    assert refused(caught) == ("INVALID_TOKEN", ("token",))


def test_a_reset_proves_the_address_that_the_code_was_mailed_to() -> None:
    user = make_user()

    passwords.reset(one_time.issue(user, RESET), new=NEW)

    assert User.objects.get(pk=user.pk).email_verified_at is not None


def test_a_code_that_was_mailed_to_a_former_address_is_refused() -> None:
    user = make_user()
    code = one_time.issue(user, RESET)
    User.objects.update(email="augusta@example.com")

    with pytest.raises(Refused) as caught:
        passwords.reset(code, new=NEW)

    assert refused(caught) == ("INVALID_TOKEN", ("token",))


def test_a_weak_password_leaves_the_code_good() -> None:
    user = make_user()
    code = one_time.issue(user, RESET)

    with pytest.raises(Refused) as caught:
        passwords.reset(code, new="12345678")

    assert refused(caught) == ("WEAK_PASSWORD", ("new_password",))
    assert passwords.reset(code, new=NEW) == user


def test_a_reset_ends_the_other_codes_but_those_for_another_purpose() -> None:
    user = make_user()
    first, second = one_time.issue(user, RESET), one_time.issue(user, RESET)
    other = one_time.issue(user, one_time.Purpose.EMAIL_VERIFICATION)

    passwords.reset(second, new=NEW)

    with pytest.raises(Refused):
        passwords.reset(first, new="still another secret")
    assert one_time.redeem(other, one_time.Purpose.EMAIL_VERIFICATION) == user


@pytest.mark.parametrize("spoil", ["expired", "closed", "purpose", "unknown"])
def test_a_code_that_is_not_good_is_refused(spoil: str) -> None:
    user = make_user(is_active=spoil != "closed")
    purpose = one_time.Purpose.EMAIL_VERIFICATION if spoil == "purpose" else RESET
    code = one_time.issue(user, purpose)
    if spoil == "expired":
        OneTimeToken.objects.update(expires_at=timezone.now())

    with pytest.raises(Refused) as caught:
        passwords.reset("x" if spoil == "unknown" else code, new=NEW)

    assert refused(caught) == ("INVALID_TOKEN", ("token",))
    assert User.objects.get().check_password(PASSWORD)


def test_codes_last_an_hour_and_those_for_the_address_a_day() -> None:
    user, now = make_user(), timezone.now()

    for purpose in one_time.Purpose:
        one_time.issue(user, purpose)

    lasting = {one.purpose: one.expires_at - now for one in OneTimeToken.objects.all()}
    slack = timedelta(minutes=1)
    assert timedelta(hours=1) <= lasting["PASSWORD_RESET"] < timedelta(hours=1) + slack
    assert timedelta(hours=24) <= lasting["EMAIL_VERIFICATION"] < timedelta(hours=24) + slack


def test_asking_does_the_same_for_known_closed_and_unknown(settings: Settings) -> None:
    make_user(email="ada@example.com")
    make_user(email="eve@example.com", is_active=False)
    settings.PASSWORD_HASHERS = ["tests.users.hashing.CountingHasher"]
    work, statements = Work(), []

    for email in ("ada@example.com", "eve@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as captured:
            passwords.request_reset(email)
        statements.append([one["sql"].replace(email, "") for one in captured.captured_queries])

    assert statements[0] == statements[1] == statements[2]
    assert work.done == 0


@pytest.mark.parametrize("email", ["nobody@example.com", "eve@example.com"])
def test_who_has_no_account_gets_no_code(
    email: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    make_user(email="eve@example.com", is_active=False)

    with django_capture_on_commit_callbacks(execute=True) as jobs:
        passwords.request_reset(email)

    assert len(jobs) == 1
    assert not mail.outbox
    assert not OneTimeToken.objects.exists()


@pytest.mark.parametrize(
    ("email", "code"),
    [(" ", "REQUIRED"), ("ada", "INVALID"), (f"{'a' * 250}@example.com", "TOO_LONG")],
)
def test_asking_needs_an_address(email: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        passwords.request_reset(email)

    assert refused(caught) == (code, ("email",))
