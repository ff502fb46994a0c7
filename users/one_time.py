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
}


def issue(user: User, purpose: Purpose) -> str:
    """A new token for a mail to that user. Earlier ones stay good: mails overtake each other."""
    raw = secrets.token_urlsafe(32)
    OneTimeToken.objects.create(
        user=user,
        purpose=purpose,
        digest=digest(raw),
        expires_at=timezone.now() + LIFETIMES[purpose],
    )
    return raw


def owner_of(raw: str, purpose: Purpose) -> User:
    """Whom the token was sent to; it stays unused.

    Raises:
        Refused: INVALID_TOKEN at "token", when it is unknown, expired, used, or for another
            purpose, and when its owner's account is closed.
    """
    token = (
        OneTimeToken.objects.select_related("user")
        .filter(digest=digest(raw), purpose=purpose, used_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if token is None or not token.user.is_active:
        raise Refused("INVALID_TOKEN", "The code is not valid any more. Ask for another.", "token")
    return token.user


@transaction.atomic
def redeem(raw: str, purpose: Purpose) -> User:
    """Use the token up; its owner, with the row locked until the transaction ends.

    Raises:
        Refused: as `owner_of` does. Of two that redeem a token at once, the second is refused.
    """
    owner = owner_of(raw, purpose)
    User.objects.select_for_update(no_key=True).filter(pk=owner.pk).first()
    owner = owner_of(raw, purpose)  # read again: whoever held the lock may have used it
    OneTimeToken.objects.filter(digest=digest(raw)).update(used_at=timezone.now())
    return owner


def void(user: User, purpose: Purpose) -> None:
    """End the user's tokens for that purpose."""
    OneTimeToken.objects.filter(user=user, purpose=purpose, used_at=None).update(
        used_at=timezone.now()
    )
