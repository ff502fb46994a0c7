"""What Stripe says of a session, and the order brought in line with it.

Stripe is asked with no transaction open, and its answer is applied in one transaction: a step
that only ever goes forward, so that repeats, races and late news all end alike.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from checkout import emails, gateway, orders, payments
from checkout.gateway import Session
from checkout.models import Order, Payment
from checkout.models.orders import PaymentMethod
from checkout.orders import Type
from shop import jobs

log = logging.getLogger(__name__)
State = Payment.State

# Until Stripe's word that a session is over has surely come.
GRACE = timedelta(minutes=5)


def sync(session_id: str) -> Order | None:
    """Bring the order in line with the session as Stripe has it now; None for a foreign session.

    Safe to repeat, to race and to call late: the webhook, the buyer's return and the
    reconciling job all end here. The network is asked before any row is locked.

    Raises:
        gateway.Unavailable
    """
    try:
        payment = apply(gateway.session(session_id))
    except gateway.Missing:
        payment = _forgotten(session_id)
    return payment.order if payment else None


def catch_up(intent_id: str) -> None:
    """Settle the payment that other news is about, where its own news was not heard yet.

    Raises:
        gateway.Unavailable
    """
    if not Payment.objects.filter(intent_id=intent_id, state=State.PAID).exists():
        for session in gateway.sessions_of(intent_id):
            apply(session)


@transaction.atomic
def apply(session: Session, *, payment_id: int | None = None) -> Payment | None:
    """Let attempt and order follow what Stripe says of the session; the attempt as it is then.

    Args:
        payment_id: the attempt that the session was just opened for, if that is known.
    """
    known: Any = {"session_id": session.id} if payment_id is None else {"pk": payment_id}
    payment = locked(known) or locked(_marked(session))
    if payment is None:
        return None
    before = _state(payment)
    payment.session_id, payment.expires_at = session.id, session.expires_at
    payment.intent_id = session.intent_id or payment.intent_id
    _step(payment.order, payment, session)
    if before != _state(payment):
        if payment.state != State.PAID:  # settling has written it
            payment.save()
        orders.keep(payment.order)
    return payment


def _state(payment: Payment) -> tuple[str, ...]:
    return payment.state, payment.session_id, payment.intent_id


def locked(which: dict[str, Any] | None) -> Payment | None:
    """An attempt by Stripe and its order, both rows locked; None if there is none such.

    PostgreSQL locks a joined row's tables in the order in which they are named: the order
    first, as everywhere. After a wait it goes on with both rows as they are then.
    """
    if which is None:
        return None
    rows = Payment.objects.filter(method=PaymentMethod.STRIPE, **which).select_related("order")
    return rows.select_for_update(no_key=True, of=("order", "self")).first()


def _marked(session: Session) -> dict[str, Any] | None:
    """How to find the attempt of a session whose opening we never heard of: by its own marks."""
    mark = session.metadata
    if mark.get("shop") != settings.STRIPE_DEPLOYMENT or not mark.get("attempt", "").isdecimal():
        return None
    return {
        "order__number": mark.get("order", ""),
        "attempt": int(mark["attempt"]),
        "session_id": "",
    }


@transaction.atomic
def _forgotten(session_id: str) -> Payment | None:
    """What to make of a session that Stripe does not know: with other keys, perhaps.

    Raises:
        gateway.Unavailable: while it might still be paid with the keys it was made with.
    """
    payment = locked({"session_id": session_id})
    if payment is None or not payment.is_open:
        return payment
    log.error("Stripe does not know the session of payment %s", payment.pk)
    over = payment.expires_at is None or payment.expires_at + GRACE < timezone.now()
    if payment.state == State.PROCESSING or not over:
        raise gateway.Unavailable
    _expired(payment.order, payment)
    payment.save()
    orders.keep(payment.order)
    return payment


def _step(order: Order, payment: Payment, session: Session) -> None:
    """One step of the attempt, never backwards; order and payment in memory."""
    if payment.state == State.PAID:
        return
    if session.payment_status != "unpaid":
        _money(order, payment, session)
    elif session.status == "expired" and payment.is_open:
        _expired(order, payment)
    elif session.status == "complete":
        _delayed(order, payment, session)
    elif session.status == "open" and payment.state == State.CREATING:
        payment.state = State.OPEN
        orders.record(order, Type.PAYMENT_STARTED, internal=True)


def _money(order: Order, payment: Payment, session: Session) -> None:
    """Settle, if it is this order's money to the unit; else staff have to look at it."""
    if is_as_asked(payment, session):
        was_open = payment.is_open
        orders.settle(order, payment=payment, reference=session.intent_id)
        if not was_open:  # else it was the only one
            _close_others(order)
    elif payment.state != State.FAILED:
        payment.state = State.FAILED
        if order.status == Order.Status.PENDING:
            order.payment_status = Order.PaymentStatus.UNPAID
        came = f"{session.amount} {session.currency} ({session.payment_status})"
        orders.flag(order, f"amount mismatch: {came} for {payment.amount_minor}")


