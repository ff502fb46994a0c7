"""Which tax is on what, where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Upper

from checkout.models import TaxRate
from shop.prepared import Columns, Prepared, Slot

STANDARD = ""
SHIPPING = "shipping"  # the class that shipping has, where there is a rate for it
OF_CLASS = Columns(own=frozenset({"tax_class", "rate"}))


@dataclass(frozen=True)
class Rates:
    """The rates of one place, by class."""

    by_class: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, tax_class: str) -> Decimal:
        """Of a class; the standard one where it has none of its own, 0 where there is none."""
        standard = self.by_class.get(STANDARD, Decimal(0))
        return self.by_class.get(tax_class.casefold(), standard)


def are_set_up() -> bool:
    """Whether the shop has any tax."""
    return TaxRate.objects.exists()


def rates_for(address: Mapping[str, Any] | None) -> Rates:
    """The rates where goods go to; without an address those of the shop's own country.

    A region's rate is used instead of its country's. One statement.
    """
    country = address["country"] if address else settings.SHOP_COUNTRY
    if not country:
        return Rates()
    region = (address or {}).get("region", "").strip()
    ask = Prepared("tax rates", _rates_of, OF_CLASS, {"country": country, "region": region})
    return Rates({row.tax_class.casefold(): row.rate for row in ask.read()})


def _rates_of() -> QuerySet[TaxRate]:
    """The country's own first: the region's come over them."""
    country, region = Slot("country", CharField()), Slot("region", CharField())
    rows = TaxRate.objects.filter(country=country).alias(place=Upper("region"))
    return rows.filter(Q(region="") | Q(place=Upper(region))).order_by("region")
