"""How a cart can be sent, and for how much."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.db.models import CharField, Exists, Q, QuerySet

from checkout.models import ShippingCountry, ShippingMethod, ShippingRate
from shop.errors import Refused
from shop.prepared import WHOLE, Columns, Prepared, Slot

WITH_METHOD = Columns(beside=(("method", WHOLE),))


@dataclass(frozen=True)
class Option:
    """A way of sending, with its price for one cart in minor units."""

    id: int
    name: str
    price: int
    min_days: int | None
    max_days: int | None


def options(country: str, *, subtotal: int, weight: int) -> list[Option]:
    """The ways to send so much to a country, as the merchant has put them. One statement.

    A method whose rates begin above the cart's subtotal or weight is not offered.
    """
    ask = Prepared("shipping rates", rates_to, WITH_METHOD, {"country": country})
    found = ask.read()
    priced = [
        option_of([*rates], subtotal=subtotal, weight=weight)
        for _, rates in groupby(found, key=lambda row: row.method_id)
    ]
    return [option for option in priced if option]


def rates_to() -> QuerySet[ShippingRate]:
    """The rates of a country's zone, then those of the rest of the world where it is in none."""
    country = Slot("country", CharField())
    own = ShippingCountry.objects.filter(country=country)
    here = Q(method__zone__countries__country=country)
    rest = Q(method__zone__is_rest=True) & ~Exists(own)
    rows = ShippingRate.objects.filter(here | rest, method__is_active=True)
    return rows.order_by("method__zone__is_rest", "method__position", "method_id", "starts_at")


def option_of(rates: Sequence[ShippingRate], *, subtotal: int, weight: int) -> Option | None:
    """What one method costs, by its rates in their order."""
    method = rates[0].method
    size = weight if method.basis == ShippingMethod.Basis.WEIGHT else subtotal
    reached = [rate for rate in rates if rate.starts_at <= size]
    if not reached:
        return None
    is_free = method.free_above_minor is not None and subtotal >= method.free_above_minor
    price = 0 if is_free else reached[-1].price_minor
    return Option(method.pk, method.name, price, method.min_days, method.max_days)


def is_set_up() -> bool:
    """Whether the shop asks for a way of sending at all: not before there is one somewhere."""
    return ShippingRate.objects.exists()


def checked_method(method_id: int | None) -> int | None:
    """The method, if it is one that the shop offers somewhere.

    Raises:
        Refused: SHIPPING_UNAVAILABLE.
    """
    if method_id is None or ShippingMethod.objects.filter(pk=method_id, is_active=True).exists():
        return method_id
    message = "This way of sending is not offered."
    raise Refused("SHIPPING_UNAVAILABLE", message, "shipping_option_id")


@transaction.atomic
def save_rates(method: ShippingMethod, rates: Iterable[tuple[int, int]]) -> None:
    """Replace a method's rates: pairs of where one begins, and its price in minor units.

    Raises:
        Refused: REQUIRED for none, OUT_OF_RANGE for a negative number, INVALID for a table that
            does not begin at 0 (a gap) or begins twice at the same place.
    """
    found = sorted(rates)
    if not found:
        raise Refused("REQUIRED", "A method needs a rate.", "rates")
    if any(number < 0 for pair in found for number in pair):
        raise Refused("OUT_OF_RANGE", "Neither a price nor a limit is negative.", "rates")
    starts = [start for start, _ in found]
    if starts[0] != 0:
        raise Refused("INVALID", "The first rate begins at 0, or small carts had none.", "rates")
    if len(set(starts)) < len(starts):
        raise Refused("INVALID", "Two rates begin at the same place.", "rates")
    method.rates.all().delete()
    ShippingRate.objects.bulk_create(
        ShippingRate(method=method, starts_at=start, price_minor=price) for start, price in found
    )
