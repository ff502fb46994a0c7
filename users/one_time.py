"""What is sent by mail to prove who reads it: good for one purpose, once, for a while."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from shop.errors import Refused
from users.models import OneTimeToken, User
from users.tokens import digest

Purpose = OneTimeToken.Purpose

LIFETIMES = {
    Purpose.PASSWORD_RESET: timedelta(hours=1),
    Purpose.EMAIL_VERIFICATION: timedelta(hours=24),
    Purpose.EMAIL_CHANGE: timedelta(hours=24),
}


def issue(user: User, purpose: Purpose, *, email: str = "") -> str:
    """A new token for a mail to that user. Earlier ones stay good: mails overtake each other.

    Args:
        email: the address that it is mailed to, if that is not the user's.
    """
    raw = secrets.token_urlsafe(32)
    _keep(raw, user, purpose, email or user.email)
    return raw


def reserve(user: User, purpose: Purpose, *, email: str) -> OneTimeToken:
    """A row that tells a job the address to mail to. Nobody knows its own code: the job makes
    the one that is mailed, so that no queue's table holds either."""
    return _keep(secrets.token_urlsafe(32), user, purpose, email)


def _keep(raw: str, user: User, purpose: Purpose, email: str) -> OneTimeToken:
    return OneTimeToken.objects.create(
        user=user,
        purpose=purpose,
        email=email,
        digest=digest(raw),
        expires_at=timezone.now() + LIFETIMES[purpose],
    )


def owner_of(raw: str, purpose: Purpose) -> User:
    """Whom the token was sent to; it stays unused.

    Raises:
        Refused: INVALID_TOKEN at "token", when it is unknown, expired, used, or for another
            purpose, and when its owner's account is closed or has another address since.
    """
    return valid(raw, purpose).user


def valid(raw: str, *purposes: Purpose) -> OneTimeToken:
    """The token with its user, if it is good for one of the purposes; it stays unused.

    Raises:
        Refused: as `owner_of` does.
    """
    now = timezone.now()
    rows = OneTimeToken.objects.select_related("user").filter(used_at=None, expires_at__gt=now)
    token = rows.filter(digest=digest(raw), purpose__in=purposes).first()
    if token is None or not token.user.is_active or _went_elsewhere(token):
        raise invalid()
    return token


def _went_elsewhere(token: OneTimeToken) -> bool:
    """Whether it was mailed to an address that the account has no more: its reader is nobody.

    Another address voids the tokens there are, but not one that a job makes in that moment.
    """
    return token.purpose != Purpose.EMAIL_CHANGE and token.email != token.user.email


def invalid() -> Refused:
    return Refused("INVALID_TOKEN", "The code is not valid any more. Ask for another.", "token")


def redeem(raw: str, purpose: Purpose) -> User:
    """Use the token up; its owner, with the row locked until the transaction ends.

    Raises:
        Refused: as `owner_of` does. Of two that redeem a token at once, the second is refused.
    """
    return redeemed(raw, purpose).user


@transaction.atomic
def redeemed(raw: str, *purposes: Purpose) -> OneTimeToken:
    """Use the token up; it, with its user, whose row is locked until the transaction ends.

    Raises:
        Refused: as `redeem` does.
    """
    owner = valid(raw, *purposes).user
    User.objects.select_for_update(no_key=True).filter(pk=owner.pk).first()
    token = valid(raw, *purposes)  # read again: whoever held the lock may have used it
    token.used_at = timezone.now()
    token.save(update_fields=["used_at"])
    return token


def void(user: User, *purposes: Purpose) -> None:
    """End the user's tokens for those purposes."""
    OneTimeToken.objects.filter(user=user, purpose__in=purposes, used_at=None).update(
        used_at=timezone.now()
    )
