"""Lines called off before they are sent."""

from functools import partial

import pytest
from django.utils import timezone

from checkout import endings, gateway, refunds, withdrawals
from checkout.models import Dispute, Order, OrderLine, Refund
from checkout.orders import COLLECT_LESS
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.shares import Units
from checkout.withdrawals import Wanted
from shop.errors import ShopError
from tests.checkout.buying import CASH, at_once, check_books, movements, place, rows
from tests.checkout.paying import bought, check_money
from tests.checkout.states import WAYS, arrived, clerk, paid, sent
from tests.factories import make_staff, make_variant


def call_off(order: Order, *units: int, may_refund: bool = True, reason: str = "") -> Order:
    """So many units of the order's lines, in their order."""
    lines = [(line.pk, n) for line, n in zip(order.lines.all(), units, strict=False) if n]
    wanted = Wanted(lines, reason)
    return withdrawals.cancel_lines(order.pk, wanted, actor=make_staff(), may_refund=may_refund)


def counts(order: Order) -> list[tuple[int, int, int, int]]:
    """Of each line: units not to be sent, owed, refunded, back on the shelf."""
    lines = OrderLine.objects.filter(order=order)
    return list(lines.values_list("withdrawn", "owed", "refunded", "restocked"))


def refused(order: Order, *units: tuple[int | None, int]) -> tuple[str, tuple[str, ...]]:
    staff = make_staff()
    before = rows(), counts(order)
    with pytest.raises(ShopError) as caught:
        withdrawals.cancel_lines(order.pk, Wanted(units), actor=staff, may_refund=True)
    assert (rows(), counts(order)) == before
    return caught.value.code, caught.value.path


def test_what_was_paid_for_the_units_goes_back_with_them(stripe: Sandbox) -> None:
    order = bought(stripe, 3)

    call_off(order, 2, reason="Broken in store")

    refund = order.refunds.get()
    assert (refund.state, refund.amount_minor, refund.reason) == ("DONE", 3980, "Broken in store")
    assert counts(order) == [(2, 0, 2, 2)]
    order.refresh_from_db()
    assert (order.payment_status, order.review_flag) == ("PARTIALLY_REFUNDED", "")
    event = order.events.get(type="LINES_CANCELLED")
    assert event.message == f"2 × {order.lines.get().sku}: Broken in store"
    assert not event.internal
    assert movements(order) == ["HOLD", "SALE", "RETURN"]
    check_books()
    check_money(stripe)


def test_who_may_not_refund_leaves_it_to_those_who_may() -> None:
    order = WAYS["paid"](None)

    order = call_off(order, 1, may_refund=False)

    assert order.review_flag == "refund due"
    assert counts(order) == [(1, 1, 0, 1)]
    assert not Refund.objects.exists()
    check_books()


@pytest.mark.parametrize("restock", [True, False])
def test_the_refund_that_was_due_is_for_the_units_called_off(*, restock: bool) -> None:
    order = call_off(WAYS["paid"](None), 1, may_refund=False)
    units = Units(order.lines.get().pk, 1, restock=restock)

    order = refunds.refund(order.pk, Wish(lines=[units]), actor=make_staff())

    assert counts(order) == [(1, 0, 1, 1)]  # the other unit is still to be sent
    assert order.review_flag == ""
    check_books()


def test_a_refund_of_something_else_leaves_the_flag() -> None:
    order = call_off(WAYS["paid"](None), 1, may_refund=False)

    order = refunds.refund(order.pk, Wish(amount=100), actor=make_staff())

    assert order.review_flag == "refund due"


def test_a_refund_that_fails_leaves_the_units_on_the_shelf_and_owed(stripe: Sandbox) -> None:
    order = bought(stripe)
    stripe.dispute(order.payments.get(state="PAID").intent_id)  # so that Stripe refuses refunds

    call_off(order, 1)

    assert order.refunds.get().state == "FAILED"
    assert counts(order) == [(1, 1, 0, 1)]
    check_books()


