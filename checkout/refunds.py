"""Refunds: a row first, then Stripe, then what Stripe says of it.

What Stripe lists for a payment is the truth: refunds made in its dashboard are booked like our
own, and a refund of ours that is listed there is never asked for again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction

from checkout import (
    books,
    fulfilments,
    gateway,
    idempotency,
    orders,
    payments,
    settlement,
    shares,
)
from checkout.models import Order, Payment, Refund
from checkout.models.orders import PaymentMethod
from checkout.shares import Share, Units
from shop import jobs
from shop.errors import Refused
from users.models import User

log = logging.getLogger(__name__)
State = Refund.State
LONGEST_REASON = 200


@dataclass(frozen=True)
class Wish:
    """What somebody wants given back; neither amount nor lines: all that is left.

    amount: minor units; beside lines it is given instead of what was paid for them.
    """

    amount: int | None = None
    lines: Sequence[Units] | None = None
    reason: str = ""
    key: str | None = None

    def digest(self) -> str:
        lines = None if self.lines is None else [asdict(one) for one in self.lines]
        return idempotency.digest_of([self.amount, lines, self.reason])


def refund(
    order_id: int,
    wish: Wish,
    *,
    actor: User,
    beside: Callable[[Order], object] | None = None,
) -> Order:
    """Give money of a paid order back, and units to the shelf where the wish says so.

    By Stripe when it was paid so; else it is only booked, and people carry it out. When Stripe
    does not answer after the refund was accepted, it stays REQUESTED and is sent again.

    Args:
        beside: a change that the refund is for, made to the locked order in the transaction that
            accepts the refund: what it refuses is refused with it.

    Raises:
        Refused: INVALID_STATE for an order with nothing to give back, REFUND_TOO_LARGE,
            NOT_FOUND, OUT_OF_RANGE and INVALID_STATE for lines, OUT_OF_RANGE for an amount of
            nothing, TOO_LONG, CONFLICT for a key that was used for something else.
        gateway.Unavailable: and nothing was booked.
    """
    sync_all(order_id)
    made, is_new = _accept(order_id, wish, actor, beside)
    try:
        # An older one may be under way, or done: then Stripe's list is looked at after its row.
        _send(made) if is_new else carry_out(made.pk)
    except gateway.Unavailable:
        log.warning("refund %s is accepted and could not be sent yet", made.pk)
    return orders.seen(order_id)


def sync_all(order_id: int) -> None:
    """Let the dashboard's refunds count, before we promise more of the order's money.

    Raises:
        gateway.Unavailable
    """
    paid = Payment.objects.filter(order=order_id, state=Payment.State.PAID)
    for intent in paid.exclude(intent_id="").values_list("intent_id", flat=True):
        sync(intent)


@transaction.atomic
def _accept(
    order_id: int, wish: Wish, actor: User, beside: Callable[[Order], object] | None
) -> tuple[Refund, bool]:
    """The refund that was agreed, or the one that its key stands for; and whether it is new."""
    order = orders.locked(order_id)
    if len(wish.reason) > LONGEST_REASON:
        message = f"The reason takes at most {LONGEST_REASON} signs."
        raise Refused("TOO_LONG", message, "reason")
    key = "" if wish.key is None else idempotency.checked(wish.key)
    if key and (known := order.refunds.filter(idempotency_key=key).first()):
        if known.digest != wish.digest():
            message = "This key was used for another refund."
            raise Refused("CONFLICT", message, "idempotency_key")
        return known, False
    if beside is not None:
        beside(order)
    made, units = _agreed(order, wish)
    made.reason, made.actor = wish.reason, actor
    made.idempotency_key, made.digest = key, wish.digest()
    made.save()
    shares.take(made, units, actor=actor)
    fulfilments.follow(order)  # what is given back unsent is not to be sent any more
    orders.complete_if_done(order)
    if made.payment.method != PaymentMethod.STRIPE:
        books.advance(order, made, State.DONE)
    orders.keep(order)
    return made, True


def _agreed(order: Order, wish: Wish) -> tuple[Refund, list[Share]]:
    """A refund in memory and its units: what came twice goes first, and is for no units."""
    paid = list(order.payments.filter(state=Payment.State.PAID).order_by("surplus", "pk"))
    rests = {payment: payments.left(payment) for payment in paid}
    if not any(rests.values()):
        raise Refused("INVALID_STATE", "There is nothing to give back.", "order_id")
    if wish.lines is not None:
        units, source = shares.chosen(order, wish.lines), paid[0]
    else:
        units, source = [], next(one for one in reversed(paid) if rests[one])
    amount = wish.amount
    if amount is None:
        amount = sum(one.paid for one in units) if wish.lines is not None else rests[source]
    refuse_amount(order, amount, rests[source])
    if wish.lines is None and not source.surplus and amount == rests[source]:
        units = shares.all_left(order)
    made = Refund(order=order, payment=source, amount_minor=amount, currency=order.currency)
    return made, units


def refuse_amount(order: Order, amount: int, rest: int) -> None:
    if amount < 1:
        raise Refused("OUT_OF_RANGE", "Give back more than nothing.", "amount")
    if amount > rest:
        message = f"At most {order.money(rest)} can be given back."
        raise Refused("REFUND_TOO_LARGE", message, "amount")


def may_refund(order: Order, attempts: Callable[[], Iterable[Payment]] | None = None) -> bool:
    """Whether money came for it, and not all of it has gone back.

    Args:
        attempts: reads the order's, where a list has them at hand; asked only if they matter.
    """
    if not order.is_paid or order.payment_status == Order.PaymentStatus.REFUNDED:
        return False
    # One that was settled with nothing to pay has a payment of nothing.
    paid = (one for one in (attempts or order.payments.all)() if one.state == Payment.State.PAID)
    return any(one.amount_minor for one in paid)


@jobs.job
def carry_out(refund_id: int) -> None:
    """Take up a refund that Stripe was not heard of: listed there, or sent again.

    The row is read before the list: whatever an earlier key has done is in the list, and the
    key that is used after it is not a newer one.

    Raises:
        gateway.Unavailable
    """
    made = Refund.objects.select_related("payment", "order").get(pk=refund_id)
    if made.state != State.REQUESTED or not _listed(made.payment.intent_id):
        return
    unsent = Refund.objects.filter(pk=refund_id, state=State.REQUESTED, provider_id="")
    if unsent.exists():
        _send(made)


def _send(made: Refund) -> None:
    """Tell Stripe, and book its answer."""
    if made.state != State.REQUESTED:
        return
    mark = {
        "shop": settings.STRIPE_DEPLOYMENT,
        "order": made.order.number,
        "refund": str(made.pk),
    }
    key = f"{settings.STRIPE_DEPLOYMENT}-re-{made.order.number}-{made.pk}-{made.key_round}"
    intent = made.payment.intent_id
    try:
        answer = gateway.create_refund(intent, made.amount_minor, metadata=mark, key=key)
    except gateway.Unavailable as failure:
        if failure.kept:
            same = Refund.objects.filter(pk=made.pk, key_round=made.key_round)
            same.update(key_round=made.key_round + 1)
        raise
    except gateway.Rejected as refusal:
        books.refused(made.pk, str(refusal))
    else:
        books.book(intent, [answer])


@jobs.job
def sync(intent_id: str) -> None:
    """Book all that Stripe has given back of a payment; safe to repeat and to race.

    Raises:
        gateway.Unavailable
    """
    _listed(intent_id)


def _listed(intent_id: str) -> bool:
    """Book what Stripe lists for a payment; False if it does not know the payment."""
    try:
        found = gateway.refunds_of(intent_id)
    except gateway.Rejected as refusal:
        log.warning("Stripe does not list the refunds of %s (%s)", intent_id, refusal.reason)
        return False
    if found:
        settlement.catch_up(intent_id)
        books.book(intent_id, found)
    return True
