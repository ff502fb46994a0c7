"""Order care: mend an order before it is sent, and order the same again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from checkout import access, carts, contents, emails, orders
from checkout.lines import variants_for
from checkout.models import Cart, CartLine, Order, OrderLine
from checkout.models.carts import MAX_LINES
from checkout.orders import Type
from checkout.quotes import Wish
from shop import jobs
from shop.errors import Refused
from users.models import User

NAMES = {
    "email": "e-mail",
    "note": "note",
    "shipping_address": "shipping address",
    "billing_address": "billing address",
}


@transaction.atomic
def update(order_id: int, fields: Mapping[str, Any], *, actor: User) -> Order:
    """Change e-mail, note or addresses: what is given, null to empty it; the sums stay.

    Another e-mail ends the order's access token, which somebody else may have been sent, and
    gets the order's first mail again with a new one.

    Raises:
        Refused: INVALID_STATE once something was sent, REQUIRED for what cannot be empty;
            and as `contents.checked` does.
    """
    order = orders.locked(order_id)
    if not may_update(order):
        message = "The order has ended, or was sent in part; it stays as it is."
        raise Refused("INVALID_STATE", message, "order_id")
    given = contents.checked({name: fields[name] for name in NAMES if name in fields})
    changed = {name: value for name, value in given.items() if getattr(order, name) != value}
    _refuse_emptied(order, changed)
    if not changed:
        return order
    for name, value in changed.items():
        setattr(order, name, value)
    if "email" in changed:
        order.access_nonce = access.new_token()
        jobs.enqueue(emails.order_placed, order_id=order.pk)
    what = ", ".join(NAMES[name] for name in changed)
    orders.record(order, Type.CHANGED, f"Changed: {what}", actor=actor, internal=True)
    orders.keep(order)
    return order


def may_update(order: Order) -> bool:
    """Whether it is going on, and nothing of it was sent yet."""
    going_on = order.status in (Order.Status.PENDING, Order.Status.CONFIRMED)
    return going_on and order.fulfilment_status == Order.FulfilmentStatus.UNFULFILLED


def _refuse_emptied(order: Order, changed: Mapping[str, Any]) -> None:
    if changed.get("email") == "":
        raise Refused("REQUIRED", "An order needs an e-mail address.", "email")
    empties = "shipping_address" in changed and changed["shipping_address"] is None
    if empties and order.lines.filter(requires_shipping=True).exists():
        message = "What was ordered has to be sent somewhere."
        raise Refused("REQUIRED", message, "shipping_address")


@dataclass(frozen=True)
class Skipped:
    """A line of an old order that did not get into the cart, and why."""

    line: OrderLine
    reason: Refused


@dataclass
class Reordered:
    """A cart with what there was to put into it; token: a guest's right to it, else None."""

    cart: Cart
    token: str | None
    skipped: list[Skipped] = field(default_factory=list)


@transaction.atomic
def reorder(order: Order, *, user: User | None) -> Reordered:
    """Put what is still for sale of the order into the user's open cart, or a guest's new one.

    The cart then holds at least as many units as were ordered: asked again, nothing is added.
    What is short of stock gets in and is a problem of the cart, like anything else there.

    Raises:
        Refused: INVALID_STATE when nothing of it is for sale any more, or the cart is full.
    """
    lines = list(order.lines.all())
    cart = carts.locked(None, user=user) if user else None
    wishes, skipped = _sorted_out(lines, list(cart.lines.all()) if cart else [])
    if len(skipped) == len(lines):
        message = "Nothing of this order can be put into the cart any more."
        raise Refused("INVALID_STATE", message, "order_id")
    if cart is None:
        return Reordered(*carts.create(user=None, wishes=wishes), skipped)
    if wishes:
        cart = carts.add(None, wishes, user=user)
    return Reordered(cart, None, skipped)


def _sorted_out(
    lines: Sequence[OrderLine], in_cart: Sequence[CartLine]
) -> tuple[list[Wish], list[Skipped]]:
    """What of the order's lines to add to the cart, and what to leave out."""
    for_sale = variants_for(line.variant_id for line in lines)
    present = {line.variant_id: line.quantity for line in in_cart}
    room = MAX_LINES - len(in_cart)
    wishes, skipped = [], []
    for line in lines:
        missing = line.quantity - present.get(line.variant_id, 0)
        if line.variant_id is None or line.variant_id not in for_sale:
            skipped.append(Skipped(line, Refused("NOT_FOUND", f"{line.name} is not for sale.")))
        elif line.variant_id not in present and not room:
            skipped.append(Skipped(line, Refused("OUT_OF_RANGE", "The cart is full.")))
        elif missing > 0:
            room -= line.variant_id not in present
            wishes.append(Wish(line.variant_id, missing))
    return wishes, skipped
