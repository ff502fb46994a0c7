"""What was paid for units of a line, to the unit of the currency."""

import pytest

from checkout import shares
from checkout.models import Order, OrderLine, Refund, RefundLine
from checkout.shares import Share
from tests.checkout.buying import place
from tests.factories import make_variant


def line_of(units: int, *, discount: int = 0, tax: int = 0, net: bool = False) -> OrderLine:
    """A line of units at 10.00, with a discount and a tax in minor units for all of them."""
    order = place({make_variant(stock=100): units})
    total = units * 1000 - discount
    OrderLine.objects.update(discount_minor=discount, total_minor=total, tax_minor=tax)
    if net:
        Order.objects.update(
            prices_include_tax=False, subtotal_minor=total, tax_minor=tax, total_minor=total + tax
        )
    return OrderLine.objects.select_related("order").get(order=order)


@pytest.mark.parametrize(
    ("units", "discount", "tax", "net", "whole"),
    [
        (3, 0, 0, False, 3000),
        (3, 1, 0, False, 2999),
        (3, 2999, 0, False, 1),
        (7, 6, 1117, False, 6994),  # the tax is in the price
        (7, 6, 1117, True, 8111),  # the tax is on top
        (1, 1000, 0, False, 0),
    ],
)
def test_unit_by_unit_it_adds_up_to_what_was_paid(
    units: int, discount: int, tax: int, net: bool, whole: int
) -> None:
    line = line_of(units, discount=discount, tax=tax, net=net)

    parts = []
    for _ in range(units):
        parts.append(shares.paid_for(line.order, line, 1))
        line.refunded += 1

    assert sum(parts) == whole
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("steps", [[7], [3, 4], [1, 5, 1], [2, 2, 2, 1]])
def test_in_whatever_steps_it_goes_back_it_adds_up(steps: list[int]) -> None:
    line, parts = line_of(7, discount=6), []

    for quantity in steps:
        parts.append(shares.paid_for(line.order, line, quantity))
        line.refunded += quantity

    assert sum(parts) == 6994


def test_all_that_is_left_is_what_was_not_given_back_yet() -> None:
    order = place({make_variant(): 3, make_variant(): 2})
    first, second = order.lines.all()
    OrderLine.objects.filter(pk=first.pk).update(refunded=1)
    OrderLine.objects.filter(pk=second.pk).update(refunded=2)

    (share,) = shares.all_left(order)

    assert (share.line, share.quantity, share.restock, share.paid) == (first, 2, False, 2000)


def refund_of(line: OrderLine, quantity: int, *, restock: bool = False) -> Refund:
    """A refund of units that cost 10.00 each."""
    refund = Refund.objects.create(
        order=line.order, payment=line.order.payments.get(), amount_minor=1000, currency="EUR"
    )
    share = Share(line, quantity, restock, paid=1000 * quantity)
    shares.take(refund, [share], actor=None)
    line.refresh_from_db()
    return refund


@pytest.mark.parametrize(
    ("sent", "back", "withdrawn"), [(0, 2, 2), (1, 2, 2), (2, 2, 1), (3, 2, 0), (0, 3, 3)]
)
def test_what_was_not_sent_is_given_back_first_and_not_sent_any_more(
    sent: int, back: int, withdrawn: int
) -> None:
    line = line_of(3)
    line.fulfilled = sent
    line.save()

    refund = refund_of(line, back)

    assert (line.refunded, line.withdrawn, line.unsent) == (back, withdrawn, 3 - sent - withdrawn)
    assert refund.lines.get().withdrawn == withdrawn


@pytest.mark.parametrize(("restock", "unsent"), [(False, 2), (True, 1)])
def test_of_a_refund_that_failed_only_what_is_not_on_the_shelf_can_be_sent(
    *, restock: bool, unsent: int
) -> None:
    line = line_of(3)
    Order.objects.update(stock_state="SOLD")
    first = refund_of(line, 1, restock=restock)
    refund_of(line, 1)
    assert line.unsent == 1

    shares.undo(first)

    line.refresh_from_db()
    assert (line.refunded, line.restocked, line.unsent) == (1, int(restock), unsent)


def test_what_did_not_leave_counts_as_paid_again_and_stays_on_the_shelf() -> None:
    line = line_of(3)
    payment = line.order.payments.get()
    refund = Refund.objects.create(
        order=line.order, payment=payment, amount_minor=2000, currency="EUR"
    )
    RefundLine.objects.create(refund=refund, line=line, quantity=2, restock=True)
    OrderLine.objects.update(refunded=2, restocked=2)

    shares.undo(refund)

    line.refresh_from_db()
    assert (line.refunded, line.restocked) == (0, 2)
