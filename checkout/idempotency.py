"""A request with a key is carried out once, however often it is sent."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import CharField, QuerySet
from django.utils import timezone

from checkout.models import IdempotencyRecord
from shop import jobs
from shop.errors import Refused
from shop.prepared import Columns, Prepared, Slot
from users.models import User

KEPT = timedelta(days=30)
KEPT_AS = Columns(own=frozenset({"digest", "subject"}))


def digest_of(content: Any) -> str:
    """The same for the same content, whatever the order of its keys."""
    return sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def once(
    operation: str, key: str | None, *, user: User | None, content: Any, act: Callable[[str], str],
    subject: str,
) -> str:  # fmt: skip
    """The subject (an order's number) that this key stands for, acted upon at most once.

    The key is claimed before anything else is written: a parallel repeat waits for that row,
    not for stock that the first one is taking.

    Args:
        subject: what the key will stand for if it is new.
        act: makes the subject, or finds what was made before and answers with that; called
            inside a transaction, the one that keeps the key.

    Raises:
        Refused: INVALID for a key that is no UUID, CONFLICT for a key that was used for
            something else; and whatever `act` raises, which leaves the key unused.
    """
    if key is None:
        with transaction.atomic():
            return act(subject)
    mark = mark_of(operation, key, user)
    digest = digest_of(content)
    if known := earlier(mark, digest):
        return known
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(**mark, digest=digest, subject=subject)
            made = act(subject)
            if made != subject:  # it was there before, made without this key
                record.subject = made
                record.save(update_fields=["subject"])
            return made
    except IntegrityError:
        if known := earlier(mark, digest):
            return known
        raise


def mark_of(operation: str, key: str, user: User | None) -> dict[str, str]:
    """What a key is kept under. Raises Refused: INVALID for a key that is no UUID."""
    name = checked(key)
    principal = f"user:{user.pk}" if user else name
    return {"principal": principal, "operation": operation, "key": name}


def is_known(operation: str, key: str | None, *, user: User, content: Any) -> bool:
    """Whether this was asked for before. Raises Refused: INVALID, CONFLICT."""
    mark = None if key is None else mark_of(operation, key, user)
    return mark is not None and earlier(mark, digest_of(content)) is not None


def keep(operation: str, key: str | None, *, user: User, content: Any, subject: str) -> None:
    """Remember a key that is not known, in the transaction that does what it is for.

    Raises:
        Refused: CONFLICT for a key that is used at this moment for something else.
    """
    if key is None:
        return
    mark = mark_of(operation, key, user)
    try:
        with transaction.atomic():
            IdempotencyRecord.objects.create(**mark, digest=digest_of(content), subject=subject)
    except IntegrityError:
        raise _conflict() from None


def checked(key: str) -> str:
    try:
        return str(UUID(key))
    except ValueError:
        raise Refused("INVALID", "The key must be a UUID.", "idempotency_key") from None


def earlier(mark: dict[str, str], digest: str) -> str | None:
    """What the key stands for already, if anything."""
    found = Prepared("kept request", _kept_as, KEPT_AS, mark).read()
    if not found:
        return None
    if found[0].digest != digest:
        raise _conflict()
    return str(found[0].subject)


def _kept_as() -> QuerySet[IdempotencyRecord]:
    slots = {name: Slot(name, CharField()) for name in ("principal", "operation", "key")}
    return IdempotencyRecord.objects.filter(**slots)


def _conflict() -> Refused:
    return Refused("CONFLICT", "This key was used for something else.", "idempotency_key")


@jobs.sweep("41 3 * * *")
def prune() -> None:
    """Forget the keys of more than KEPT ago: no client repeats a request that long."""
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
