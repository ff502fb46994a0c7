"""A life in the shop, with everything that is logged on the way: no secret of it stands there."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from checkout import quotes
from schema import ids
from shop.redaction import BLOT, Redacting
from tests.client import call, mutate
from tests.factories import PASSWORD, make_user, make_variant

STREET, NEW = "Elm Street 4711", "quite another passphrase 9"
PACKAGES = ("shop", "users", "catalog", "checkout", "schema", "django.request", "stripe")

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the shop's own formatter makes of everything down to DEBUG."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Redacting("{name} {message}", style="{"))
    before = {name: logging.getLogger(name).level for name in PACKAGES}
    for name in PACKAGES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def code_of(sent: mail.EmailMessage) -> str:
    """The longest word of a mail: its code."""
    found: list[str] = re.findall(r"[\w-]{20,}", str(sent.body))
    return max(found, key=len)


def live(committing: DjangoCaptureOnCommitCallbacks) -> set[str]:
    """Sign in, fail to, and forget the password; the secrets of all that."""
    user = make_user()
    good = {"email": user.email, "password": PASSWORD}
    signed = mutate("tokenCreate", good, "token refreshToken")
    mutate("tokenCreate", good | {"password": NEW}, "token")
    fresh = mutate("tokenRefresh", {"refreshToken": signed["refreshToken"]}, "token refreshToken")
    with committing(execute=True):
        mutate("passwordResetRequest", {"email": user.email}, "accepted")
    code = code_of(mail.outbox[-1])
    mutate("passwordReset", {"token": code, "newPassword": NEW}, "user { email }")
    call("{ me { email } }", token=fresh["token"])
    secrets = {PASSWORD, NEW, code, user.email, STREET}
    secrets |= {
        value for pair in (signed, fresh) for value in (pair["token"], pair["refreshToken"])
    }
    return secrets


def buy(monkeypatch: pytest.MonkeyPatch, secrets: set[str]) -> None:
    """A cart whose price cannot be told, for a bug that quotes all that it knows."""
    said = " ".join(f"password={one!r}" for one in sorted(secrets))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr(quotes, "of_cart_lines", broken)
    lines = [{"variantId": ids.of(make_variant()), "quantity": 1}]
    made = call(
        "mutation($input: CartInput!) { cartCreate(input: $input)"
        " { cart { totals { total { amount } } } } }",
        input={"lines": lines, "email": "guest@example.com", "note": STREET},
    )
    assert made.codes == ["INTERNAL"]


def test_no_secret_is_logged(
    logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    secrets = live(django_capture_on_commit_callbacks)
    buy(monkeypatch, secrets)

    text = logged.getvalue()

    assert "RuntimeError" in text  # the bug was logged,
    assert BLOT in text  # with what it quoted blotted out
    assert not [secret for secret in secrets if secret in text]


def test_the_shop_s_handlers_use_that_formatter() -> None:
    logging_settings: dict[str, Any] = settings.LOGGING
    formatters = logging_settings["formatters"]
    used = {formatters[one["formatter"]]["()"] for one in logging_settings["handlers"].values()}

    assert used == {"shop.redaction.Redacting"}
