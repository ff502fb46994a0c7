"""Units: promised, sold, given back, counted; all of a call or none of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import columns, stamp, stock
from catalog.errors import OutOfStock
from catalog.models import Product, StockMovement, Variant
from catalog.stock import StockChange
from shop.errors import Refused, ShopError
from tests.factories import make_staff, make_variant

Kind = StockMovement.Kind


def units(variant: Variant) -> tuple[int, int]:
    variant.refresh_from_db()
    return variant.stock, variant.reserved


def wrong_units() -> list[str]:
    """Read columns that differ; the factories write no search text."""
    return [line for line in columns.differences() if "search_text" not in line]


def found_in(refusal: ShopError) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.code, each.path) for each in refusal.each()]


def test_a_hold_promises_all_the_units() -> None:
    lamp, shade = make_variant(stock=5), make_variant(stock=2)

    stock.hold({lamp.pk: 3, shade.pk: 2}, order_number="A1")

    assert units(lamp) == (5, 3)
    assert units(shade) == (2, 2)
    held = StockMovement.objects.filter(kind=Kind.HOLD, order_number="A1")
    assert sorted(held.values_list("variant", "delta_stock", "delta_reserved")) == sorted(
        [(lamp.pk, 0, 3), (shade.pk, 0, 2)]
    )


def test_too_few_units_leave_no_trace() -> None:
    plenty, scarce = make_variant(stock=9), make_variant(stock=1)

    with pytest.raises(OutOfStock) as caught:
        stock.hold({scarce.pk: 2, plenty.pk: 3}, order_number="A1")

    assert (caught.value.sku, caught.value.requested, caught.value.available) == (scarce.sku, 2, 1)
    assert units(plenty) == (9, 0)
    assert not StockMovement.objects.filter(order_number="A1").exists()


def test_the_first_short_variant_by_id_is_named() -> None:
    first, second = make_variant(stock=0), make_variant(stock=0)

    with pytest.raises(OutOfStock) as caught:
        stock.hold({second.pk: 1, first.pk: 1}, order_number="A1")

    assert caught.value.sku == first.sku


def test_an_archived_variant_cannot_be_held() -> None:
    lamp = make_variant()
    Variant.objects.update(archived_at="2026-01-01T00:00Z")

    with pytest.raises(Refused) as caught:
        stock.hold({lamp.pk: 1}, order_number="A1")

    assert caught.value.code == "NOT_FOUND"


def test_no_order_holds_less_than_one_unit() -> None:
    lamp = make_variant()

    with pytest.raises(ValueError, match="one unit"):
        stock.hold({lamp.pk: -1}, order_number="A1")

    assert units(lamp) == (10, 0)


def test_uncounted_units_never_run_out() -> None:
    voucher = make_variant(stock=0, track_stock=False)

    stock.hold({voucher.pk: 900}, order_number="A1")
    stock.sell(lambda: {voucher.pk: 900}, order_number="A1")

    assert units(voucher) == (0, 0)
    voucher.product.refresh_from_db()
    assert voucher.product.sales_count == 900
    assert not wrong_units()


def test_a_release_gives_back_what_the_order_holds_once() -> None:
    lamp = make_variant(stock=5)
    stock.hold({lamp.pk: 2}, order_number="A1")
    stock.hold({lamp.pk: 1}, order_number="B2")

    stock.release("A1")
    stock.release("A1")

    assert units(lamp) == (5, 1)
    assert StockMovement.objects.filter(kind=Kind.RELEASE).count() == 1


def test_a_sale_takes_what_was_held_and_counts() -> None:
    lamp = make_variant(stock=5)
    stock.hold({lamp.pk: 2}, order_number="A1")

    stock.sell(lambda: {lamp.pk: 2}, order_number="A1")
    stock.release("A1")

    assert units(lamp) == (3, 0)
    lamp.product.refresh_from_db()
    assert lamp.product.sales_count == 2
    assert not wrong_units()


def test_a_sale_of_two_variants_counts_on_their_one_product() -> None:
    small = make_variant(stock=5)
    large = make_variant(stock=5, product=small.product)
    stock.hold({small.pk: 2, large.pk: 3}, order_number="A1")

    stock.sell(lambda: {small.pk: 2, large.pk: 3}, order_number="A1")

    small.product.refresh_from_db()
    assert small.product.sales_count == 5


def test_what_comes_back_is_on_the_shelf_again() -> None:
    lamp, actor = make_variant(stock=2), make_staff()
    stock.hold({lamp.pk: 2}, order_number="A1")
    stock.sell(lambda: {lamp.pk: 2}, order_number="A1")

    stock.take_back({lamp.pk: 2}, order_number="A1", actor=actor)

    assert units(lamp) == (2, 0)
    lamp.product.refresh_from_db()
    assert (lamp.product.sales_count, lamp.product.in_stock) == (0, True)
    back = StockMovement.objects.get(kind=Kind.RETURN)
    assert (back.delta_stock, back.actor) == (2, actor)


def test_units_held_stay_so_when_counting_ends() -> None:
    lamp = make_variant(stock=5)
    stock.hold({lamp.pk: 2}, order_number="A1")
    Variant.objects.update(track_stock=False)

    stock.sell(lambda: {lamp.pk: 2}, order_number="A1")

    assert units(lamp) == (3, 0)


@pytest.mark.parametrize("end", [lambda: stock.release("A1"), None])
def test_the_product_is_in_stock_while_a_unit_is_free(end: Callable[[], None] | None) -> None:
    lamp = make_variant(stock=2)
    product = Product.objects.get(pk=lamp.product_id)

    stock.hold({lamp.pk: 2}, order_number="A1")
    product.refresh_from_db()
    assert not product.in_stock

    end() if end else stock.adjust([StockChange(lamp.pk, 1)], actor=None)
    product.refresh_from_db()
    assert product.in_stock


def test_another_variant_keeps_the_product_in_stock() -> None:
    small = make_variant(stock=1)
    make_variant(stock=1, product=small.product)

    stock.hold({small.pk: 1}, order_number="A1")

    small.product.refresh_from_db()
    assert small.product.in_stock


def test_adjusting_books_who_and_why() -> None:
    lamp, shade, actor = make_variant(stock=5), make_variant(stock=5), make_staff()

    rows = stock.adjust(
        [StockChange(shade.pk, -2, expected=5), StockChange(lamp.pk, 7)],
        actor=actor,
        reason="counted",
    )

    assert [(row.pk, row.stock) for row in rows] == [(shade.pk, 3), (lamp.pk, 12)]
    booked = StockMovement.objects.filter(kind=Kind.ADJUST)
    assert {(b.variant_id, b.delta_stock, b.reason, b.actor) for b in booked} == {
        (shade.pk, -2, "counted", actor),
        (lamp.pk, 7, "counted", actor),
    }


def test_adjusting_by_nothing_books_nothing() -> None:
    lamp = make_variant(stock=5)

    rows = stock.adjust([StockChange(lamp.pk, 0, expected=5)], actor=None)

    assert rows == [lamp]
    assert not StockMovement.objects.filter(kind=Kind.ADJUST).exists()


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"delta": 1, "expected": 4}, "CONFLICT", "expected"),
        ({"delta": -4}, "OUT_OF_RANGE", "delta"),  # two of the five are reserved
        ({"delta": 2_000_000_000}, "OUT_OF_RANGE", "delta"),
        ({"delta": 10**30}, "OUT_OF_RANGE", "delta"),
    ],
)
def test_a_change_that_cannot_be_leaves_no_trace(
    change: dict[str, Any], code: str, place: str
) -> None:
    fine, lamp = make_variant(stock=5), make_variant(stock=5)
    stock.hold({lamp.pk: 2}, order_number="A1")

    with pytest.raises(ShopError) as caught:
        stock.adjust([StockChange(fine.pk, 1), StockChange(lamp.pk, **change)], actor=None)

    assert found_in(caught.value) == [(code, ("changes", "1", place))]
    assert units(fine) == (5, 0)
    assert not StockMovement.objects.filter(kind=Kind.ADJUST).exists()


def test_all_that_is_wrong_with_an_adjustment_is_told_at_once() -> None:
    lamp, voucher, gone = make_variant(), make_variant(track_stock=False), make_variant()
    Variant.objects.filter(pk=gone.pk).update(archived_at="2026-01-01T00:00Z")
    changes = [
        StockChange(lamp.pk, 1),
        StockChange(lamp.pk, 1),
        StockChange(voucher.pk, 1),
        StockChange(gone.pk, 1),
        StockChange(10**6, 1),
    ]

    with pytest.raises(ShopError) as caught:
        stock.adjust(changes, actor=None)

    assert found_in(caught.value) == [
        ("INVALID", ("changes", "1", "variant_id")),
        ("INVALID_STATE", ("changes", "2", "variant_id")),
        ("NOT_FOUND", ("changes", "3", "variant_id")),
        ("NOT_FOUND", ("changes", "4", "variant_id")),
    ]
    assert units(lamp) == (10, 0)


def test_a_reason_has_an_end() -> None:
    with pytest.raises(Refused) as caught:
        stock.adjust([StockChange(make_variant().pk, 1)], actor=None, reason="x" * 201)

    assert (caught.value.code, caught.value.path) == ("TOO_LONG", ("reason",))


def test_the_database_refuses_more_promises_than_units() -> None:
    lamp = make_variant(stock=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.filter(pk=lamp.pk).update(reserved=2)


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        act()
    return len(asked)


@pytest.mark.parametrize("step", ["hold", "sell", "release", "take_back", "adjust"])
def test_statements_do_not_grow_with_the_variants(step: str) -> None:
    def cost(count: int) -> int:
        number = f"N{count}"
        rows = [make_variant(stock=1) for _ in range(count)]
        wanted = {row.pk: 1 for row in rows}
        changes = [StockChange(row.pk, 1) for row in rows]
        if step != "hold":
            stock.hold(wanted, order_number=number)
        steps: dict[str, Callable[[], object]] = {
            "hold": lambda: stock.hold(wanted, order_number=number),
            "sell": lambda: stock.sell(lambda: wanted, order_number=number),
            "release": lambda: stock.release(number),
            "take_back": lambda: stock.take_back(wanted, order_number=number, actor=None),
            "adjust": lambda: stock.adjust(changes, actor=None),
        }
        connection.run_on_commit.clear()  # as if each stood in a transaction of its own
        return statements(steps[step])

    stamp.move()  # the first of all makes the row that the others change
    assert cost(2) == cost(40) <= 10  # a savepoint's two among them
