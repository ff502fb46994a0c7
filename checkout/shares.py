"""Units of an order's lines on their way back: which, what was paid for them, and the shelf."""

from collections.abc import Iterable, Sequence
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
    """Units of a line that somebody wants to give back; None for a line nobody knows.

    sent: these units were sent, so that none that waits to be sent is withdrawn for them.
    """

    line_id: int | None
    quantity: int
    restock: bool = False
    sent: bool = False


@dataclass(frozen=True)
class Share:
    """Units of a line, and what was paid for them in minor units."""

    line: OrderLine
    quantity: int
    restock: bool
    paid: int
    sent: bool = False

    @property
    def owed(self) -> int:
        """How many of them were called off before: those go first, and are withdrawn already."""
        return 0 if self.sent else min(self.quantity, self.line.owed)

    @property
    def withdrawn(self) -> int:
        """How many of them would still be sent, and are not any more."""
        return 0 if self.sent else min(self.quantity - self.owed, self.line.unsent)

    @property
    def back(self) -> int:
        """How many of them go to the shelf now; what was called off is there."""
        return self.quantity - self.owed if self.restock else 0


def chosen(order: Order, wanted: Sequence[Units]) -> list[Share]:
    """The units asked for, each line once.

    Raises:
        Refused: REQUIRED for none at all, NOT_FOUND for a line of another order, OUT_OF_RANGE
            for more than are left, NOT_FOUND for a line named twice, INVALID_STATE for a restock
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
    paid = paid_for(order, line, one.quantity)
    share = Share(line, one.quantity, one.restock, paid, sent=one.sent)
    if line.restocked + share.back > line.quantity:
        raise Refused("OUT_OF_RANGE", "These units are back on the shelf.", "restock")
    return share


def paid_for(order: Order, line: OrderLine, quantity: int) -> int:
    """What was paid for the next units of a line, its tax included, in minor units.

    Unit by unit it adds up to what was paid for the line, whatever does not divide evenly.
    """
    done = line.refunded
    return _worth(order, line, done + quantity) - _worth(order, line, done)


def forgone(order: Order, lines: Iterable[OrderLine]) -> int:
    """What the units come to that were called off before the order was paid, in minor units.

    Args:
        lines: of an order that is not paid: there nothing else counts as refunded.
    """
    return sum(_worth(order, line, line.refunded) for line in lines)


def _worth(order: Order, line: OrderLine, units: int) -> int:
    """What the first units of a line come to, its tax included, in minor units."""
    whole = line.total_minor + (0 if order.prices_include_tax else line.tax_minor)
    return money.rounded(Decimal(whole) * units / line.quantity, order.currency)


def take(refund: Refund, shares: Sequence[Share], *, actor: User | None) -> None:
    """Note the units on the refund and on their lines, and put back what is to be sold again."""
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            line=one.line,
            quantity=one.quantity,
            restock=one.restock,
            withdrawn=one.withdrawn,
            owed=one.owed,
        )
        for one in shares
    )
    backs = [(one.line, one.back) for one in shares]
    for one in shares:
        withdrawn, owed = one.withdrawn, one.owed  # each is told by what is changed next
        one.line.withdrawn += withdrawn
        one.line.owed -= owed
        one.line.refunded += one.quantity
    changed = ["refunded", "withdrawn", "owed"]
    OrderLine.objects.bulk_update([one.line for one in shares], changed)
    to_shelf(refund.order, backs, actor=actor)


def to_shelf(order: Order, backs: Sequence[tuple[OrderLine, int]], *, actor: User | None) -> None:
    """Put units of lines back on the shelf, as far as their variants are still there."""
    backs = [(line, quantity) for line, quantity in backs if quantity]
    for line, quantity in backs:
        line.restocked += quantity
    OrderLine.objects.bulk_update([line for line, _ in backs], ["restocked"])
    back: dict[int, int] = {}
    for line, quantity in backs:
        if line.variant_id is not None:
            back[line.variant_id] = back.get(line.variant_id, 0) + quantity
    if back:
        stock.take_back(back, order_number=order.number, actor=actor)


def any_owed(order: Order) -> bool:
    """Whether units were called off whose money is still to go back."""
    return order.lines.filter(owed__gt=0).exists()


def undo(refund: Refund) -> None:
    """The money did not leave: the units count as paid again, and as to be sent.

    What was put back on the shelf stays there, and will not be sent.
    """
    for one in refund.lines.all():
        OrderLine.objects.filter(pk=one.line_id).update(
            refunded=F("refunded") - one.quantity,
            withdrawn=F("withdrawn") - (0 if one.restock else one.withdrawn),
            owed=F("owed") + one.owed,
        )
