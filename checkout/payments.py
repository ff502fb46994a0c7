"""Payments that people see to: bank transfers and cash."""

from django.conf import settings
from django.db.models import QuerySet

from checkout.models import Order, Payment
from checkout.models.orders import PaymentMethod
from checkout.models.payments import OPEN_STATES
from shop.errors import Refused

State = Payment.State
PaymentStatus = Order.PaymentStatus


def offered() -> list[PaymentMethod]:
    """The ways to pay that the shop is set up for."""
    offers = {
        PaymentMethod.BANK_TRANSFER: bool(settings.BANK_ACCOUNT),
        PaymentMethod.CASH_ON_DELIVERY: settings.CASH_ON_DELIVERY,
    }
    return [method for method, offer in offers.items() if offer]


def refuse_unoffered(method: str) -> None:
    """Raises Refused: PAYMENT_METHOD_UNAVAILABLE."""
    if method not in offered():
        message = "The shop does not offer this way to pay."
        raise Refused("PAYMENT_METHOD_UNAVAILABLE", message, "payment_method")


def instructions(order: Order) -> str:
    """Where to pay a bank transfer that is awaited, with the number as reference; else ""."""
    awaited = order.payment_status == PaymentStatus.PENDING and order.status == Order.Status.PENDING
    if order.payment_method != PaymentMethod.BANK_TRANSFER or not awaited:
        return ""
    return f"Please transfer {order.total} to {settings.BANK_ACCOUNT}. Reference: {order.number}"


def expect_transfer(order: Order) -> None:
    """Open the payment of an order by bank transfer; the order's status in memory."""
    _create(order, State.OPEN)
    order.payment_status = PaymentStatus.PENDING


def book_paid(order: Order, *, reference: str) -> None:
    """Write down that the whole total was paid; the order's status in memory."""
    payment = open_payments(order).first() or _create(order, State.OPEN)
    payment.state, payment.reference = State.PAID, reference
    payment.save()
    order.payment_status = PaymentStatus.PAID


def close_open(order: Order, state: str) -> None:
    """End the payment that is awaited, if any; the order's status in memory."""
    open_payments(order).update(state=state)
    if not order.is_paid:
        order.payment_status = PaymentStatus.UNPAID


def open_payments(order: Order) -> QuerySet[Payment]:
    return order.payments.filter(state__in=OPEN_STATES)


def checked_reference(reference: str) -> str:
    """The bank's or the till's name for a payment. Raises Refused: REQUIRED, TOO_LONG."""
    reference = reference.strip()
    if not reference:
        raise Refused("REQUIRED", "Say how the payment can be found again.", "reference")
    if len(reference) > 200:
        raise Refused("TOO_LONG", "The reference takes at most 200 signs.", "reference")
    return reference


def _create(order: Order, state: str) -> Payment:
    return order.payments.create(
        method=order.payment_method,
        amount_minor=order.total_minor,
        currency=order.currency,
        state=state,
    )
