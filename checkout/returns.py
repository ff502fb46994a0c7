"""Returns, from the buyer's request to the shelf: each step one function and transaction.

Each locks the order's row first. Units that are asked for count as returned on their lines at
once, so that nobody asks for them twice; a return that is rejected or cancelled frees them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from checkout import emails, fulfilments, orders, refunds, shares
from checkout.models import FulfilmentLine, Order, OrderLine, Return, ReturnLine
from checkout.orders import Type
from checkout.refunds import Wish
from checkout.shares import Units
from checkout.withdrawals import LONGEST_MESSAGE, Picked, Quantities, described
from shop import jobs
from shop.errors import Refused
from users.models import User

State = Return.State

# The only steps there are; whoever asks for another gets INVALID_STATE.
STEPS: dict[str, set[str]] = {
    State.REQUESTED: {State.APPROVED, State.REJECTED, State.CANCELLED},
    State.APPROVED: {State.RECEIVED, State.CANCELLED},
    State.REJECTED: set(),
    State.RECEIVED: set(),
    State.CANCELLED: set(),
}

REQUESTED = "return requested"  # the order's flag
MOST_RETURNS = 100  # of one order: asked for and cancelled again and again, they would pile up
LONGEST_REASON = 200
LONGEST_NOTE = 1000


def may_move(found: Return, to: str) -> bool:
    return to in STEPS[found.state]


def refuse_step(found: Return, to: str) -> None:
    """Raises Refused: INVALID_STATE for a step that is not declared."""
    if not may_move(found, to):
        message = f"The return is {found.state.lower()}; it cannot be {to.lower()}."
        raise Refused("INVALID_STATE", message, "return_id")


def returnable(line: OrderLine, parts: Iterable[FulfilmentLine], now: datetime) -> int:
    """How many units of a line its buyer can ask to send back.

    Those sent and not asked for yet, but no more than came in parcels whose time is not over:
    it runs from the delivery, or from the sending where no delivery was noted. The units of a
    line are alike, so nobody asks which of them came in which parcel.

    Args:
        parts: the line's units in parcels, with these.
    """
    days = timedelta(days=settings.RETURN_DAYS)
    in_time = sum(
        part.quantity
        for part in parts
        if now < (part.fulfilment.delivered_at or part.fulfilment.shipped_at) + days
    )
    return min(line.fulfilled - line.returned, in_time)


@transaction.atomic
def request(order_id: int, quantities: Quantities, *, reason: str, actor: User | None) -> Return:
    """Ask to send units back, for the order's buyer.

    Args:
        actor: None for a guest.

    Raises:
        Refused: REQUIRED for no units, NOT_FOUND for a line of another order, OUT_OF_RANGE for
            units that were not sent or are asked for already, INVALID_STATE when their time is
            over or there were too many returns, TOO_LONG for the reason.
    """
    order = orders.locked(order_id)
    reason = checked(reason, LONGEST_REASON, "reason")
    if order.returns.count() >= MOST_RETURNS:
        message = "There were too many returns of this order; write to the shop."
        raise Refused("INVALID_STATE", message, "order_id")
    units = chosen(order, quantities)
    made: Return = order.returns.create(reason=reason)
    ReturnLine.objects.bulk_create(
        ReturnLine(parent=made, line=line, quantity=quantity) for line, quantity in units
    )
    count(units, 1)
    orders.flag(order, REQUESTED)
    _record(order, units, Type.RETURN_REQUESTED, actor)
    orders.keep(order)
    return made


def chosen(order: Order, quantities: Quantities) -> Picked:
    """The lines with the units to send back, each line once."""
    if not quantities:
        raise Refused("REQUIRED", "Say which units.", "lines")
    lines = list(order.lines.prefetch_related("fulfilment_lines__fulfilment"))
    sent = {line.pk: line.fulfilled - line.returned for line in lines}
    units = fulfilments.picked(lines, quantities, sent, to="returned")
    now = timezone.now()
    for line, quantity in units:
        if quantity > returnable(line, line.fulfilment_lines.all(), now):
            message = f"The {settings.RETURN_DAYS} days to return {line.name} are over."
            raise Refused("INVALID_STATE", message, "lines")
    return units


@transaction.atomic
def approve(return_id: int, *, note: str, actor: User) -> Return:
    """Let the buyer send the units; the note tells how.

    Raises:
        Refused: INVALID_STATE unless it is requested, TOO_LONG for the note, NOT_FOUND.
    """
    note = checked(note, LONGEST_NOTE, "note")
    found = _move(return_id, State.APPROVED, Type.RETURN_APPROVED, actor=actor, note=note)
    jobs.enqueue(emails.return_approved, return_id=found.pk)
    return found


@transaction.atomic
def reject(return_id: int, *, reason: str, actor: User) -> Return:
    """Refuse to take the units back; the buyer reads why.

    Raises:
        Refused: INVALID_STATE unless it is requested, REQUIRED or TOO_LONG for the reason,
            NOT_FOUND.
    """
    reason = checked(reason, LONGEST_NOTE, "reason")
    if not reason:
        raise Refused("REQUIRED", "Tell the buyer why.", "reason")
    found = _move(return_id, State.REJECTED, Type.RETURN_REJECTED, actor=actor, note=reason)
    jobs.enqueue(emails.return_rejected, return_id=found.pk)
    return found


@transaction.atomic
def cancel(return_id: int, *, actor: User | None) -> Return:
    """Call a return off, for its buyer.

    Raises:
        Refused: INVALID_STATE unless it is requested or approved, NOT_FOUND.
    """
    return _move(return_id, State.CANCELLED, Type.RETURN_CANCELLED, actor=actor)


def receive(return_id: int, *, restock: bool, refund: bool, actor: User) -> Return:
    """Note that the units are here again.

    Args:
        restock: they can be sold again.
        refund: what was paid for them goes back, agreed in the same transaction.

    Raises:
        Refused: INVALID_STATE unless it is approved; at "refund" what `refunds.refund` refuses,
            such as an order that was not paid; OUT_OF_RANGE or INVALID_STATE at "restock" for
            units that are on the shelf or never left it; NOT_FOUND.
        gateway.Unavailable: and nothing was written.
    """
    found = seen(return_id)
    refuse_step(found, State.RECEIVED)
    units = units_of(found)
    if not refund or not sum(line.total_minor for line, _ in units):
        return _receive(return_id, restock=restock, actor=actor)
    wish = Wish(
        lines=[Units(line.pk, quantity, restock, sent=True) for line, quantity in units],
        reason="Returned",
    )
    arrive = partial(_arrive, return_id=return_id, actor=actor)
    try:
        refunds.refund(found.order_id, wish, actor=actor, beside=arrive)
    except Refused as refusal:
        refusal.path = place_of(refusal)
        raise
    return seen(return_id)


def place_of(refusal: Refused) -> tuple[str, ...]:
    """Where in the input of `receive` a refused refund is meant."""
    if refusal.path[:1] == ("return_id",):
        return refusal.path
    return ("restock",) if refusal.path[-1:] == ("restock",) else ("refund",)


@transaction.atomic
def _receive(return_id: int, *, restock: bool, actor: User) -> Return:
    """Without a refund."""
    order = orders.locked(seen(return_id).order_id)
    found = _arrive(order, return_id=return_id, actor=actor)
    if restock:
        refuse_restock(order, units_of(found))
        shares.to_shelf(order, units_of(found), actor=actor)
    orders.keep(order)
    return found


def refuse_restock(order: Order, units: Picked) -> None:
    """The same that a refund refuses to put back on the shelf."""
    if order.stock_state != Order.StockState.SOLD:
        raise Refused("INVALID_STATE", "Nothing of this order left the shelf.", "restock")
    if any(line.restocked + quantity > line.quantity for line, quantity in units):
        raise Refused("OUT_OF_RANGE", "These units are back on the shelf.", "restock")


def _arrive(order: Order, *, return_id: int, actor: User) -> Return:
    """The step itself, of a locked order; `orders.keep` is the caller's."""
    found: Return = order.returns.get(pk=return_id)
    refuse_step(found, State.RECEIVED)
    found.state, found.received_at = State.RECEIVED, timezone.now()
    found.save()
    _record(order, units_of(found), Type.RETURN_RECEIVED, actor)
    return found


