"""What a cart or an order keeps beside its lines, checked on its way in."""

from collections.abc import Mapping, Sequence
from typing import Any

from checkout import shipping
from checkout.models.carts import MAX_QUANTITY
from checkout.models.discounts import folded
from shop.errors import Refused, ShopError
from users import addresses, emails

MAX_CODES = 10
ADDRESSES = ("shipping_address", "billing_address")


def check_quantity(quantity: int, at: int) -> None:
    """Raises Refused: OUT_OF_RANGE at the quantity of that line of the input."""
    if not 1 <= quantity <= MAX_QUANTITY:
        message = f"The quantity must be between 1 and {MAX_QUANTITY}."
        raise Refused("OUT_OF_RANGE", message, "lines", at, "quantity")


def checked_email(email: str | None) -> str:
    """The address as it can be mailed to, or "" for none. Raises Refused: INVALID, TOO_LONG."""
    return emails.checked(email) if email and email.strip() else ""


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a cart or an order keeps beside its lines, as it is kept.

    Raises:
        Refused: at the field's own name.
    """
    found: dict[str, Any] = {}
    if "email" in fields:
        found["email"] = checked_email(fields["email"])
    if "note" in fields:
        found["note"] = checked_note(fields["note"])
    for name in ADDRESSES:
        if name in fields:
            found[name] = _checked_address(name, fields[name])
    if "discount_codes" in fields:
        found["codes"] = _checked_codes(fields["discount_codes"] or [])
    if "shipping_option_id" in fields:
        found["shipping_method_id"] = shipping.checked_method(fields["shipping_option_id"])
    return found


def checked_note(note: str | None) -> str:
    note = (note or "").strip()
    if len(note) > 1000:
        raise Refused("TOO_LONG", "The note takes at most 1000 signs.", "note")
    return note


def _checked_address(name: str, fields: Mapping[str, Any] | None) -> dict[str, str] | None:
    if fields is None:
        return None
    try:
        return addresses.checked(dict(fields))
    except ShopError as refusal:
        raise refusal.under(name) from None


def _checked_codes(codes: Sequence[str]) -> list[str]:
    if len(codes) > MAX_CODES:
        raise Refused("OUT_OF_RANGE", f"A cart takes {MAX_CODES} codes.", "discount_codes")
    found = [code.strip() for code in codes]
    for at, code in enumerate(found):
        if not 1 <= len(code) <= 50:
            raise Refused("INVALID", "A code has 1 to 50 signs.", "discount_codes", at)
    return distinct(found)


def distinct(codes: Sequence[str]) -> list[str]:
    """Each code once, as it was entered first, whatever the case of its letters."""
    first: dict[str, str] = {}
    for code in codes:
        first.setdefault(folded(code), code)
    return list(first.values())
