"""Which discounts a cart may use now, and the counting of their uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import IntegrityError, transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from checkout import pricing
from checkout.models import Discount, DiscountRedemption, Order
from checkout.pricing import Offer, Outcome, Reason
from shop.errors import Refused
from shop.money import Money
from users.models import User

UNKNOWN = "This code is not known."


@dataclass(frozen=True)
class Customer:
    """Who buys, as far as limits for each customer go."""

    user_id: int | None
    email: str

    @classmethod
    def of(cls, user: User | None, email: str) -> "Customer":
        return cls(user.pk if user else None, email.casefold())

    @property
    def key(self) -> str:
        return f"user:{self.user_id}" if self.user_id else f"email:{self.email}"

    def uses(self) -> Q:
        """Redemptions of this customer, under whichever of the names."""
        names = [Q(order__user=self.user_id)] if self.user_id else []
        names += [Q(order__email__iexact=self.email)] if self.email else []
        return reduce(or_, names, Q(customer=self.key))


@dataclass
class Candidates:
    """What may be used, by the offer's key, and why the entered codes may not."""

    rows: dict[int, Discount] = field(default_factory=dict)
    code_of: dict[int, str] = field(default_factory=dict)  # as entered
    refused: dict[str, str] = field(default_factory=dict)  # code: reason

    @property
    def offers(self) -> list[Offer]:
        return [offer_of(row) for row in self.rows.values()]


def candidates(codes: Sequence[str], customer: Customer, *, now: datetime) -> Candidates:
    """The automatic discounts and those of the codes. At most two statements."""
    found = Candidates()
    automatic, entered = _rows(codes)
    for row in automatic:
        if not why_not(row, now):
            found.rows[row.pk] = row
    for code in codes:
        row_of_code = entered.get(code.casefold())
        if row_of_code is None or not row_of_code.is_active:
            found.refused[code] = UNKNOWN
        elif reason := why_not(row_of_code, now):
            found.refused[code] = reason
        elif row_of_code.pk in found.code_of:
            found.refused[code] = f"It is the same discount as {found.code_of[row_of_code.pk]}."
        else:
            found.rows[row_of_code.pk], found.code_of[row_of_code.pk] = row_of_code, code
    _drop_used(found, customer)
    return found


def _rows(codes: Sequence[str]) -> tuple[list[Discount], dict[str, Discount]]:
    """The automatic ones, and those of the codes whatever the case of their letters.

    One statement for both: the codes that were not entered stay out of the join.
    """
    automatic = Q(is_automatic=True, is_active=True)
    if not codes:
        return list(Discount.objects.filter(automatic)), {}
    wanted = reduce(or_, (Q(codes__code__iexact=code) for code in codes))
    joined = Discount.objects.alias(entered=FilteredRelation("codes", condition=wanted))
    rows = joined.filter(automatic | Q(entered__isnull=False)).annotate(code=F("entered__code"))
    entered: dict[str, Discount] = {row.code.casefold(): row for row in rows if row.code}
    return [row for row in rows if row.is_automatic and row.is_active], entered


def why_not(row: Discount, now: datetime) -> str:
    """What keeps a discount from being used at that moment, or ""."""
    if row.starts_at > now:
        return f"It starts on {row.starts_at:%Y-%m-%d %H:%M} (UTC)."
    if row.ends_at is not None and row.ends_at <= now:
        return f"It ended on {row.ends_at:%Y-%m-%d %H:%M} (UTC)."
    if row.usage_limit is not None and row.used >= row.usage_limit:
        return "It has been used up."
    return ""