def is_as_asked(payment: Payment, session: Session) -> bool:
    """Whether what Stripe calls paid is what was asked for."""
    money = (session.amount, session.currency) == (payment.amount_minor, payment.currency)
    kind = (session.mode, session.livemode) == ("payment", gateway.is_live())
    return money and kind and session.payment_status == "paid" and session.status == "complete"


def _close_others(order: Order) -> None:
    """Nobody shall pay by another attempt what came by an earlier one."""
    for other in payments.open_payments(order):
        if other.state == State.CREATING:
            abandon(other)
        else:
            jobs.enqueue(close, order_id=order.pk)


def _expired(order: Order, payment: Payment) -> None:
    """The session is over unpaid; so is the order, unless the shop itself ended the session."""
    payment.state = State.EXPIRED
    if order.status == Order.Status.PENDING and not payment.closing:
        order.payment_status = Order.PaymentStatus.UNPAID
        orders.lapse(order)


def _delayed(order: Order, payment: Payment, session: Session) -> None:
    """A method that takes days, such as a direct debit: under way, or failed in the end."""
    if session.intent_status in ("requires_payment_method", "canceled"):
        if payment.is_open:
            _failed(order, payment, session)
    elif payment.state in (State.CREATING, State.OPEN):
        payment.state = State.PROCESSING
        if order.status == Order.Status.PENDING:
            order.payment_status = Order.PaymentStatus.PENDING
            order.hold_until = timezone.now() + timedelta(days=settings.STRIPE_PROCESSING_DAYS)
        orders.record(order, Type.PAYMENT_PENDING)


def _failed(order: Order, payment: Payment, session: Session) -> None:
    """The order can be paid again for a while."""
    payment.state = State.FAILED
    orders.unflag(order, orders.TOO_LONG_UNDER_WAY)
    orders.record(order, Type.PAYMENT_FAILED, session.failure[:300])
    if order.status == Order.Status.PENDING:
        order.payment_status = Order.PaymentStatus.UNPAID
        order.hold_until = timezone.now() + orders.PAY_WITHIN
        jobs.enqueue(emails.payment_failed, order_id=order.pk)


@jobs.job
def close(order_id: int) -> None:
    """Ask Stripe to end the order's open session, so that nobody can pay it any more.

    Money that came first is booked. A payment that is under way stays so.

    Raises:
        gateway.Unavailable
    """
    payment = _closing(order_id)
    if payment is None:
        return
    try:
        apply(gateway.expire_session(payment.session_id))
    except gateway.Rejected:  # it is over already, one way or the other
        sync(payment.session_id)


@transaction.atomic
def _closing(order_id: int) -> Payment | None:
    """The session to end, marked as ended by us; an attempt nobody saw is given up instead."""
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    payment = payments.open_payments(order).filter(method=PaymentMethod.STRIPE).first()
    if payment is None or payment.state == State.PROCESSING:
        return None
    if payment.state == State.CREATING:
        abandon(payment)
        return None
    payment.closing = True
    payment.save()
    return payment


def abandon(payment: Payment) -> None:
    """Give up an attempt of which nobody has seen a session."""
    rows = Payment.objects.filter(pk=payment.pk, state=State.CREATING)
    rows.update(state=State.ABANDONED, updated_at=timezone.now())