def test_only_what_is_left_of_the_money_goes_back() -> None:
    order = WAYS["paid"](None)  # two units at 10.00
    refunds.refund(order.pk, Wish(amount=1500), actor=make_staff())

    call_off(order, 1)

    assert [refund.amount_minor for refund in order.refunds.all()] == [1500, 500]
    assert counts(order) == [(1, 0, 1, 1)]


def test_nothing_is_due_where_all_the_money_is_back() -> None:
    order = WAYS["paid"](None)
    Dispute.objects.create(
        payment=order.payments.get(), amount_minor=2000, currency="EUR", reason="", status="lost",
        lost_minor=2000, created_at=timezone.now(),
    )  # fmt: skip

    order = call_off(order, 1)

    assert counts(order) == [(1, 0, 0, 1)]
    assert order.review_flag == ""


def test_a_gift_is_called_off_without_money() -> None:
    order = place({make_variant(price=0): 2, make_variant(): 2}, method=CASH)
    paid(order)

    call_off(order, 1, 1)

    assert counts(order) == [(1, 0, 0, 1), (1, 0, 1, 1)]
    assert order.refunds.get().amount_minor == 1000
    check_books()


def test_less_is_collected_at_the_door() -> None:
    order = WAYS["cash on delivery"](None)

    order = call_off(order, 1)

    assert order.review_flag == COLLECT_LESS
    assert (order.payment_status, order.total_minor) == ("UNPAID", 2000)
    assert counts(order) == [(1, 0, 1, 1)]
    assert not Refund.objects.exists()
    check_books()


def test_the_rest_is_sent_and_closes_the_order() -> None:
    order = call_off(WAYS["paid"](None), 1)

    order = sent(order)
    assert order.fulfilment_status == "FULFILLED"
    assert order.fulfilments.get().lines.get().quantity == 1
    order = arrived(order)

    assert order.status == "COMPLETED"


@pytest.mark.parametrize("may_refund", [True, False])
def test_the_rest_of_what_has_arrived_closes_the_order(*, may_refund: bool) -> None:
    order = arrived(WAYS["paid, partly sent"](None))

    order = call_off(order, 1, may_refund=may_refund)

    order.refresh_from_db()
    assert (order.status, order.fulfilment_status) == ("COMPLETED", "DELIVERED")
    check_books()


def test_an_order_whose_stock_is_gone_puts_nothing_on_the_shelf() -> None:
    order = WAYS["paid"](None)
    Order.objects.filter(pk=order.pk).update(stock_state="RELEASED")

    order = call_off(order, 1)

    assert counts(order) == [(1, 0, 1, 0)]
    assert "RETURN" not in movements(order)


def test_no_more_than_waits_is_called_off() -> None:
    order = WAYS["paid, partly sent"](None)
    line, other = order.lines.get().pk, WAYS["paid"](None).lines.get().pk

    at = ("lines", "0", "quantity")
    assert refused(order, (line, 2)) == ("OUT_OF_RANGE", at)
    assert refused(order, (line, 0)) == ("OUT_OF_RANGE", at)
    twice = refused(order, (line, 1), (line, 1))
    assert twice == ("OUT_OF_RANGE", ("lines", "1", "quantity"))
    for nowhere in (None, other):
        assert refused(order, (nowhere, 1)) == ("NOT_FOUND", ("lines", "0", "line_id"))
    assert refused(order) == ("REQUIRED", ("lines",))


def test_the_whole_order_is_cancelled_as_an_order() -> None:
    order = WAYS["paid"](None)

    assert refused(order, (order.lines.get().pk, 2)) == ("INVALID_STATE", ("lines",))


CLOSED = [
    "awaiting transfer", "cancelled", "expired", "completed", "cash, sent", "cancelled when paid"
]  # fmt: skip


@pytest.mark.parametrize("way", CLOSED)
def test_lines_are_called_off_only_while_the_order_waits_to_be_sent(way: str) -> None:
    order = WAYS[way](None)

    assert refused(order, (order.lines.get().pk, 1)) == ("INVALID_STATE", ("order_id",))


def test_a_reason_has_bounds() -> None:
    order = WAYS["paid"](None)

    with pytest.raises(ShopError) as caught:
        call_off(order, 1, reason="x" * 201)
    assert (caught.value.code, caught.value.path) == ("TOO_LONG", ("reason",))

    call_off(order, 1, reason="x" * 200)


