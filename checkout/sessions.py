"""Payment by Stripe: opening a session in which an order can be paid.

Each attempt is a row, committed before Stripe is called, with its parameters frozen, and Stripe
is called with no transaction open. Whatever fails between these steps is taken up by the next
call or by the reconciling job, under the same idempotency key.
"""

import json
import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from checkout import gateway, orders, payments, session_form, settlement
from checkout.gateway import Session
from checkout.models import Order, Payment
from checkout.models.orders import PaymentMethod
from checkout.session_form import Face
from shop import jobs
from shop.errors import Refused

log = logging.getLogger(__name__)
State = Payment.State

# Stripe wants 30 minutes at the least when it executes the call; the rest is for repeats of the
# frozen parameters.
OPEN_FOR = timedelta(minutes=35)
MOST_ATTEMPTS = 20  # each holds the stock anew


def open_for(order_id: int, face: Face) -> tuple[Session, Order]:
    """The session in which the buyer can pay the order now; asked again, the same one.

    Another face than before ends the former session and opens a new one.

    Raises:
        Refused: INVALID_STATE unless the order awaits payment by Stripe, AMOUNT_TOO_SMALL,
            OUT_OF_RANGE for a total that Stripe does not take, and what the face is refused for.
        gateway.Unavailable: and the order stays payable.
    """
    for _ in range(4):  # a former session may have to be ended, or found to be over
        payment = _attempt(order_id, face)
        creating = payment.state == State.CREATING
        session = _create(payment) if creating else _again(payment)
        if session and session.status == "open":
            if _face_of(payment) == face.parameters(payment.order):
                return session, Order.objects.get(pk=order_id)
            settlement.close(order_id)
    raise gateway.Unavailable


@transaction.atomic
def _attempt(order_id: int, face: Face) -> Payment:
    """The attempt that is open, or a new one."""
    order = orders.locked(order_id)
    refuse_unpayable(order)
    asked = face.parameters(order)
    if payment := payments.open_payments(order).first():
        return payment
    number = payments.next_attempt(order)
    if number > MOST_ATTEMPTS:
        message = "There were too many attempts to pay this order."
        raise Refused("INVALID_STATE", message, "order_id")
    now = timezone.now()
    until = now + OPEN_FOR
    order.hold_until = max(order.hold_until or now, until + settlement.GRACE)
    orders.keep(order)
    form = session_form.parameters(order, asked, attempt=number, expires_at=until)
    return order.payments.create(
        method=PaymentMethod.STRIPE,
        amount_minor=order.total_minor,
        currency=order.currency,
        state=State.CREATING,
        attempt=number,
        parameters=session_form.canonical(form),
        expires_at=until,
        created_at=now,
    )


def refuse_unpayable(order: Order) -> None:
    """Raises Refused: INVALID_STATE, or PAYMENT_METHOD_UNAVAILABLE without Stripe."""
    if order.payment_method != PaymentMethod.STRIPE:
        message = "This order is not paid by Stripe."
        raise Refused("INVALID_STATE", message, "order_id")
    if not gateway.is_set_up():
        message = "The shop does not offer this way to pay."
        raise Refused("PAYMENT_METHOD_UNAVAILABLE", message, "order_id")
    if order.is_paid:
        raise Refused("INVALID_STATE", "The order is paid already.", "order_id")
    if order.status != Order.Status.PENDING:
        message = f"The order is {order.status.lower()}; it cannot be paid."
        raise Refused("INVALID_STATE", message, "order_id")
    if order.payment_status == Order.PaymentStatus.PENDING:
        raise Refused("INVALID_STATE", "The payment is under way.", "order_id")


def may_pay(order: Order) -> bool:
    try:
        refuse_unpayable(order)
    except Refused:
        return False
    return True


def _face_of(payment: Payment) -> dict[str, str]:
    """The part of an attempt's parameters that the storefront chose."""
    asked = json.loads(payment.parameters).items()
    return {name: value for name, value in asked if name in session_form.FACE}


def _create(payment: Payment) -> Session | None:
    """Open the attempt's session at Stripe; None when the attempt came to nothing."""
    try:
        session = gateway.create_session(json.loads(payment.parameters), key=_key(payment))
    except gateway.Unavailable as failure:
        if failure.kept:  # the key will never give anything else; nobody has seen a session
            settlement.abandon(payment)
            return None
        raise
    except gateway.Rejected as refusal:
        settlement.abandon(payment)
        if refusal.param == "expires_at":  # frozen too long ago, and never executed
            return None
        raise _as_refusal(refusal, payment) from None
    attempt = settlement.apply(session, payment_id=payment.pk)
    if attempt and attempt.is_open:
        return session
    _drop(session)
    return None


def _drop(session: Session) -> None:
    """End a session that nobody has seen: its attempt was given up meanwhile, or is over."""
    try:
        settlement.apply(gateway.expire_session(session.id))
    except (gateway.Unavailable, gateway.Rejected):
        log.warning("The session %s could not be ended; it ends by itself", session.id)


def _key(payment: Payment) -> str:
    number = payment.order.number
    return f"{settings.STRIPE_DEPLOYMENT}-cs-{number}-{payment.attempt}"


def _as_refusal(refusal: gateway.Rejected, payment: Payment) -> Exception:
    # https://docs.stripe.com/error-codes
    if refusal.reason == "amount_too_small":
        message = f"{payment.amount} is less than the payment provider takes."
        return Refused("AMOUNT_TOO_SMALL", message, "order_id")
    if refusal.reason == "amount_too_large" or "unit_amount" in refusal.param:
        message = f"{payment.amount} is more than the payment provider takes."
        return Refused("OUT_OF_RANGE", message, "order_id")
    if refusal.param == "customer_email":
        message = "The payment provider does not take the e-mail address of the order."
        return Refused("INVALID", message, "order_id")
    # Without Stripe's own words, which may hold what the buyer has entered.
    log.error("Stripe refuses a session (%s, %s)", refusal.reason, refusal.param)
    return gateway.Unavailable()


def _again(payment: Payment) -> Session | None:
    """The session of an attempt that is open, as it is now; None if Stripe knows it no longer."""
    try:
        session = gateway.session(payment.session_id)
    except gateway.Missing:
        settlement.sync(payment.session_id)
        return None
    settlement.apply(session)
    return session


@jobs.job
def resume(payment_id: int) -> None:
    """Find out what became of an attempt that is neither paid nor over.

    Raises:
        gateway.Unavailable
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    if not payment.is_open:
        return
    if payment.session_id:
        settlement.sync(payment.session_id)
    if payment.order.status != Order.Status.PENDING:  # it needs no payment any more
        settlement.close(payment.order_id)
    elif payment.state == State.CREATING:
        _create(payment)
