"""Units called off before the order is paid: they are not asked for, and not given back."""

from functools import partial

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from checkout import (
    accounts,
    actions,
    care,
    invoices,
    orders,
    payments,
    refunds,
    withdrawals,
)
from checkout.actions import Action
from checkout.models import Order, OrderLine, Refund
from checkout.refunds import Wish
from checkout.shares import Units
from checkout.withdrawals import Wanted
from schema import ids
from shop.errors import Refused
from tests.admin_pages import order_page, shown, signed_in
from tests.checkout.buying import CASH, at_once, check_books, place
from tests.checkout.states import arrived, cancelled, clerk, paid, sent
from tests.checkout.test_withdrawals import call_off, counts
from tests.client import call
from tests.factories import make_staff, make_user, make_variant

Callbacks = DjangoCaptureOnCommitCallbacks


def at_the_door(units: int = 3, price: int = 1000) -> Order:
    return place({make_variant(price=price): units}, method=CASH)


def booked(order: Order) -> tuple[int, str, str]:
    """What was paid, and what is said of it."""
    order.refresh_from_db()
    return order.payments.get().amount_minor, order.payment_status, order.review_flag


def priced_net(order: Order, *, discount: int, tax: int) -> None:
    """Its one line with a discount, and a tax on top that divides by no number of units."""
    line = order.lines.get()
    line.discount_minor, line.tax_minor = discount, tax
    line.total_minor -= discount
    line.save()
    total = line.total_minor + tax
    rows = Order.objects.filter(pk=order.pk)
    rows.update(prices_include_tax=False, discount_minor=discount, tax_minor=tax, total_minor=total)
    order.refresh_from_db()


def test_what_is_paid_at_the_door_is_without_the_units_called_off() -> None:
    order = call_off(at_the_door(3), 1)
    assert payments.due(order) == 2000

    paid(order)

    assert booked(order) == (2000, "PAID", "")
    assert counts(order) == [(1, 0, 1, 1)]
    assert payments.due(order) == 0
    payments.recount(order)
    assert order.payment_status == "PAID"
    assert not Refund.objects.exists()
    check_books()


@pytest.mark.parametrize("steps", [[1], [2], [1, 1], [3, 2], [1, 4]])
def test_what_is_due_and_what_is_not_add_up_to_the_total(steps: list[int]) -> None:
    order = at_the_door(7)
    priced_net(order, discount=6, tax=1117)

    for units in steps:
        order = call_off(order, units)
    paid(order)

    rest = 7 - sum(steps)
    whole = order.total_minor
    assert whole == 8111
    assert abs(booked(order)[0] - whole * rest / 7) <= 1
    line = order.lines.get()
    order = refunds.refund(order.pk, Wish(lines=[Units(line.pk, rest)]), actor=make_staff())
    assert (order.refunded_minor, order.payment_status) == (booked(order)[0], "REFUNDED")


def test_what_was_never_paid_is_not_given_back() -> None:
    order = call_off(at_the_door(3), 1)
    paid(order)
    line = order.lines.get()

    with pytest.raises(Refused) as caught:
        refunds.refund(order.pk, Wish(lines=[Units(line.pk, 3)]), actor=make_staff())
    assert (caught.value.code, caught.value.path[-1]) == ("OUT_OF_RANGE", "quantity")

    order = refunds.refund(order.pk, Wish(lines=[Units(line.pk, 1)]), actor=make_staff())
    assert (order.refunded_minor, order.payment_status) == (1000, "PARTIALLY_REFUNDED")
    order = refunds.refund(order.pk, Wish(), actor=make_staff())
    assert (order.refunded_minor, order.payment_status) == (2000, "REFUNDED")
    assert counts(order)[0][:3] == (3, 0, 3)


def test_units_called_off_after_it_was_paid_go_back_beside_those_called_off_before() -> None:
    order = call_off(at_the_door(4), 1)
    paid(order)

    order = call_off(order, 1, may_refund=False)
    assert order.review_flag == "refund due"
    assert counts(order) == [(2, 1, 1, 2)]
    units = Units(order.lines.get().pk, 1)
    order = refunds.refund(order.pk, Wish(lines=[units]), actor=make_staff())

    assert (order.refunded_minor, order.review_flag) == (1000, "")
    assert counts(order) == [(2, 0, 2, 2)]
    check_books()


def test_a_gift_called_off_lowers_nothing() -> None:
    order = place({make_variant(price=0): 2, make_variant(): 1}, method=CASH)

    order = call_off(order, 1)

    assert order.review_flag == ""
    assert payments.due(order) == order.total_minor == 1000


