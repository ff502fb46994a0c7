"""The units of variants: every change is a movement, and all or none of a call's take place.

Locks are taken variants first, then products, each in the order of their ids, so that two
callers who share some of them wait for each other instead of deadlocking. On SQLite the
transaction is IMMEDIATE and its one writer stands in for the row locks. The weak kind of lock
(NO KEY) lets rows that point at a variant be written meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from catalog import columns
from catalog.errors import OutOfStock
from catalog.models import Product, StockMovement, Variant
from shop.errors import Refused, SeveralRefusals, ShopError
from users.models import User

Kind = StockMovement.Kind

# Leaves room in a 32-bit column for what comes back from orders.
MOST_UNITS = 2_000_000_000
LONGEST_REASON = 200


class Move(NamedTuple):
    """What one movement adds to a variant's columns."""

    stock: int = 0
    reserved: int = 0


@dataclass(frozen=True)
class StockChange:
    """Units to add (or, when negative, to take away); `expected` is the stock its sender read."""

    variant_id: int
    delta: int
    expected: int | None = None


@transaction.atomic
def hold(quantities: Mapping[int, int], *, order_number: str) -> None:
    """Promise all the units (by variant id) to an order, or none of them.

    A variant that nobody counts is not narrowed; its movement has zero deltas.

    Raises:
        OutOfStock: for the first variant, by id, with too few free units.
        Refused: NOT_FOUND, when a variant is gone or archived.
    """
    if any(quantity < 1 for quantity in quantities.values()):
        raise ValueError("an order holds one unit or more of each variant")
    rows = [row for row in locked(quantities) if row.archived_at is None]
    if len(rows) < len(quantities):
        raise Refused("NOT_FOUND", "A variant is no longer for sale.")
    for row in rows:
        if row.track_stock and row.free < quantities[row.pk]:
            raise OutOfStock(row.sku, requested=quantities[row.pk], available=row.free)

    held = {row.pk: Move(reserved=quantities[row.pk] * row.track_stock) for row in rows}
    move(rows, held, kind=Kind.HOLD, order_number=order_number)


@transaction.atomic(savepoint=False)
def release(order_number: str) -> None:
    """Give back what the order still holds; nothing when it holds nothing."""
    moved = StockMovement.objects.filter(order_number=order_number).values("variant")
    found = lock(with_held(Variant.objects.filter(pk__in=moved), order_number))
    rows = [row for row in found if row.held]
    given_back = {row.pk: Move(reserved=-row.held) for row in rows}
    move(rows, given_back, kind=Kind.RELEASE, order_number=order_number)


@transaction.atomic(savepoint=False)
def sell(quantities: Callable[[], Mapping[int, int]], *, order_number: str) -> None:
    """Turn what the order holds into a sale, and count the units sold on the products.

    For once in an order's life: the caller has locked the order and checked its state.

    Args:
        quantities: tells the units by variant id; asked only where the movements do not, which
            is for variants that nobody counts.
    """
    moved = StockMovement.objects.filter(order_number=order_number).values("variant")
    rows = lock(with_held(Variant.objects.filter(pk__in=moved), order_number))
    uncounted = {} if all(row.held for row in rows) else quantities()
    count_sales(rows, {row.pk: row.held or uncounted.get(row.pk, 0) for row in rows}, sign=1)
    sold = {row.pk: Move(-row.held, -row.held) for row in rows}
    move(rows, sold, kind=Kind.SALE, order_number=order_number)


@transaction.atomic(savepoint=False)
def take_back(quantities: Mapping[int, int], *, order_number: str, actor: User | None) -> None:
    """Put sold units back on the shelf and off the products' sales.

    Of each variant at most what its sale took: nothing, where nobody counted then.
    """
    rows = locked(quantities)
    taken = taken_by(order_number)
    count_sales(rows, quantities, sign=-1)
    back = {row.pk: Move(stock=min(quantities[row.pk], taken.get(row.pk, 0))) for row in rows}
    move(rows, back, kind=Kind.RETURN, order_number=order_number, actor=actor)


@transaction.atomic
def adjust(
    changes: Sequence[StockChange], *, actor: User | None, reason: str = ""
) -> list[Variant]:
    """Change what is on the shelf; the variants as they are then, in the order of the changes.

    Raises:
        ShopError: CONFLICT when a stock is not what was expected; OUT_OF_RANGE when it would
            fall below what is reserved or rise above MOST_UNITS; INVALID for a variant named
            twice; INVALID_STATE for one that is not counted; NOT_FOUND for one that is gone.
    """
    if len(reason) > LONGEST_REASON:
        raise Refused("TOO_LONG", f"At most {LONGEST_REASON} characters.", "reason")
    rows = {row.pk: row for row in locked(change.variant_id for change in changes)}
    if refusals := list(refusals_of(changes, rows)):
        raise SeveralRefusals(refusals)
    deltas = {c.variant_id: Move(stock=c.delta) for c in changes if c.delta}
    moved = [row for row in rows.values() if row.pk in deltas]
    move(moved, deltas, kind=Kind.ADJUST, reason=reason, actor=actor)
    return [rows[change.variant_id] for change in changes]


