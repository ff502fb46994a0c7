"""What some wishes cost now, and what stands in the way of ordering them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

from catalog.errors import OutOfStock
from catalog.models import Variant
from checkout import pricing
from checkout.contents import check_quantity
from checkout.errors import PriceChanged
from checkout.models import CartLine
from shop.errors import Refused, ShopError, gathered
from shop.money import Money


@dataclass(frozen=True)
class Wish:
    """Some units of a variant. `variant_id` is None for an id that leads to no variant."""

    variant_id: int | None
    quantity: int


@dataclass(frozen=True)
class QuoteLine:
    """A wish with its present price; without a variant once that is gone or hidden."""

    id: int  # the cart line's, or the wish's place in the request
    variant: Variant | None
    quantity: int
    sku: str
    name: str
    unit_minor: int
    path: tuple[str, ...] = ()  # where in a request it was asked for

    @property
    def priced(self) -> pricing.PricedLine:
        return pricing.PricedLine(self.unit_minor, self.quantity)


@dataclass(frozen=True)
class Problem:
    """Why something cannot be ordered, with the mutation that puts it right."""

    refusal: ShopError
    mutation: str
    line: QuoteLine | None = None


@dataclass
class Quote:
    """Lines with their prices, their sums, and the problems."""

    lines: Sequence[QuoteLine]
    email: str
    currency: str = field(default_factory=lambda: settings.SHOP_CURRENCY)
    includes_tax: bool = field(default_factory=lambda: settings.PRICES_INCLUDE_TAX)

    @cached_property
    def totals(self) -> pricing.Totals:
        return pricing.totals([line.priced for line in self.lines], includes_tax=self.includes_tax)

    @property
    def quantities(self) -> dict[int, int]:
        """Units by variant id."""
        return {line.variant.pk: line.quantity for line in self.lines if line.variant}

    @cached_property
    def problems(self) -> list[Problem]:
        found = [problem for line in self.lines for problem in problems_of(line)]
        if not self.lines:
            nothing = Refused("CART_EMPTY", "There is nothing in the cart.", "lines")
            found.append(Problem(nothing, "cartLinesAdd"))
        if not self.email:
            needed = Refused("EMAIL_REQUIRED", "An e-mail address is needed.", "email")
            found.append(Problem(needed, "cartUpdate"))
        return found

    def ready_or_raise(self) -> "Quote":
        """Itself, when it can be ordered. Raises the refusals that stand in the way."""
        refusals = [problem.refusal for problem in self.problems]
        if refusals:
            raise gathered(refusals)
        return self

    def refuse_other_total(self, expected: int | None) -> None:
        """Raises PriceChanged unless the total (minor units) is the expected one, if any."""
        if expected is not None and expected != self.totals.total:
            raise PriceChanged(
                expected=Money(expected, self.currency),
                actual=Money(self.totals.total, self.currency),
            ).under("expected_total")


def problems_of(line: QuoteLine) -> Iterable[Problem]:
    if line.variant is None:
        gone = Refused("NOT_FOUND", f"{line.name or 'This'} is not for sale.", *line.path)
        yield Problem(gone, "cartLinesRemove", line)
    elif line.variant.track_stock and line.variant.free < line.quantity:
        short = OutOfStock(line.sku, requested=line.quantity, available=max(line.variant.free, 0))
        short.path = line.path
        yield Problem(
            short, "cartLinesUpdate" if line.variant.free > 0 else "cartLinesRemove", line
        )


def variants_for(ids: Iterable[int | None]) -> dict[int, Variant]:
    """The variants that anybody may buy now, with their products, by id."""
    wanted = {id for id in ids if id is not None}
    if not wanted:
        return {}
    rows = Variant.objects.public().select_related("product")
    return {row.pk: row for row in rows.filter(pk__in=wanted)}


def full_name(variant: Variant) -> str:
    """What a line is called: the product, and which of its variants where it says."""
    return ", ".join(filter(None, [variant.product.name, variant.name]))


def of_cart_lines(lines: Iterable[CartLine], *, email: str) -> Quote:
    """A kept cart at today's prices, by one statement for all its variants."""
    rows = list(lines)
    found = variants_for(row.variant_id for row in rows)
    return Quote(
        [
            line_of(row.pk, variant, row.quantity)
            if (variant := found.get(row.variant_id or 0))
            else QuoteLine(row.pk, None, row.quantity, row.sku, row.name, row.unit_minor)
            for row in rows
        ],
        email=email,
    )


def of_wishes(wishes: Sequence[Wish], *, email: str) -> Quote:
    """A whole cart at once, from nothing kept; wishes for the same variant are one line.

    Raises:
        Refused: OUT_OF_RANGE for quantities that nobody can order.
    """
    merged: dict[int, int] = {}
    first: dict[int, int] = {}
    for at, wish in enumerate(wishes):
        check_quantity(wish.quantity, at)
        # Ids that lead nowhere stay apart, each with its own refusal.
        id = -at - 1 if wish.variant_id is None else wish.variant_id
        merged[id] = merged.get(id, 0) + wish.quantity
        check_quantity(merged[id], first.setdefault(id, at))
    found = variants_for(merged)
    lines = []
    for id, quantity in merged.items():
        path = ("lines", str(first[id]), "variant_id")
        lines.append(line_of(first[id], found.get(id), quantity, path=path))
    return Quote(lines, email=email)


def line_of(
    id: int, variant: Variant | None, quantity: int, *, path: tuple[str, ...] = ()
) -> QuoteLine:
    if variant is None:
        return QuoteLine(id, None, quantity, "", "", 0, path)
    name, price = full_name(variant), variant.price_minor
    return QuoteLine(id, variant, quantity, variant.sku, name, price, path)
