"""Opening a session in which an order can be paid: one, whatever happens on the way."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from checkout import endings, gateway, orders, session_form, sessions
from checkout.models import Order, Payment
from checkout.sandbox import Sandbox
from checkout.sandbox.errors import StripeError
from checkout.session_form import Face, Ui
from shop.errors import Refused
from tests.checkout.buying import TRANSFER, check_books, movements, place
from tests.checkout.paying import (
    SESSIONS,
    SHOP,
    STRIPE,
    WAITING,
    asked,
    attempts,
    bought,
    check_money,
    deliver,
    opened,
    order,
    refusing,
    states,
)
from tests.factories import make_variant

pytestmark = pytest.mark.usefixtures("hasty")


def refusal(made: Order) -> str:
    """The code that a session is refused with; nothing is left behind."""
    before = Payment.objects.count()
    with pytest.raises(Refused) as caught:
        opened(made)
    assert Payment.objects.count() == before
    return caught.value.code


def test_the_session_is_for_the_order_to_the_unit(stripe: Sandbox) -> None:
    made, begun = order(units=3), timezone.now()

    session = opened(made)
    ended = timezone.now() + timedelta(seconds=1)  # Stripe counts in whole seconds

    assert (session.amount, session.currency) == (made.total_minor, made.currency)
    (said,) = stripe.books.all("checkout.session")
    assert (said["customer_email"], said["client_reference_id"]) == (made.email, made.number)
    mark = {"shop": "shop", "order": made.number, "attempt": "1"}
    assert said["metadata"] == mark
    stripe.pay(session.id)
    (intent,) = stripe.books.all("payment_intent")
    assert intent["metadata"] == mark
    assert begun + timedelta(minutes=34) < session.expires_at <= ended + timedelta(minutes=35)


def test_the_units_are_held_until_the_session_is_surely_over(stripe: Sandbox) -> None:
    made = order()

    session = opened(made)

    made.refresh_from_db()
    assert made.hold_until is not None
    assert made.hold_until >= session.expires_at + timedelta(minutes=5)
    assert states(made) == WAITING


@pytest.mark.parametrize("ui", list(Ui))
def test_each_face_gets_its_own_way_in(stripe: Sandbox, ui: Ui) -> None:
    session = opened(order(), ui)

    assert bool(session.url) == (ui is Ui.HOSTED)
    assert bool(session.client_secret) == (ui is not Ui.HOSTED)


def test_asked_again_it_is_the_same_session(stripe: Sandbox) -> None:
    made = order()

    answers = {opened(made).id for _ in range(3)}

    assert len(answers) == 1
    assert asked(stripe, "POST", SESSIONS) == 1
    assert attempts(made) == ["OPEN"]
    assert made.events.filter(type="PAYMENT_STARTED").count() == 1


def test_another_face_ends_the_former_session_and_not_the_order(stripe: Sandbox) -> None:
    made = order()
    first = opened(made)

    second = opened(made, Ui.ELEMENTS)
    deliver(stripe)

    assert gateway.session(first.id).status == "expired"
    assert gateway.session(second.id).status == "open"
    assert attempts(made) == ["EXPIRED", "OPEN"]
    assert states(made) == WAITING
    assert movements(made) == ["HOLD"]


def test_what_was_paid_before_another_face_was_asked_for_is_not_paid_again(
    stripe: Sandbox,
) -> None:
    made = order()
    stripe.pay(opened(made).id)

    with pytest.raises(Refused) as caught:
        opened(made, Ui.ELEMENTS)

    assert caught.value.code == "INVALID_STATE"
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    check_money(stripe)


def test_a_session_that_is_over_takes_the_order_with_it(stripe: Sandbox) -> None:
    made = order()
    stripe.expire(opened(made).id)

    with pytest.raises(Refused) as caught:
        opened(made)

    assert caught.value.code == "INVALID_STATE"
    assert states(made) == ("EXPIRED", "UNPAID", "RELEASED")
    check_books()


def test_a_declined_card_leaves_the_same_session(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    stripe.decline(session.id)
    deliver(stripe)

    assert opened(made).id == session.id

    stripe.pay(session.id)
    deliver(stripe)
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    check_money(stripe)


# Who cannot pay.


def test_only_what_awaits_payment_by_stripe_can_be_paid(
    stripe: Sandbox, settings: Settings
) -> None:
    transfer, cancelled, expired = place({make_variant(): 1}, method=TRANSFER), order(), order()
    endings.cancel(cancelled.pk, actor=None, by_staff=False)
    Order.objects.filter(pk=expired.pk).update(hold_until=expired.placed_at)
    endings.expire(expired.pk)
    under_way = order()
    stripe.pay(opened(under_way).id, delayed=True)
    deliver(stripe)

    for made in (bought(stripe), transfer, cancelled, expired, under_way):
        made.refresh_from_db()
        assert not sessions.may_pay(made)
        assert refusal(made) == "INVALID_STATE"
    made = order()
    assert sessions.may_pay(made)
    settings.STRIPE_SECRET_KEY = ""
    assert not sessions.may_pay(made)
    assert refusal(made) == "PAYMENT_METHOD_UNAVAILABLE"


def test_a_deleted_order_is_not_found(stripe: Sandbox) -> None:
    made = order()
    endings.cancel(made.pk, actor=None, by_staff=False)
    Order.objects.update(deleted_at=timezone.now())

    assert refusal(made) == "NOT_FOUND"


def test_an_order_of_nothing_needs_no_session(stripe: Sandbox) -> None:
    made = order(price=0)

    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert refusal(made) == "INVALID_STATE"
    assert stripe.requests == []


@pytest.mark.parametrize(
    ("price", "code"), [(10, "AMOUNT_TOO_SMALL"), (99_999_999, "OUT_OF_RANGE")]
)
def test_a_total_that_stripe_does_not_take_leaves_no_open_attempt(
    stripe: Sandbox, price: int, code: str
) -> None:
    made = order(price=price)

    with pytest.raises(Refused) as caught:
        opened(made)

    assert caught.value.code == code
    assert attempts(made) == ["ABANDONED"]
    assert states(made) == WAITING


ADDRESS = "someone@example.com"
WORDS = f"Invalid email address: {ADDRESS}"


def test_an_address_that_stripe_does_not_take_is_for_the_buyer_to_put_right(
    stripe: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    made = order(email=ADDRESS)

    no = StripeError(WORDS, code="email_invalid", param="customer_email")
    with refusing("POST", SESSIONS, no), pytest.raises(Refused) as caught:
        opened(made)

    assert (caught.value.code, caught.value.path) == ("INVALID", ("order_id",))
    assert attempts(made) == ["ABANDONED"]
    assert ADDRESS not in str(caught.value)
    assert ADDRESS not in caplog.text
    assert "Invalid email" not in caplog.text
    opened(made)
    assert attempts(made) == ["ABANDONED", "OPEN"]


def test_stripe_s_own_words_are_not_in_the_log(
    stripe: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """They may hold what the buyer has entered."""
    made = order(email=ADDRESS)

    with (
        refusing("POST", SESSIONS, StripeError(WORDS, code="odd_code", param="odd_param")),
        pytest.raises(gateway.Unavailable),
    ):
        opened(made)

    assert "odd_code, odd_param" in caplog.text
    assert ADDRESS not in caplog.text
    assert "Invalid email" not in caplog.text


def test_nobody_holds_units_for_ever_by_trying(stripe: Sandbox) -> None:
    made = order()
    for number in range(1, sessions.MOST_ATTEMPTS + 1):
        made.payments.create(
            method=STRIPE, amount_minor=1, currency="EUR", state="ABANDONED", attempt=number
        )
    held = Order.objects.values_list("hold_until", flat=True).get()

    assert refusal(made) == "INVALID_STATE"

    assert Order.objects.values_list("hold_until", flat=True).get() == held


def test_nobody_is_sent_to_a_stranger(stripe: Sandbox) -> None:
    made = order()

    with pytest.raises(Refused) as caught:
        sessions.open_for(made.pk, Face(success_url="https://evil.example.com/"))

    assert (caught.value.code, caught.value.path) == ("INVALID", ("success_url",))
    assert attempts(made) == []
    assert stripe.requests == []


# When Stripe does not answer.


@pytest.mark.parametrize("how", ["before", "after", "drop", "429", "freeze", "500"])
def test_an_opening_that_is_not_answered_is_made_up_for_by_the_next(
    stripe: Sandbox, how: Any
) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, how)

    with pytest.raises(gateway.Unavailable):
        opened(made)
    assert attempts(made) == ["CREATING"]
    assert states(made) == WAITING
    stripe.faults.lift()
    session = opened(made)

    assert [one["id"] for one in stripe.books.all("checkout.session")] == [session.id]
    # What Stripe keeps of a failure is not asked for a third time.
    assert attempts(made) == (["ABANDONED", "OPEN"] if how == "500" else ["OPEN"])
    stripe.pay(session.id)
    deliver(stripe)
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    check_money(stripe)


@pytest.mark.parametrize("how", ["before", "drop", "429", "freeze"])
def test_a_look_that_is_not_answered_changes_nothing(stripe: Sandbox, how: Any) -> None:
    made = order()
    session = opened(made)
    stripe.faults.fail("GET", SESSIONS, how)

    with pytest.raises(gateway.Unavailable):
        opened(made)

    assert (attempts(made), states(made)) == (["OPEN"], WAITING)
    assert opened(made).id == session.id


@pytest.mark.parametrize("how", ["before", "after", "drop", "429", "freeze"])
def test_an_end_that_is_not_answered_leaves_the_order_payable(stripe: Sandbox, how: Any) -> None:
    made = order()
    first = opened(made)
    stripe.faults.fail("POST", f"{SESSIONS}/{first.id}", how)

    with pytest.raises(gateway.Unavailable):
        opened(made, Ui.ELEMENTS)
    assert states(made) == WAITING
    stripe.faults.lift()
    deliver(stripe)
    second = opened(made, Ui.ELEMENTS)

    assert gateway.session(first.id).status == "expired"
    assert second.status == "open"
    assert states(made) == WAITING
    assert movements(made) == ["HOLD"]


def test_a_wrong_key_is_a_failure_of_the_shop_s_own(stripe: Sandbox, settings: Settings) -> None:
    made = order()
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    with pytest.raises(gateway.Unavailable):
        opened(made)

    settings.STRIPE_SECRET_KEY = stripe.key
    assert opened(made).status == "open"


def test_a_repeat_asks_for_the_very_same(stripe: Sandbox, settings: Settings) -> None:
    made = order(units=2)
    stripe.faults.fail("POST", SESSIONS, "drop", 2)
    for _ in range(2):
        with pytest.raises(gateway.Unavailable):
            opened(made)
    settings.STOREFRONT_URL = "https://elsewhere.example.com"
    line = made.lines.get()
    line.name = "renamed"
    line.save()

    sessions.resume(made.payments.get().pk)

    keys = {one.key for one in stripe.requests}
    assert keys == {f"shop-cs-{made.number}-1"}
    (said,) = stripe.books.all("checkout.session")
    assert said["success_url"].startswith(SHOP)
    assert attempts(made) == ["OPEN"]
    (item,) = stripe.books.line_items[said["id"]]
    assert item["description"] != "renamed"


def test_what_was_frozen_too_long_ago_is_asked_for_anew(stripe: Sandbox) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, "drop")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    old = json.loads(made.payments.get().parameters)
    old["expires_at"] -= 6 * 60
    made.payments.update(parameters=session_form.canonical(old))

    session = opened(made)

    assert session.status == "open"
    assert attempts(made) == ["ABANDONED", "OPEN"]
    assert [one["id"] for one in stripe.books.all("checkout.session")] == [session.id]


# Taken up by the reconciling job.


@pytest.mark.parametrize("how", ["drop", "after"])
def test_an_attempt_without_an_answer_is_found_out_about(stripe: Sandbox, how: Any) -> None:
    made = order()
    stripe.faults.fail("POST", SESSIONS, how)
    with pytest.raises(gateway.Unavailable):
        opened(made)

    for _ in range(2):
        sessions.resume(made.payments.get().pk)

    assert attempts(made) == ["OPEN"]
    assert opened(made).id == stripe.books.all("checkout.session")[0]["id"]


def test_an_attempt_that_was_paid_is_settled_when_it_is_taken_up(stripe: Sandbox) -> None:
    made = order()
    stripe.pay(opened(made).id)

    for _ in range(2):
        sessions.resume(made.payments.get().pk)

    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert made.events.filter(type="PAID").count() == 1
    check_money(stripe)


def test_what_is_over_is_not_taken_up(stripe: Sandbox) -> None:
    made = order()
    opened(made)
    endings.cancel(made.pk, actor=None, by_staff=False)
    requests = len(stripe.requests)

    sessions.resume(made.payments.get().pk)

    assert len(stripe.requests) == requests
    assert attempts(made) == ["EXPIRED"]
    assert orders.REFUND_DUE not in Order.objects.get().review_flag
