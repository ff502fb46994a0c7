"""What a merchant sets up: ways of sending, taxes and discounts, as rows."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from catalog.models import Variant
from checkout import quotes, shipping
from checkout.models import Discount, ShippingMethod, ShippingZone, TaxRate
from checkout.quotes import Quote, Wish, Wishes
from tests.checkout.buying import ADDRESS

_numbers = count(1)
GUEST = "guest@example.com"


def address(country: str = "GB", region: str = "") -> dict[str, str]:
    return ADDRESS | {"country": country, "region": region}


def make_zone(*countries: str) -> ShippingZone:
    """A zone of the countries; without any, that of all the others."""
    name = f"Zone {next(_numbers)}"
    zone = ShippingZone.objects.create(name=name, is_rest=not countries)
    for country in countries:
        zone.countries.create(country=country)
    return zone


def make_method(
    zone: ShippingZone, *rates: tuple[int, int], name: str = "Parcel", **fields: Any
) -> ShippingMethod:
    """A way to send there; the rates are pairs of a start and a price, 490 from 0 by default."""
    method = ShippingMethod.objects.create(zone=zone, name=name, **fields)
    shipping.save_rates(method, rates or [(0, 490)])
    return method


def make_tax(country: str, rate: str, **fields: Any) -> TaxRate:
    return TaxRate.objects.create(country=country, rate=Decimal(rate), **fields)


def make_discount(*codes: str, kind: str = "PERCENT", **fields: Any) -> Discount:
    """A discount that began an hour ago: 10 % unless told, automatic where it has no code."""
    usual: dict[str, dict[str, Any]] = {
        "PERCENT": {"percent": Decimal(10)},
        "FIXED": {"amount_minor": 500},
    }
    began = timezone.now() - timedelta(hours=1)
    plain = {"name": f"Offer {next(_numbers)}", "is_automatic": not codes, "starts_at": began}
    row = Discount.objects.create(kind=kind, **plain | usual.get(kind, {}) | fields)
    for code in codes:
        row.codes.create(code=code)
    return row


def quoted(quantities: dict[Variant, int], *codes: str, **beside: Any) -> Quote:
    """What it would cost a guest, priced at this moment."""
    wishes = [Wish(row.pk, units) for row, units in quantities.items()]
    return quotes.of_wishes(wishes, Wishes(**{"email": GUEST, "codes": codes} | beside))


def problems(quote: Quote) -> list[tuple[str, Sequence[str]]]:
    """Code and path of each."""
    return [(one.refusal.code, one.refusal.path) for one in quote.problems]
