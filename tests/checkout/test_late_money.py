"""What an order that goes on after all finds of what it had been promised."""

from dataclasses import replace

import pytest
from django.utils import timezone

from checkout import books, endings, gateway, orders, placement, refunds
from checkout.fulfilments import Parcel, deliver, fulfil
from checkout.models import Discount, Order
from checkout.placement import Terms
from checkout.quotes import Wish
from checkout.sandbox import Sandbox
from checkout.shares import Units
from shop.errors import Refused
from tests.checkout.buying import TRANSFER, check_books
from tests.checkout.offering import make_discount
from tests.checkout.paying import bought, give_back, intent_of
from tests.factories import make_staff, make_variant


def with_code(code: str) -> Order:
    fields = {"email": "guest@example.com", "discount_codes": [code]}
    wishes = [Wish(make_variant(price=1000).pk, 1)]
    return placement.place_wishes(wishes, fields, Terms(TRANSFER, None))


def expired(order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(hold_until=timezone.now())
    endings.expire(order.pk)
    return order


@pytest.mark.parametrize("somebody_was_faster", [False, True])
def test_late_money_takes_a_discount_again_or_staff_are_asked(*, somebody_was_faster: bool) -> None:
    make_discount("TEN", usage_limit=1)
    late = expired(with_code("TEN"))
    if somebody_was_faster:
        with_code("TEN")

    paid = orders.mark_paid(late.pk, reference="B", actor=make_staff())

    assert Discount.objects.get().used == 1
    assert paid.redemptions.get().counts
    assert paid.review_flag == (orders.OVER_LIMIT if somebody_was_faster else "")


def test_a_completed_order_whose_refund_fails_is_sent_on(stripe: Sandbox) -> None:
    stripe.books.refunds_pending = True
    made, staff = bought(stripe, 3), make_staff()
    line = made.lines.get()
    fulfil(made.pk, [(line.pk, 2)], parcel=Parcel(), actor=staff)
    deliver(made.pk, fulfilment_id=None, actor=staff)
    refund = give_back(made, lines=[Units(line.pk, 1)])
    made.refresh_from_db()
    assert made.status == "COMPLETED"

    stripe.settle_refund(refund.provider_id, ok=False)
    give_news(stripe, made)

    assert (made.status, made.fulfilment_status) == ("CONFIRMED", "PARTIALLY_FULFILLED")
    fulfil(made.pk, None, parcel=Parcel(), actor=staff)
    line.refresh_from_db()
    assert line.fulfilled == 3
    check_books()


def give_news(stripe: Sandbox, made: Order) -> None:
    refunds.sync(intent_of(made))
    made.refresh_from_db()


def test_what_was_wholly_given_back_is_not_sent(stripe: Sandbox) -> None:
    made = bought(stripe)
    Order.objects.filter(pk=made.pk).update(payment_status="REFUNDED")  # as by a lost dispute

    with pytest.raises(Refused) as caught:
        fulfil(made.pk, None, parcel=Parcel(), actor=make_staff())

    assert caught.value.code == "INVALID_STATE"


def test_money_stays_lost_while_an_appeal_goes_on(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = gateway.dispute(stripe.dispute(intent_of(made))["id"])
    found = []
    for status in ("lost", "appeal_under_review", "won"):
        books.dispute(replace(said, status=status))
        made.refresh_from_db()
        found.append(made.payment_status)

    assert found == ["REFUNDED", "REFUNDED", "PAID"]


def test_a_use_beyond_the_limit_is_not_given_back() -> None:
    make_discount("TEN", usage_limit=1)
    late = expired(with_code("TEN"))
    with_code("TEN")
    orders.mark_paid(late.pk, reference="B", actor=make_staff())

    endings.cancel(late.pk, actor=None, by_staff=True)

    assert Discount.objects.get().used == 1
    with pytest.raises(Refused) as caught:
        with_code("TEN")
    assert caught.value.code == "CODE_NOT_APPLICABLE"
