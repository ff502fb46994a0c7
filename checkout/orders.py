"""Orders from placement to the end: every change of state, each one function and transaction.

Each locks the order's row first, and then what it needs of stock.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog import reviews
from catalog.errors import OutOfStock
from checkout import discounts, emails, goods, payments
from checkout.models import Order, OrderEvent, Payment
from checkout.models.orders import PaymentMethod
from shop import jobs
from shop.errors import Refused
from users.models import User

Status, FulfilmentStatus = Order.Status, Order.FulfilmentStatus
Type = OrderEvent.Type

# The only steps there are; whoever asks for another gets INVALID_STATE.
STEPS: dict[str, set[str]] = {
    Status.PENDING: {Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED},
    Status.CONFIRMED: {Status.COMPLETED, Status.CANCELLED},
    Status.EXPIRED: {Status.CONFIRMED},  # by money that came late
    Status.COMPLETED: {Status.CONFIRMED},  # by a refund that failed: units are to be sent again
    Status.CANCELLED: set(),
}

REFUND_DUE = "refund due"
# What is still to be paid at the door was agreed with the units that do not come.
COLLECT_LESS = "units cancelled, collect less"
STOCK_GONE = "paid, stock gone"
OVER_LIMIT = "discount used beyond its limit"
TOO_LONG_UNDER_WAY = "payment under way for too long"
LONGEST_FLAG = 1000
# A buyer who has ordered, or whose payment failed, has so long to open the payment page.
PAY_WITHIN = timedelta(minutes=30)


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
    return _found(Order.objects.shown().select_for_update(no_key=True), order_id)


def seen(order_id: int) -> Order:
    """The order as it is, not locked. Raises Refused: NOT_FOUND when it was deleted meanwhile."""
    return _found(Order.objects.shown(), order_id)


def _found(rows: QuerySet[Order], order_id: int) -> Order:
    order = rows.filter(pk=order_id).first()
    if order is None:
        raise Refused("NOT_FOUND", "There is no such order.", "order_id")
    return order


def record(
    order: Order, type: str, message: str = "", *, actor: User | None = None, internal: bool = False
) -> None:
    """Note what happened to the order, in memory: `keep` writes it."""
    by_staff = actor is not None and actor.is_staff and actor.pk != order.user_id
    order.news.append(
        OrderEvent(
            order=order, type=type, message=message, actor=actor, by_staff=by_staff,
            internal=internal,
        )
    )  # fmt: skip


def keep(order: Order) -> None:
    """Write the order as it is in memory, with what was noted of it; the last step of a change."""
    order.save()
    _keep_news(order)


def _keep_news(order: Order) -> None:
    OrderEvent.objects.bulk_create(order.news)
    order.news.clear()


def flag(order: Order, reason: str) -> bool:
    """Ask staff to look at the order, for one reason more; in memory, with its event.

    Whether the reason is new: one that stands already, or finds no room, is not told again.
    """
    reasons = [*filter(None, order.review_flag.split("; "))]
    longer = "; ".join([*reasons, reason])
    if reason in reasons or len(longer) > LONGEST_FLAG:
        return False
    order.review_flag = longer
    record(order, Type.FLAGGED, reason, internal=True)
    return True


def unflag(order: Order, reason: str) -> None:
    """Take one reason back that is no longer one; in memory."""
    reasons = order.review_flag.split("; ")
    order.review_flag = "; ".join(one for one in reasons if one != reason)


def await_payment(order: Order) -> None:
    """Say until when a fresh order is held for its money; in memory, before it is written.

    Cash on delivery needs no waiting, and neither does a total of nothing.
    """
    if sold_at_once(order.payment_method, order.total_minor):
        return
    within = PAY_WITHIN
    if order.payment_method == PaymentMethod.BANK_TRANSFER:
        order.payment_status = Order.PaymentStatus.PENDING
        within = timedelta(days=settings.TRANSFER_HOLD_DAYS)
    order.hold_until = order.placed_at + within


def begin(order: Order, *, actor: User | None) -> None:
    """Start a fresh order's life: its event, its mail, and what its way to pay asks for.

    `actor` placed it: its buyer, or staff for them. It is written as `await_payment` left it,
    and its stock is held.
    """
    record(order, Type.PLACED, actor=actor)
    jobs.enqueue(emails.order_placed, order_id=order.pk)
    if not sold_at_once(order.payment_method, order.total_minor):
        if order.payment_method == PaymentMethod.BANK_TRANSFER:
            payments.expect_transfer(order)
        _keep_news(order)
        return
    if order.total_minor:
        confirm(order)
    else:
        settle(order, reference="nothing to pay")
    keep(order)


def confirm(order: Order) -> None:
    """Let work start: what was held is sold. In memory but for stock and the event."""
    if order.status == Status.EXPIRED:
        hold_afresh(order)
    move(order, Status.CONFIRMED)
    goods.sell(order)
    record(order, Type.CONFIRMED)


def sold_at_once(method: str, total_minor: int) -> bool:
    """Whether such an order is confirmed as soon as it is placed."""
    return method == PaymentMethod.CASH_ON_DELIVERY or not total_minor


def hold_afresh(order: Order) -> None:
    """Take the units again for money that came late; without them staff have to decide."""
    try:
        goods.hold_for_sale(order)
    except (OutOfStock, Refused):
        flag(order, STOCK_GONE)
    if not discounts.take_again(order):  # after the stock, as everywhere
        flag(order, OVER_LIMIT)


def settle(
    order: Order, *, reference: str, payment: Payment | None = None, actor: User | None = None
) -> None:
    """Book all that is due as paid and go on from there; in memory but for its rows.

    Args:
        payment: the attempt that the money came by, where that is known.
    """
    was_paid = order.is_paid
    payments.book_paid(order, payment, reference=reference)
    record(order, Type.PAID, reference, actor=actor)
    order.deleted_at = None  # where there is money there is something to see
    if was_paid or order.status == Status.CANCELLED:
        flag(order, REFUND_DUE)
    unflag(order, TOO_LONG_UNDER_WAY)
    unflag(order, COLLECT_LESS)
    order.paid_at = order.paid_at or timezone.now()
    if was_paid:
        return
    jobs.enqueue(after_payment, order_id=order.pk)
    if may_move(order, Status.CONFIRMED):
        confirm(order)
    complete_if_done(order)


@jobs.job
def after_payment(order_id: int) -> None:
    """Let the buyer's reviews of the goods count as verified, and tell that the money came."""
    order = Order.objects.select_related("user").get(pk=order_id)
    if order.user and order.status != Status.CANCELLED:
        products = order.lines.exclude(product=None).values_list("product_id", flat=True)
        reviews.record_purchase(order.user, [id for id in products if id is not None])
    if payments.received(order):
        emails.order_paid(order_id)


