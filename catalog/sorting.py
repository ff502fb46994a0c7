"""The orders that a list of products comes in."""

from datetime import datetime
from typing import NamedTuple


class Sort(NamedTuple):
    """One order: by a column or annotation, then by id, both in the same direction."""

    name: str
    column: str
    kind: type  # of what the column holds
    descending: bool


SORTS = {
    sort.name: sort
    for sort in (
        Sort("NEWEST", "created_at", datetime, descending=True),
        Sort("PRICE_ASC", "price_min_minor", int, descending=False),
        Sort("PRICE_DESC", "price_min_minor", int, descending=True),
        Sort("NAME", "name", str, descending=False),
        Sort("RATING", "rating_average", float, descending=True),
        Sort("BEST_SELLING", "sales_count", int, descending=True),
        Sort("RELEVANCE", "rank", int, descending=True),  # annotated by `search.matching`
        Sort("MERCHANT", "place", int, descending=False),  # annotated by whoever offers it
    )
}


def chosen(asked: str | None, *, searching: bool, in_collection: bool) -> Sort:
    """The order to use: the one asked for, else what suits the list.

    RELEVANCE means nothing without a search: it is NEWEST then.
    """
    usual = "RELEVANCE" if searching else "MERCHANT" if in_collection else "NEWEST"
    name = asked or usual
    return SORTS["NEWEST" if name == "RELEVANCE" and not searching else name]
