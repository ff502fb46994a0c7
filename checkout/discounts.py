"""Which discounts a cart may use now, and the counting of their uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    TextField,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from checkout import pricing
from checkout.customers import Customer, has_used, spent_by
from checkout.errors import UsedUp
from checkout.models import Discount, DiscountRedemption, Order
from checkout.models.discounts import folded
from checkout.pricing import Offer, Outcome, Reason
from shop.money import Money
from shop.prepared import Columns, Prepared, Slot

UNKNOWN = "This code is not known."
AUTOMATIC = Q(is_automatic=True, is_active=True)
# Nobody counts the uses of what has no limit.
ONE_MORE = F("used") + Case(When(usage_limit=None, then=0), default=1)
AUTOMATIC_ONES = Columns(more=("spent",))
WITH_CODES = Columns(more=("spent", "spent_by_account", "code"))


@dataclass
class Candidates:
    """What may be used, by the offer's key, and why the entered codes may not."""

    rows: dict[int, Discount] = field(default_factory=dict)
    code_of: dict[int, str] = field(default_factory=dict)  # as entered
    refused: dict[str, str] = field(default_factory=dict)  # code: reason

    @property
    def offers(self) -> list[Offer]:
        return [offer_of(row) for row in self.rows.values()]


def current(codes: Sequence[str], customer: Customer) -> Candidates:
    return candidates(codes, customer, now=timezone.now())


def candidates(codes: Sequence[str], customer: Customer, *, now: datetime) -> Candidates:
    """The automatic discounts and those of the codes. One statement."""
    found = Candidates()
    rows = _rows(codes, customer)
    by_code = {row.code: row for row in rows if row.code} if codes else {}
    for row in rows:
        if row.is_automatic and row.is_active and not row.spent and not why_not(row, now):
            found.rows[row.pk] = row
    for code in codes:
        row = by_code.get(folded(code))
        if row is None or not row.is_active:
            found.refused[code] = UNKNOWN
        elif reason := _why_not_by_code(row, found, now):
            found.refused[code] = reason
        else:
            found.rows[row.pk], found.code_of[row.pk] = row, code
    return found


def _rows(codes: Sequence[str], customer: Customer) -> list[Any]:
    """The automatic ones, and those of the codes, each with what the customer used of them.

    What the address of a code's user has used is looked at behind the locks (`_count`).
    """
    entered = {f"code {at}": folded(code) for at, code in enumerate(codes)}
    build = partial(_usable, [*entered], customer)
    shape = ("discounts", len(entered), customer.shape)
    columns = WITH_CODES if entered else AUTOMATIC_ONES
    found: list[Any] = Prepared(shape, build, columns, entered | customer.values).read()
    return found


def _usable(codes: Sequence[str], customer: Customer) -> Any:
    """As `_rows`, with slots of those names for the codes."""
    spent = _flag(has_used(customer.slots))
    if not codes:
        return Discount.objects.filter(AUTOMATIC).annotate(spent=spent)
    by_account = _flag(has_used(customer.account.slots))
    return _entered(codes).annotate(spent=spent, spent_by_account=by_account)


def _entered(codes: Sequence[str]) -> Any:
    """The automatic ones, and those of the codes: all other codes stay out of the join."""
    wanted = Q(codes__folded__in=[Slot(name, TextField()) for name in codes])
    rows = Discount.objects.alias(entered=FilteredRelation("codes", condition=wanted))
    rows = rows.filter(AUTOMATIC | Q(entered__isnull=False))
    return rows.annotate(code=F("entered__folded"))


def _flag(condition: Q) -> Any:
    return ExpressionWrapper(condition, BooleanField())


def _why_not_by_code(row: Any, found: Candidates, now: datetime) -> str:
    """What keeps the discount of an entered code from being used, or ""."""
    if reason := why_not(row, now):
        return reason
    if row.pk in found.code_of:
        return f"It is the same discount as {found.code_of[row.pk]}."
    return "You have used it already." if row.spent_by_account else ""


def why_not(row: Discount, now: datetime) -> str:
    """What keeps a discount from being used at that moment, or ""."""
    if row.starts_at > now:
        return f"It starts on {row.starts_at:%Y-%m-%d %H:%M} (UTC)."
    if row.ends_at is not None and row.ends_at <= now:
        return f"It ended on {row.ends_at:%Y-%m-%d %H:%M} (UTC)."
    if row.usage_limit is not None and row.used >= row.usage_limit:
        return "It has been used up."
    return ""


def offer_of(row: Discount) -> Offer:
    return Offer(
        key=row.pk,
        kind=pricing.Kind(row.kind),
        percent=row.percent,
        amount=row.amount_minor,
        buy=row.buy_quantity,
        get=row.get_quantity,
        groups=frozenset(row.groups),
        minimum=row.minimum_minor,
        combinable=row.is_combinable,
        priority=row.priority,
    )


