"""Money: whole minor units with a currency, and the ways to round and divide it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from shop.errors import Refused

# Far above any price; a hundred lines of 999 such units still fit a 64-bit column.
MAX_MINOR = 10**13
EXACT = Context(prec=100)  # the usual 28 digits would round what they do not hold


@cache
def table() -> dict[str, Any]:
    """Known codes, decimals and steps (from Stripe's currency pages)."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "currencies.json").read_text())
    return found | {"codes": frozenset(found["codes"].split())}


def known(currency: str) -> bool:
    return currency in table()["codes"]


@lru_cache(maxsize=256)  # each amount that is shown asks
def exponent(currency: str) -> int:
    """How many decimals the currency has: EUR 2, JPY 0, KWD 3."""
    return int(table()["exponent"].get(currency, 2))


def multiple(currency: str) -> int:
    """The step, in minor units, that amounts come in: 10 for KWD, mostly 1."""
    return int(table()["multiple"].get(currency, 1))


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount as whole minor units (cents, yen, fils) of an ISO 4217 currency."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The same in units of the currency, with as many decimals as it has."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def minor(amount: Decimal, currency: str, *path: str | int) -> int:
    """The minor units of an amount that somebody entered.

    Raises:
        Refused: INVALID for more decimals than the currency has, OUT_OF_RANGE for a negative
            or an absurdly large amount, each at `path`.
    """
    if not 0 <= amount <= Decimal(MAX_MINOR):
        raise Refused("OUT_OF_RANGE", "The amount must not be negative or that large.", *path)
    scaled = amount.scaleb(exponent(currency), EXACT)
    if scaled != scaled.to_integral_value() or int(scaled) % multiple(currency):
        step = Money(multiple(currency), currency)
        raise Refused("INVALID", f"Amounts in {currency} come in steps of {step.amount}.", *path)
    if int(scaled) > MAX_MINOR:
        raise Refused("OUT_OF_RANGE", "The amount must not be that large.", *path)
    return int(scaled)


def rounded(value: Decimal, currency: str) -> int:
    """Minor units (not whole yet) to whole ones, half to even, in the currency's steps."""
    step = multiple(currency)
    return int((value / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) * step


def spread(total: int, weights: Sequence[int], *, step: int = 1) -> list[int]:
    """Divide `total` in proportion to the weights so that the parts add up to it.

    Largest remainder: each part gets its floor, and the steps left over go to the largest
    fractions, the earlier one first; what is less than a step goes to the largest weight. All
    weights zero: the parts are as even as they can be.
    """
    if not weights:
        return []
    if not sum(weights):
        weights = [1] * len(weights)
    steps, rest = divmod(total, step)
    whole = sum(weights)
    parts = [steps * weight // whole for weight in weights]
    by_fraction = sorted(range(len(parts)), key=lambda at: -(steps * weights[at] % whole))
    for at in by_fraction[: steps - sum(parts)]:
        parts[at] += 1
    parts = [part * step for part in parts]
    parts[weights.index(max(weights))] += rest  # less than a step: to whom it weighs least
    return parts
