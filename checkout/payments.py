"""What an order's payments come to: the ways to pay, the books, and the sums."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db.models import QuerySet

from checkout import gateway, shares
from checkout.models import Dispute, Order, OrderLine, Payment, Refund
from checkout.models.orders import PaymentMethod
from checkout.models.payments import OPEN_STATES
from shop.errors import Refused

State = Payment.State
PaymentStatus = Order.PaymentStatus
Lines = Callable[[], Iterable[OrderLine]]


def offered() -> list[PaymentMethod]:
    """The ways to pay that the shop is set up for."""
    offers = {
        PaymentMethod.STRIPE: gateway.is_set_up(),
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
    """Open the payment of a fresh order by bank transfer."""
    _create(order, order.total_minor, attempt=1)


def book_paid(order: Order, payment: Payment | None, *, reference: str) -> None:
    """Write down that all that was due was paid; the order's sums in memory.

    Money on top of a payment that had come before is `surplus`: it has to go back.

    Args:
        payment: the attempt that the money came by; None: the one that is awaited, or a new one.
    """
    payment = payment or open_payments(order).first()
    if payment is None:
        amount = order.total_minor - forgone(order)
        payment = _create(order, amount, attempt=next_attempt(order))
    payment.surplus = order.is_paid
    payment.state, payment.reference = State.PAID, reference
    payment.save()
    if payment.surplus:
        recount(order)
    else:
        order.payment_status = PaymentStatus.PAID


def due(order: Order, lines: Lines | None = None) -> int:
    """What is still to be paid, in minor units; nothing for an order that has ended unpaid.

    Args:
        lines: reads the order's, where a list has them at hand; asked only if they matter.
    """
    if order.is_paid or order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED):
        return 0
    return order.total_minor - forgone(order, lines)


def forgone(order: Order, lines: Lines | None = None) -> int:
    """What of the total nobody asks for, in minor units: units called off before it was paid."""
    if not order.is_paid:
        return shares.forgone(order, (lines or order.lines.all)())
    came = received(order)
    return 0 if came is None else order.total_minor - came


def received(order: Order) -> int | None:
    """What the order was paid with, in minor units, without a surplus; None until it is paid."""
    paid = order.payments.filter(state=State.PAID, surplus=False)
    return paid.values_list("amount_minor", flat=True).first()


def recount(order: Order) -> None:
    """Bring the order's sums in line with its payments, refunds and disputes, in memory.

    What left for the buyer counts as soon as Stripe has taken it on, and no longer when it
    failed; a lost dispute counts as money that left.
    """
    paid = order.payments.filter(state=State.PAID).values_list("surplus", "amount_minor")
    amounts = [amount for _, amount in paid]
    asked = next((amount for surplus, amount in paid if not surplus), order.total_minor)
    refunds = order.refunds.filter(state__in=Refund.COUNTED)
    lost = Dispute.objects.filter(payment__order=order)
    back = sum(refunds.values_list("amount_minor", flat=True))
    order.refunded_minor = back + sum(lost.values_list("lost_minor", flat=True))
    order.payment_status = status_of(asked, sum(amounts), order.refunded_minor)


def status_of(asked: int, paid: int, back: int) -> str:
    """What an order is for which that was paid, once or more, and of which so much went back."""
    if paid - back >= asked:
        return PaymentStatus.PAID
    return PaymentStatus.PARTIALLY_REFUNDED if paid > back else PaymentStatus.REFUNDED


def left(payment: Payment) -> int:
    """What can still be given back, in minor units; what is asked for already cannot."""
    asked = payment.refunds.exclude(state=Refund.State.FAILED)
    back = sum(asked.values_list("amount_minor", flat=True))
    lost = sum(payment.disputes.values_list("lost_minor", flat=True))
    return max(payment.amount_minor - back - lost, 0)


def close_open(order: Order, state: str) -> None:
    """End the payment that is awaited, if any; the order's status in memory."""
    open_payments(order).update(state=state)
    if not order.is_paid:
        order.payment_status = PaymentStatus.UNPAID


def open_payments(order: Order) -> QuerySet[Payment]:
    return order.payments.filter(state__in=OPEN_STATES)


def has_live_session(order: Order) -> bool:
    """Whether money can still come by Stripe, as far as Stripe has told."""
    live = (State.OPEN, State.PROCESSING)
    return order.payments.filter(method=PaymentMethod.STRIPE, state__in=live).exists()


def checked_reference(reference: str) -> str:
    """The bank's or the till's name for a payment. Raises Refused: REQUIRED, TOO_LONG."""
    reference = reference.strip()
    if not reference:
        raise Refused("REQUIRED", "Say how the payment can be found again.", "reference")
    if len(reference) > 200:
        raise Refused("TOO_LONG", "The reference takes at most 200 signs.", "reference")
    return reference


def _create(order: Order, amount_minor: int, *, attempt: int) -> Payment:
    return order.payments.create(
        method=order.payment_method,
        amount_minor=amount_minor,
        currency=order.currency,
        state=State.OPEN,
        attempt=attempt,
    )


def next_attempt(order: Order) -> int:
    return order.payments.count() + 1
