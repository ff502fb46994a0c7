"""How often somebody may do something, counted in the database that all processes share.

No kept library counts there: django-ratelimit wants a cache with atomic counters, and the stores
of `limits` are Redis, Memcached, MongoDB and the memory of one process.

A limit is kept as one moment, in which the whole allowance is there again (the generic cell rate
algorithm of ITU-T I.371). Each use moves it on by the time that one use takes to come back; a use
that would move it further than the allowance reaches is refused, and moves nothing. One statement
does all of it, so that no two processes can take the same last one.
"""

import time
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils.crypto import salted_hmac

from shop import jobs
from users.models import Allowance

SECOND = 1_000_000  # microseconds

# The ORM's own upsert has no condition.
TAKE = """
    INSERT INTO users_allowance AS kept (key, whole_at) {row}
    ON CONFLICT (key) DO UPDATE SET whole_at =
        CASE WHEN kept.whole_at > %s THEN kept.whole_at ELSE %s END + %s
    WHERE kept.whole_at <= %s
    RETURNING whole_at
"""
ROW = "VALUES (%s, %s)"
# Its commit need not wait for the disk: a crash may give a few uses back.
QUICK_ROW = "SELECT %s::uuid, %s::bigint FROM set_config('synchronous_commit', 'off', true)"


@dataclass(frozen=True)
class Use:
    """Something that somebody does: the limit's name in RATE_LIMITS, and who, by what tells."""

    limit: str
    who: tuple[str, ...]

    @property
    def key(self) -> UUID:
        return keys(self.limit, *self.who)[0]

    @property
    def takes(self) -> int:
        """Microseconds until one use has come back."""
        times, seconds, _ = settings.RATE_LIMITS[self.limit]
        return int(seconds * SECOND // times)

    @property
    def reach(self) -> int:
        """Microseconds that the whole allowance may be away before one more use."""
        return self.takes * (settings.RATE_LIMITS[self.limit][2] - 1)


def now() -> int:
    """Microseconds since 1970."""
    return int(time.time() * SECOND)


def take(use: Use) -> int:
    """Count one use: 0. Or, when there is none left, the seconds until there is (at least 1).

    To be called outside of any transaction: what is rolled back was not counted.
    """
    at = now()
    latest = at + use.reach
    key = Allowance._meta.pk.get_db_prep_value(use.key, connection)
    with connection.cursor() as cursor:
        cursor.execute(statement(), [key, at + use.takes, at, at, use.takes, latest])
        if cursor.fetchone():
            return 0
    whole_at = Allowance.objects.filter(pk=use.key).values_list("whole_at", flat=True).first()
    return max(ceil(((whole_at or 0) - latest) / SECOND), 1)


def statement() -> str:
    alone = connection.vendor == "postgresql" and not connection.in_atomic_block
    return TAKE.format(row=QUICK_ROW if alone else ROW)


def give_back(use: Use) -> None:
    """Undo one `take`."""
    Allowance.objects.filter(pk=use.key).update(whole_at=F("whole_at") - use.takes)


def keys(*parts: str) -> list[UUID]:
    """Names of whoever is meant that cannot be traced back, that of the present secret first."""
    value = "\n".join(parts).encode(errors="surrogatepass")
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    made = [salted_hmac("users.rates", value, secret=one, algorithm="sha256") for one in secrets]
    return [UUID(bytes=one.digest()[:16]) for one in made]


@jobs.sweep("23 * * * *")
def prune() -> None:
    """Forget whoever has all of an allowance again."""
    Allowance.objects.filter(whole_at__lte=now()).delete()
