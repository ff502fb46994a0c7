"""What some wishes cost now, and what stands in the way of ordering them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.conf import settings

from checkout import discounts, pricing, shipping, taxes
from checkout.contents import check_quantity
from checkout.customers import Customer
from checkout.errors import PriceChanged
from checkout.lines import QuoteLine, line_of, variants_for
from checkout.models import CartLine, Discount
from checkout.problems import Problem, problems_of
from shop.errors import Refused, gathered
from shop.money import Money
from users.models import User


@dataclass(frozen=True)
class Wish:
    """Some units of a variant. `variant_id` is None for an id that leads to no variant."""

    variant_id: int | None
    quantity: int


@dataclass(frozen=True)
class Wishes:
    """What a cart says besides its lines, as far as its price depends on it."""

    email: str = ""
    user: User | None = None
    shipping_address: Mapping[str, Any] | None = None
    billing_address: Mapping[str, Any] | None = None
    method_id: int | None = None
    codes: Sequence[str] = ()
    is_order: bool = False  # it is placed now, not looked at

    @property
    def destination(self) -> Mapping[str, Any] | None:
        return self.shipping_address or self.billing_address

    @property
    def customer(self) -> Customer:
        return Customer.of(self.user, self.email)

    @property
    def known_customer(self) -> Customer:
        """As whom discounts are offered: a look at a cart must not tell where an address that
        anybody may enter has bought."""
        return self.customer if self.is_order else self.customer.account


@dataclass
class Quote:
    """Lines with their prices, the ways to send them, their sums, and the problems."""

    lines: Sequence[QuoteLine]
    wishes: Wishes = field(default_factory=Wishes)
    currency: str = field(default_factory=lambda: settings.SHOP_CURRENCY)
    includes_tax: bool = field(default_factory=lambda: settings.PRICES_INCLUDE_TAX)

    @property
    def email(self) -> str:
        return self.wishes.email

    @property
    def subtotal(self) -> int:
        return sum(line.unit_minor * line.quantity for line in self.lines)

    @property
    def sent(self) -> list[QuoteLine]:
        """The lines that a parcel is needed for."""
        return [line for line in self.lines if line.variant and line.variant.requires_shipping]

    @cached_property
    def rates(self) -> taxes.Rates:
        return taxes.rates_for(self.wishes.destination)

    @cached_property
    def options(self) -> list[shipping.Option]:
        """The ways to have it sent; none before it is known where to."""
        address = self.wishes.shipping_address
        if not self.sent or not address:
            return []
        weights = [
            (line.variant.weight_g or 0) * line.quantity for line in self.sent if line.variant
        ]
        return shipping.options(address["country"], subtotal=self.subtotal, weight=sum(weights))

    @cached_property
    def option(self) -> shipping.Option | None:
        """The way that was chosen, else the cheapest; None when the chosen one is not there."""
        if self.wishes.method_id is None:
            return min(self.options, key=lambda one: one.price, default=None)
        chosen = (one for one in self.options if one.id == self.wishes.method_id)
        return next(chosen, None)

    @cached_property
    def needs_way(self) -> bool:
        """Whether a way of sending has to be chosen."""
        return bool(self.sent) and (bool(self.options) or shipping.is_set_up())

    @cached_property
    def candidates(self) -> discounts.Candidates:
        return discounts.current(self.wishes.codes, self.wishes.known_customer)

    @cached_property
    def priced(self) -> pricing.Priced:
        lines = [
            pricing.Line(
                line.key,
                line.unit_minor,
                line.quantity,
                self.rates.of(line.tax_class),
                line.groups,
            )
            for line in self.lines
        ]
        price = self.option.price if self.option else 0
        way = pricing.Shipping(price, self.rates.of(taxes.SHIPPING))
        return pricing.price(
            lines,
            self.candidates.offers,
            way,
            currency=self.currency,
            includes_tax=self.includes_tax,
        )

    @property
    def totals(self) -> pricing.Totals:
        return self.priced.totals

    @cached_property
    def prices(self) -> dict[int, pricing.PricedLine]:
        """Each line's own, by its id."""
        return {line.id: priced for line, priced in zip(self.lines, self.priced.lines, strict=True)}

    @cached_property
    def refused_codes(self) -> dict[str, str]:
        """Why a code does not apply, by the code as it was entered."""
        found = dict(self.candidates.refused)
        for outcome in self.priced.outcomes:
            code = self.candidates.code_of.get(outcome.offer.key)
            if code is not None and not outcome.amount:
                found[code] = discounts.reason_of(outcome, self.currency)
        return found

    @property
    def applied(self) -> list[tuple[Discount, str, int]]:
        """The discounts that take something off, each with its code, or "", and the amount."""
        rows, codes = self.candidates.rows, self.candidates.code_of
        return [
            (rows[one.offer.key], codes.get(one.offer.key, ""), one.amount)
            for one in self.priced.outcomes
            if one.amount
        ]

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
        return [
            *found, *self._tax_problems(), *self._shipping_problems(), *self._code_problems(),
        ]  # fmt: skip

    def _tax_problems(self) -> list[Problem]:
        """Nobody knows which tax is due; not told where shipping asks for the address anyhow."""
        known = self.wishes.destination or settings.SHOP_COUNTRY
        if known or self.needs_way or not taxes.are_set_up():
            return []
        where = "Say where you are: the tax depends on it."
        return [Problem(Refused("ADDRESS_REQUIRED", where, "billing_address"), "cartUpdate")]

    def _shipping_problems(self) -> list[Problem]:
        if self.option or not self.needs_way:
            return []
        if not self.wishes.shipping_address:
            where = Refused("ADDRESS_REQUIRED", "Say where it is sent to.", "shipping_address")
            return [Problem(where, "cartUpdate")]
        if self.options:
            message, at = "This way of sending is not offered for the cart.", "shipping_option_id"
        else:
            message, at = "Nothing is sent to this address.", "shipping_address"
        return [Problem(Refused("SHIPPING_UNAVAILABLE", message, at), "cartUpdate")]

    def _code_problems(self) -> list[Problem]:
        return [
            Problem(
                Refused("CODE_NOT_APPLICABLE", f"{code}: {reason}", "discount_codes", at),
                "cartUpdate",
            )
            for at, code in enumerate(self.wishes.codes)
            if (reason := self.refused_codes.get(code))
        ]

    def ready_or_raise(self) -> "Quote":
        """Itself, when it can be ordered. Raises the refusals that stand in the way."""
        refusals = [problem.refusal for problem in self.problems]
        if refusals:
            raise gathered(refusals)
        return self

    def refuse_other_total(self, expected: int | None) -> None:
        """Raises PriceChanged unless the total (minor units) is the expected one, if any."""
        if expected is not None and expected != self.totals.total:
            raise self.changed_from(expected)

    def changed_from(self, expected: int) -> PriceChanged:
        return PriceChanged(
            expected=Money(expected, self.currency),
            actual=Money(self.totals.total, self.currency),
        ).under("expected_total")

    def anew(self) -> "Quote":
        """The same lines with the discounts as they are at this moment."""
        return replace(self)  # without what was worked out before


def of_cart_lines(lines: Iterable[CartLine], wishes: Wishes) -> Quote:
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
        wishes,
    )


def of_wishes(wishes: Sequence[Wish], beside: Wishes) -> Quote:
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
    return Quote(lines, beside)
