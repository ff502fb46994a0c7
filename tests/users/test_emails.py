"""The mails about accounts, as they arrive."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.factories import PASSWORD, make_user
from users import accounts, emails, one_time, passwords, verification
from users.models import User

ALL = [
    emails.registered_new,
    emails.registered_known,
    emails.password_reset,
    emails.password_changed,
    emails.email_verification,
    emails.email_change_notice,
]


def sent() -> tuple[EmailMultiAlternatives, str, str]:
    """The one mail, its text and its HTML."""
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    return message, str(message.body), str(html)


@pytest.mark.parametrize("job", ALL)
@pytest.mark.parametrize("storefront", ["", "https://shop.example"])
def test_each_mail_has_a_subject_a_text_and_a_page(
    job: Callable[..., None], storefront: str, settings: Settings
) -> None:
    settings.SHOP_NAME, settings.STOREFRONT_URL = "Tools & <More>", storefront
    user = make_user(first_name="Buy now at evil.example")

    job(user_id=user.pk)

    message, text, html = sent()
    assert message.to == [user.email]
    assert "Tools & <More>" in message.subject
    assert "Tools & <More>" in text
    assert "Tools &amp; &lt;More&gt;" in html
    assert '<html lang="en">' in html
    assert html.count("<h1") == 1
    assert (storefront in text and storefront in html) if storefront else "href" not in html
    assert "evil.example" not in text + html + message.subject
    assert "{%" not in text + html


@pytest.mark.parametrize("job", ALL)
def test_nobody_and_closed_accounts_get_no_mail(job: Callable[..., None]) -> None:
    job(user_id=emails.NOBODY)
    job(user_id=make_user(is_active=False).pk)

    assert not mail.outbox


def test_the_link_leads_to_the_storefront_with_a_code_that_works(settings: Settings) -> None:
    settings.STOREFRONT_URL = "https://shop.example"
    user = make_user()

    emails.password_reset(user_id=user.pk)

    _, text, html = sent()
    (link,) = re.findall(r"^https://\S+$", text, re.MULTILINE)
    start, _, code = link.partition("=")
    assert start == "https://shop.example/reset-password?token"
    assert f'href="{link}"' in html
    assert passwords.reset(code, new="a quite different secret") == user


def test_without_a_storefront_the_mail_shows_the_code_itself() -> None:
    user = make_user()

    emails.password_reset(user_id=user.pk)

    _, text, html = sent()
    (code,) = re.findall(r"^[\w-]{40,}$", text, re.MULTILINE)
    assert f">{code}<" in html
    assert one_time.redeem(code, one_time.Purpose.PASSWORD_RESET) == user


def test_the_welcome_brings_the_code_that_proves_the_address(settings: Settings) -> None:
    settings.STOREFRONT_URL = "https://shop.example"
    user = make_user()

    emails.registered_new(user_id=user.pk)

    _, text, html = sent()
    (link,) = re.findall(r"^https://\S+token\S+$", text, re.MULTILINE)
    start, _, code = link.partition("=")
    assert start == "https://shop.example/verify-email?token"
    assert f'href="{link}"' in html
    assert verification.verify(code) == user


def test_a_new_account_is_welcomed_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        accounts.register("ada@example.com", PASSWORD, first_name="Ada")
        assert not mail.outbox

    message, _, _ = sent()
    assert (message.to, message.subject) == (["ada@example.com"], "Welcome to Shop")
    assert PASSWORD not in str(message.message())
    assert User.objects.count() == 1
