"""Which tax is on what, where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q

from checkout.models import TaxRate

STANDARD = ""
SHIPPING = "shipping"  # the class that shipping has, where there is a rate for it


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
    rows = TaxRate.objects.filter(Q(region="") | Q(region__iexact=region), country=country)
    found = rows.order_by("region").values_list("tax_class", "rate")  # the country's own first
    return Rates({tax_class.casefold(): rate for tax_class, rate in found})
