"""What stands in the way of ordering a line."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.errors import OutOfStock
from checkout.lines import QuoteLine
from shop.errors import Refused, ShopError


@dataclass(frozen=True)
class Problem:
    """Why something cannot be ordered, with the mutation that puts it right."""

    refusal: ShopError
    mutation: str
    line: QuoteLine | None = None


def problems_of(line: QuoteLine) -> Iterator[Problem]:
    """The line's own: it is gone, or there is too little of it."""
    if line.variant is None:
        gone = Refused("NOT_FOUND", f"{line.name or 'This'} is not for sale.", *line.path)
        yield Problem(gone, "cartLinesRemove", line)
    elif line.variant.track_stock and line.variant.free < line.quantity:
        short = OutOfStock(line.sku, requested=line.quantity, available=max(line.variant.free, 0))
        short.path = line.path
        yield Problem(
            short, "cartLinesUpdate" if line.variant.free > 0 else "cartLinesRemove", line
        )
