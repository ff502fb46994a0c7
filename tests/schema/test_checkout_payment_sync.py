"""Looking a payment up: for the page that the buyer comes back to, and for staff."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkout.models import Order
from checkout.sandbox import Sandbox
from tests.checkout.buying import place
from tests.checkout.paying import opened, order
from tests.client import mutate, refusals
from tests.factories import make_staff, make_user, make_variant
from tests.schema.test_checkout_payment import SEEING, by_guest, sync


def test_the_buyer_comes_back_and_sees_the_order_paid(stripe: Sandbox) -> None:
    buyer = make_user()
    bought = order(user=buyer)
    session = opened(bought)
    stripe.pay(session.id)

    payload = sync(session.id, buyer)

    assert payload["errors"] == []
    assert payload["__typename"] == "OrderPayload"
    found = payload["order"]
    assert (found["number"], found["status"], found["paymentStatus"]) == (
        bought.number,
        "CONFIRMED",
        "PAID",
    )
    assert found["paidAt"]
    assert sync(session.id, buyer)["order"] == found


def test_who_comes_back_unpaid_may_pay_still(stripe: Sandbox) -> None:
    bought = order()
    session = opened(bought)
    stripe.decline(session.id)

    payload = sync(session.id, **by_guest(bought))

    assert payload["errors"] == []
    assert payload["order"]["paymentStatus"] == "UNPAID"
    assert payload["order"]["availableActions"] == ["PAY", "CANCEL"]


@pytest.mark.parametrize("permission", SEEING)
def test_staff_who_see_orders_look_payments_up(stripe: Sandbox, permission: str) -> None:
    bought = order(user=make_user())
    session = opened(bought)
    stripe.pay(session.id)

    payload = sync(session.id, make_staff(permission))

    assert payload["errors"] == []
    assert payload["order"]["paymentStatus"] == "PAID"


def test_a_foreign_session_is_as_unknown_as_one_that_never_was(stripe: Sandbox) -> None:
    bought, other = order(user=make_user()), order()
    session = opened(bought)
    stripe.pay(session.id)
    before = len(stripe.requests)

    answers = [
        sync(id, nobody, **more)["errors"]
        for id in (session.id, "cs_test_unknown", "", "x" * 5000)
        for nobody in (None, make_user(), make_staff())
        for more in ({}, {"accessToken": ""}, {"accessToken": "x"}, by_guest(other))
    ]

    unknown = {"__typename": "InputError", "code": "NOT_FOUND", "path": ["sessionId"]}
    for errors in answers:
        assert errors == [unknown | {"message": "There is no such session."}]
    assert len(stripe.requests) == before
    bought.refresh_from_db()
    assert bought.payment_status == "UNPAID"


def test_a_payment_without_a_session_is_no_session(stripe: Sandbox) -> None:
    buyer = make_user()
    place({make_variant(): 1}, user=buyer)

    assert refusals(sync("", buyer)) == [("NOT_FOUND", ["sessionId"])]
    assert stripe.requests == []


def test_the_session_of_a_deleted_order_is_not_found(stripe: Sandbox) -> None:
    buyer = make_user()
    bought = order(user=buyer)
    session = opened(bought)
    Order.objects.update(deleted_at=timezone.now())

    assert refusals(sync(session.id, buyer)) == [("NOT_FOUND", ["sessionId"])]
    assert refusals(sync(session.id, **by_guest(bought))) == [("NOT_FOUND", ["sessionId"])]


def test_looking_a_payment_up_takes_few_statements(
    stripe: Sandbox, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    bought = order()
    session = opened(bought)
    input = {"sessionId": session.id} | by_guest(bought)
    stripe.pay(session.id)

    with django_assert_max_num_queries(12):  # the sale of the stock among them
        mutate("checkoutSessionSync", input, "order { paymentStatus }")
    with django_assert_max_num_queries(5):
        mutate("checkoutSessionSync", input, "order { paymentStatus }")


def test_while_stripe_is_down_nothing_is_looked_up_and_nothing_is_lost(stripe: Sandbox) -> None:
    bought = order()
    session = opened(bought)
    stripe.pay(session.id)

    stripe.stop()
    payload = sync(session.id, **by_guest(bought))
    stripe.start()

    assert refusals(payload) == [("PAYMENT_PROVIDER_UNAVAILABLE", [])]
    assert payload["order"] is None
    assert sync(session.id, **by_guest(bought))["order"]["paymentStatus"] == "PAID"
