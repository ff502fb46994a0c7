"""How orders end before they are paid: cancelled by people, or expired by time.

Where an order pays by Stripe, Stripe is asked first to end its session, outside of any
transaction: no stock goes back while somebody may still be paying for it.
"""

from django.db import transaction
from django.utils import timezone

from checkout import discounts, goods, orders, payments, settlement
from checkout.models import Order
from checkout.models.orders import PaymentMethod
from checkout.orders import Status, Type
from shop import jobs
from shop.errors import Refused
from users.models import User


def cancel(order_id: int, *, actor: User | None, by_staff: bool, reason: str = "") -> Order:
    """End an order before it is sent; its units go back.

    Buyers may while it is PENDING, staff until the first parcel. A paid one stays PAID and is
    flagged for its refund.

    Raises:
        Refused: INVALID_STATE, TOO_LONG for the reason.
        gateway.Unavailable: while Stripe does not say that it can no longer be paid.
    """
    refuse_cancelling(orders.seen(order_id), by_staff=by_staff, reason=reason)
    settlement.close(order_id)
    return _cancel(order_id, actor=actor, by_staff=by_staff, reason=reason)


@transaction.atomic
def _cancel(order_id: int, *, actor: User | None, by_staff: bool, reason: str) -> Order:
    order = orders.locked(order_id)
    refuse_cancelling(order, by_staff=by_staff, reason=reason)
    refuse_live_session(order)
    goods.give_back(order, actor)
    discounts.release(order)
    orders.move(order, Status.CANCELLED)
    order.cancelled_at = timezone.now()
    payments.close_open(order, payments.State.ABANDONED)
    orders.record(order, Type.CANCELLED, reason, actor=actor)
    for over in (orders.STOCK_GONE, orders.COLLECT_LESS):  # nothing is to be sent any more
        orders.unflag(order, over)
    if payments.received(order) and order.payment_status != Order.PaymentStatus.REFUNDED:
        orders.flag(order, orders.REFUND_DUE)
    orders.keep(order)
    return order


def refuse_cancelling(order: Order, *, by_staff: bool, reason: str) -> None:
    if len(reason) > 200:
        raise Refused("TOO_LONG", "The reason takes at most 200 signs.", "reason")
    if not may_cancel(order, by_staff=by_staff):
        raise orders.refusal(order, Status.CANCELLED)


def may_cancel(order: Order, *, by_staff: bool) -> bool:
    """Whether it can be called off; not while Stripe is at the payment, which cannot be stopped."""
    if not orders.may_move(order, Status.CANCELLED) or is_processing(order):
        return False
    unsent = order.fulfilment_status == Order.FulfilmentStatus.UNFULFILLED
    return unsent and (by_staff or order.status == Status.PENDING)


def is_processing(order: Order) -> bool:
    by_stripe = order.payment_method == PaymentMethod.STRIPE
    return by_stripe and order.payment_status == Order.PaymentStatus.PENDING


def refuse_live_session(order: Order) -> None:
    """A session that was opened since the last one was closed."""
    if payments.has_live_session(order):
        message = "The order is being paid at this moment."
        raise Refused("INVALID_STATE", message, "order_id")


@jobs.job
def expire(order_id: int) -> None:
    """End an order whose hold has run out unpaid; nothing happens to any other.

    Raises:
        gateway.Unavailable: while Stripe does not say that it can no longer be paid.
    """
    if Order.objects.held_before(timezone.now()).filter(pk=order_id).exists():
        settlement.close(order_id)
        _expire(order_id)


@transaction.atomic
def _expire(order_id: int) -> None:
    due = Order.objects.held_before(timezone.now()).filter(pk=order_id)
    order = due.select_for_update(no_key=True).first()
    if order is None:
        return
    if payments.has_live_session(order):
        if orders.flag(order, orders.TOO_LONG_UNDER_WAY):
            orders.keep(order)
        return
    orders.lapse(order)
    payments.close_open(order, payments.State.EXPIRED)
    orders.keep(order)


@jobs.sweep("*/5 * * * *")
def expire_due() -> None:
    """Expire every unpaid order whose hold has run out, each as a job of its own."""
    for id in Order.objects.held_before(timezone.now()).values_list("pk", flat=True):
        jobs.enqueue_once(expire, order_id=id)
