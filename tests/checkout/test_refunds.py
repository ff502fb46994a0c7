"""Money on its way back: a row first, then Stripe, then what Stripe says of it."""

from typing import Any

import pytest
from pytest_django import Settings

from checkout import books, endings, gateway, orders, payments, refunds, settlement
from checkout.models import Order, Payment
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.shares import Units
from shop.errors import Refused
from tests.checkout.buying import check_books, movements, place, rows
from tests.checkout.paying import (
    STRIPE,
    bought,
    check_money,
    deliver,
    give_back,
    intent_of,
    opened,
    order,
    states,
    told,
)
from tests.factories import make_staff, make_variant

TOTAL = 3980
REFUNDS = "/v1/refunds"


@pytest.fixture(autouse=True)
def impatient(settings: Settings) -> None:
    """A call that fails is not repeated by the library, which would pause in between."""
    settings.STRIPE_RETRIES, settings.STRIPE_TIMEOUT = 0, (1, 0.3)
    gateway._client.cache_clear()


def check(stripe: Sandbox) -> None:
    check_books()
    check_money(stripe)


def paid_twice(stripe: Sandbox) -> Order:
    """An order whose first session came to light only after it was paid by the second."""
    made = order()
    stripe.faults.fail("POST", "/v1/checkout/sessions", "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    (hidden,) = stripe.books.all("checkout.session")
    settlement.abandon(made.payments.get())
    stripe.pay(opened(made).id)
    deliver(stripe)
    stripe.pay(hidden["id"])
    deliver(stripe)
    return made


def test_all_of_it_goes_back_with_every_unit_but_not_to_the_shelf(stripe: Sandbox) -> None:
    made, staff = bought(stripe), make_staff()

    refunds.refund(made.pk, Wish(reason="broken"), actor=staff)

    (refund,) = made.refunds.all()
    assert (refund.state, refund.amount_minor, refund.reason) == ("DONE", TOTAL, "broken")
    assert refund.actor == staff
    assert states(made) == ("CONFIRMED", "REFUNDED", "SOLD")
    assert made.refunded_minor == TOTAL
    line = made.lines.get()
    assert (line.refunded, line.restocked) == (2, 0)
    assert made.events.filter(type="REFUNDED", actor=staff, message="39.80 EUR").count() == 1
    check(stripe)


def test_stripe_is_told_whose_refund_it_is(stripe: Sandbox) -> None:
    made = bought(stripe)

    refund = give_back(made, amount=1)

    (said,) = stripe.books.all("refund")
    assert (said["id"], said["amount"]) == (refund.provider_id, 1)
    marks = {"shop": "shop", "order": made.number, "refund": str(refund.pk)}
    assert said["metadata"] == marks
    (request,) = [one for one in stripe.requests if (one.method, one.path) == ("POST", REFUNDS)]
    assert request.key == f"shop-re-{made.number}-{refund.pk}-1"


def test_parts_go_back_until_nothing_is_left(stripe: Sandbox) -> None:
    made = bought(stripe)

    for amount, status in (
        (1000, "PARTIALLY_REFUNDED"), (2979, "PARTIALLY_REFUNDED"), (1, "REFUNDED"),
    ):  # fmt: skip
        give_back(made, amount=amount)
        assert made.payment_status == status
        check(stripe)

    assert made.lines.get().refunded == 2
    with pytest.raises(Refused) as caught:
        give_back(made, amount=1)
    assert caught.value.code == "INVALID_STATE"
    assert len(stripe.books.all("refund")) == 3


def test_units_go_back_to_the_shelf_where_that_is_wished(stripe: Sandbox) -> None:
    made = bought(stripe, 3)
    line = made.lines.get()

    refund = give_back(made, lines=[Units(line.pk, 2, restock=True)])

    assert refund.amount_minor == 2 * 1990
    line.refresh_from_db()
    assert (line.refunded, line.restocked) == (2, 2)
    assert movements(made) == ["HOLD", "SALE", "RETURN"]
    assert line.variant is not None
    assert line.variant.stock == 10 - 1
    check(stripe)


def test_for_units_less_can_be_given_back_than_was_paid(stripe: Sandbox) -> None:
    made = bought(stripe, 2)
    line = made.lines.get()

    refund = give_back(made, lines=[Units(line.pk, 2)], amount=100)

    assert refund.amount_minor == 100
    line.refresh_from_db()
    assert line.refunded == 2
    check(stripe)


REFUSED: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    ({"amount": 0}, "OUT_OF_RANGE", ("amount",)),
    ({"amount": -1}, "OUT_OF_RANGE", ("amount",)),
    ({"amount": TOTAL + 1}, "REFUND_TOO_LARGE", ("amount",)),
    ({"amount": 10**30}, "REFUND_TOO_LARGE", ("amount",)),
    ({"lines": []}, "REQUIRED", ("lines",)),
    ({"lines": [(None, 1)]}, "NOT_FOUND", ("lines", "0", "line_id")),
    ({"lines": [(0, 1)]}, "NOT_FOUND", ("lines", "0", "line_id")),
    ({"lines": [("own", 1), ("own", 1)]}, "NOT_FOUND", ("lines", "1", "line_id")),
    ({"lines": [("own", 0)]}, "OUT_OF_RANGE", ("lines", "0", "quantity")),
    ({"lines": [("own", -1)]}, "OUT_OF_RANGE", ("lines", "0", "quantity")),
    ({"lines": [("own", 3)]}, "OUT_OF_RANGE", ("lines", "0", "quantity")),
    ({"lines": [("own", 1)], "amount": TOTAL + 1}, "REFUND_TOO_LARGE", ("amount",)),
    ({"reason": "x" * 201}, "TOO_LONG", ("reason",)),
    ({"key": "short"}, "INVALID", ("idempotency_key",)),
]


