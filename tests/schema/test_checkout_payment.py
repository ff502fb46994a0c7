"""Opening the payment of an order: for whom, how it is shown, what is refused."""

from datetime import datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from checkout import access, endings
from checkout.models import Order, Payment
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.buying import CASH, place
from tests.checkout.paying import SHOP, attempts, opened, order
from tests.client import call, mutate, refusals
from tests.factories import make_staff, make_user, make_variant
from users.models import User

SESSION = """__typename session { id url clientSecret publishableKey expiresAt }
    order { id number paymentStatus availableActions payments { method state } }"""
SYNCED = "__typename order { number status paymentStatus paidAt availableActions }"
SEEING = ["checkout.view_order", "checkout.process_order", "checkout.refund_order"]


def create(of: Order, user: User | None = None, **more: Any) -> dict[str, Any]:
    input = {"orderId": ids.of(of)} | more
    return mutate("checkoutSessionCreate", input, SESSION, user=user)


def sync(session_id: str, user: User | None = None, **more: Any) -> dict[str, Any]:
    input = {"sessionId": session_id} | more
    return mutate("checkoutSessionSync", input, SYNCED, user=user)


def by_guest(of: Order) -> dict[str, Any]:
    return {"accessToken": access.token_for(of)}


# ── opening it ───────────────────────────────────────────────────────────────────────────────


def test_the_buyer_gets_a_page_to_pay_on(stripe: Sandbox) -> None:
    buyer = make_user()
    bought = order(user=buyer)

    payload = create(bought, buyer)

    assert payload["errors"] == []
    assert payload["__typename"] == "CheckoutSessionPayload"
    session = payload["session"]
    assert session["id"].startswith("cs_test_")
    assert session["url"].startswith(stripe.address)
    assert session["clientSecret"] is None
    assert session["publishableKey"] == "pk_test_sandbox"
    attempt = Payment.objects.get()
    assert datetime.fromisoformat(session["expiresAt"]) == attempt.expires_at
    assert payload["order"]["id"] == ids.of(bought)
    assert payload["order"]["payments"] == [{"method": "STRIPE", "state": "OPEN"}]
    assert payload["order"]["paymentStatus"] == "UNPAID"


def test_a_guest_pays_by_the_access_token_and_may_do_so_again(stripe: Sandbox) -> None:
    bought = order()

    payload = create(bought, **by_guest(bought))

    assert payload["errors"] == []
    assert payload["session"]["url"]
    assert payload["order"]["availableActions"] == ["PAY", "CANCEL"]


@pytest.mark.parametrize(
    ("ui", "mode"),
    [("HOSTED", "hosted_page"), ("EMBEDDED", "embedded_page"), ("ELEMENTS", "elements")],
)
def test_each_face_gives_what_is_needed_to_show_it(stripe: Sandbox, ui: str, mode: str) -> None:
    bought = order()

    payload = create(bought, **by_guest(bought), ui=ui, successUrl=f"{SHOP}/paid?a=1")

    session = payload["session"]
    assert (session["url"] is None, session["clientSecret"] is None) == (
        ui != "HOSTED",
        ui == "HOSTED",
    )
    made = stripe.books.find("checkout.session", session["id"])
    assert made["ui_mode"] == mode
    back = made["success_url"] if ui == "HOSTED" else made["return_url"]
    assert back == f"{SHOP}/paid?a=1&session_id={{CHECKOUT_SESSION_ID}}"


def test_a_double_click_opens_one_page(stripe: Sandbox) -> None:
    buyer = make_user()
    bought = order(user=buyer)

    first, second = create(bought, buyer), create(bought, buyer, ui="HOSTED")

    assert first["session"] == second["session"]
    assert attempts(bought) == ["OPEN"]


def test_another_face_ends_the_former_page(stripe: Sandbox) -> None:
    bought = order()
    former = create(bought, **by_guest(bought))["session"]["id"]

    later = create(bought, **by_guest(bought), ui="ELEMENTS")["session"]

    assert later["id"] != former
    assert stripe.books.find("checkout.session", former)["status"] == "expired"
    assert attempts(bought) == ["EXPIRED", "OPEN"]


def test_nobody_else_opens_a_payment(stripe: Sandbox) -> None:
    bought = order(user=make_user())
    missing = [("NOT_FOUND", ["orderId"])]

    for nobody in (None, make_user(), make_staff(), make_staff("checkout.change_order")):
        assert refusals(create(bought, nobody)) == missing
        for wrong in ("", "x", access.token_for(order()), bought.access_nonce):
            assert refusals(create(bought, nobody, accessToken=wrong)) == missing
    for permission in SEEING:
        payload = create(bought, make_staff(permission))
        assert refusals(payload) == [("NOT_ALLOWED", ["orderId"])]
        assert payload["errors"][0]["__typename"] == "InputError"
        assert payload["session"] is payload["order"] is None
    assert stripe.requests == []
    assert attempts(bought) == []


