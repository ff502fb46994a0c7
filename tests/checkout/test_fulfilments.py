"""Parcels."""

from typing import Any

import pytest

from checkout import actions, fulfilments, refunds
from checkout.actions import Action
from checkout.fulfilments import Parcel
from checkout.models import Fulfilment, Order, OrderLine
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.shares import Units
from shop.errors import Refused, ShopError
from tests.checkout.buying import CASH, check_books, place, rows
from tests.checkout.paying import bought, deliver
from tests.checkout.states import arrived, clerk, paid, sent
from tests.factories import make_staff, make_variant


def two_lines() -> tuple[Order, OrderLine, OrderLine]:
    order = place({make_variant(): 3, make_variant(): 1}, method=CASH)
    first, second = order.lines.all()
    return order, first, second


def fulfil(
    order: Order, quantities: list[tuple[int | None, int]] | None = None, **parcel: Any
) -> Order:
    return fulfilments.fulfil(order.pk, quantities, parcel=Parcel(**parcel), actor=make_staff())


def refused(order: Order, quantities: list[tuple[int | None, int]]) -> tuple[str, tuple[str, ...]]:
    staff, before = make_staff(), rows()
    before = rows()
    with pytest.raises(ShopError) as caught:
        fulfilments.fulfil(order.pk, quantities, parcel=Parcel(), actor=staff)
    assert rows() == before
    assert not OrderLine.objects.filter(fulfilled__gt=3).exists()
    return caught.value.code, caught.value.path


def test_parcels_count_up_until_all_is_sent() -> None:
    order, first, second = two_lines()

    fulfil(order, [(first.pk, 1), (second.pk, 1)])
    order = fulfil(order, [(first.pk, 1)])
    assert order.fulfilment_status == "PARTIALLY_FULFILLED"
    order = fulfil(order)

    assert order.fulfilment_status == "FULFILLED"
    sent = [
        [(line.line_id, line.quantity) for line in one.lines.all()]
        for one in order.fulfilments.all()
    ]
    assert sent == [[(first.pk, 1), (second.pk, 1)], [(first.pk, 1)], [(first.pk, 1)]]


def test_nobody_sends_more_than_is_left() -> None:
    order, first, second = two_lines()
    fulfil(order, [(first.pk, 2)])
    other = two_lines()[1]

    def at(n: int, field: str) -> tuple[str, ...]:
        return ("lines", str(n), field)

    assert refused(order, [(first.pk, 2)]) == ("OUT_OF_RANGE", at(0, "quantity"))
    assert refused(order, [(first.pk, 1), (first.pk, 1)]) == ("OUT_OF_RANGE", at(1, "quantity"))
    for odd in (0, -1, 2**31 - 1):
        assert refused(order, [(first.pk, 1), (second.pk, odd)]) == (
            "OUT_OF_RANGE",
            at(1, "quantity"),
        )
    for nowhere in (None, 0, other.pk):
        assert refused(order, [(nowhere, 1)]) == ("NOT_FOUND", at(0, "line_id"))
    assert refused(order, []) == ("REQUIRED", ("lines",))


def test_units_of_a_line_named_twice_travel_together() -> None:
    order, first, _ = two_lines()

    fulfil(order, [(first.pk, 1), (first.pk, 2)])

    assert order.fulfilments.get().lines.get().quantity == 3


@pytest.mark.parametrize(
    ("parcel", "code"),
    [
        ({"carrier": "x" * 101}, "TOO_LONG"),
        ({"tracking_number": "x" * 101}, "TOO_LONG"),
        ({"tracking_url": "no address"}, "INVALID"),
        ({"tracking_url": "javascript:alert(1)"}, "INVALID"),
        ({"tracking_url": "ftp://example.com/1"}, "INVALID"),
    ],
)
def test_how_it_travels_is_checked(parcel: dict[str, Any], code: str) -> None:
    order, _, _ = two_lines()

    with pytest.raises(ShopError) as caught:
        fulfil(order, **parcel)

    assert [(one.code, one.path) for one in caught.value.each()] == [(code, tuple(parcel))]
    assert not Fulfilment.objects.exists()


def test_how_it_travels_is_kept_and_told() -> None:
    order, _, _ = two_lines()

    fulfil(order, carrier=" DHL ", tracking_number="42", tracking_url="HTTPS://example.com/42")

    parcel = order.fulfilments.get()
    assert (parcel.carrier, parcel.tracking_number) == ("DHL", "42")
    assert order.events.get(type="FULFILLED").message == "42"


def test_one_parcel_or_all_arrive() -> None:
    order, first, _ = two_lines()
    staff = make_staff()
    fulfil(order, [(first.pk, 1)])
    fulfil(order, [(first.pk, 1)])
    fulfil(order)
    parcel = order.fulfilments.first()
    assert parcel

    order = fulfilments.deliver(order.pk, fulfilment_id=parcel.pk, actor=staff)
    assert order.fulfilment_status == "FULFILLED"
    assert order.fulfilments.filter(delivered_at=None).count() == 2
    with pytest.raises(Refused) as caught:
        fulfilments.deliver(order.pk, fulfilment_id=parcel.pk, actor=staff)
    assert caught.value.code == "INVALID_STATE"
    parcel.refresh_from_db()
    first_time = parcel.delivered_at
    order = fulfilments.deliver(order.pk, fulfilment_id=None, actor=staff)

    assert order.fulfilment_status == "DELIVERED"
    parcel.refresh_from_db()
    assert parcel.delivered_at == first_time


