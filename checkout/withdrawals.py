"""Lines of confirmed orders called off before they are sent, by staff.

The order keeps the lines and the totals that were agreed: a line says how many of its units will
not be sent any more, and a refund says what went back for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from checkout import fulfilments, idempotency, orders, payments, refunds, shares
from checkout.models import Order, OrderLine, Payment
from checkout.orders import Type
from checkout.refunds import Wish
from checkout.shares import Units
from shop.errors import Refused
from users.models import User

LONGEST_MESSAGE = 300
OPERATION = "orderLinesCancel"

Quantities = Sequence[tuple[int | None, int]]
Picked = Sequence[tuple[OrderLine, int]]


class Repeated(Exception):
    """It was done already, by a parallel call with the same key."""


@dataclass(frozen=True)
class Wanted:
    """Units that shall not be sent, why, and a key under which it is done once."""

    quantities: Quantities
    reason: str = ""
    key: str | None = None

    def of(self, order: Order) -> list[object]:
        """What the key stands for."""
        return [order.number, self.quantities, self.reason]


def cancel_lines(order_id: int, wanted: Wanted, *, actor: User, may_refund: bool) -> Order:
    """Withdraw units that were not sent; sold ones go back to the shelf.

    Where the order is paid, what was paid for them goes back in the same call if the actor may
    refund, as far as it has not gone back by amount before; else the order is flagged "refund
    due". Of an order that is to be paid at the door less is due; it is flagged, so that less is
    collected.

    Raises:
        Refused: INVALID_STATE for an order that is not confirmed, and for all that there is of
            it; REQUIRED, NOT_FOUND and OUT_OF_RANGE for lines, TOO_LONG for the reason,
            CONFLICT for a key that was used for something else.
        gateway.Unavailable: and nothing was written.
    """
    order = orders.seen(order_id)
    if _is_done(order, wanted, actor):
        return order
    refuse(order, wanted.reason)
    units = chosen(order, wanted.quantities)
    withdraw = partial(_withdraw, wanted=wanted, actor=actor)
    if may_refund:
        refunds.sync_all(order_id)  # or what is left is less, and the refund would be refused
    worth, left = _worth(order, units), _left(order)
    try:
        if not (may_refund and worth and left):
            return _alone(order_id, withdraw)
        wish = Wish(
            amount=None if worth <= left else left,
            lines=[Units(line.pk, quantity) for line, quantity in units if line.total_minor],
            reason=wanted.reason,
        )
        return refunds.refund(order_id, wish, actor=actor, beside=withdraw)
    except Repeated:
        return orders.seen(order_id)


def _is_done(order: Order, wanted: Wanted, actor: User) -> bool:
    return idempotency.is_known(OPERATION, wanted.key, user=actor, content=wanted.of(order))


def refuse(order: Order, reason: str) -> None:
    """Refuse what no line of the order decides."""
    if len(reason) > refunds.LONGEST_REASON:
        message = f"The reason takes at most {refunds.LONGEST_REASON} signs."
        raise Refused("TOO_LONG", message, "reason")
    if not may_cancel_lines(order):
        message = "Only lines of a confirmed order that is not sent can be cancelled."
        raise Refused("INVALID_STATE", message, "order_id")


def may_cancel_lines(order: Order) -> bool:
    """Whether something of it can be called off: before that, the whole order can be ended."""
    unsent = (Order.FulfilmentStatus.UNFULFILLED, Order.FulfilmentStatus.PARTIALLY_FULFILLED)
    return order.status == Order.Status.CONFIRMED and order.fulfilment_status in unsent


def chosen(order: Order, quantities: Quantities) -> list[tuple[OrderLine, int]]:
    """The lines with the units to call off: not more than wait, and not the whole order."""
    if not quantities:
        raise Refused("REQUIRED", "Say which units.", "lines")
    lines = list(order.lines.all())
    left = {line.pk: line.unsent for line in lines}
    units = fulfilments.picked(lines, quantities, left, to="cancelled")
    nothing_sent = not any(line.fulfilled for line in lines)
    if nothing_sent and sum(left.values()) == sum(quantity for _, quantity in units):
        message = "That is all there is of the order: cancel the order."
        raise Refused("INVALID_STATE", message, "lines")
    return units


@transaction.atomic
def _alone(order_id: int, withdraw: partial[None]) -> Order:
    """Without a refund."""
    order = orders.locked(order_id)
    withdraw(order)
    fulfilments.follow(order)
    _follow_money(order)
    orders.complete_if_done(order)
    orders.keep(order)
    return order


def _follow_money(order: Order) -> None:
    """Ask staff to give back, or to collect less; where nothing is due any more, it is paid."""
    if order.is_paid:
        if shares.any_owed(order):
            orders.flag(order, orders.REFUND_DUE)
    elif not payments.due(order):
        orders.settle(order, reference="nothing to pay")
    elif payments.forgone(order):
        orders.flag(order, orders.COLLECT_LESS)


def _withdraw(order: Order, *, wanted: Wanted, actor: User) -> None:
    """Take the units out of what is to be sent; a refund that comes with it finds them owed.

    The order is locked: of two calls with one key the second finds what the first has kept.
    """
    if _is_done(order, wanted, actor):
        raise Repeated
    content, reason = wanted.of(order), wanted.reason
    idempotency.keep(OPERATION, wanted.key, user=actor, content=content, subject=order.number)
    refuse(order, reason)
    units = chosen(order, wanted.quantities)
    _count(order, units)
    if order.stock_state == Order.StockState.SOLD:
        shares.to_shelf(order, units, actor=actor)
    message = ": ".join(filter(None, [described(units), reason]))[:LONGEST_MESSAGE]
    orders.record(order, Type.LINES_CANCELLED, message, actor=actor)


def _count(order: Order, units: Picked) -> None:
    """Note on the lines what is not sent any more, and where its money stands.

    What was paid for it is owed, as far as it is here. What was not paid is settled at once: it
    counts as given back, so that nothing asks for it, or gives it back later.
    """
    is_here = order.is_paid and _left(order) > 0
    for line, quantity in units:
        line.withdrawn += quantity
        if not line.total_minor:
            continue
        if is_here:
            line.owed += quantity
        elif not order.is_paid:
            line.refunded += quantity
    OrderLine.objects.bulk_update([line for line, _ in units], ["withdrawn", "owed", "refunded"])


def described(units: Picked) -> str:
    """As people read it: "2 × LAMP-1, 1 × LAMP-2"."""
    return ", ".join(f"{quantity} × {line.sku}" for line, quantity in units)


def _worth(order: Order, units: Picked) -> int:
    """What was paid for the units, in minor units; 0 while the order is not paid."""
    if not order.is_paid:
        return 0
    return sum(shares.paid_for(order, line, quantity) for line, quantity in units)


def _left(order: Order) -> int:
    """What is still here of what was paid for the order, in minor units."""
    paid = order.payments.filter(state=Payment.State.PAID, surplus=False).first()
    return payments.left(paid) if paid else 0