def test_what_cannot_be_given_back_leaves_no_trace(stripe: Sandbox) -> None:
    made, staff = bought(stripe), make_staff()
    own, before = made.lines.get().pk, rows()

    for wish, code, path in REFUSED:
        lines = wish.get("lines")
        if lines:
            lines = [Units(own if id == "own" else id, units) for id, units in lines]
        with pytest.raises(Refused) as caught:
            refunds.refund(made.pk, Wish(**wish | {"lines": lines}), actor=staff)
        assert (caught.value.code, caught.value.path) == (code, path)

    assert rows() == before
    assert stripe.books.all("refund") == []
    check(stripe)


def test_a_line_of_another_order_is_not_found(stripe: Sandbox) -> None:
    made, other = bought(stripe), bought(stripe)

    with pytest.raises(Refused) as caught:
        give_back(made, lines=[Units(other.lines.get().pk, 1)])

    assert caught.value.code == "NOT_FOUND"


def test_what_was_not_paid_is_not_given_back(stripe: Sandbox) -> None:
    made = order()
    opened(made)

    assert not refunds.may_refund(made)
    with pytest.raises(Refused) as caught:
        give_back(made)
    assert caught.value.code == "INVALID_STATE"


def test_money_that_did_not_come_by_stripe_is_booked_at_once(stripe: Sandbox) -> None:
    made = place({make_variant(price=1990): 2})
    orders.mark_paid(made.pk, reference="B-1", actor=make_staff())

    refund = give_back(made, amount=1500)

    assert (refund.state, refund.provider_id) == ("DONE", "")
    assert (made.payment_status, made.refunded_minor) == ("PARTIALLY_REFUNDED", 1500)
    assert stripe.requests == []
    check(stripe)


# What Stripe says of it.