def test_a_part_that_arrived_is_not_the_whole() -> None:
    order, first, _ = two_lines()
    fulfil(order, [(first.pk, 1)])

    order = fulfilments.deliver(order.pk, fulfilment_id=None, actor=make_staff())

    assert order.fulfilment_status == "PARTIALLY_FULFILLED"


def test_another_order_s_parcel_is_not_found() -> None:
    order, _, _ = two_lines()
    other = fulfil(two_lines()[0])
    fulfil(order)

    for nowhere in (0, other.fulfilments.get().pk):
        with pytest.raises(Refused) as caught:
            fulfilments.deliver(order.pk, fulfilment_id=nowhere, actor=make_staff())
        assert (caught.value.code, caught.value.path) == ("NOT_FOUND", ("fulfilment_id",))
    assert not Fulfilment.objects.exclude(delivered_at=None).exists()


def test_blanks_around_a_tracking_number_do_not_count() -> None:
    order, *_ = two_lines()

    fulfil(order, tracking_number="PP1" + " " * 400)

    event = order.events.get(type="FULFILLED")
    assert event.message == "PP1"


# Units that are given back before they were sent.


def given_back(order: Order, units: int, *, restock: bool = False) -> Order:
    """The order after units of its one line were given back."""
    lines = [Units(order.lines.get().pk, units, restock=restock)]
    return refunds.refund(order.pk, Wish(lines=lines), actor=make_staff())


def sending(order: Order) -> bool:
    """Whether staff are offered to send something of it."""
    return Action.FULFIL in actions.available(order, clerk())


@pytest.mark.parametrize("restock", [True, False])
def test_units_given_back_before_they_were_sent_are_not_sent(*, restock: bool) -> None:
    order = given_back(paid(place({make_variant(): 3})), 1, restock=restock)
    line = order.lines.get()
    assert sending(order)

    assert refused(order, [(line.pk, 3)]) == ("OUT_OF_RANGE", ("lines", "0", "quantity"))
    order = fulfil(order)

    line.refresh_from_db()
    assert (line.fulfilled, line.withdrawn, line.unsent) == (2, 1, 0)
    assert (order.status, order.fulfilment_status) == ("CONFIRMED", "FULFILLED")
    assert not sending(order)
    check_books()


def test_units_given_back_after_they_were_sent_change_no_parcel() -> None:
    order = sent(paid(place({make_variant(): 3})), 2)

    order = given_back(order, 3)

    line = order.lines.get()
    assert (line.fulfilled, line.withdrawn) == (2, 1)
    assert order.fulfilment_status == "FULFILLED"


@pytest.mark.parametrize(
    ("arrives", "end"),
    [(False, ("CONFIRMED", "FULFILLED")), (True, ("COMPLETED", "DELIVERED"))],
)
def test_an_order_whose_last_unsent_unit_is_given_back_has_all_been_sent(
    *, arrives: bool, end: tuple[str, str]
) -> None:
    order = sent(paid(place({make_variant(): 3})), 2)
    if arrives:
        order = arrived(order)
    assert (order.status, order.fulfilment_status) == ("CONFIRMED", "PARTIALLY_FULFILLED")

    order = given_back(order, 1)

    assert (order.status, order.fulfilment_status) == end
    assert order.events.filter(type="COMPLETED").count() == arrives
    assert not sending(order)
    with pytest.raises(Refused):
        fulfil(order)


def test_while_a_unit_is_still_to_be_sent_the_order_is_partly_sent() -> None:
    order = arrived(sent(paid(place({make_variant(): 3})), 1))

    order = given_back(order, 1)

    assert (order.status, order.fulfilment_status) == ("CONFIRMED", "PARTIALLY_FULFILLED")
    assert sending(order)


@pytest.mark.parametrize("before", [0, 1])
def test_of_an_order_that_is_wholly_given_back_nothing_is_sent(before: int) -> None:
    order = paid(place({make_variant(): 2}))
    if before:
        order = sent(order, before)

    order = refunds.refund(order.pk, Wish(), actor=make_staff())

    assert order.payment_status == "REFUNDED"
    assert not sending(order)
    with pytest.raises(Refused) as caught:
        fulfil(order)
    assert (caught.value.code, caught.value.path) == ("INVALID_STATE", ("order_id",))


@pytest.mark.parametrize(
    ("restock", "status"), [(False, "PARTIALLY_FULFILLED"), (True, "FULFILLED")]
)
def test_units_whose_refund_failed_are_to_be_sent_unless_they_are_on_the_shelf(
    stripe: Sandbox, *, restock: bool, status: str
) -> None:
    order = sent(bought(stripe, 3), 2)
    stripe.books.refunds_pending = True
    order = given_back(order, 1, restock=restock)
    assert order.fulfilment_status == "FULFILLED"
    stripe.settle_refund(order.refunds.get().provider_id, ok=False)

    deliver(stripe)

    order.refresh_from_db()
    assert (order.payment_status, order.fulfilment_status) == ("PAID", status)
    assert sending(order) != restock
    if not restock:
        assert fulfil(order).fulfilment_status == "FULFILLED"
    assert order.lines.get().fulfilled == (2 if restock else 3)
    check_books()
