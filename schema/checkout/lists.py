"""Lists of orders."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from django.db.models import QuerySet

from checkout.filters import OrderFilterSet
from checkout.models import Order as Row
from checkout.querysets import sees_all
from schema.checkout.states import FulfilmentStatus, OrderStatus, PaymentStatus
from schema.checkout.types import NEWEST, Order
from schema.errors import Denied, check_argument, given
from schema.pages import Page, PageArgs, slice_for, slice_of
from users.models import User

LONGEST_SEARCH = 100


@strawberry.input(description="Narrows a list of orders; any value of a list will do.")
class OrderFilter:
    status: list[OrderStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Any of these."
    )
    payment_status: list[PaymentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Any of these."
    )
    fulfilment_status: list[FulfilmentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Any of these."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words in the number, the e-mail or an SKU."
    )
    placed_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="At this instant or later."
    )
    placed_to: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Before this instant."
    )
    updated_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="At this instant or later."
    )
    flagged: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether staff must look at it; for staff alone, FORBIDDEN to others.",
    )


Filter = Annotated[
    OrderFilter | None, strawberry.argument(description="Narrows the list; all of it holds.")
]


def narrowed(rows: QuerySet[Row], filter: OrderFilter | None, viewer: User | None) -> QuerySet[Row]:
    """The rows that pass the filter.

    Raises:
        Denied: LIMIT_EXCEEDED or BAD_REQUEST for a filter that cannot be used, FORBIDDEN for
            `flagged` from a viewer who is not shown the flag.
    """
    check_argument(filter, "filter")
    asked = {} if filter is None else {k: v for k, v in given(filter).items() if v is not None}
    rows = by_flag(rows, viewer, flagged=asked.pop("flagged", None))
    if len(asked.get("search", "")) > LONGEST_SEARCH:
        raise Denied("LIMIT_EXCEEDED", f"Search with at most {LONGEST_SEARCH} signs.")
    found = OrderFilterSet(data={k: plain(v) for k, v in asked.items()}, queryset=rows)
    if not found.is_valid():
        raise Denied("BAD_REQUEST", f"The filter cannot be used: {', '.join(found.errors)}.")
    return found.qs  # type: ignore[no-any-return]


def by_flag(rows: QuerySet[Row], viewer: User | None, *, flagged: bool | None) -> QuerySet[Row]:
    """Those that staff must look at, or those that they need not; None: both."""
    if flagged is None:
        return rows
    if not sees_all(viewer):  # its buyer could read the flag off the length of the list
        raise Denied("FORBIDDEN", "Only staff who see orders narrow them by `flagged`.")
    return rows.exclude(review_flag="") if flagged else rows.filter(review_flag="")


def plain(value: Any) -> Any:
    """A filter's value as a form would send it."""
    if isinstance(value, list):
        return [one.value for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def page_of(viewer: User | None, filter: OrderFilter | None, args: PageArgs) -> Page[Order]:
    """All orders that the viewer may see."""
    rows = narrowed(Row.objects.visible_to(viewer), filter, viewer)
    return Page(page=slice_of(rows, NEWEST, args))


def page_for(
    user: User, viewer: User | None, filter: OrderFilter | None, args: PageArgs
) -> Page[Order]:
    """A user's orders, as far as the viewer may see them."""
    rows = narrowed(Row.objects.visible_to(viewer), filter, viewer)
    return Page(page=slice_for(user, rows, NEWEST, args, by="user_id", key=repr(filter)))