def _drop_used(found: Candidates, customer: Customer) -> None:
    """Take out what each customer may use once, and this one has.

    With a code, an address that somebody enters is looked at when the order is placed and not
    before: the cart's answer would tell who has bought here.
    """
    once = {pk for pk, row in found.rows.items() if row.once_per_customer}
    if not once or not (customer.user_id or customer.email):
        return
    by_code = once & found.code_of.keys()
    account = Customer(customer.user_id, "")
    uses = _uses(customer, once - by_code) | _uses(account, by_code)
    for pk in set(uses.values_list("discount_id", flat=True)):
        if pk is not None:
            del found.rows[pk]
            if code := found.code_of.pop(pk, None):
                found.refused[code] = "You have used it already."


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
        Refused: CODE_NOT_APPLICABLE when somebody was faster with the last one.
    """
    amounts = {one.offer.key: one.amount for one in outcomes if one.amount}
    rows = [found.rows[pk] for pk in sorted(amounts)]
    _count(rows, customer)
    written = [
        DiscountRedemption(
            order=order,
            discount=row,
            name=row.name,
            code=found.code_of.get(row.pk, ""),
            amount_minor=amounts[row.pk],
            customer=customer.key if row.once_per_customer else None,
        )
        for row in rows
    ]
    if written:
        _write(written)


def _count(rows: Iterable[Discount], customer: Customer) -> None:
    """One use more of each, if there is one left; three statements, however many there are.

    Parallel orders queue at the rows' locks, which are taken in the order of the ids. Only
    behind them is it certain that the same person has not ordered at the same moment under
    another name, as a guest and signed in.
    """
    narrow = [row.pk for row in rows if row.usage_limit is not None or row.once_per_customer]
    if not narrow:
        return
    limited = Discount.objects.filter(pk__in=narrow)
    locked = {row.pk: row for row in limited.select_for_update(no_key=True).order_by("pk")}
    for row in locked.values():
        if row.usage_limit is not None and row.used >= row.usage_limit:
            raise used_up(f"{row.name} has been used up.")
    once = [pk for pk, row in locked.items() if row.once_per_customer]
    for use in _uses(customer, once)[:1]:
        raise used_up(f"You have used {use.name} already.")
    limited.exclude(usage_limit=None).update(used=F("used") + 1)


def _uses(customer: Customer, ids: Iterable[int]) -> QuerySet[DiscountRedemption]:
    """The uses that count of these discounts by this customer."""
    rows = DiscountRedemption.objects.filter(customer.uses(), counts=True)
    return rows.filter(discount__in=ids)


def _write(rows: Sequence[DiscountRedemption]) -> None:
    try:
        with transaction.atomic():
            DiscountRedemption.objects.bulk_create(rows)
    except IntegrityError:
        names = " or ".join(row.name for row in rows if row.customer)
        raise used_up(f"You have used {names} already.") from None


def used_up(message: str) -> Refused:
    return Refused("CODE_NOT_APPLICABLE", message, "discount_codes")


def release(order: Order) -> None:
    """Give back the uses of an order that came to nothing."""
    counting = order.redemptions.filter(counts=True)
    ids = list(counting.order_by("discount_id").values_list("discount_id", flat=True))
    if not ids:
        return
    counting.update(counts=False, customer=None)
    for pk in ids:  # one after the other, by id: two orders never wait for each other
        # Behind the row's lock, so that whoever counted meanwhile is seen.
        Discount.objects.select_for_update(no_key=True).filter(pk=pk).first()
        left = DiscountRedemption.objects.filter(discount=pk, counts=True).count()
        # What went on beyond the limit was not counted, and is not given back.
        Discount.objects.filter(pk=pk, used__gt=left).exclude(usage_limit=None).update(
            used=F("used") - 1
        )


def take_again(order: Order) -> bool:
    """Count the uses of an order that goes on after all; False when one of them was the last.

    What it was promised it keeps: the limit is not stretched, and staff have to look.
    """
    gone = order.redemptions.filter(counts=False, discount__isnull=False)
    ids = list(gone.order_by("discount_id").values_list("discount_id", flat=True))
    gone.update(counts=True)
    fits = [
        Discount.objects.filter(pk=pk, used__lt=F("usage_limit")).update(used=F("used") + 1)
        for pk in ids
        if Discount.objects.filter(pk=pk).exclude(usage_limit=None).exists()
    ]
    return all(fits)


def current(codes: Sequence[str], customer: Customer) -> Candidates:
    return candidates(codes, customer, now=timezone.now())