def _move(
    return_id: int, to: str, event: str, *, actor: User | None, note: str | None = None
) -> Return:
    """Any other step; the units are free again where it ends the return."""
    order = orders.locked(seen(return_id).order_id)
    found: Return = order.returns.get(pk=return_id)
    refuse_step(found, to)
    found.state = to
    if note is not None:
        found.note, found.decided_at = note, timezone.now()
    found.save()
    if not STEPS[to]:
        count(units_of(found), -1)
    if not order.returns.filter(state=State.REQUESTED).exists():
        orders.unflag(order, REQUESTED)
    _record(order, units_of(found), event, actor)
    orders.keep(order)
    return found


def _record(order: Order, units: Picked, event: str, actor: User | None) -> None:
    orders.record(order, event, described(units)[:LONGEST_MESSAGE], actor=actor)


def seen(return_id: int) -> Return:
    """The return as it is, not locked. Raises Refused: NOT_FOUND."""
    found = Return.objects.filter(pk=return_id, order__deleted_at=None).first()
    if found is None:
        raise Refused("NOT_FOUND", "There is no such return.", "return_id")
    return found


def units_of(found: Return) -> Picked:
    """Its lines, as they are now, and the units of each."""
    return [(part.line, part.quantity) for part in found.lines.select_related("line")]


def count(units: Picked, sign: int) -> None:
    """Let units of a locked order's lines count as returned (1), or no longer (-1)."""
    for line, quantity in units:
        line.returned += sign * quantity
    OrderLine.objects.bulk_update([line for line, _ in units], ["returned"])


def checked(text: str, longest: int, at: str) -> str:
    """The text without blanks around it. Raises Refused: TOO_LONG."""
    text = text.strip()
    if len(text) > longest:
        raise Refused("TOO_LONG", f"It takes at most {longest} signs.", at)
    return text
