"""The buyer, Stripe, staff and the clock at the same moment; each race several times."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from checkout import endings, gateway, orders, reconciling, refunds, sessions, settlement
from checkout.models import Order, Payment
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.sandbox.errors import StripeError
from checkout.session_form import Face, Ui
from checkout.shares import Units
from tests.checkout.buying import at_once, movements
from tests.checkout.paying import (
    PAID,
    SESSIONS,
    attempts,
    bought,
    check,
    deliver,
    intent_of,
    opened,
    order,
    post,
    states,
    told,
)
from tests.factories import make_staff

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("impatient")]


def tried(call: Any) -> Any:
    """What the sandbox lets happen, or None."""
    try:
        return call()
    except StripeError:
        return None


def test_clicks_at_once_open_one_session(stripe: Sandbox) -> None:
    for _ in range(2):
        made = order()

        answers = at_once(*[partial(sessions.open_for, made.pk, Face())] * 6)

        ids = {one[0].id for one in answers if one != "PAYMENT_PROVIDER_UNAVAILABLE"}
        own = [one for one in stripe.books.all("checkout.session")
               if one["client_reference_id"] == made.number]  # fmt: skip
        assert ids == {one["id"] for one in own}
        assert len(ids) == 1
        assert attempts(made) == ["OPEN"]
        assert made.events.filter(type="PAYMENT_STARTED").count() == 1


def test_of_the_sessions_that_are_shown_at_once_at_most_one_stays_open(stripe: Sandbox) -> None:
    made = order()
    opened(made)

    answers = at_once(*[partial(sessions.open_for, made.pk, Face(ui)) for ui in Ui] * 2)

    shown = {one[0].id for one in answers if not isinstance(one, str)}
    live = {id for id in shown if gateway.session(id).status == "open"}
    assert len(live) <= 1
    assert live <= set(made.payments.filter(state="OPEN").values_list("session_id", flat=True))
    assert states(made) == ("PENDING", "UNPAID", "HELD")
    stripe.pay(opened(made).id)
    deliver(stripe)
    assert states(made) == PAID
    check(stripe)


def test_webhook_return_and_reconciling_at_once_settle_once(stripe: Sandbox) -> None:
    for _ in range(2):
        made = order()
        session = opened(made)
        stripe.pay(session.id)
        Payment.objects.update(created_at=made.placed_at.replace(year=2020))
        event = stripe.deliveries.signed(told(stripe, "checkout.session.completed")[-1])

        at_once(
            partial(post, *event), partial(post, *event),
            partial(settlement.sync, session.id), partial(settlement.sync, session.id),
            reconciling.look_after_payments, reconciling.look_for_lost_events,
        )  # fmt: skip

        assert states(made) == PAID
        kinds = Counter(made.events.values_list("type", flat=True))
        assert (kinds["PAID"], kinds["CONFIRMED"]) == (1, 1)
        assert movements(made) == ["HOLD", "SALE"]
        check(stripe)


def test_ending_a_session_does_not_undo_the_payment_that_settles_meanwhile(
    stripe: Sandbox,
) -> None:
    for _ in range(6):
        made = order()
        stripe.pay(opened(made).id)
        paid = gateway.session(made.payments.get().session_id)

        at_once(partial(settlement.apply, paid), *[partial(settlement.close, made.pk)] * 3)

        assert states(made) == PAID
        assert made.review_flag == ""
        assert list(made.payments.values_list("state", "surplus")) == [("PAID", False)]
    check(stripe)


def test_cancelling_and_paying_at_once_end_in_one_of_both(stripe: Sandbox) -> None:
    for by_staff in (True, False, True, False):
        made, staff = order(), make_staff()
        session = opened(made)

        at_once(
            partial(tried, partial(stripe.pay, session.id)),
            partial(endings.cancel, made.pk, actor=staff, by_staff=by_staff),
            partial(settlement.sync, session.id),
        )
        deliver(stripe)

        paid = gateway.session(session.id).payment_status == "paid"
        cancelled = states(made)[0] == "CANCELLED"
        if paid and cancelled:
            assert by_staff
            assert made.review_flag == orders.REFUND_DUE
        else:
            assert states(made) == (PAID if paid else ("CANCELLED", "UNPAID", "RELEASED"))
        check(stripe)


def test_expiring_and_paying_at_once_end_in_one_of_both(stripe: Sandbox) -> None:
    for _ in range(3):
        made = order()
        session = opened(made)
        Order.objects.filter(pk=made.pk).update(hold_until=timezone.now())

        at_once(
            partial(tried, partial(stripe.pay, session.id)),
            *[partial(endings.expire, made.pk)] * 2,
        )
        deliver(stripe)

        paid = gateway.session(session.id).payment_status == "paid"
        assert states(made) == (PAID if paid else ("EXPIRED", "UNPAID", "RELEASED"))
        check(stripe)


def test_a_session_that_opens_while_its_order_is_cancelled_is_shown_to_nobody(
    stripe: Sandbox,
) -> None:
    made = order()

    def cancel() -> None:
        stripe.faults.reached()
        endings.cancel(made.pk, actor=None, by_staff=False)
        stripe.faults.lift()

    stripe.faults.fail("POST", SESSIONS, "freeze")
    answer, _ = at_once(partial(sessions.open_for, made.pk, Face()), cancel)

    assert answer == "INVALID_STATE"
    assert states(made) == ("CANCELLED", "UNPAID", "RELEASED")
    assert attempts(made) == ["ABANDONED"]
    check(stripe)


def test_an_order_whose_buyer_has_just_begun_to_pay_anew_is_not_cancelled(
    stripe: Sandbox,
) -> None:
    made = order()
    first = opened(made)

    def begin_anew() -> None:
        stripe.faults.reached()
        opened(made, Ui.ELEMENTS)
        stripe.faults.lift()

    stripe.faults.fail("POST", f"{SESSIONS}/{first.id}/expire", "freeze")
    cancel = partial(endings.cancel, made.pk, actor=None, by_staff=False)
    refused, _ = at_once(cancel, begin_anew)

    assert refused == "INVALID_STATE"
    assert states(made) == ("PENDING", "UNPAID", "HELD")
    assert attempts(made) == ["EXPIRED", "OPEN"]
    cancel()
    assert states(made) == ("CANCELLED", "UNPAID", "RELEASED")
    check(stripe)


def test_an_expiry_while_the_session_opens_leaves_nothing_to_pay(stripe: Sandbox) -> None:
    made = order()

    def meanwhile() -> None:
        stripe.faults.reached()
        Order.objects.filter(pk=made.pk).update(hold_until=timezone.now())
        endings.expire(made.pk)
        stripe.faults.lift()

    stripe.faults.fail("POST", SESSIONS, "freeze")
    refused, _ = at_once(partial(sessions.open_for, made.pk, Face()), meanwhile)
    deliver(stripe)

    assert refused == "INVALID_STATE"
    assert [one["status"] for one in stripe.books.all("checkout.session")] == ["expired"]
    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    check(stripe)


def test_halves_refunded_at_once_are_never_more_than_the_whole(stripe: Sandbox) -> None:
    for _ in range(2):
        made, staff = bought(stripe), make_staff()

        answers = at_once(
            *[partial(refunds.refund, made.pk, Wish(amount=1990), actor=staff)] * 5,
        )

        assert Counter(map(str, answers)) == {made.number: 2, "INVALID_STATE": 3}
        assert states(made)[1] == "REFUNDED"
        check(stripe)


def test_units_are_given_back_once_however_many_ask(stripe: Sandbox) -> None:
    made, staff = bought(stripe, 3), make_staff()
    wish = Wish(lines=[Units(made.lines.get().pk, 2, restock=True)])

    answers = at_once(*[partial(refunds.refund, made.pk, wish, actor=staff)] * 4)

    assert answers.count("OUT_OF_RANGE") == 3
    line = made.lines.get()
    assert (line.refunded, line.restocked) == (2, 2)
    check(stripe)


def test_one_key_at_once_is_one_refund(stripe: Sandbox) -> None:
    made, staff = bought(stripe), make_staff()
    wish = Wish(amount=1000, key="6a1f5f0e-6e5c-4f3e-9f57-0c8f5a0f1a11")

    at_once(*[partial(refunds.refund, made.pk, wish, actor=staff)] * 5)
    refunds.refund(made.pk, wish, actor=staff)  # one of them may have met the other at Stripe

    assert [one["amount"] for one in stripe.books.all("refund")] == [1000]
    assert made.refunds.get().state == "DONE"
    check(stripe)


def test_shop_and_dashboard_at_once_give_back_no_more_than_there_is(stripe: Sandbox) -> None:
    for _ in range(2):
        made, staff = bought(stripe), make_staff()
        intent = intent_of(made)

        at_once(
            *[partial(refunds.refund, made.pk, Wish(amount=1500), actor=staff)] * 3,
            *[partial(tried, partial(stripe.refund, intent, 1500))] * 2,
        )
        deliver(stripe)

        own = [one for one in stripe.books.all("refund") if one["payment_intent"] == intent]
        assert [one["amount"] for one in own] == [1500, 1500]
        made.refresh_from_db()
        assert made.refunded_minor == 3000
        check(stripe)


def test_a_refund_carried_out_by_many_at_once_is_made_once(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.faults.fail("POST", "/v1/refunds", "after")
    refunds.refund(made.pk, Wish(amount=1500), actor=make_staff())
    refund = made.refunds.get()

    at_once(*[partial(refunds.carry_out, refund.pk)] * 4)

    refund.refresh_from_db()
    assert refund.state == "DONE"
    assert len(stripe.books.all("refund")) == 1
    assert made.events.filter(type="REFUNDED").count() == 1
    check(stripe)
