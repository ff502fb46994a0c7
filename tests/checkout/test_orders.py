"""The states of orders: every step that there is, and no other."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog import columns
from catalog.models import Purchase, Review, Variant
from checkout import actions, endings, orders
from checkout.actions import Action
from checkout.models import Order
from checkout.models.orders import PaymentMethod
from shop import jobs
from shop.errors import Refused, ShopError
from tests.checkout.buying import CASH, TRANSFER, check_books, movements, place, rows
from tests.checkout.states import (
    CANCEL,
    DO,
    TABLE,
    WAYS,
    arrived,
    cancelled,
    clerk,
    expired,
    paid,
    sent,
)
from tests.factories import make_staff, make_user, make_variant

Status = Order.Status


def test_the_table_names_every_state() -> None:
    assert TABLE.keys() == WAYS.keys()


@pytest.mark.parametrize("action", list(DO))
@pytest.mark.parametrize("state", list(WAYS))
def test_staff_do_what_the_table_allows_and_nothing_else(state: str, action: Action) -> None:
    order = WAYS[state](None)
    before, row = rows(), Order.objects.values().get()

    assert (action in actions.available(order, clerk())) == (action in TABLE[state])
    if action in TABLE[state]:
        done = DO[action](order)
        done.refresh_from_db()
        moved = (done.status, done.payment_status, done.fulfilment_status)
        assert moved == TABLE[state][action]
    else:
        before = rows()
        with pytest.raises(Refused) as caught:
            DO[action](order)
        assert (caught.value.code, caught.value.path) == ("INVALID_STATE", ("order_id",))
        assert rows() | {"users.User": 0} == before | {"users.User": 0}
        assert Order.objects.values().get() == row
    check_books()


@pytest.mark.parametrize("state", list(WAYS))
def test_the_buyer_may_cancel_while_it_is_pending_and_nothing_else(state: str) -> None:
    buyer = make_user()
    order = WAYS[state](buyer)
    may = [CANCEL] if order.status == "PENDING" else []

    assert actions.available(order, buyer) == may
    assert actions.available(order, None, by_token=True) == may
    assert actions.available(order, None) == actions.available(order, make_user()) == []
    if may:
        done = endings.cancel(order.pk, actor=buyer, by_staff=False, reason="too late")
        assert done.events.get(type="CANCELLED").message == "too late"
    else:
        with pytest.raises(Refused, match="cannot be cancelled"):
            endings.cancel(order.pk, actor=buyer, by_staff=False)


@pytest.mark.parametrize("state", list(WAYS))
def test_only_what_came_to_nothing_can_be_deleted_and_its_rows_stay(state: str) -> None:
    order, buyer = WAYS[state](None), make_user()
    lines = order.lines.count()

    if state in ("cancelled", "expired"):
        orders.delete(order.pk, actor=buyer)
        assert not Order.objects.shown().exists()
        assert Order.objects.get().lines.count() == lines
        with pytest.raises(Refused) as caught:
            orders.delete(order.pk, actor=buyer)
        assert caught.value.code == "NOT_FOUND"
    else:
        with pytest.raises(Refused) as caught:
            orders.delete(order.pk, actor=buyer)
        assert caught.value.code == "INVALID_STATE"


@pytest.mark.parametrize("method", ["STRIPE", "BANK_TRANSFER", "CASH_ON_DELIVERY"])
def test_nobody_books_a_stripe_payment_by_hand(method: str) -> None:
    order = place({make_variant(): 1})
    Order.objects.update(payment_method=method)
    order.refresh_from_db()

    may = actions.may_mark_paid(order)

    assert may == (method != PaymentMethod.STRIPE)
    if not may:
        with pytest.raises(Refused) as caught:
            paid(order)
        assert caught.value.code == "INVALID_STATE"


def test_paying_sells_what_was_held_and_is_remembered(
    django_capture_on_commit_callbacks: Any,
) -> None:
    user, lamp = make_user(), make_variant(stock=5)
    review = Review.objects.create(author=user, product=lamp.product, rating=5)
    order = place({lamp: 2}, user=user)

    with django_capture_on_commit_callbacks(execute=True):
        paid(order)

    order.refresh_from_db()
    lamp.refresh_from_db()
    review.refresh_from_db()
    assert (lamp.stock, lamp.reserved, order.stock_state) == (3, 0, "SOLD")
    assert movements(order) == ["HOLD", "SALE"]
    assert Purchase.objects.get().user == user
    assert review.verified
    assert order.paid_at
    payment = order.payments.get()
    assert (payment.state, payment.reference) == ("PAID", "B-1")
    assert [event.type for event in order.events.all()] == ["PLACED", "PAID", "CONFIRMED"]


@pytest.mark.parametrize(
    ("text", "code"), [("", "REQUIRED"), (" ", "REQUIRED"), ("x" * 201, "TOO_LONG")]
)
def test_a_payment_needs_a_reference(text: str, code: str) -> None:
    order = place({make_variant(): 1})

    with pytest.raises(Refused) as caught:
        orders.mark_paid(order.pk, reference=text, actor=clerk())

    assert (caught.value.code, caught.value.path) == (code, ("reference",))


def test_cancelling_before_payment_releases_and_closes_the_payment() -> None:
    lamp = make_variant(stock=5)
    order = cancelled(place({lamp: 2}))

    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved, order.stock_state) == (5, 0, "RELEASED")
    assert movements(order) == ["HOLD", "RELEASE"]
    assert (order.payments.get().state, order.payment_status) == ("ABANDONED", "UNPAID")
    assert order.cancelled_at
    assert order.review_flag == ""


def test_cancelling_what_is_paid_restocks_and_asks_for_the_refund() -> None:
    lamp = make_variant(stock=5)
    order = cancelled(paid(place({lamp: 2})))

    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (5, 0)
    assert movements(order) == ["HOLD", "SALE", "RETURN"]
    assert order.lines.get().restocked == 2
    assert (order.payment_status, order.review_flag) == ("PAID", "refund due")
    lamp.product.refresh_from_db()
    assert lamp.product.sales_count == 0
    flagged = order.events.get(type="FLAGGED")
    assert flagged.internal


def test_money_for_a_cancelled_order_changes_no_status() -> None:
    lamp = make_variant(stock=5)
    order = paid(cancelled(place({lamp: 2}, user=make_user())))

    assert (order.status, order.payment_status, order.review_flag) == (
        "CANCELLED", "PAID", "refund due",
    )  # fmt: skip
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (5, 0)
    assert not Purchase.objects.exists()
    assert list(order.payments.values_list("state", flat=True)) == ["ABANDONED", "PAID"]


def test_late_money_holds_the_stock_afresh() -> None:
    lamp = make_variant(stock=2)
    order = expired(place({lamp: 2}))
    lamp.refresh_from_db()
    assert (lamp.reserved, order.status, order.payment_status) == (0, "EXPIRED", "UNPAID")

    order = paid(order)

    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (0, 0)
    assert (order.status, order.stock_state, order.review_flag) == ("CONFIRMED", "SOLD", "")
    assert movements(order) == ["HOLD", "RELEASE", "HOLD", "SALE"]


@pytest.mark.parametrize("gone", ["bought", "archived"])
def test_late_money_without_stock_is_for_staff_to_look_at(gone: str) -> None:
    lamp, bulb = make_variant(stock=2), make_variant(stock=5)
    order = expired(place({bulb: 1, lamp: 2}))
    if gone == "bought":
        place({lamp: 1})
    else:
        lamp.archived_at = timezone.now()
        lamp.save()
        columns.refresh([lamp.product_id], columns.in_stock)

    order = paid(order)

    assert (order.status, order.payment_status) == ("CONFIRMED", "PAID")
    assert (order.stock_state, order.review_flag) == ("RELEASED", "paid, stock gone")
    assert movements(order) == ["HOLD", "HOLD", "RELEASE", "RELEASE"]
    check_books()
    order = cancelled(order)
    assert (order.stock_state, order.review_flag) == ("RELEASED", "refund due")
    assert order.lines.filter(restocked=0).count() == 2
    check_books()


@pytest.mark.transactional
def test_the_sweep_expires_what_is_due_and_nothing_else() -> None:
    lamp = make_variant(stock=9)
    due, live, bought, over = (place({lamp: 1}) for _ in range(4))
    cash = place({lamp: 1}, method=CASH)
    paid(bought)
    cancelled(over)
    past = timezone.now() - timedelta(seconds=1)
    Order.objects.exclude(pk__in=[live.pk, cash.pk]).update(hold_until=past)

    jobs.run("checkout.endings.expire_due", {})
    jobs.run("checkout.endings.expire_due", {})

    found = dict(Order.objects.values_list("pk", "status"))
    assert found == {
        due.pk: "EXPIRED", live.pk: "PENDING", bought.pk: "CONFIRMED", over.pk: "CANCELLED",
        cash.pk: "CONFIRMED",
    }  # fmt: skip
    assert due.payments.get().state == "EXPIRED"
    assert due.events.filter(type="EXPIRED").count() == 1
    assert "checkout.endings.expire_due" in jobs.sweeps()
    check_books()


def test_an_order_that_was_paid_in_the_last_moment_does_not_expire() -> None:
    order = place({make_variant(): 1})
    Order.objects.update(hold_until=timezone.now())
    paid(order)

    endings.expire(order.pk)

    order.refresh_from_db()
    assert order.status == "CONFIRMED"


def test_cash_completes_the_order_when_it_comes_after_the_parcel() -> None:
    order = place({make_variant(): 2}, method=CASH)
    order = arrived(sent(order))
    assert (order.status, order.fulfilment_status) == ("CONFIRMED", "DELIVERED")

    order = paid(order)

    assert order.status == "COMPLETED"
    assert order.events.filter(type="COMPLETED").count() == 1


def test_a_reason_has_a_length() -> None:
    order = place({make_variant(): 1})

    with pytest.raises(ShopError) as caught:
        endings.cancel(order.pk, actor=None, by_staff=False, reason="x" * 201)

    assert (caught.value.code, caught.value.path) == ("TOO_LONG", ("reason",))


def test_events_know_whether_staff_did_it() -> None:
    staff = clerk()
    order = place({make_variant(): 1}, user=staff)
    endings.cancel(order.pk, actor=staff, by_staff=True)
    other = cancelled(place({make_variant(): 1}))

    assert not order.events.filter(by_staff=True)
    assert other.events.get(by_staff=True).type == "CANCELLED"


def test_steps_lead_from_every_status_to_known_ones() -> None:
    assert set(orders.STEPS) == set(Status.values)
    assert set().union(*orders.STEPS.values()) <= set(Status.values)
    order = Order(status="COMPLETED")
    with pytest.raises(Refused):
        orders.move(order, Status.PENDING)
    assert order.status == "COMPLETED"
    assert TRANSFER


@pytest.mark.parametrize("counted", [False, True])
def test_a_cancelled_sale_brings_back_what_it_took(counted: bool) -> None:
    """Whether units were counted when they were sold decides, not whether they are now."""
    lamp = make_variant(stock=10, track_stock=counted)
    order = place({lamp: 4}, method=CASH)
    Variant.objects.filter(pk=lamp.pk).update(track_stock=not counted)

    endings.cancel(order.pk, actor=clerk(), by_staff=True)

    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (10, 0)


def test_an_order_deleted_before_its_expiry_runs_is_let_be() -> None:
    order = place({make_variant(): 1})
    Order.objects.update(hold_until=timezone.now(), deleted_at=timezone.now())

    endings.expire(order.pk)

    assert Order.objects.get().status == "PENDING"


def test_an_order_of_nothing_has_nothing_to_give_back() -> None:
    staff = make_staff("checkout.process_order", "checkout.refund_order")
    order = place({make_variant(price=0): 1})
    assert (order.status, order.payment_status) == ("CONFIRMED", "PAID")

    assert Action.REFUND not in actions.available(order, staff)
    order = cancelled(order)

    assert (order.status, order.review_flag) == ("CANCELLED", "")
    assert Action.REFUND not in actions.available(order, staff)


# What staff have to look at.


def flagged(*reasons: str) -> Order:
    order = place({make_variant(): 1})
    for reason in reasons:
        orders.flag(order, reason)
    orders.keep(order)
    order.refresh_from_db()
    return order


def test_there_is_room_for_many_reasons_and_each_stands_once() -> None:
    reasons = [f"disputed, answer by 2026-12-{day:02}" for day in range(1, 25)]

    order = flagged(*reasons, *reasons, orders.REFUND_DUE)

    assert order.review_flag.split("; ") == [*reasons, orders.REFUND_DUE]
    assert order.events.filter(type="FLAGGED").count() == 25


def test_a_reason_that_finds_no_room_is_not_cut() -> None:
    assert Order._meta.get_field("review_flag").max_length == orders.LONGEST_FLAG
    order = flagged("a" * 245, "b" * 245, "c" * 245, "d" * 248)
    assert len(order.review_flag) == orders.LONGEST_FLAG - 11

    assert not orders.flag(order, orders.REFUND_DUE)  # ten signs, and two before them
    assert orders.flag(order, "refund it")

    orders.keep(order)
    order.refresh_from_db()
    assert len(order.review_flag) == orders.LONGEST_FLAG
    assert order.review_flag.endswith("d; refund it")
    assert not order.events.filter(message=orders.REFUND_DUE).exists()


def test_only_what_staff_saw_is_seen_to() -> None:
    order, staff = flagged("disputed", "refund due"), clerk()
    seen = order.review_flag
    orders.flag(order, "disputed again")
    orders.flag(order, "refund")
    orders.keep(order)

    for _ in range(2):
        orders.clear_flag(order.pk, seen=f"{seen}; what never stood there", actor=staff)

    order.refresh_from_db()
    assert order.review_flag == "disputed again; refund"
    done = order.events.filter(actor=staff, internal=True).values_list("message", flat=True)
    assert list(done) == ["Seen to: disputed", "Seen to: refund due"]


@pytest.mark.parametrize("seen", ["", "disp", "disputed;", "; "])
def test_who_saw_nothing_has_seen_to_nothing(seen: str) -> None:
    order = flagged("disputed", "refund due")

    staff, before = clerk(), order.updated_at
    orders.clear_flag(order.pk, seen=seen, actor=staff)

    order.refresh_from_db()
    assert order.updated_at == before  # and nothing was written
    assert order.review_flag == "disputed; refund due"
