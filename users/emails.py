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

from shop import jobs, mail
from shop.errors import Refused
from users import one_time
from users.models import User

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
    """Welcome."""
    _send("registered_new", user_id)


@jobs.job
def registered_known(user_id: int) -> None:
    """Somebody wanted to register an address that has an account."""
    _send("registered_known", user_id)


@jobs.job
def password_reset(user_id: int) -> None:
    """The code to set a new password with. It is made here: no queue's table ever holds it."""
    _send("password_reset", user_id, with_code)


@jobs.job
def password_changed(user_id: int) -> None:
    """A warning, in case that it was somebody else."""
    _send("password_changed", user_id)


def with_code(user: User) -> dict[str, str]:
    code = one_time.issue(user, one_time.Purpose.PASSWORD_RESET)
    storefront = settings.STOREFRONT_URL
    query = urlencode({"token": code})
    return {"code": code, "link": f"{storefront}/reset-password?{query}" if storefront else ""}


def _send(
    template: str, user_id: int, context: Callable[[User], dict[str, Any]] = lambda user: {}
) -> None:
    """Nothing for a closed account, and nothing where the user has gone meanwhile."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        mail.send(f"users/emails/{template}", to=user.email, **context(user))
