"""Units of an order's lines on their way back: which, what was paid for them, and the shelf."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from catalog import stock
from checkout.models import Order, OrderLine, Refund, RefundLine
from shop import money
from shop.errors import Refused
from users.models import User


@dataclass(frozen=True)
class Units:
    """Units of a line that somebody wants to give back; None for a line nobody knows."""

    line_id: int | None
    quantity: int
    restock: bool = False


@dataclass(frozen=True)
class Share:
    """Units of a line, and what was paid for them in minor units."""

    line: OrderLine
    quantity: int
    restock: bool
    paid: int


def chosen(order: Order, wanted: Sequence[Units]) -> list[Share]:
    """The units asked for, each line once.

    Raises:
        Refused: REQUIRED for none at all, NOT_FOUND for a line of another order, OUT_OF_RANGE
            for more than are left, INVALID for a line named twice, INVALID_STATE for a restock
            of what never left the shelf.
    """
    if not wanted:
        raise Refused("REQUIRED", "Say which units, or leave the lines out.", "lines")
    lines = {line.pk: line for line in order.lines.all()}
    found = []
    for at, one in enumerate(wanted):
        try:
            found.append(_share(order, lines.pop(one.line_id or 0, None), one))
        except Refused as refusal:
            raise refusal.under("lines", at) from None
    return found


def all_left(order: Order) -> list[Share]:
    """Every unit that was not given back yet; none of them goes to the shelf."""
    rests = [(line, line.quantity - line.refunded) for line in order.lines.all()]
    return [
        Share(line, rest, restock=False, paid=paid_for(order, line, rest))
        for line, rest in rests
        if rest
    ]


def _share(order: Order, line: OrderLine | None, one: Units) -> Share:
    if line is None:
        raise Refused("NOT_FOUND", "There is no such line, or it is named twice.", "line_id")
    rest = line.quantity - line.refunded
    if not 1 <= one.quantity <= rest:
        raise Refused("OUT_OF_RANGE", f"Of this line {rest} can be given back.", "quantity")
    if one.restock and order.stock_state != Order.StockState.SOLD:
        raise Refused("INVALID_STATE", "Nothing of this order left the shelf.", "restock")
    if one.restock and line.restocked + one.quantity > line.quantity:
        raise Refused("OUT_OF_RANGE", "These units are back on the shelf.", "restock")
    return Share(line, one.quantity, one.restock, paid_for(order, line, one.quantity))


def paid_for(order: Order, line: OrderLine, quantity: int) -> int:
    """What was paid for the next units of a line, its tax included, in minor units.

    Unit by unit it adds up to what was paid for the line, whatever does not divide evenly.
    """
    whole = line.total_minor + (0 if order.prices_include_tax else line.tax_minor)

    def upto(units: int) -> int:
        return money.rounded(Decimal(whole) * units / line.quantity, order.currency)

    return upto(line.refunded + quantity) - upto(line.refunded)


def take(refund: Refund, shares: Sequence[Share], *, actor: User | None) -> None:
    """Note the units on the refund and on their lines, and put back what is to be sold again."""
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            line=one.line,
            quantity=one.quantity,
            restock=one.restock,
            withdrawn=min(one.quantity, one.line.unsent),  # given back before it was sent
        )
        for one in shares
    )
    for one in shares:
        one.line.withdrawn += min(one.quantity, one.line.unsent)
        one.line.refunded += one.quantity
        one.line.restocked += one.quantity * one.restock
    changed = ["refunded", "restocked", "withdrawn"]
    OrderLine.objects.bulk_update([one.line for one in shares], changed)
    back: dict[int, int] = {}
    for one in shares:
        if one.restock and one.line.variant_id is not None:
            pk = one.line.variant_id
            back[pk] = back.get(pk, 0) + one.quantity
    if back:
        stock.take_back(back, order_number=refund.order.number, actor=actor)


def undo(refund: Refund) -> None:
    """The money did not leave: the units count as paid again, and as to be sent.

    What was put back on the shelf stays there, and will not be sent.
    """
    for one in refund.lines.all():
        OrderLine.objects.filter(pk=one.line_id).update(
            refunded=F("refunded") - one.quantity,
            withdrawn=F("withdrawn") - (0 if one.restock else one.withdrawn),
        )
