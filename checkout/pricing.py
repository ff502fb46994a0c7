"""Lines, offers, shipping and taxes in; totals and what became of each offer out.

Pure sums, without a database or a clock. All amounts are whole minor units of one currency.
Rounding is half to even, once per line, to the currency's step; a sum that is spread over lines
adds up to itself. The lines are worked through in the order of their keys, so that the same cart
costs the same in whatever order it was filled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from shop import money


class Kind(StrEnum):
    """What an offer takes off."""

    PERCENT = "PERCENT"
    FIXED = "FIXED"
    FREE_SHIPPING = "FREE_SHIPPING"
    BUY_X_GET_Y = "BUY_X_GET_Y"


@dataclass(frozen=True, slots=True)
class Line:
    """Some units of one thing; `key` tells it apart. `groups` name what it belongs to."""

    key: int
    unit: int
    quantity: int
    tax_rate: Decimal = Decimal(0)
    groups: frozenset[str] = frozenset()  # "product:7", "category:3", "collection:2"

    @property
    def subtotal(self) -> int:
        return self.unit * self.quantity


@dataclass(frozen=True, slots=True)
class Shipping:
    """The way that was chosen, and its price as it is shown."""

    price: int = 0
    tax_rate: Decimal = Decimal(0)


NOT_SENT = Shipping()


@dataclass(frozen=True, slots=True)
class Offer:
    """A discount that may be used now, as far as its dates and its limits are concerned.

    percent: 0 to 100, also for what BUY_X_GET_Y gives; amount: of FIXED; groups: what it is for,
    empty for the whole order; minimum: of the subtotal of what it is for. The lowest priority
    comes first; one that is not combinable stands alone.
    """

    key: int
    kind: Kind
    percent: Decimal = Decimal(0)
    amount: int = 0
    buy: int = 0
    get: int = 0
    groups: frozenset[str] = frozenset()
    minimum: int = 0
    combinable: bool = True
    priority: int = 0


class Reason(StrEnum):
    """Why an offer takes nothing off."""

    MINIMUM = "MINIMUM"
    NOTHING = "NOTHING"
    NOT_COMBINABLE = "NOT_COMBINABLE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an offer: what it takes off, or why nothing; `missing` to its minimum."""

    offer: Offer
    amount: int = 0
    reason: Reason | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its share of the discounts and its tax."""

    line: Line
    discount: int
    tax: int

    @property
    def total(self) -> int:
        """What the line comes to; without tax when prices are net."""
        return self.line.subtotal - self.discount


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an order."""

    subtotal: int
    discount: int  # free shipping included
    shipping: int  # before its discount
    tax: int
    total: int
    shipping_discount: int = 0
    shipping_tax: int = 0


@dataclass(frozen=True, slots=True)
class Priced:
    """All of it: the lines in the order in which they came."""

    lines: Sequence[PricedLine]
    outcomes: Sequence[Outcome]
    totals: Totals


@dataclass(slots=True)
class _Sheet:
    """What is left of each line and of shipping while offers are worked through."""

    currency: str
    lines: Sequence[Line]
    shipping: int
    off: dict[int, int] = field(default_factory=dict)
    shipping_off: int = 0

    def rest(self, line: Line) -> int:
        return line.subtotal - self.off.get(line.key, 0)

    def take(self, parts: Mapping[int, int]) -> int:
        for key, amount in parts.items():
            self.off[key] = self.off.get(key, 0) + amount
        return sum(parts.values())


def price(
    lines: Sequence[Line],
    offers: Sequence[Offer] = (),
    shipping: Shipping = NOT_SENT,
    *,
    currency: str,
    includes_tax: bool,
) -> Priced:
    """What the lines cost with these offers, sent that way, and each offer's outcome."""
    sheet = _Sheet(currency, sorted(lines, key=lambda line: line.key), shipping.price)
    outcomes = _worked_through(sheet, offers)
    tax_of = _tax(currency, includes_tax=includes_tax)
    priced = [
        PricedLine(line, sheet.off.get(line.key, 0), tax_of(sheet.rest(line), line.tax_rate))
        for line in lines
    ]
    shipping_tax = tax_of(shipping.price - sheet.shipping_off, shipping.tax_rate)
    totals = _totals(priced, sheet, shipping_tax, includes_tax=includes_tax)
    return Priced(priced, outcomes, totals)


