"""Uses that are given back, and those that late money takes again."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkout import discounts, endings, orders
from checkout.models import Discount, DiscountRedemption, Order
from tests.checkout.buying import at_once, check_books
from tests.checkout.carting import refused
from tests.checkout.offering import GUEST, make_discount
from tests.checkout.redeeming import NOT_APPLICABLE, buy, used
from tests.factories import make_staff, make_user, make_variant


def expired(order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(hold_until=timezone.now())
    endings.expire(order.pk)
    order.refresh_from_db()
    assert order.status == "EXPIRED"
    return order


def paid_late(order: Order) -> Order:
    return orders.mark_paid(order.pk, reference="B", actor=make_staff())


def test_late_money_takes_the_customer_s_one_use_again() -> None:
    row = make_discount("ONCE", once_per_customer=True)
    late = expired(buy("ONCE"))

    paid = paid_late(late)

    use = paid.redemptions.get()
    assert (paid.review_flag, use.counts, use.customer) == ("", True, f"email:{GUEST}")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.redemptions.create(order=buy(), name="", amount_minor=1, customer=use.customer)


@pytest.mark.parametrize("signed_in", ["never", "then", "both times"])
def test_late_money_for_what_the_customer_used_meanwhile_is_for_staff_to_look_at(
    signed_in: str,
) -> None:
    row = make_discount("ONCE", once_per_customer=True, usage_limit=5)
    user = make_user()
    late = expired(buy("ONCE", email=user.email, user=user if "both" in signed_in else None))
    then = buy("ONCE", email=user.email, user=None if signed_in == "never" else user)

    paid = paid_late(late)

    assert (paid.status, paid.total_minor) == ("CONFIRMED", 900)
    assert paid.review_flag == orders.OVER_LIMIT
    use = paid.redemptions.get()
    assert (use.counts, use.customer) == (True, None)
    assert then.redemptions.get().customer
    assert used(row) == 2


def test_what_late_money_took_a_second_time_is_still_the_customer_s_use_when_the_other_ends() -> (
    None
):
    make_discount("ONCE", once_per_customer=True)
    late = expired(buy("ONCE"))
    then = buy("ONCE")
    paid_late(late)

    endings.cancel(then.pk, actor=None, by_staff=False)

    assert refused(buy, "ONCE", variant=make_variant())[0] == NOT_APPLICABLE


def test_a_discount_that_is_gone_is_neither_given_back_nor_taken_again() -> None:
    row = make_discount("ONE", usage_limit=1)
    order = buy("ONE")
    row.delete()

    late = expired(order)
    assert not late.redemptions.get().counts

    assert paid_late(late).review_flag == ""


# Statements.


def with_offers(count: int) -> Order:
    Discount.objects.update(is_active=False)
    for at in range(count):
        make_discount(
            kind="FIXED", amount_minor=1, usage_limit=5 if at % 2 == 0 else None,
            once_per_customer=at % 3 == 0,
        )  # fmt: skip
    order = buy()
    assert order.redemptions.count() == count
    return order


def statements(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as found, transaction.atomic():
        act()
    return len([one for one in found if "SAVEPOINT" not in one["sql"]])


def test_twenty_discounts_are_given_back_and_taken_again_by_as_many_statements_as_one() -> None:
    found = []
    for count in (0, 1, 20):
        order = with_offers(count)
        back = statements(partial(discounts.release, order))
        assert not order.redemptions.filter(counts=True).exists()
        again = statements(partial(discounts.take_again, order))
        assert order.redemptions.filter(counts=True).count() == count
        found.append((back, again))

    assert found == [(1, 1), (4, 5), (4, 5)]
    limited = Discount.objects.exclude(usage_limit=None)
    assert set(limited.values_list("used", flat=True)) == {1}


# At the same moment.


@pytest.mark.transactional
@pytest.mark.parametrize("signed_in", [True, False])
def test_late_money_and_an_order_at_once_use_it_once_unless_staff_are_asked(
    *, signed_in: bool
) -> None:
    user, staff = make_user(), make_staff()
    for number in range(4):
        row = make_discount(code := f"ONCE{number}", once_per_customer=True)
        late = expired(buy(code, email=user.email))

        by = user if signed_in else None
        paid, bought = at_once(
            partial(orders.mark_paid, late.pk, reference="B", actor=staff),
            partial(buy, code, email=user.email, user=by),
        )

        assert paid.review_flag == (orders.OVER_LIMIT if isinstance(bought, Order) else "")
        assert isinstance(bought, Order) or bought == NOT_APPLICABLE
        assert row.redemptions.exclude(customer=None).count() == 1
    check_books()


@pytest.mark.transactional
def test_late_money_orders_and_ends_with_the_same_discounts_wait_for_each_other() -> None:
    make_discount("A", usage_limit=100, priority=2)
    make_discount("B", usage_limit=100, priority=1)
    staff = make_staff()
    for _ in range(3):
        late = [expired(buy("A", "B")) for _ in range(6)]
        live = [buy("B", "A") for _ in range(6)]

        answers = at_once(
            *[partial(orders.mark_paid, one.pk, reference="B", actor=staff) for one in late],
            *[partial(endings.cancel, one.pk, actor=None, by_staff=False) for one in live],
            *[partial(buy, "A", "B") for _ in range(6)],
        )

        assert all(isinstance(answer, Order) for answer in answers)
    assert [*Discount.objects.values_list("used", flat=True)] == [36, 36]
    assert DiscountRedemption.objects.filter(counts=True).count() == 72
