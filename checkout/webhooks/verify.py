"""Whether a body is an event of Stripe's own, judged on its raw bytes before it is parsed."""

import json
import time

import stripe
from django.conf import settings

from checkout.events import Event

# https://docs.stripe.com/webhooks/signature: how old an event may be. The library accepts any
# time to come, so that side is ours.
TOLERANCE = 300  # seconds
LARGEST = 256_000  # bytes


class NotFromStripe(Exception):
    """Forged, stale, from the future, or no event at all."""


def event_from(body: bytes, header: str) -> Event:
    """The event in a signed body.

    Args:
        header: of `Stripe-Signature`: `t=<seconds>,v1=<HMAC-SHA256 of t.body>`, perhaps several.

    Raises:
        NotFromStripe: whatever is wrong with it.
    """
    if len(body) > LARGEST:
        raise NotFromStripe("too large")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotFromStripe("not UTF-8") from None
    if not any(_is_signed(text, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise NotFromStripe("no signature of ours")
    if _time_of(header) > time.time() + TOLERANCE:
        raise NotFromStripe("from the future")
    try:
        found = json.loads(text)
        event = Event.of(found)
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        raise NotFromStripe("no event") from None
    return event


def _is_signed(text: str, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(text, header, secret, TOLERANCE)
    except stripe.SignatureVerificationError:
        return False
    except (TypeError, ValueError, OverflowError):  # a header with signs that cannot be compared
        return False
    return True


def _time_of(header: str) -> int:
    """The time in a header that was verified."""
    return next(int(part[2:]) for part in header.split(",") if part.startswith("t="))