def test_a_pending_refund_counts_from_the_start_and_is_done_later(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.books.refunds_pending = True

    refund = give_back(made, amount=1000)
    assert (refund.state, made.refunded_minor) == ("PENDING", 1000)
    stripe.settle_refund(refund.provider_id)
    deliver(stripe)

    refund.refresh_from_db()
    made.refresh_from_db()
    assert (refund.state, made.refunded_minor) == ("DONE", 1000)
    assert made.events.filter(type="REFUNDED").count() == 1
    check(stripe)


@pytest.mark.parametrize("pending", [True, False])
def test_a_refund_that_fails_later_can_be_made_again(stripe: Sandbox, *, pending: bool) -> None:
    made = bought(stripe)
    stripe.books.refunds_pending = pending
    refund = give_back(made)
    stripe.settle_refund(refund.provider_id, ok=False)

    deliver(stripe)

    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("FAILED", "unknown")
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert (made.refunded_minor, made.review_flag) == (0, "refund failed")
    assert made.lines.get().refunded == 0
    check(stripe)
    stripe.books.refunds_pending = False
    assert give_back(made).state == "DONE"
    check(stripe)


def test_old_news_of_a_refund_do_not_take_it_back(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.books.refunds_pending = True
    refund = give_back(made, amount=1000)
    (old,) = gateway.refunds_of(intent_of(made))
    stripe.settle_refund(refund.provider_id)
    refunds.sync(intent_of(made))

    books.book(intent_of(made), [old])

    refund.refresh_from_db()
    assert (old.status, refund.state) == ("pending", "DONE")


def test_a_refund_of_stripe_s_dashboard_is_booked_like_our_own(stripe: Sandbox) -> None:
    made = bought(stripe)
    said = stripe.refund(intent_of(made), 1500)

    for _ in range(2):
        deliver(stripe)

    (refund,) = made.refunds.all()
    assert (refund.provider_id, refund.amount_minor, refund.state) == (said["id"], 1500, "DONE")
    assert refund.reason == "made at Stripe"
    assert states(made)[1] == "PARTIALLY_REFUNDED"
    check(stripe)


@pytest.mark.parametrize("kind", ["refund.created", "charge.refunded"])
def test_each_event_of_a_refund_is_enough_to_book_it(stripe: Sandbox, kind: str) -> None:
    made = bought(stripe)
    stripe.refund(intent_of(made), 1500)

    deliver(stripe, told(stripe, kind))

    made.refresh_from_db()
    assert made.refunded_minor == 1500
    check(stripe)


def test_what_stripe_refuses_has_failed_and_staff_are_asked_to_look(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.dispute(intent_of(made))  # a disputed charge cannot be refunded

    refund = give_back(made, amount=1000)

    assert refund.state == "FAILED"
    assert "charged back" in refund.failure
    assert (made.payment_status, made.review_flag) == ("PAID", "refund failed")
    assert payments.left(made.payments.get()) == TOTAL


def test_a_payment_that_stripe_does_not_know_has_nothing_to_book(stripe: Sandbox) -> None:
    made = bought(stripe)
    before = rows()
    Payment.objects.update(intent_id="pi_unknown")

    refunds.sync("pi_unknown")

    assert rows() == before
    assert states(made)[1] == "PAID"


# Money that has to go back.


def test_what_was_paid_twice_goes_back_first_and_the_order_stays_paid(stripe: Sandbox) -> None:
    made = paid_twice(stripe)
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert made.review_flag == orders.REFUND_DUE
    assert sorted(made.payments.values_list("state", "surplus")) == [
        ("PAID", False), ("PAID", True),
    ]  # fmt: skip

    refund = give_back(made)

    assert (refund.payment.surplus, refund.amount_minor) == (True, TOTAL)
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert made.review_flag == ""
    assert made.lines.get().refunded == 0
    check(stripe)


def test_after_the_surplus_the_order_s_own_money_can_go_back(stripe: Sandbox) -> None:
    made = paid_twice(stripe)

    give_back(made)
    give_back(made)

    assert states(made) == ("CONFIRMED", "REFUNDED", "SOLD")
    assert [one["amount"] for one in stripe.books.all("refund")] == [TOTAL, TOTAL]
    with pytest.raises(Refused):
        give_back(made)
    check(stripe)


def test_a_cancelled_order_s_flag_goes_when_its_money_has_gone(stripe: Sandbox) -> None:
    made = bought(stripe)
    endings.cancel(made.pk, actor=make_staff(), by_staff=True)
    made.refresh_from_db()
    assert made.review_flag == orders.REFUND_DUE

    give_back(made, amount=1)
    assert made.review_flag == orders.REFUND_DUE
    give_back(made)

    assert (made.status, made.payment_status, made.review_flag) == ("CANCELLED", "REFUNDED", "")
    check(stripe)


def test_what_is_on_the_shelf_already_is_not_put_there_again(stripe: Sandbox) -> None:
    made = bought(stripe)
    endings.cancel(made.pk, actor=make_staff(), by_staff=True)

    with pytest.raises(Refused) as caught:
        give_back(made, lines=[Units(made.lines.get().pk, 1, restock=True)])

    assert (caught.value.code, caught.value.path) == ("OUT_OF_RANGE", ("lines", "0", "restock"))
    check(stripe)


def test_what_never_left_the_shelf_is_not_put_there(stripe: Sandbox) -> None:
    lamp = make_variant(stock=2, price=1990)
    made = place({lamp: 2}, method=STRIPE)
    stripe.faults.fail("POST", "/v1/checkout/sessions", "after")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    (hidden,) = stripe.books.all("checkout.session")
    settlement.abandon(made.payments.get())
    Order.objects.filter(pk=made.pk).update(hold_until=made.placed_at)
    endings.expire(made.pk)
    place({lamp: 2})
    stripe.pay(hidden["id"])
    deliver(stripe)
    assert states(made) == ("CONFIRMED", "PAID", "RELEASED")

    with pytest.raises(Refused) as caught:
        give_back(made, lines=[Units(made.lines.get().pk, 1, restock=True)])

    assert (caught.value.code, caught.value.path) == ("INVALID_STATE", ("lines", "0", "restock"))
    give_back(made)
    check(stripe)


def test_a_cancellation_brings_back_only_what_a_refund_has_not(stripe: Sandbox) -> None:
    for units in (1, 2):
        made = bought(stripe, 2)
        variant = made.lines.get().variant
        assert variant is not None
        give_back(made, lines=[Units(made.lines.get().pk, units, restock=True)])

        endings.cancel(made.pk, actor=make_staff(), by_staff=True)

        variant.refresh_from_db()
        assert (variant.stock, variant.product.sales_count) == (10, 0)
        assert made.lines.get().restocked == 2
        check_books()
