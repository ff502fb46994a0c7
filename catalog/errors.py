"""Refusals of the catalogue that carry data."""

from dataclasses import dataclass

from shop.errors import ShopError


@dataclass(eq=False)  # an exception stays hashable
class OutOfStock(ShopError):
    """Fewer units are free than were asked for. Nothing was held."""

    code = "OUT_OF_STOCK"
    sku: str
    requested: int
    available: int

    def __str__(self) -> str:
        return f"Only {max(self.available, 0)} of {self.sku} left; {self.requested} asked for."
