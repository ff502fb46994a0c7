"""Refusals of the checkout that carry data."""

from collections.abc import Collection
from dataclasses import dataclass

from shop.errors import ShopError
from shop.money import Money


@dataclass(eq=False)  # an exception stays hashable
class PriceChanged(ShopError):
    """The total is not the one that the caller was shown. Nothing was ordered."""

    code = "PRICE_CHANGED"
    expected: Money
    actual: Money

    def __str__(self) -> str:
        return f"The total is {self.actual}, not {self.expected}."


@dataclass(eq=False)
class UsedUp(ShopError):
    """Somebody was faster with the last use of these discounts. Nothing was ordered."""

    code = "CODE_NOT_APPLICABLE"
    ids: Collection[int]
    message: str

    def __str__(self) -> str:
        return self.message