def reopen_if_unsent(order: Order) -> None:
    """Take a completed order up again of which units are to be sent after all; in memory."""
    if order.status == Status.COMPLETED and order.fulfilment_status != FulfilmentStatus.DELIVERED:
        move(order, Status.CONFIRMED)


def complete_if_done(order: Order) -> None:
    """Close an order that is both paid and delivered; in memory."""
    delivered = order.fulfilment_status == Order.FulfilmentStatus.DELIVERED
    if order.status == Status.CONFIRMED and order.is_paid and delivered:
        move(order, Status.COMPLETED)
        record(order, Type.COMPLETED)


@transaction.atomic
def mark_paid(order_id: int, *, reference: str, actor: User) -> Order:
    """Book money that came by bank transfer or in cash: all that is due.

    What units came to that were called off before is not due. On an expired order the stock is
    held afresh; on a cancelled one only the flag is set.

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
    keep(order)
    return order


def lapse(order: Order) -> None:
    """End an order that was not paid in time; in memory but for stock and the event."""
    goods.give_back(order, None)
    discounts.release(order)
    move(order, Status.EXPIRED)
    record(order, Type.EXPIRED)


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
    keep(order)


@transaction.atomic
def clear_flag(order_id: int, *, seen: str, actor: User) -> None:
    """Note that staff have seen to what they saw an order flagged for; what came since stays."""
    order = locked(order_id)
    flagged = filter(None, order.review_flag.split("; "))
    done = [reason for reason in flagged if reason in seen.split("; ")]
    if not done:
        return
    for reason in done:
        record(order, Type.FLAGGED, f"Seen to: {reason}", actor=actor, internal=True)
        unflag(order, reason)
    if REFUND_DUE in done:  # what was called off is settled, say staff
        order.lines.filter(owed__gt=0).update(owed=0)
    keep(order)
