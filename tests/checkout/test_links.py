"""The way back to an order, by mail."""

from functools import partial

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from checkout import access, links
from checkout.models import LinkMail, Order
from shop.errors import Refused
from tests.checkout.buying import at_once, place
from tests.factories import make_user, make_variant
from users.models import User

Callbacks = DjangoCaptureOnCommitCallbacks
EMAIL = "ada@example.com"


def order(user: User | None = None) -> Order:
    return place({make_variant(): 1}, email=EMAIL, user=user)


def ask(callbacks: Callbacks, number: str, email: str = EMAIL) -> None:
    with callbacks(execute=True) as jobs:
        links.request(number, email)
    assert len(jobs) == 1


def test_number_and_address_together_bring_the_link(
    settings: Settings, django_capture_on_commit_callbacks: Callbacks
) -> None:
    settings.STOREFRONT_URL = "https://shop.example"
    row = order()

    ask(django_capture_on_commit_callbacks, f" {row.number.lower()} ", "ADA@Example.com")

    (message,) = mail.outbox
    assert message.to == [EMAIL]
    assert message.subject == f"The way to your order {row.number}"
    link = f"https://shop.example/orders/{row.number}?token={access.token_for(row)}"
    assert link in message.body
    assert link in str(message.alternatives)  # type: ignore[attr-defined]


def test_without_a_storefront_the_mail_shows_the_access_token(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    row = order()

    ask(django_capture_on_commit_callbacks, row.number)

    assert access.token_for(row) in mail.outbox[0].body


def test_an_order_of_an_account_is_told_of_too(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    row = order(user=make_user())

    ask(django_capture_on_commit_callbacks, row.number)

    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("number", "email"),
    [
        ("own", "eve@example.com"),
        ("0000-0000-0000", EMAIL),
        ("x" * 5000, EMAIL),
        ("deleted", EMAIL),
    ],
)
def test_what_does_not_belong_together_brings_nothing(
    number: str, email: str, django_capture_on_commit_callbacks: Callbacks
) -> None:
    row = order()
    if number == "deleted":
        Order.objects.update(deleted_at=row.placed_at)

    ask(
        django_capture_on_commit_callbacks,
        row.number if number in ("own", "deleted") else number,
        email,
    )

    assert not mail.outbox
    assert not LinkMail.objects.exists()


def test_asking_does_the_same_whether_they_belong_together_or_not() -> None:
    row, statements = order(), []

    for email in (EMAIL, "eve@example.com"):
        with CaptureQueriesContext(connection) as captured:
            links.request(row.number, email)
        statements.append([one["sql"].replace(email, "") for one in captured.captured_queries])

    assert statements[0] == statements[1]


@pytest.mark.parametrize(
    ("number", "email", "code", "path"),
    [
        (" ", EMAIL, "REQUIRED", "number"),
        ("1", "", "REQUIRED", "email"),
        ("1", "ada", "INVALID", "email"),
    ],
)
def test_asking_needs_a_number_and_an_address(
    number: str, email: str, code: str, path: str
) -> None:
    with pytest.raises(Refused) as caught:
        links.request(number, email)

    assert (caught.value.code, caught.value.path) == (code, (path,))


def test_within_ten_minutes_there_is_one_mail_for_an_order(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    row, other = order(), order()

    for one in (row, row, other):
        ask(django_capture_on_commit_callbacks, one.number)
    assert len(mail.outbox) == 2
    LinkMail.objects.update(sent_at=row.placed_at - links.PAUSE)
    ask(django_capture_on_commit_callbacks, row.number)

    assert len(mail.outbox) == 3


def test_a_mail_that_did_not_leave_does_not_count(settings: Settings) -> None:
    row = order()
    settings.EMAIL_BACKEND = "no.such.backend"
    with pytest.raises(ImportError):
        links.send(row.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    links.send(row.pk)

    assert len(mail.outbox) == 1


@pytest.mark.transactional
def test_asked_for_by_many_at_once_it_is_mailed_once() -> None:
    for _ in range(5):
        row = order()
        LinkMail.objects.create(order=row)

        at_once(*[partial(links.send, row.pk)] * 6)

        subjects = [one.subject for one in mail.outbox]
        assert subjects.count(f"The way to your order {row.number}") == 1


@pytest.mark.transactional
def test_asked_for_by_many_at_once_for_the_first_time_it_is_mailed_once() -> None:
    row = order()

    at_once(*[partial(links.request, row.number, EMAIL)] * 6)

    assert [one.subject for one in mail.outbox].count(f"The way to your order {row.number}") == 1
