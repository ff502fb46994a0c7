"""Orders from placement to the end: every change of state, each one function and transaction.

Each locks the order's row first, and then what it needs of stock.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import columns, reviews, stock
from catalog.errors import OutOfStock
from checkout import emails, payments
from checkout.models import Order, OrderEvent
from checkout.models.orders import PaymentMethod
from shop import jobs
from shop.errors import Refused
from users.models import User

Status = Order.Status
Type = OrderEvent.Type

# The only steps there are; whoever asks for another gets INVALID_STATE.
STEPS: dict[str, set[str]] = {
    Status.PENDING: {Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED},
    Status.CONFIRMED: {Status.COMPLETED, Status.CANCELLED},
    Status.EXPIRED: {Status.CONFIRMED},  # by money that came late
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
}

REFUND_DUE = "refund due"
STOCK_GONE = "paid, stock gone"


def may_move(order: Order, to: str) -> bool:
    return to in STEPS[order.status]


def move(order: Order, to: str) -> None:
    """Take one step, in memory. Raises Refused: INVALID_STATE for a step that is not declared."""
    if not may_move(order, to):
        raise refusal(order, to)
    order.status = to


def refusal(order: Order, to: str) -> Refused:
    message = f"The order is {order.status.lower()}; it cannot be {to.lower()}."
    return Refused("INVALID_STATE", message, "order_id")


def locked(order_id: int) -> Order:
    """The order with its row locked; the first step of every change.

    Raises:
        Refused: NOT_FOUND when it was deleted meanwhile.
    """
    order = Order.objects.shown().select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise Refused("NOT_FOUND", "There is no such order.", "order_id")
    return order


def record(
    order: Order, type: str, message: str = "", *, actor: User | None = None, internal: bool = False
) -> None:
    """Append to what happened to the order."""
    by_staff = actor is not None and actor.is_staff and actor.pk != order.user_id
    order.events.create(
        type=type, message=message, actor=actor, by_staff=by_staff, internal=internal
    )


def flag(order: Order, reason: str) -> None:
    """Ask staff to look at the order; in memory, with its event."""
    order.review_flag = reason
    record(order, Type.FLAGGED, reason, internal=True)


def begin(order: Order) -> None:
    """Start a fresh order's life: its event, its mail, and what its way to pay asks for.

    Its stock is held. Cash on delivery needs no waiting, and neither does a total of nothing.
    """
    record(order, Type.PLACED, actor=order.user)
    jobs.enqueue(emails.order_placed, order_id=order.pk)
    if order.payment_method == PaymentMethod.CASH_ON_DELIVERY:
        confirm(order)
    elif order.payment_method == PaymentMethod.BANK_TRANSFER and order.total_minor:
        order.hold_until = order.placed_at + timedelta(days=settings.TRANSFER_HOLD_DAYS)
        payments.expect_transfer(order)
    if not order.total_minor:
        settle(order, reference="nothing to pay", actor=None)
    order.save()


def quantities(order: Order) -> dict[int, int]:
    """Units by variant id, of the variants that are still there."""
    rows = order.lines.exclude(variant=None).values_list("variant_id", "quantity")
    return {id: quantity for id, quantity in rows if id is not None}


def confirm(order: Order) -> None:
    """Let work start: what was held is sold. In memory but for stock and the event."""
    if order.status == Status.EXPIRED:
        hold_afresh(order)
    move(order, Status.CONFIRMED)
    if order.stock_state == Order.StockState.HELD:
        stock.sell(quantities(order), order_number=order.number)
        order.stock_state = Order.StockState.SOLD
    record(order, Type.CONFIRMED)


def lock_for_sale(units: Mapping[int, int]) -> None:
    """Lock the variants and all of their products, for a hold that is sold in one transaction.

    A hold alone locks the products whose stock runs out with it, and the sale then the others:
    two orders that share products would wait for each other in a circle.
    """
    columns.lock(row.product_id for row in stock.locked(units))


def sold_at_once(method: str, total_minor: int) -> bool:
    """Whether such an order is confirmed as soon as it is placed."""
    return method == PaymentMethod.CASH_ON_DELIVERY or not total_minor


def hold_afresh(order: Order) -> None:
    """Take the units again for money that came late; without them staff have to decide."""
    units = quantities(order)
    lock_for_sale(units)
    try:
        stock.hold(units, order_number=order.number)
    except (OutOfStock, Refused):
        flag(order, STOCK_GONE)
    else:
        order.stock_state = Order.StockState.HELD


def settle(order: Order, *, reference: str, actor: User | None) -> None:
    """Book the whole total as paid and go on from there; in memory but for its rows."""
    payments.book_paid(order, reference=reference)
    order.paid_at = timezone.now()
    record(order, Type.PAID, reference, actor=actor)
    if order.status == Status.CANCELLED:
        flag(order, REFUND_DUE)
        return
    if may_move(order, Status.CONFIRMED):
        confirm(order)
    if order.user:
        products = order.lines.exclude(product=None).values_list("product_id", flat=True)
        reviews.record_purchase(order.user, [id for id in products if id is not None])
    complete_if_done(order)


def complete_if_done(order: Order) -> None:
    """Close an order that is both paid and delivered; in memory."""
    delivered = order.fulfilment_status == Order.FulfilmentStatus.DELIVERED
    if order.status == Status.CONFIRMED and order.is_paid and delivered:
        move(order, Status.COMPLETED)
        record(order, Type.COMPLETED)


@transaction.atomic
def mark_paid(order_id: int, *, reference: str, actor: User) -> Order:
    """Book money that came by bank transfer or in cash.

    On an expired order the stock is held afresh; on a cancelled one only the flag is set.

    Raises:
        Refused: INVALID_STATE for an order that is paid or pays by Stripe, REQUIRED or
            TOO_LONG for the reference.
    """
    order = locked(order_id)
    if order.payment_method == PaymentMethod.STRIPE:
        raise Refused("INVALID_STATE", "Stripe tells when this order is paid.", "order_id")
    if order.is_paid:
        raise Refused("INVALID_STATE", "The order is paid already.", "order_id")
    settle(order, reference=payments.checked_reference(reference), actor=actor)
    order.save()
    return order


@transaction.atomic
def cancel(order_id: int, *, actor: User | None, by_staff: bool, reason: str = "") -> Order:
    """End an order before it is sent; its units go back.

    Buyers may while it is PENDING, staff until the first parcel. A paid one stays PAID and is
    flagged for its refund.

    Raises:
        Refused: INVALID_STATE, TOO_LONG for the reason.
    """
    order = locked(order_id)
    if len(reason) > 200:
        raise Refused("TOO_LONG", "The reason takes at most 200 signs.", "reason")
    if not may_cancel(order, by_staff=by_staff):
        raise refusal(order, Status.CANCELLED)
    give_back(order, actor)
    move(order, Status.CANCELLED)
    order.cancelled_at = timezone.now()
    payments.close_open(order, payments.State.ABANDONED)
    record(order, Type.CANCELLED, reason, actor=actor)
    if order.is_paid:
        flag(order, REFUND_DUE)
    order.save()
    return order


def may_cancel(order: Order, *, by_staff: bool) -> bool:
    if not may_move(order, Status.CANCELLED):
        return False
    unsent = order.fulfilment_status == Order.FulfilmentStatus.UNFULFILLED
    return unsent and (by_staff or order.status == Status.PENDING)


def give_back(order: Order, actor: User | None) -> None:
    """Return an ending order's units: the held ones are freed, the sold ones restocked."""
    if order.stock_state == Order.StockState.HELD:
        stock.release(order.number)
        order.stock_state = Order.StockState.RELEASED
    elif order.stock_state == Order.StockState.SOLD:
        stock.take_back(quantities(order), order_number=order.number, actor=actor)
        order.lines.update(restocked=F("quantity"))


