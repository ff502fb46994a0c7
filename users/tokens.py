"""Signing in by token: short access tokens, and refresh tokens that are good for one use.

The only importer of django-graphql-jwt, which brings graphene and is therefore imported at the
first token (0.26 s). Of its machinery only signing and verifying are used; who a token belongs
to, and when it ends, is decided here. Whoever writes a user's tokens locks the user's row
first: two uses of one refresh token, or a use and a password change, wait for each other.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shop import jobs
from shop.errors import Refused
from users.models import OneTimeToken, RefreshToken, User

SUBJECT = re.compile(r"[1-9][0-9]{0,18}")  # the id of a row, as `_signed` writes it
SKEW = timedelta(minutes=1)  # by which the clocks of the shop's machines may differ


@dataclass(frozen=True)
class Tokens:
    """What a client keeps after signing in. `expires_at` is the access token's end."""

    token: str
    refresh_token: str
    expires_at: datetime
    user: User


def digest(raw: str) -> str:
    """What is kept of a secret. It is random and long, so that one round of SHA-256 will do."""
    return sha256(raw.encode(errors="replace")).hexdigest()


def access_token(user: User) -> str:
    """A bearer token for the user's present `token_version`."""
    return _signed(user, timezone.now())


def owner_of(token: str) -> User | None:
    """Who presents an access token; None when it is forged, expired, or ended since."""
    claims = _verified(token)
    subject, version = _subject(claims), claims.get("ver")
    if subject is None or type(version) is not int:
        return None
    return User.objects.filter(pk=subject, token_version=version, is_active=True).first()


def subject_of(token: str) -> str | None:
    """The id of whom a token was made out to, which may have been ended since, as has nobody's
    that is forged or expired. Good for telling callers apart, not for letting anybody in.
    """
    return _subject(_verified(token))


@transaction.atomic
def issue(user: User) -> Tokens:
    """Tokens for somebody who has just proven who they are, as the first of a new family.

    Raises:
        Refused: INVALID_CREDENTIALS, when the proof was overtaken: the password was changed or
            the account closed after it was checked.
    """
    locked = _locked(user.pk)
    if locked is None or not locked.is_active or locked.token_version != user.token_version:
        raise Refused("INVALID_CREDENTIALS", "The account has changed meanwhile. Sign in again.")
    return _new_tokens(locked, uuid4())[0]


def refresh(raw: str) -> Tokens:
    """New tokens for a refresh token, which is used up by it.

    A token that comes a second time was copied. Nobody knows which of its holders is the
    thief, so the whole family ends.

    Raises:
        Refused: INVALID_TOKEN, when it is unknown, expired, revoked, or was used before.
    """
    # Durable: raised inside, the refusal would take the family's end back with it.
    with transaction.atomic(durable=True):
        tokens = _rotated(digest(raw))
    if tokens is None:
        raise Refused(
            "INVALID_TOKEN", "The token is not valid any more. Sign in again.", "refresh_token"
        )
    return tokens


@transaction.atomic
def revoke(raw: str) -> int:
    """End the sign-in that a refresh token belongs to; how many refresh tokens that ended.

    Access tokens made from it run out by themselves. An unknown token ends nothing, and is no
    error (as in RFC 7009): its holder has what was wanted.
    """
    row = RefreshToken.objects.filter(digest=digest(raw)).first()
    if row is None:
        return 0
    _locked(row.user_id)
    return _end(family=row.family)


@transaction.atomic
def revoke_everywhere(user: User) -> int:
    """End every token of the user at once, access tokens too; how many refresh tokens ended."""
    _locked(user.pk)
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    user.refresh_from_db(fields=["token_version"])
    return _end(user=user)


@jobs.sweep("20 3 * * *")
def prune() -> None:
    """Forget refresh tokens and mailed tokens that have expired."""
    now = timezone.now()
    RefreshToken.objects.filter(expires_at__lte=now).delete()
    OneTimeToken.objects.filter(expires_at__lte=now).delete()


def _locked(user_id: int) -> User | None:
    return User.objects.select_for_update(no_key=True).filter(pk=user_id).first()


def _rotated(wanted: str) -> Tokens | None:
    """Tokens in place of the one with that digest; None when refused."""
    found = RefreshToken.objects.filter(digest=wanted).first()
    if found is None:
        return None
    user = _locked(found.user_id)
    # Read again: whoever held the lock may have used it.
    row = RefreshToken.objects.filter(pk=found.pk).first()
    if user is None or row is None:
        return None
    if row.revoked_at is not None:
        _end(family=row.family)
        return None
    if row.expires_at <= timezone.now() or not user.is_active:
        return None
    tokens, successor = _new_tokens(user, row.family)
    row.rotated_to, row.revoked_at = successor, successor.created_at
    row.save(update_fields=["rotated_to", "revoked_at"])
    return tokens


def _new_tokens(user: User, family: UUID) -> tuple[Tokens, RefreshToken]:
    now, raw = timezone.now(), secrets.token_urlsafe(32)
    row = RefreshToken.objects.create(
        user=user,
        digest=digest(raw),
        family=family,
        created_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    return Tokens(_signed(user, now), raw, _end_of_access(now), user), row


def _end(**which: Any) -> int:
    now = timezone.now()
    live = RefreshToken.objects.filter(**which, revoked_at=None)
    count = live.filter(expires_at__gt=now).count()
    live.update(revoked_at=now)
    return count


def _end_of_access(now: datetime) -> datetime:
    """To the whole second, as the token itself says it."""
    end: datetime = (now + settings.ACCESS_TOKEN_LIFETIME).replace(microsecond=0)
    return end


def _signed(user: User, now: datetime) -> str:
    from graphql_jwt.utils import jwt_encode

    until = _end_of_access(now)
    claims = {"sub": str(user.pk), "ver": user.token_version, "iat": now, "exp": until}
    return str(jwt_encode(claims))


def _subject(claims: dict[str, Any]) -> str | None:
    subject = claims.get("sub")
    well_formed = isinstance(subject, str) and SUBJECT.fullmatch(subject)
    return subject if well_formed and _ends_in_time(claims.get("exp")) else None


def _ends_in_time(end: Any) -> bool:
    """Whether `_signed` may have written that: the library takes texts, fractions and aeons."""
    latest = timezone.now() + settings.ACCESS_TOKEN_LIFETIME + SKEW
    return type(end) is int and end <= latest.timestamp()


def _verified(token: str) -> dict[str, Any]:
    """The claims of a token that we signed and that has not expired; else none."""
    import jwt
    from graphql_jwt.exceptions import JSONWebTokenError
    from graphql_jwt.settings import jwt_settings
    from graphql_jwt.utils import get_payload

    try:
        claims: dict[str, Any] = get_payload(token)
    except (JSONWebTokenError, ValueError, RecursionError):  # the latter for a hostile header
        pass
    else:
        return claims
    for key in settings.SECRET_KEY_FALLBACKS:  # while a key is being replaced
        try:
            return jwt.decode(token, key, algorithms=[jwt_settings.JWT_ALGORITHM])
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            continue
    return {}
