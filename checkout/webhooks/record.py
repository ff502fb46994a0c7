"""Each event is kept once, as id, kind and times; its content holds personal data."""

import logging

from django.db import DatabaseError, connection
from django.utils import timezone

from checkout.events import Event
from checkout.models import StripeEvent

log = logging.getLogger(__name__)

# In one statement, which both databases take: the ORM's own upsert cannot count, nor tell.
KEEP = """
    INSERT INTO checkout_stripeevent
        (id, type, livemode, created, received_at, attempts, error, done_at)
    VALUES (%s, %s, %s, %s, %s, 1, '', NULL)
    ON CONFLICT (id) DO UPDATE SET attempts = checkout_stripeevent.attempts + 1
    RETURNING done_at
"""


def is_done(event: Event) -> bool:
    """Whether it has been acted upon; from now on it is known, with one attempt more.

    Only a shortcut: two deliveries at the same moment both act, and the second finds all done.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [event.id, event.type, event.livemode, event.created, now])
        return cursor.fetchone()[0] is not None


def mark_done(event: Event) -> None:
    StripeEvent.objects.filter(pk=event.id).update(done_at=timezone.now(), error="")


def mark_failed(event: Event, error: Exception) -> None:
    """So that staff see it; Stripe comes again."""
    try:
        StripeEvent.objects.filter(pk=event.id).update(error=type(error).__name__)
    except DatabaseError:  # then this may be what failed before
        log.exception("The failure of %s could not be noted", event.id)