@jobs.job
@transaction.atomic
def expire(order_id: int) -> None:
    """End an order whose hold has run out unpaid; nothing happens to any other."""
    due = Order.objects.held_before(timezone.now()).filter(pk=order_id)
    order = due.select_for_update(no_key=True).first()
    if order is None:
        return
    give_back(order, None)
    move(order, Status.EXPIRED)
    payments.close_open(order, payments.State.EXPIRED)
    record(order, Type.EXPIRED)
    order.save()


@jobs.sweep("*/5 * * * *")
def expire_due() -> None:
    """Expire every unpaid order whose hold has run out, each as a job of its own."""
    for id in Order.objects.held_before(timezone.now()).values_list("pk", flat=True):
        jobs.enqueue(expire, order_id=id)


def may_delete(order: Order) -> bool:
    """Whether it came to nothing: over, and never paid."""
    return order.status in (Status.CANCELLED, Status.EXPIRED) and order.paid_at is None


@transaction.atomic
def delete(order_id: int, *, actor: User) -> None:
    """Hide an order that came to nothing; its rows stay.

    Raises:
        Refused: INVALID_STATE unless it is cancelled or expired and was never paid.
    """
    order = locked(order_id)
    if not may_delete(order):
        message = "Only a cancelled or expired order that was never paid can be deleted."
        raise Refused("INVALID_STATE", message, "order_id")
    order.deleted_at = timezone.now()
    record(order, Type.DELETED, actor=actor)
    order.save()


@transaction.atomic
def clear_flag(order_id: int, *, actor: User) -> None:
    """Note that staff have seen to what an order was flagged for."""
    order = locked(order_id)
    if order.review_flag:
        message = f"Seen to: {order.review_flag}"
        record(order, Type.FLAGGED, message, actor=actor, internal=True)
        order.review_flag = ""
        order.save()
