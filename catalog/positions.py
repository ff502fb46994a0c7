"""Orders that people arrange by hand."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from shop.errors import Refused


class Positioned(Protocol):
    pk: int
    position: int


Row = TypeVar("Row", bound=Positioned)


def moved(rows: Sequence[Row], row: Row, position: int) -> list[Row]:
    """Put the row at that place, counted from 0, among the rows in their order.

    The rows that thereby have another position, for the caller to save. A place behind the
    last is the last.

    Raises:
        Refused: OUT_OF_RANGE at `position`, for a negative one.
    """
    if position < 0:
        raise Refused("OUT_OF_RANGE", "Positions count from 0.", "position")
    others = [other for other in rows if other.pk != row.pk]
    changed = []
    for place, each in enumerate([*others[:position], row, *others[position:]]):
        if each.position != place:
            each.position = place
            changed.append(each)
    return changed
