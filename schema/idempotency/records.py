"""The rows behind the keys: found, claimed, answered, and forgotten again."""

import time
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from schema.errors import Denied
from schema.idempotency.keys import Asked
from schema.models import KeptAnswer
from shop import jobs

KEPT = timedelta(days=1)
WAIT = 10.0  # seconds in which a repeat waits for the answer to the first one
PAUSE = 0.05
# A process that carries something out for longer was killed. If it was only slow, both do it,
# and what they do holds against that: it is refused or found done the second time.
ALIVE = timedelta(minutes=2)


class Busy(Denied):
    """The same request is being carried out at this moment."""

    def __init__(self) -> None:
        super().__init__("CONFLICT", "The request with this key is still being carried out.")
        self.extensions = {"code": "CONFLICT", "retryAfter": 1}


def answered(asked: Asked) -> str | None:
    """The answer to an earlier one, as it was kept.

    Raises:
        Denied: CONFLICT, for a key that was used for something else.
        Busy: while the earlier one has none yet.
    """
    found = _found(asked)
    if found is not None and found[1] is None:
        raise Busy
    return found[1] if found else None


def take(asked: Asked) -> bool:
    """Keep the key in the transaction that uses it; False when somebody was first.

    On PostgreSQL a parallel repeat waits here until the first one commits or gives up.
    """
    return _insert(asked, timezone.now())


def keep(asked: Asked, answer: str) -> None:
    KeptAnswer.objects.filter(name=asked.seal.name).update(answer=asked.seal.close(answer))


def drop(asked: Asked) -> None:
    """Leave the key unused: nothing came of the request."""
    KeptAnswer.objects.filter(name=asked.seal.name).delete()


def claim(asked: Asked) -> datetime | None:
    """Say that the request is being carried out, at once and for all to see.

    Returns:
        The claim; None when an earlier request has its answer.

    Raises:
        Denied: CONFLICT, for a key that was used for something else.
        Busy: when an earlier one takes too long to be waited for.
    """
    until = time.monotonic() + WAIT
    while True:
        now = timezone.now()
        found = _found(asked)
        if found is None and _insert(asked, now):
            return now
        if found is not None:
            row, answer = found
            if answer is not None:
                return None
            if row.claimed_at < now - ALIVE and _take_over(row, now):
                return now
        if time.monotonic() > until:
            raise Busy
        time.sleep(PAUSE)


def fulfil(asked: Asked, claimed_at: datetime, answer: str) -> None:
    """Keep the answer, unless the claim was taken over."""
    own = KeptAnswer.objects.filter(name=asked.seal.name, claimed_at=claimed_at)
    own.update(answer=asked.seal.close(answer))


def release(asked: Asked, claimed_at: datetime) -> None:
    """Give a claim up: nothing came of the request."""
    KeptAnswer.objects.filter(name=asked.seal.name, claimed_at=claimed_at).delete()


def _found(asked: Asked) -> tuple[KeptAnswer, str | None] | None:
    """The record of that key, whichever secret it was made with, and its answer."""
    by_name = {seal.name: seal for seal in asked.seals}
    row = KeptAnswer.objects.filter(name__in=by_name).first()
    if row is None:
        return None
    seal = by_name[row.name]
    if row.content != seal.print_of(asked.content):
        raise Denied("CONFLICT", "This key was used for another request.")
    return row, None if row.answer is None else seal.open(bytes(row.answer))


def _insert(asked: Asked, now: datetime) -> bool:
    seal = asked.seal
    try:
        with transaction.atomic():
            KeptAnswer.objects.create(
                name=seal.name, content=seal.print_of(asked.content), claimed_at=now
            )
    except IntegrityError:
        return False
    return True


def _take_over(row: KeptAnswer, now: datetime) -> bool:
    own = KeptAnswer.objects.filter(name=row.name, claimed_at=row.claimed_at, answer=None)
    return bool(own.update(claimed_at=now))


@jobs.sweep("47 3 * * *")
def prune() -> None:
    """Forget the keys of more than KEPT ago."""
    KeptAnswer.objects.filter(claimed_at__lt=timezone.now() - KEPT).delete()
