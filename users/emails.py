"""E-mail: which addresses will do, and what is sent to users.

Each mail is a job that takes the user's id and runs after the commit.
Nothing that a registration brings along stands in a mail: else anybody could have the shop
send their words to any address.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from shop import jobs, mail
from shop.errors import Refused
from users import one_time
from users.models import OneTimeToken, User

LONGEST = 254  # RFC 5321, and the column
NOBODY = 0  # stands for the owner of an unknown address, who gets no mail


def checked(email: str) -> str:
    """The address without blanks around it and with its domain in small letters.

    Raises:
        Refused: REQUIRED, TOO_LONG (over 254 signs) or INVALID, at "email".
    """
    address = User.objects.normalize_email(email.strip())
    if not address:
        raise Refused("REQUIRED", "An e-mail address is needed.", "email")
    if len(address) > LONGEST:
        raise Refused("TOO_LONG", f"An e-mail address has at most {LONGEST} signs.", "email")
    try:
        validate_email(address)
    except ValidationError:
        raise Refused("INVALID", "This is not an e-mail address.", "email") from None
    return address


@jobs.job
def registered_new(user_id: int) -> None:
    """Welcome, with the code that proves the address."""
    _send("registered_new", user_id, to_verify)


@jobs.job
def registered_known(user_id: int) -> None:
    """Somebody wanted to register an address that has an account."""
    _send("registered_known", user_id)


@jobs.job
def password_reset(user_id: int) -> None:
    """The code to set a new password with. It is made here: no queue's table ever holds it."""
    _send("password_reset", user_id, to_reset)


@jobs.job
def password_changed(user_id: int) -> None:
    """A warning, in case that it was somebody else."""
    _send("password_changed", user_id)


@jobs.job
def email_verification(user_id: int) -> None:
    """The code that proves the address."""
    _send("email_verification", user_id, to_verify)


@jobs.job
def email_change_notice(user_id: int) -> None:
    """A warning to the present address that somebody has asked for another."""
    _send("email_change_notice", user_id)


@jobs.job
def email_change(token_id: int) -> None:
    """The code to the address that an account is to have; its owner's mail, if it has one."""
    wish = OneTimeToken.objects.select_related("user").filter(pk=token_id, used_at=None).first()
    if wish is None or not wish.user.is_active:
        return
    owner = User.objects.with_email(wish.email).exclude(pk=wish.user_id).first()
    if owner is not None:
        _send("email_change_known", owner.pk)
        return
    with transaction.atomic():  # a new password voids the wish: no code may follow that
        User.objects.select_for_update(no_key=True).filter(pk=wish.user_id).first()
        if not OneTimeToken.objects.filter(pk=token_id, used_at=None).exists():
            return
        code = one_time.issue(wish.user, one_time.Purpose.EMAIL_CHANGE, email=wish.email)
    mail.send("users/emails/email_change", to=wish.email, **shown(code, "verify-email"))


def to_reset(user: User) -> dict[str, str]:
    return shown(one_time.issue(user, one_time.Purpose.PASSWORD_RESET), "reset-password")


def to_verify(user: User) -> dict[str, str]:
    return shown(one_time.issue(user, one_time.Purpose.EMAIL_VERIFICATION), "verify-email")


def shown(code: str, page: str) -> dict[str, str]:
    """A code as the mails show it: by a link to the storefront's page, or by itself."""
    storefront, query = settings.STOREFRONT_URL, urlencode({"token": code})
    return {"code": code, "link": f"{storefront}/{page}?{query}" if storefront else ""}


def _send(
    template: str, user_id: int, context: Callable[[User], dict[str, Any]] = lambda user: {}
) -> None:
    """Nothing for a closed account, and nothing where the user has gone meanwhile."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        mail.send(f"users/emails/{template}", to=user.email, **context(user))