@pytest.mark.parametrize("at", ["successUrl", "cancelUrl"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/",
        f"{SHOP}.evil.example.com/",
        f"{SHOP}@evil.example.com/",
        "//shop.example.com/",
        "http://shop.example.com/",
        "javascript:alert(1)",
        "x",
    ],
)
def test_buyers_are_sent_to_the_shop_s_own_addresses_only(
    stripe: Sandbox, at: str, url: str
) -> None:
    bought = order()

    payload = create(bought, **(by_guest(bought) | {at: url}))

    assert refusals(payload) == [("INVALID", [at])]
    assert payload["session"] is None
    assert stripe.requests == []


def test_an_address_is_wanted_where_the_shop_has_none_of_its_own(
    stripe: Sandbox, settings: Settings
) -> None:
    settings.STOREFRONT_URL, settings.RETURN_ORIGINS = "", [SHOP]
    bought = order()

    assert refusals(create(bought, **by_guest(bought))) == [("REQUIRED", ["successUrl"])]
    assert create(bought, **by_guest(bought), successUrl=f"{SHOP}/paid")["errors"] == []


@pytest.mark.parametrize("how", ["before", "drop", "429"])
def test_while_stripe_is_down_the_order_stays_payable(stripe: Sandbox, how: Any) -> None:
    bought = order()
    stripe.faults.fail("POST", "/v1/checkout/sessions", how, times=9)

    payload = create(bought, **by_guest(bought))

    assert refusals(payload) == [("PAYMENT_PROVIDER_UNAVAILABLE", [])]
    assert payload["session"] is payload["order"] is None
    stripe.faults.lift()
    again = create(bought, **by_guest(bought))
    assert again["errors"] == []
    assert again["session"]["url"]
    assert attempts(bought) == ["OPEN"]


def test_what_stripe_does_not_take_is_refused_at_the_order(stripe: Sandbox) -> None:
    bought = order(1, price=10)

    assert refusals(create(bought, **by_guest(bought))) == [("AMOUNT_TOO_SMALL", ["orderId"])]


def paid(stripe: Sandbox) -> Order:
    bought = order()
    session = opened(bought)
    stripe.pay(session.id)
    assert sync(session.id, **by_guest(bought))["order"]["paymentStatus"] == "PAID"
    return bought


def under_way(stripe: Sandbox) -> Order:
    bought = order()
    session = opened(bought)
    stripe.pay(session.id, delayed=True)
    assert sync(session.id, **by_guest(bought))["order"]["paymentStatus"] == "PENDING"
    return bought


def cancelled(stripe: Sandbox) -> Order:
    return endings.cancel(order().pk, actor=None, by_staff=True)


@pytest.mark.parametrize(
    "made",
    [
        lambda stripe: place({make_variant(): 1}),
        lambda stripe: place({make_variant(): 1}, method=CASH),
        paid,
        under_way,
        cancelled,
    ],
    ids=["by transfer", "in cash", "paid", "under way", "cancelled"],
)
def test_what_does_not_await_stripe_cannot_be_paid_by_it(stripe: Sandbox, made: Any) -> None:
    bought = made(stripe)
    before = attempts(bought)

    payload = create(bought, **by_guest(bought))

    assert refusals(payload) == [("INVALID_STATE", ["orderId"])]
    assert attempts(bought) == before


def test_without_a_key_stripe_is_not_offered(stripe: Sandbox, settings: Settings) -> None:
    bought = order()
    settings.STRIPE_SECRET_KEY = ""

    assert refusals(create(bought, **by_guest(bought))) == [
        ("PAYMENT_METHOD_UNAVAILABLE", ["orderId"])
    ]


def test_opening_a_payment_takes_few_statements(
    stripe: Sandbox, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bought = place({make_variant(): 1, make_variant(): 2, make_variant(): 3}, method="STRIPE")
    input = {"orderId": ids.of(bought)} | by_guest(bought)
    shown = "session { id url } order { paymentStatus }"

    with django_assert_num_queries(17):  # two savepoints among them
        first = mutate("checkoutSessionCreate", input, shown)
    with django_assert_num_queries(10):
        again = mutate("checkoutSessionCreate", input, shown)

    assert first == again


def test_only_the_buyer_is_told_to_pay(stripe: Sandbox) -> None:
    buyer, clerk = make_user(), make_staff(*SEEING)
    bought = order(user=buyer)
    document = """query($id: ID!, $access: String) {
        order(id: $id, accessToken: $access) { availableActions } }"""

    def offered(user: User | None, token: str | None = None) -> bool:
        data = call(document, user=user, id=ids.of(bought), access=token).data
        return "PAY" in data["order"]["availableActions"]

    assert offered(buyer)
    assert offered(None, access.token_for(bought))
    assert not offered(clerk)
    stripe.pay(opened(bought).id)
    sync(Payment.objects.get().session_id, buyer)
    assert not offered(buyer)