def _totals(
    lines: Sequence[PricedLine], sheet: _Sheet, shipping_tax: int, *, includes_tax: bool
) -> Totals:
    subtotal = sum(one.line.subtotal for one in lines)
    discount = sum(one.discount for one in lines) + sheet.shipping_off
    tax = sum(one.tax for one in lines) + shipping_tax
    total = subtotal - discount + sheet.shipping + (0 if includes_tax else tax)
    return Totals(subtotal, discount, sheet.shipping, tax, total, sheet.shipping_off, shipping_tax)


def _tax(currency: str, *, includes_tax: bool) -> Callable[[int, Decimal], int]:
    """How much of an amount is tax, or comes on top of it."""

    def tax(amount: int, rate: Decimal) -> int:
        share = rate / (1 + rate) if includes_tax else rate
        return money.rounded(amount * share, currency)

    return tax


def _worked_through(sheet: _Sheet, offers: Sequence[Offer]) -> list[Outcome]:
    """The first offer that takes something off decides whether others may come beside it."""
    outcomes: list[Outcome] = []
    used: list[Offer] = []
    for offer in sorted(offers, key=lambda one: (one.priority, one.key)):
        if used and not (offer.combinable and used[0].combinable):
            outcomes.append(Outcome(offer, reason=Reason.NOT_COMBINABLE))
            continue
        outcome = _applied(sheet, offer)
        outcomes.append(outcome)
        if outcome.amount:
            used.append(offer)
    return outcomes


def _applied(sheet: _Sheet, offer: Offer) -> Outcome:
    eligible = [one for one in sheet.lines if not offer.groups or offer.groups & one.groups]
    worth = sum(one.subtotal for one in eligible)
    if not eligible:
        return Outcome(offer, reason=Reason.NOTHING)
    if worth < offer.minimum:
        return Outcome(offer, reason=Reason.MINIMUM, missing=offer.minimum - worth)
    if offer.kind == Kind.FREE_SHIPPING:
        amount = sheet.shipping - sheet.shipping_off
        sheet.shipping_off = sheet.shipping
    else:
        amount = sheet.take(_PARTS[offer.kind](sheet, offer, eligible))
    return Outcome(offer, amount) if amount else Outcome(offer, reason=Reason.NOTHING)


def _percent(sheet: _Sheet, offer: Offer, lines: Sequence[Line]) -> dict[int, int]:
    share = offer.percent / 100
    return {one.key: money.rounded(sheet.rest(one) * share, sheet.currency) for one in lines}


def _fixed(sheet: _Sheet, offer: Offer, lines: Sequence[Line]) -> dict[int, int]:
    """The amount, or all that there is, spread over the lines by what they come to."""
    rests = [sheet.rest(one) for one in lines]
    step = money.multiple(sheet.currency)
    parts = money.spread(min(offer.amount, sum(rests)), rests, step=step)
    return {one.key: part for one, part in zip(lines, parts, strict=True)}


def _buy_x_get_y(sheet: _Sheet, offer: Offer, lines: Sequence[Line]) -> dict[int, int]:
    """Of every `buy` + `get` units the cheapest `get` are reduced."""
    units = sum(one.quantity for one in lines)
    left = units // (offer.buy + offer.get) * offer.get
    parts: dict[int, int] = {}
    for line in sorted(lines, key=lambda one: (one.unit, one.key)):
        reduced = min(left, line.quantity)
        left -= reduced
        worth = Decimal(line.unit * reduced) * offer.percent / 100
        parts[line.key] = min(money.rounded(worth, sheet.currency), sheet.rest(line))
    return parts


_PARTS: dict[Kind, Callable[[_Sheet, Offer, Sequence[Line]], dict[int, int]]] = {
    Kind.PERCENT: _percent,
    Kind.FIXED: _fixed,
    Kind.BUY_X_GET_Y: _buy_x_get_y,
}
