"""Orders with discounts, and what is said of codes."""

from collections.abc import Callable
from typing import Any

from catalog.models import Variant
from checkout import endings, placement
from checkout.models import Discount, Order
from checkout.placement import Terms
from checkout.quotes import Quote, Wish
from tests.checkout.buying import TRANSFER
from tests.checkout.offering import GUEST, problems, quoted
from tests.factories import make_variant
from users.models import User

NOT_APPLICABLE = "CODE_NOT_APPLICABLE"
ENDS: dict[str, Callable[[Order], Any]] = {
    "cancelled": lambda order: endings.cancel(order.pk, actor=None, by_staff=False),
    "expired": lambda order: endings.expire(order.pk),
}


def buy(
    *codes: str, user: User | None = None, email: str | None = GUEST, variant: Variant | None = None
) -> Order:
    """An order of one lamp for 10.00 with these codes."""
    wishes = [Wish((variant or make_variant(price=1000)).pk, 1)]
    fields = {"email": email, "discount_codes": list(codes)}
    return placement.place_wishes(wishes, fields, Terms(TRANSFER, user))


def off(quote: Quote) -> int:
    return quote.totals.discount


def used(row: Discount) -> int:
    row.refresh_from_db()
    return row.used


def because(*codes: str, quantities: dict[Variant, int] | None = None, **beside: Any) -> list[str]:
    """Why each code does not apply; "" for one that does."""
    quote = quoted(quantities or {make_variant(price=1000): 1}, *codes, **beside)
    reasons = [quote.refused_codes.get(code, "") for code in codes]
    expected = [
        (NOT_APPLICABLE, ("discount_codes", str(at))) for at, why in enumerate(reasons) if why
    ]
    assert problems(quote) == expected
    return reasons
