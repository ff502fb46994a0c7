"""Lines in, totals out: pure sums, without a database or a clock."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Some units at one price. All amounts are minor units of the order's currency."""

    unit_minor: int
    quantity: int
    discount_minor: int = 0
    tax_minor: int = 0

    @property
    def subtotal_minor(self) -> int:
        return self.unit_minor * self.quantity

    @property
    def total_minor(self) -> int:
        """What the line comes to; without tax when prices are net."""
        return self.subtotal_minor - self.discount_minor


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an order, in minor units."""

    subtotal: int
    discount: int  # free shipping included
    shipping: int  # before its discount
    tax: int
    total: int


def totals(lines: Sequence[PricedLine], *, includes_tax: bool) -> Totals:
    """Add the lines up: total = subtotal - discount + shipping, + tax when prices are net."""
    subtotal = sum(line.subtotal_minor for line in lines)
    discount = sum(line.discount_minor for line in lines)
    tax = sum(line.tax_minor for line in lines)
    total = subtotal - discount + (0 if includes_tax else tax)
    return Totals(subtotal=subtotal, discount=discount, shipping=0, tax=tax, total=total)
