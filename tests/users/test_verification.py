"""Proving an address, and changing to another one."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from shop.errors import Refused
from tests.factories import PASSWORD, make_user
from tests.users.hashing import Work
from tests.users.test_tokens_race import at_once
from users import accounts, one_time, passwords, tokens, verification
from users.models import OneTimeToken, User
from users.one_time import Purpose

Callbacks = DjangoCaptureOnCommitCallbacks
NEW = "augusta@example.com"


def code_in(message: object) -> str:
    """The code in a mail."""
    assert isinstance(message, EmailMultiAlternatives)
    found = re.search(r"^[\w-]{40,}$", str(message.body), re.MULTILINE)
    assert found
    return found[0]


def refused(caught: pytest.ExceptionInfo[Refused]) -> tuple[str, tuple[str, ...]]:
    return caught.value.code, caught.value.path


def change_code(user: User, email: str = NEW) -> str:
    return one_time.issue(user, Purpose.EMAIL_CHANGE, email=email)


def test_a_mailed_code_proves_the_address_once(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    user = make_user(email="ada@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        verification.request("ADA@example.com")
    code = code_in(mail.outbox[0])

    proven = verification.verify(code)

    assert proven == user
    assert User.objects.get().email_verified_at == proven.email_verified_at is not None
    with pytest.raises(Refused) as caught:
        verification.verify(code)
    assert refused(caught) == ("INVALID_TOKEN", ("token",))


def test_proving_the_address_leaves_tokens_and_reset_codes_good() -> None:
    user = make_user()
    issued = tokens.issue(user)
    reset = one_time.issue(user, Purpose.PASSWORD_RESET)

    verification.verify(one_time.issue(user, Purpose.EMAIL_VERIFICATION))

    assert tokens.owner_of(issued.token) == user
    assert one_time.owner_of(reset, Purpose.PASSWORD_RESET) == user


def test_once_the_address_is_proven_the_other_codes_are_over() -> None:
    user = make_user()
    first, second = (one_time.issue(user, Purpose.EMAIL_VERIFICATION) for _ in range(2))

    verification.verify(second)

    with pytest.raises(Refused) as caught:
        verification.verify(first)
    assert refused(caught) == ("INVALID_TOKEN", ("token",))


def test_asking_does_the_same_for_known_proven_closed_and_unknown(settings: Settings) -> None:
    make_user(email="known@example.com")
    make_user(email="proven@example.com", email_verified_at=timezone.now())
    make_user(email="closed@example.com", is_active=False)
    settings.PASSWORD_HASHERS = ["tests.users.hashing.CountingHasher"]
    work, statements = Work(), []

    for name in ("known", "proven", "closed", "nobody"):
        email = f"{name}@example.com"
        with CaptureQueriesContext(connection) as captured:
            verification.request(email)
        statements.append([one["sql"].replace(email, "") for one in captured.captured_queries])

    assert all(one == statements[0] for one in statements)
    assert work.done == 0


@pytest.mark.parametrize("email", ["nobody@example.com", "closed@example.com"])
def test_who_has_no_account_gets_no_code(
    email: str, django_capture_on_commit_callbacks: Callbacks
) -> None:
    make_user(email="closed@example.com", is_active=False)

    with django_capture_on_commit_callbacks(execute=True) as jobs:
        verification.request(email)

    assert len(jobs) == 1
    assert not mail.outbox


@pytest.mark.parametrize(
    "spoil", ["expired", "closed", "reset", "unknown", "another address since"]
)
def test_a_code_that_is_not_good_proves_nothing(spoil: str) -> None:
    user = make_user(is_active=spoil != "closed")
    purpose = Purpose.PASSWORD_RESET if spoil == "reset" else Purpose.EMAIL_VERIFICATION
    code = one_time.issue(user, purpose)
    if spoil == "expired":
        OneTimeToken.objects.update(expires_at=timezone.now())
    if spoil == "another address since":
        User.objects.update(email=NEW)

    with pytest.raises(Refused) as caught:
        verification.verify("x" if spoil == "unknown" else code)

    assert refused(caught) == ("INVALID_TOKEN", ("token",))
    assert User.objects.get().email_verified_at is None
    assert not OneTimeToken.objects.exclude(used_at=None).exists()


def test_a_change_mails_the_code_to_the_new_address_and_a_notice_to_the_old(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    user = make_user(email="ada@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        verification.request_change(user, new_email=" augusta@EXAMPLE.com ", password=PASSWORD)

    assert [one.to for one in mail.outbox] == [[NEW], ["ada@example.com"]]
    assert mail.outbox[1].subject == "Another e-mail address for your account at Shop"
    assert NEW not in str(mail.outbox[1].body)
    assert User.objects.get().email == "ada@example.com"

    changed = verification.verify(code_in(mail.outbox[0]))

    assert (changed.email, User.objects.get().email) == (NEW, NEW)
    assert changed.email_verified_at is not None
    assert accounts.authenticate(NEW, PASSWORD) == user


def test_a_changed_address_ends_every_token_and_every_code() -> None:
    user = make_user()
    issued = tokens.issue(user)
    code, second = change_code(user), change_code(user, "second@example.com")
    reset = one_time.issue(user, Purpose.PASSWORD_RESET)
    proof = one_time.issue(user, Purpose.EMAIL_VERIFICATION)

    verification.verify(code)

    assert tokens.owner_of(issued.token) is None
    with pytest.raises(Refused):
        tokens.refresh(issued.refresh_token)
    with pytest.raises(Refused):
        passwords.reset(reset, new="a quite different secret")
    for old in (second, proof, code):
        with pytest.raises(Refused):
            verification.verify(old)
    assert User.objects.get().email == NEW


def test_asking_for_a_taken_address_answers_alike_and_tells_its_owner(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    user, _ = make_user(email="ada@example.com"), make_user(email=NEW)
    statements = []

    for email in ("free@example.com", "AUGUSTA@example.com"):
        with (
            CaptureQueriesContext(connection) as captured,
            django_capture_on_commit_callbacks() as jobs,
        ):
            verification.request_change(user, new_email=email, password=PASSWORD)
        statements.append(len(captured.captured_queries))
        assert len(jobs) == 2
    for job in jobs:
        job()

    assert statements[0] == statements[1]
    assert [(one.to, one.subject) for one in mail.outbox] == [
        ([NEW], "You already have an account at Shop"),
        (["ada@example.com"], "Another e-mail address for your account at Shop"),
    ]


@pytest.mark.parametrize(
    ("email", "password", "code", "path"),
    [
        (NEW, "wrong", "INVALID_CREDENTIALS", "password"),
        (" ", PASSWORD, "REQUIRED", "new_email"),
        ("ada", PASSWORD, "INVALID", "new_email"),
        (f"{'a' * 250}@example.com", PASSWORD, "TOO_LONG", "new_email"),
        ("ada@example.com", PASSWORD, "INVALID", "new_email"),
    ],
)
def test_a_change_that_is_refused_mails_nothing(
    email: str, password: str, code: str, path: str, django_capture_on_commit_callbacks: Callbacks
) -> None:
    user = make_user(email="ada@example.com")

    with (
        django_capture_on_commit_callbacks() as jobs,
        pytest.raises(Refused) as caught,
    ):
        verification.request_change(user, new_email=email, password=password)

    assert refused(caught) == (code, (path,))
    assert not jobs
    assert not OneTimeToken.objects.exists()


def test_an_address_that_was_taken_meanwhile_is_not_changed_to() -> None:
    user = make_user(email="ada@example.com")
    issued, code = tokens.issue(user), change_code(user)
    make_user(email="Augusta@example.com")

    with pytest.raises(Refused) as caught:
        verification.verify(code)

    assert refused(caught) == ("INVALID_TOKEN", ("token",))
    row = User.objects.get(pk=user.pk)
    assert (row.email, row.email_verified_at) == ("ada@example.com", None)
    assert tokens.owner_of(issued.token) == user


def test_the_case_of_ones_own_address_can_be_changed(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    user = make_user(email="ada@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        verification.request_change(user, new_email="Ada@example.com", password=PASSWORD)

    verification.verify(code_in(mail.outbox[0]))

    assert User.objects.get().email == "Ada@example.com"


def test_a_wish_that_was_ended_before_its_mail_sends_none(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    user = make_user()
    with django_capture_on_commit_callbacks() as jobs:
        verification.request_change(user, new_email=NEW, password=PASSWORD)
    one_time.void(user, *Purpose)

    for job in jobs:
        job()

    assert [one.to for one in mail.outbox] == [[user.email]]


def test_a_code_for_an_address_lasts_a_day() -> None:
    change_code(make_user())

    left = OneTimeToken.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)


@pytest.mark.transactional
def test_of_many_that_use_a_code_at_once_one_proves_the_address() -> None:
    code = one_time.issue(make_user(), Purpose.EMAIL_VERIFICATION)

    answers = at_once(*[partial(verification.verify, code)] * 6)

    assert answers.count("INVALID_TOKEN") == 5


@pytest.mark.transactional
def test_of_many_that_change_to_one_address_at_once_one_gets_it() -> None:
    codes = [change_code(make_user()) for _ in range(6)]

    answers = at_once(*[partial(verification.verify, code) for code in codes])

    assert answers.count("INVALID_TOKEN") == 5
    assert User.objects.filter(email=NEW).count() == 1
