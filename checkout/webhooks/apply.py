"""Each kind of event as one call into the domain, which asks Stripe how things stand now.

Of an event only its kind and the ids in it are used: it may be old, and others may be newer.
https://docs.stripe.com/api/events/types; `payment_intent.*` is left out, because the session's
events tell the same, and `charge.refund.updated` is the old twin of `refund.updated`.
"""

import logging
from collections.abc import Callable

from checkout import disputes, gateway, refunds, settlement
from checkout.events import Event
from checkout.webhooks import record

log = logging.getLogger(__name__)


def session(event: Event) -> None:
    settlement.sync(str(event.object["id"]))


def refund(event: Event) -> None:
    if intent := event.object.get("payment_intent"):
        refunds.sync(str(intent))


def dispute(event: Event) -> None:
    disputes.sync(str(event.object["id"]))


def warning(event: Event) -> None:
    if charge := event.object.get("charge"):
        disputes.warned(str(charge))


HANDLERS: dict[str, Callable[[Event], None]] = {
    "checkout.session.completed": session,
    "checkout.session.async_payment_succeeded": session,
    "checkout.session.async_payment_failed": session,
    "checkout.session.expired": session,
    "refund.created": refund,
    "refund.updated": refund,
    "refund.failed": refund,
    "charge.refunded": refund,
    "charge.dispute.created": dispute,
    "charge.dispute.updated": dispute,
    "charge.dispute.closed": dispute,
    "charge.dispute.funds_withdrawn": dispute,
    "charge.dispute.funds_reinstated": dispute,
    "radar.early_fraud_warning.created": warning,
}


def concerns(event: Event) -> bool:
    """Whether the shop acts on it: a kind that it knows, of its own account, in its key's mode."""
    is_ours = not event.account and event.livemode == gateway.is_live()
    return is_ours and event.type in HANDLERS and "id" in event.object


def follow(event: Event) -> bool:
    """Whether the shop is in line with the event now; else why not is logged and on its record.

    A repeat is safe, and what was done already is not done again.
    """
    if record.is_done(event):
        return True
    try:
        HANDLERS[event.type](event)
    except Exception as error:
        log.exception("The event %s (%s) could not be followed", event.id, event.type)
        record.mark_failed(event, error)
        return False
    record.mark_done(event)
    return True
