"""What buyers contest at their banks, and what Stripe warns of."""

import logging

from django.db import transaction

from checkout import books, gateway, orders, settlement

log = logging.getLogger(__name__)
FRAUD = "early fraud warning"


def sync(dispute_id: str) -> None:
    """Bring a dispute in line with what Stripe says of it now; a foreign one is none of ours.

    Raises:
        gateway.Unavailable
    """
    try:
        said = gateway.dispute(dispute_id)
    except gateway.Missing:
        log.warning("Stripe does not know the dispute %s", dispute_id)
        return
    if said.intent_id:
        settlement.catch_up(said.intent_id)
        books.dispute(said)


def warned(charge_id: str) -> None:
    """Ask staff to look at an order whose card was probably stolen: refund it, or be disputed.

    https://docs.stripe.com/disputes/prevention/identifying-fraud. Raises gateway.Unavailable.
    """
    try:
        intent = gateway.intent_of_charge(charge_id)
    except gateway.Missing:
        return
    if intent:
        settlement.catch_up(intent)
        _flag(intent)


@transaction.atomic
def _flag(intent_id: str) -> None:
    payment = settlement.locked({"intent_id": intent_id})
    if payment:
        orders.flag(payment.order, FRAUD)
        orders.keep(payment.order)
