"""What a search found, to be looked for among products that are narrowed in other ways."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Value

from catalog.models import Product
from shop.prepared import Prepared

Rows = QuerySet[Product]
Narrow = Callable[[Rows], Rows]
Ranks = dict[int, int]


@dataclass(frozen=True)
class Hits:
    """Conditions with slots, and what is told to them.

    Args:
        shape: all that the conditions depend on; what differs from text to text is in a slot.
        whole: those that fit, with `rank`: the larger, the more fits.
        parts: the same in pieces that stand one after the other in the order of RELEVANCE:
            cheaper to read.
        values: by the names of the slots.
        few: whether they are known one by one, so that to count them costs next to nothing.
        entries: of the whole shop, something that there is one of for each product that fits, to
            be counted faster than products; told `public` for only those that everybody may see.
    """

    shape: Hashable
    whole: Narrow
    parts: tuple[Narrow, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    few: bool = False
    entries: Callable[..., Prepared] | None = None

    def among(self, ask: Prepared) -> Prepared:
        """Those of what is asked for that fit, with their `rank`."""
        return ask.narrowed(("hits", self.shape), self.whole, **self.values)

    def in_parts(self, ask: Prepared) -> list[Prepared]:
        """The same in the pieces."""
        return [
            ask.narrowed(("hits", self.shape, at), part, **self.values)
            for at, part in enumerate(self.parts)
        ]


def nothing(rows: Rows) -> Rows:
    return rows.annotate(rank=Value(0)).none()


NONE = Hits("none", nothing, (nothing,))
