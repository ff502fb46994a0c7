"""Parcels: what was sent, and that it arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from checkout import emails, idempotency, orders
from checkout.models import Fulfilment, FulfilmentLine, Order, OrderEvent, OrderLine
from shop import jobs
from shop.errors import Refused, from_validation
from users.models import User

Status = Order.FulfilmentStatus
OPERATION = "orderFulfil"


@dataclass(frozen=True)
class Parcel:
    """How a parcel travels; all of it may be blank."""

    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""


Quantities = Sequence[tuple[int | None, int]]


@transaction.atomic
def fulfil(
    order_id: int,
    quantities: Quantities | None,
    *,
    parcel: Parcel,
    actor: User,
    key: str | None = None,
) -> Order:
    """Note that units of a confirmed order were sent: those given by line, else all that is left.

    Args:
        key: a UUID under which it is done once, however often and however parallel it is asked.

    Raises:
        Refused: INVALID_STATE when the order is not confirmed or nothing is left to send,
            NOT_FOUND for a line of another order, OUT_OF_RANGE for more units than are left,
            INVALID or CONFLICT for a key that is none, or was used for something else.
    """
    order = orders.locked(order_id)
    content = [order.number, quantities, asdict(parcel)]
    if idempotency.is_known(OPERATION, key, user=actor, content=content):
        return order
    idempotency.keep(OPERATION, key, user=actor, content=content, subject=order.number)
    refuse(order)
    return _send(order, quantities, parcel, actor)


def refuse(order: Order) -> None:
    """Refuse what no line of the order decides."""
    if order.status != Order.Status.CONFIRMED:
        message = "Only a confirmed order can be sent."
        raise Refused("INVALID_STATE", message, "order_id")
    if order.payment_status == Order.PaymentStatus.REFUNDED:
        message = "All of its money has gone back."
        raise Refused("INVALID_STATE", message, "order_id")


def _send(order: Order, quantities: Quantities | None, parcel: Parcel, actor: User) -> Order:
    lines = list(order.lines.all())
    sending = chosen(lines, quantities)
    fulfilment = made(order, parcel)
    FulfilmentLine.objects.bulk_create(
        FulfilmentLine(fulfilment=fulfilment, line=line, quantity=quantity)
        for line, quantity in sending
    )
    for line, quantity in sending:
        line.fulfilled += quantity
    OrderLine.objects.bulk_update([line for line, _ in sending], ["fulfilled"])
    follow(order)
    number = fulfilment.tracking_number
    orders.record(order, OrderEvent.Type.FULFILLED, number, actor=actor)
    jobs.enqueue(emails.shipped, fulfilment_id=fulfilment.pk)
    orders.keep(order)
    return order


@transaction.atomic
def deliver(order_id: int, *, fulfilment_id: int | None, actor: User) -> Order:
    """Note that a parcel arrived, or every parcel that is under way.

    Raises:
        Refused: NOT_FOUND for a parcel of another order, INVALID_STATE when nothing is under way.
    """
    order = orders.locked(order_id)
    parcels = order.fulfilments.all()
    if fulfilment_id is not None:
        parcels = parcels.filter(pk=fulfilment_id)
        if not parcels:
            raise Refused("NOT_FOUND", "There is no such parcel.", "fulfilment_id")
    arrived = list(parcels.filter(delivered_at=None).values_list("pk", flat=True))
    if not arrived:
        raise Refused("INVALID_STATE", "Nothing is under way.", "order_id")
    order.fulfilments.filter(pk__in=arrived).update(delivered_at=timezone.now())
    for id in arrived:
        jobs.enqueue(emails.delivered, fulfilment_id=id)
    follow(order)
    orders.record(order, OrderEvent.Type.DELIVERED, actor=actor)
    orders.complete_if_done(order)
    orders.keep(order)
    return order


def follow(order: Order) -> None:
    """Bring the order's state in line with its lines and parcels, in memory."""
    lines = list(order.lines.all())
    if not any(line.fulfilled for line in lines):
        order.fulfilment_status = Status.UNFULFILLED
    elif any(line.unsent for line in lines):
        order.fulfilment_status = Status.PARTIALLY_FULFILLED
    elif order.fulfilments.filter(delivered_at=None).exists():
        order.fulfilment_status = Status.FULFILLED
    else:
        order.fulfilment_status = Status.DELIVERED


def chosen(
    lines: Sequence[OrderLine], quantities: Quantities | None
) -> list[tuple[OrderLine, int]]:
    """Lines with the units to send now; none of them twice, none beyond what is left."""
    left = {line.pk: line.unsent for line in lines}
    if quantities is None:
        quantities = [(id, units) for id, units in left.items() if units]
        if not quantities:
            raise Refused("INVALID_STATE", "Everything has been sent.", "order_id")
    if not quantities:
        raise Refused("REQUIRED", "Say what is sent, or leave the lines out.", "lines")
    return picked(lines, quantities, left, to="sent")


def picked(
    lines: Sequence[OrderLine],
    quantities: Quantities,
    left: Mapping[int, int],
    *,
    to: str,
) -> list[tuple[OrderLine, int]]:
    """Each line that is named, once, with its units in all.

    Args:
        left: by line, the most units that can be picked.
        to: what they are picked for, as the refusals tell it.

    Raises:
        Refused: NOT_FOUND for a line of another order, OUT_OF_RANGE for none or too many units.
    """
    by_id = {line.pk: line for line in lines}
    units: dict[int, int] = {}
    for at, (id, quantity) in enumerate(quantities):
        if id is None or id not in by_id:
            raise Refused("NOT_FOUND", "There is no such line.", "lines", at, "line_id")
        rest = left[id] - units.get(id, 0)
        if not 1 <= quantity <= rest:
            message = f"Of this line {rest} can be {to}."
            raise Refused("OUT_OF_RANGE", message, "lines", at, "quantity")
        units[id] = units.get(id, 0) + quantity
    return [(by_id[id], quantity) for id, quantity in units.items()]


def made(order: Order, parcel: Parcel) -> Fulfilment:
    fulfilment = Fulfilment(
        order=order,
        carrier=parcel.carrier.strip(),
        tracking_number=parcel.tracking_number.strip(),
        tracking_url=parcel.tracking_url.strip(),
    )
    try:
        fulfilment.clean_fields(exclude=["order"])
    except ValidationError as error:
        raise from_validation(error) from None
    if urlsplit(fulfilment.tracking_url).scheme not in ("", "http", "https"):
        raise Refused("INVALID", "A page's address is wanted: http or https.", "tracking_url")
    fulfilment.save()
    return fulfilment