def test_while_stripe_is_down_nothing_is_called_off(stripe: Sandbox) -> None:
    order = bought(stripe)

    stripe.stop()
    with pytest.raises(gateway.Unavailable):
        call_off(order, 1)
    stripe.start()

    assert counts(order) == [(0, 0, 0, 0)]
    assert not order.events.filter(type="LINES_CANCELLED").exists()


def test_what_is_cancelled_afterwards_goes_back_whole() -> None:
    order = call_off(WAYS["paid"](None), 1, may_refund=False)

    endings.cancel(order.pk, actor=clerk(), by_staff=True)
    order = refunds.refund(order.pk, Wish(), actor=make_staff())

    assert (order.status, order.payment_status) == ("CANCELLED", "REFUNDED")
    assert order.review_flag == ""
    assert counts(order) == [(2, 0, 2, 2)]
    check_books()


@pytest.mark.transactional
def test_a_unit_is_sent_or_called_off_but_not_both() -> None:
    for may_refund in (True, False):
        order = place({make_variant(): 2, make_variant(): 1}, method=CASH)
        paid(order)
        line = order.lines.all()[0]
        cancel = partial(
            withdrawals.cancel_lines, order.pk, Wanted([(line.pk, 2)]),
             actor=make_staff(), may_refund=may_refund,
        )  # fmt: skip

        at_once(partial(sent, order), cancel, cancel)

        line.refresh_from_db()
        assert (line.fulfilled, line.withdrawn) in ((2, 0), (0, 2))
        assert line.refunded == (line.withdrawn if may_refund else 0)
        check_books()


@pytest.mark.transactional
@pytest.mark.parametrize("may_refund", [True, False])
def test_no_units_are_called_off_of_an_order_that_is_cancelled_meanwhile(
    *, may_refund: bool
) -> None:
    for _ in range(4):
        order = WAYS["paid"](None)
        line, staff = order.lines.get(), make_staff()
        cancel = partial(endings.cancel, order.pk, actor=staff, by_staff=True)
        off = partial(
            withdrawals.cancel_lines, order.pk, Wanted([(line.pk, 1)]),
             actor=staff, may_refund=may_refund,
        )  # fmt: skip

        whole, _ = at_once(cancel, off)

        assert whole.status == "CANCELLED"
        line.refresh_from_db()
        assert line.restocked == 2
        told = list(order.events.values_list("type", flat=True))
        assert "LINES_CANCELLED" not in told[told.index("CANCELLED") :]
        check_books()


KEY = "6f0e4a52-8c0e-4f3a-9c1a-0d7c6a1b2c3d"


@pytest.mark.parametrize("is_paid", [True, False])
def test_one_key_calls_units_off_once(stripe: Sandbox, *, is_paid: bool) -> None:
    order = bought(stripe, 3) if is_paid else place({make_variant(): 3}, method=CASH)
    staff, line = make_staff(), order.lines.get()
    wanted = Wanted([(line.pk, 1)], "Broken", KEY)

    for _ in range(2):
        withdrawals.cancel_lines(order.pk, wanted, actor=staff, may_refund=True)

    assert OrderLine.objects.get(pk=line.pk).withdrawn == 1
    assert order.refunds.count() == is_paid
    with pytest.raises(ShopError) as caught:
        other = Wanted([(line.pk, 2)], "Broken", KEY)
        withdrawals.cancel_lines(order.pk, other, actor=staff, may_refund=True)
    assert caught.value.code == "CONFLICT"
    check_books()


@pytest.mark.transactional
def test_one_key_at_once_calls_units_off_once(stripe: Sandbox) -> None:
    order, staff = bought(stripe, 5), make_staff()
    line = order.lines.get()
    wanted = Wanted([(line.pk, 1)], key=KEY)
    call = partial(withdrawals.cancel_lines, order.pk, wanted, actor=staff, may_refund=True)

    assert at_once(*[call] * 4) == [order] * 4

    assert OrderLine.objects.get(pk=line.pk).withdrawn == 1
    assert order.refunds.get().amount_minor == 1990
    check_books()
    check_money(stripe)
