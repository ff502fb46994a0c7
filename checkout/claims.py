"""What becomes of a guest's cart when the guest signs in."""

from django.db import IntegrityError, transaction

from checkout import carts, contents
from checkout.contents import MAX_CODES
from checkout.models import Cart, CartLine
from checkout.models.carts import MAX_LINES, MAX_QUANTITY
from users.models import User


@transaction.atomic
def claim(token: str, *, user: User) -> Cart:
    """Make a guest's cart the user's own: as it is, or merged into the one they have.

    The guest's row is locked first: nobody who holds a user's cart then waits for a guest's.

    Raises:
        Refused: NOT_FOUND for an unknown or somebody else's cart, CART_CLOSED.
    """
    guest = carts.locked(token, user=user)
    if guest.user_id == user.pk:
        return guest
    own = carts.locked_own(user) or _adopted(guest, user)
    if own.pk == guest.pk:
        return own
    _merge(guest, own)
    guest.status = Cart.Status.MERGED
    guest.save(update_fields=["status"])
    return carts.saved(own)


def _adopted(guest: Cart, user: User) -> Cart:
    """The guest's cart, now the user's; or the one that a parallel request has just made."""
    try:
        with transaction.atomic():
            guest.user = user
            return carts.saved(guest)
    except IntegrityError:
        own = carts.locked_own(user)
        if own is None:
            raise
        return own


def _merge(guest: Cart, own: Cart) -> None:
    """Add the guest's lines to the own; what would be too much is left at the most allowed."""
    present = list(own.lines.all())
    room = MAX_LINES - len(present)
    lines = {line.variant_id: line for line in present}
    coming = [line for line in guest.lines.all() if line.variant_id is not None]
    for line in coming:
        if same := lines.get(line.variant_id):
            same.quantity = min(same.quantity + line.quantity, MAX_QUANTITY)
        elif room > 0:
            room -= 1
            lines[line.variant_id] = CartLine(
                cart=own, variant_id=line.variant_id, quantity=line.quantity,
                sku=line.sku, name=line.name, unit_minor=line.unit_minor,
            )  # fmt: skip
    carts.write_lines([lines[line.variant_id] for line in coming if line.variant_id in lines])
    own.email = own.email or guest.email
    own.note = own.note or guest.note
    own.shipping_address = own.shipping_address or guest.shipping_address
    own.shipping_method_id = own.shipping_method_id or guest.shipping_method_id
    own.billing_address = own.billing_address or guest.billing_address
    own.codes = contents.distinct([*own.codes, *guest.codes])[:MAX_CODES]