def receive(variants: Iterable[Variant], *, actor: User | None) -> None:
    """Book the first stock of variants that were just made with it."""
    StockMovement.objects.bulk_create(
        StockMovement(variant=row, kind=Kind.RECEIVE, delta_stock=row.stock, actor=actor)
        for row in variants
        if row.stock
    )


def locked(ids: Iterable[int]) -> list[Variant]:
    """Those variants, archived ones too, for this transaction to change, by id."""
    return lock(Variant.objects.filter(pk__in=set(ids)))


def lock(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.select_for_update(no_key=True).order_by("pk"))


def with_held(rows: QuerySet[Variant], order_number: str) -> QuerySet[Any]:
    """The variants with the units that the order still holds of each, as `held`."""
    moved = StockMovement.objects.filter(order_number=order_number, variant=OuterRef("pk"))
    held = moved.order_by().values("variant").values(sum=Sum("delta_reserved"))
    return rows.annotate(held=Coalesce(Subquery(held), 0))


def taken_by(order_number: str) -> dict[int, int]:
    """Units that the order took off the shelf and has not brought back, by variant id."""
    return {
        pk: -delta
        for pk, delta in StockMovement.objects.filter(order_number=order_number)
        .order_by()
        .values_list("variant")
        .annotate(delta=Sum("delta_stock"))
    }


def count_sales(rows: Sequence[Variant], quantities: Mapping[int, int], *, sign: int) -> None:
    """Add the units to (or take them off) the products' sales; locks all of the products."""
    units: Counter[int] = Counter()
    for row in rows:
        units[row.product_id] += sign * quantities[row.pk]
    if len(units) > 1:  # else the update itself takes the only lock
        columns.lock(units)
    cases = [When(pk=product_id, then=Value(count)) for product_id, count in units.items()]
    Product.objects.filter(pk__in=units).update(
        sales_count=F("sales_count") + Case(*cases, default=0, output_field=IntegerField())
    )


def move(
    rows: Sequence[Variant],
    deltas: Mapping[int, Move],
    *,
    kind: StockMovement.Kind,
    order_number: str = "",
    reason: str = "",
    actor: User | None = None,
) -> None:
    """Write the movements of locked variants, and `in_stock` of products where it may change."""
    crossed = set()
    for row in rows:
        before = row.in_stock
        row.stock += deltas[row.pk].stock
        row.reserved += deltas[row.pk].reserved
        if row.in_stock != before:
            crossed.add(row.product_id)
    Variant.objects.bulk_update(rows, ["stock", "reserved"])
    StockMovement.objects.bulk_create(
        StockMovement(
            variant=row,
            kind=kind,
            delta_stock=deltas[row.pk].stock,
            delta_reserved=deltas[row.pk].reserved,
            order_number=order_number,
            reason=reason,
            actor=actor,
        )
        for row in rows
    )
    if crossed:
        columns.refresh(crossed, columns.in_stock)


def refusals_of(changes: Sequence[StockChange], rows: Mapping[int, Variant]) -> Iterator[ShopError]:
    seen = set()
    for at, change in enumerate(changes):
        row = rows.get(change.variant_id)
        if change.variant_id in seen:
            yield Refused("INVALID", "Named twice.", "changes", at, "variant_id")
        elif refusal := refusal_of(change, row):
            yield refusal.under("changes", at)
        seen.add(change.variant_id)


def refusal_of(change: StockChange, row: Variant | None) -> ShopError | None:
    if row is None or row.archived_at is not None:
        return Refused("NOT_FOUND", "There is no such variant.", "variant_id")
    if not row.track_stock:
        return Refused("INVALID_STATE", "Nobody counts the units of it.", "variant_id")
    if change.expected is not None and change.expected != row.stock:
        return Refused("CONFLICT", f"There are {row.stock} by now.", "expected")
    if not row.reserved <= row.stock + change.delta <= MOST_UNITS:
        message = f"The stock must stay between {row.reserved}, the reserved, and {MOST_UNITS}."
        return Refused("OUT_OF_RANGE", message, "delta")
    return None