def reason_of(outcome: Outcome, currency: str) -> str:
    """Why an offer took nothing off, for people."""
    if outcome.reason == Reason.MINIMUM:
        return f"Goods for {Money(outcome.missing, currency)} more are needed."
    if outcome.reason == Reason.NOT_COMBINABLE:
        return "It cannot be combined with another discount of the cart."
    return "Nothing in the cart is reduced by it."


def redeem(
    order: Order, outcomes: Iterable[Outcome], found: Candidates, customer: Customer
) -> None:
    """Count the uses that an order makes; inside the transaction that places it.

    Raises:
        UsedUp: when somebody was faster with the last one.
    """
    amounts = {one.offer.key: one.amount for one in outcomes if one.amount}
    rows = [found.rows[pk] for pk in sorted(amounts)]
    once = _count(rows, customer)
    DiscountRedemption.objects.bulk_create(
        DiscountRedemption(
            order=order,
            discount=row,
            name=row.name,
            code=found.code_of.get(row.pk, ""),
            amount_minor=amounts[row.pk],
            customer=customer.keys[0] if row.pk in once else None,
        )
        for row in rows
    )


def _count(rows: Iterable[Discount], customer: Customer) -> set[int]:
    """One use more of each, if there is one left; which of them a customer uses but once.

    Two statements, however many there are. Parallel orders queue at the locks of the first.
    Only behind them is it certain that the same person has not ordered at the same moment under
    another name, as a guest and signed in.
    """
    narrow = [row.pk for row in rows if row.usage_limit is not None or row.once_per_customer]
    if not narrow:
        return set()
    held = locked(narrow)
    if over := [row for row in held if row.usage_limit is not None and row.used >= row.usage_limit]:
        raise used_up(over, f"{over[0].name} has been used up.")
    once = {row.pk for row in held if row.once_per_customer}
    unspent = Discount.objects.filter(pk__in=narrow).exclude(has_used(customer.values))
    if unspent.update(used=ONE_MORE) < len(held):
        ids = spent_by(customer, once)
        # None by now, where the address of another order was changed in between.
        spent = [row for row in held if row.pk in (ids or once)]
        raise used_up(spent, f"You have used {spent[0].name} already.")
    return once


def used_up(rows: Iterable[Discount], message: str) -> UsedUp:
    return UsedUp({row.pk for row in rows}, message).under("discount_codes")


def locked(ids: Iterable[int]) -> list[Discount]:
    """The rows behind their locks, taken in the order of the ids: nobody waits in a circle."""
    rows = Discount.objects.filter(pk__in=ids).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def release(order: Order) -> None:
    """Give back the uses of an order that came to nothing. Four statements at most."""
    uses = order.redemptions.filter(counts=True)
    found = list(uses.values_list("discount_id", flat=True))
    if not found:
        return
    ids = [row.pk for row in locked(pk for pk in found if pk is not None)]
    uses.update(counts=False, customer=None)
    # What went on beyond the limit was not counted, and is not given back. Behind the locks,
    # so that whoever counted meanwhile is seen.
    counting = DiscountRedemption.objects.filter(discount=OuterRef("pk"), counts=True)
    left = counting.order_by().values("discount").annotate(n=Count("pk")).values("n")
    limited = Discount.objects.filter(pk__in=ids).exclude(usage_limit=None)
    limited.filter(used__gt=Coalesce(Subquery(left), 0)).update(used=F("used") - 1)


def take_again(order: Order) -> bool:
    """Count the uses of an order that goes on after all. Five statements at most.

    What it was promised it keeps: the limit is not stretched, and staff have to look.

    Returns:
        False when a use was the last and somebody else has it now, or the customer has used
        meanwhile, by another order, what is for one order each.
    """
    gone = list(order.redemptions.filter(counts=False, discount__isnull=False))
    if not gone:
        return True
    customer = Customer(order.user_id, order.email.casefold())
    held = locked(use.discount_id for use in gone if use.discount_id)
    once = {row.pk for row in held if row.once_per_customer}
    spent = spent_by(customer, once)
    once -= spent
    for use in gone:
        use.counts, use.customer = True, customer.keys[0] if use.discount_id in once else None
    DiscountRedemption.objects.bulk_update(gone, ["counts", "customer"])
    limited = [row.pk for row in held if row.usage_limit is not None]
    rows = Discount.objects.filter(pk__in=limited, used__lt=F("usage_limit"))
    fits = rows.update(used=F("used") + 1)
    return fits == len(limited) and not spent