def test_where_nothing_is_due_any_more_the_order_is_paid(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    order = place({make_variant(price=0): 2, make_variant(): 1}, method=CASH)

    with django_capture_on_commit_callbacks(execute=True):
        order = call_off(order, 0, 1)

    assert booked(order) == (0, "PAID", "")
    assert order.events.filter(type="PAID", message="nothing to pay").exists()
    assert mail.outbox == []
    order = cancelled(order)
    assert order.review_flag == ""  # no money came that could go back


def test_where_nothing_was_paid_no_refund_is_offered_and_none_is_accepted() -> None:
    staff = make_staff("checkout.refund_order")
    order = place({make_variant(price=0): 2, make_variant(): 1, make_variant(): 1}, method=CASH)

    order = call_off(order, 0, 1)
    assert Action.REFUND not in actions.available(order, staff)
    order = call_off(order, 0, 0, 1)

    assert booked(order)[:2] == (0, "PAID")
    assert Action.REFUND not in actions.available(order, staff)
    with pytest.raises(Refused) as caught:
        refunds.refund(order.pk, Wish(), actor=staff)
    assert caught.value.code == "INVALID_STATE"


def test_what_was_paid_for_the_rest_can_be_refunded() -> None:
    order = call_off(at_the_door(3), 1)

    paid(order)
    order.refresh_from_db()

    assert Action.REFUND in actions.available(order, make_staff("checkout.refund_order"))


def test_an_order_of_which_all_was_called_off_or_sent_is_closed_when_paid() -> None:
    order = arrived(sent(at_the_door(3), 2))

    order = paid(call_off(order, 1))

    assert (order.status, order.fulfilment_status) == ("COMPLETED", "DELIVERED")
    assert booked(order) == (2000, "PAID", "")


def test_a_cancelled_order_asks_for_nothing_and_holds_no_account_back() -> None:
    buyer = make_user()
    order = place({make_variant(): 3}, method=CASH, user=buyer)

    order = cancelled(call_off(order, 1))

    assert (order.review_flag, payments.due(order)) == ("", 0)
    assert not accounts.open_orders(buyer).exists()


def test_money_that_comes_for_a_cancelled_order_is_what_was_due() -> None:
    order = cancelled(call_off(at_the_door(3), 1))

    paid(order)

    assert booked(order) == (2000, "PAID", "refund due")


def test_mails_and_the_invoice_tell_what_is_due_and_what_came(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    order = call_off(at_the_door(3), 1)
    unpaid = "To be paid on delivery: 20.00 EUR, as units were cancelled."
    assert invoices.payment_of(order) == unpaid

    with django_capture_on_commit_callbacks(execute=True):
        care.update(order.pk, {"email": "other@example.com"}, actor=clerk())  # told anew
    with django_capture_on_commit_callbacks(execute=True):
        order = paid(order)

    placed, came = mail.outbox
    assert "Units that were cancelled: -10.00 EUR\nTo be paid: 20.00 EUR" in placed.body
    assert "we have received 20.00 EUR" in came.body
    assert invoices.payment_of(order).endswith(": 20.00 EUR, as units were cancelled.")


def test_the_api_and_the_admin_tell_what_is_due() -> None:
    order = call_off(at_the_door(3), 1)
    document = """query($id: ID!) { order(id: $id) {
        amountDue { amount } totals { total { amount } } lines { refundedQuantity } } }"""
    worker = clerk()

    found = call(document, user=worker, id=ids.of(order))

    assert found.data["order"] == {
        "amountDue": {"amount": "20.00"},
        "totals": {"total": {"amount": "30.00"}},
        "lines": [{"refundedQuantity": 1}],
    }
    for _ in range(2):  # before it is paid, and afterwards
        seen = shown(signed_in(worker).get(order_page(order)))
        assert "Cancelled before it was paid" in seen
        assert "-10.00 EUR" in seen
        order = order if order.is_paid else paid(order)


@pytest.mark.transactional
def test_units_are_called_off_before_the_payment_or_are_owed_after_it() -> None:
    for _ in range(4):
        order = at_the_door(3)
        wanted = Wanted([(order.lines.get().pk, 1)])
        off = partial(
            withdrawals.cancel_lines, order.pk, wanted, actor=make_staff(), may_refund=False
        )
        pay = partial(orders.mark_paid, order.pk, reference="T", actor=make_staff())

        at_once(off, pay)

        line = OrderLine.objects.get(order=order)
        amount, status, flag = booked(order)
        assert (status, line.withdrawn) == ("PAID", 1)
        assert (amount, line.owed, line.refunded, flag) in (
            (2000, 0, 1, ""), (3000, 1, 0, "refund due"),
        )  # fmt: skip
        check_books()
