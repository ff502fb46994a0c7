"""Discounts at the same moment: never used more often than they allow."""

from functools import partial
from typing import Any

import pytest

from catalog.models import Variant
from checkout import endings, placement
from checkout.models import Discount, DiscountRedemption, Order
from checkout.placement import Terms
from checkout.quotes import Wish
from tests.checkout.buying import TRANSFER, at_once, check_books
from tests.checkout.offering import GUEST, make_discount
from tests.factories import make_user, make_variant
from users.models import User

pytestmark = pytest.mark.transactional

NOT_APPLICABLE = "CODE_NOT_APPLICABLE"


def buy(
    lamp: Variant, *codes: str, user: User | None = None, email: str | None = GUEST, units: int = 1
) -> Order:
    fields = {"email": email, "discount_codes": list(codes)}
    return placement.place_wishes([Wish(lamp.pk, units)], fields, Terms(TRANSFER, user))


def check_discounts() -> None:
    """The counters are the orders that count, and none is above its limit."""
    for row in Discount.objects.all():
        counting = row.redemptions.filter(counts=True)
        assert row.usage_limit is None or row.used == counting.count() <= row.usage_limit
    cut = DiscountRedemption.objects.filter(order__status__in=["CANCELLED", "EXPIRED"])
    assert not cut.filter(counts=True).exists()


def test_a_limit_of_five_is_five_of_twenty_four_orders() -> None:
    row, lamp = make_discount("FIVE", usage_limit=5), make_variant(stock=100)

    answers = at_once(*[partial(buy, lamp, "FIVE", units=2)] * 24)

    assert answers.count(NOT_APPLICABLE) == 19
    assert Order.objects.filter(discount_minor=200).count() == Order.objects.count() == 5
    row.refresh_from_db()
    assert row.used == row.redemptions.count() == 5
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (100, 10)
    check_discounts()
    check_books()


def test_who_loses_an_automatic_one_is_shown_the_new_price_or_orders_without_it() -> None:
    row, lamp = make_discount(usage_limit=5), make_variant(stock=100, price=1000)

    answers = at_once(*[partial(buy, lamp)] * 24)

    placed = [answer for answer in answers if isinstance(answer, Order)]
    assert {answer for answer in answers if answer not in placed} <= {"PRICE_CHANGED"}
    assert [order.total_minor for order in placed].count(900) == 5
    assert {order.total_minor for order in placed} <= {900, 1000}
    row.refresh_from_db()
    assert row.used == row.redemptions.count() == 5
    check_discounts()
    check_books()


def test_it_holds_where_the_orders_share_no_stock_that_they_would_queue_for() -> None:
    row = make_discount("FIVE", usage_limit=5)
    lamps = [make_variant(stock=2) for _ in range(24)]

    answers = at_once(*[partial(buy, lamp, "FIVE", units=2) for lamp in lamps])

    assert answers.count(NOT_APPLICABLE) == 19
    row.refresh_from_db()
    assert row.used == row.redemptions.count() == Order.objects.count() == 5
    assert sorted(Variant.objects.values_list("reserved", flat=True)) == [0] * 19 + [2] * 5
    check_books()


@pytest.mark.parametrize("signed_in", [True, False])
def test_who_may_use_it_once_uses_it_once(*, signed_in: bool) -> None:
    user = make_user() if signed_in else None
    for number in range(3):
        code = f"ONCE{number}"
        row = make_discount(code, once_per_customer=True)
        lamps = [make_variant() for _ in range(8)]

        answers = at_once(*[partial(buy, lamp, code, user=user) for lamp in lamps])

        assert answers.count(NOT_APPLICABLE) == 7
        assert row.redemptions.count() == 1
    assert Order.objects.count() == 3
    check_books()


def test_a_guest_and_the_same_person_signed_in_use_it_once() -> None:
    for number in range(4):
        user, code = make_user(), f"ONCE{number}"
        row = make_discount(code, once_per_customer=True)
        lamps = [make_variant() for _ in range(8)]

        answers = at_once(
            *[partial(buy, lamp, code, user=user, email=None) for lamp in lamps[:4]],
            *[partial(buy, lamp, code, email=user.email.upper()) for lamp in lamps[4:]],
        )

        assert answers.count(NOT_APPLICABLE) == 7
        assert row.redemptions.count() == 1
    check_books()


def test_orders_with_the_same_codes_the_other_way_round_wait_for_each_other() -> None:
    make_discount("A", usage_limit=100, priority=1)
    make_discount("B", usage_limit=100, priority=2)
    lamps = [make_variant() for _ in range(12)]
    codes = [("A", "B"), ("B", "A")] * 6

    answers = at_once(*[partial(buy, lamp, *both) for lamp, both in zip(lamps, codes, strict=True)])

    assert all(isinstance(answer, Order) for answer in answers)
    assert [*Discount.objects.values_list("used", flat=True)] == [12, 12]
    check_discounts()


def test_cancelling_gives_back_once_however_often_it_is_asked() -> None:
    row = make_discount("TWO", usage_limit=2)
    first, _ = buy(make_variant(), "TWO"), buy(make_variant(), "TWO")

    at_once(*[partial(endings.cancel, first.pk, actor=None, by_staff=False)] * 6)

    row.refresh_from_db()
    assert row.used == 1
    check_discounts()


def test_orders_and_cancellations_with_the_same_two_discounts_wait_for_each_other() -> None:
    make_discount("A", usage_limit=100)
    make_discount("B", usage_limit=100)
    for _ in range(3):
        live = [buy(make_variant(), "A", "B") for _ in range(8)]

        answers = at_once(
            *[partial(endings.cancel, order.pk, actor=None, by_staff=False) for order in live],
            *[partial(buy, make_variant(), "A", "B") for _ in range(8)],
        )

        assert all(isinstance(answer, Order) for answer in answers)
    assert [*Discount.objects.values_list("used", flat=True)] == [24, 24]
    check_discounts()


def test_orders_and_cancellations_at_once_keep_the_count() -> None:
    make_discount("A", usage_limit=4)
    make_discount("B", usage_limit=6, once_per_customer=True)
    for _ in range(3):
        open_ones = [*Order.objects.filter(status="PENDING")]
        calls: list[Any] = [
            partial(endings.cancel, order.pk, actor=None, by_staff=False) for order in open_ones
        ]
        for at in range(8):
            email = f"guest{at % 4}@example.com"
            calls.append(partial(buy, make_variant(), "A", "B", email=email))

        at_once(*calls)

        check_discounts()
        check_books()
