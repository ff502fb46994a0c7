"""The one door to Stripe: failures that may pass, refusals that stay, and no call under locks."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from checkout import gateway, session_form
from checkout.events import Event
from checkout.sandbox import Sandbox
from checkout.session_form import Face
from tests.checkout.buying import place
from tests.checkout.paying import SESSIONS, SHOP, asked, bought, intent_of, opened, order
from tests.factories import make_variant


@pytest.fixture(autouse=True)
def at_home(settings: Settings, hasty: None) -> None:
    settings.STOREFRONT_URL = SHOP


def form(**changes: Any) -> dict[str, Any]:
    made = place({make_variant(): 1})
    face = Face().parameters(made)
    until = timezone.now() + timedelta(minutes=35)
    return session_form.parameters(made, face, attempt=1, expires_at=until) | changes


@pytest.mark.transactional
def test_nothing_is_asked_inside_a_transaction(stripe: Sandbox) -> None:
    now = timezone.now()
    calls: list[Callable[[], object]] = [
        lambda: gateway.create_session(form(), key="k"),
        lambda: gateway.session("cs_1"),
        lambda: gateway.expire_session("cs_1"),
        lambda: gateway.create_refund("pi_1", 1, metadata={}, key="k"),
        lambda: gateway.refunds_of("pi_1"),
        lambda: gateway.dispute("du_1"),
        lambda: gateway.intent_of_charge("ch_1"),
        lambda: gateway.events(["refund.created"], since=now),
    ]

    for call in calls:
        with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
            call()

    assert stripe.requests == []


@pytest.mark.parametrize("how", ["before", "after", "drop", "429", "500", "freeze"])
def test_what_may_pass_is_told_from_what_will_not(stripe: Sandbox, how: Any) -> None:
    stripe.faults.fail("POST", SESSIONS, how)

    with pytest.raises(gateway.Unavailable) as caught:
        gateway.create_session(form(), key="k")

    assert caught.value.code == "PAYMENT_PROVIDER_UNAVAILABLE"
    assert not caught.value.kept


def test_a_failure_that_stripe_keeps_is_told_when_it_comes_again(stripe: Sandbox) -> None:
    stripe.faults.fail("POST", SESSIONS, "500")
    wanted = form()
    with pytest.raises(gateway.Unavailable):
        gateway.create_session(wanted, key="k")

    with pytest.raises(gateway.Unavailable) as caught:
        gateway.create_session(wanted, key="k")

    assert caught.value.kept


def test_a_key_that_was_used_for_something_else_is_spent(stripe: Sandbox) -> None:
    gateway.create_session(form(), key="k")

    with pytest.raises(gateway.Unavailable) as caught:
        gateway.create_session(form(), key="k")

    assert caught.value.kept


def test_a_key_finds_what_it_has_opened_before(stripe: Sandbox) -> None:
    wanted = form()

    first, again = (gateway.create_session(wanted, key="k") for _ in range(2))

    assert first == again
    assert len(stripe.books.all("checkout.session")) == 1


def test_a_refusal_says_what_for(stripe: Sandbox) -> None:
    with pytest.raises(gateway.Rejected) as caught:
        gateway.create_session(form(expires_at=int(timezone.now().timestamp()) + 60), key="k")

    assert caught.value.param == "expires_at"
    assert "30 minutes" in str(caught.value)


def test_what_is_not_open_cannot_be_ended(stripe: Sandbox) -> None:
    session = opened(order())
    stripe.pay(session.id)

    with pytest.raises(gateway.Rejected):
        gateway.expire_session(session.id)


def test_what_stripe_does_not_know_is_missing(stripe: Sandbox) -> None:
    for call in (gateway.session, gateway.dispute, gateway.intent_of_charge):
        with pytest.raises(gateway.Missing):
            call("unknown_1")


def test_wrong_keys_are_no_refusal(stripe: Sandbox, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    with pytest.raises(gateway.Unavailable):
        gateway.session("cs_1")


def test_nobody_there_is_a_failure_that_may_pass(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        settings.STRIPE_SECRET_KEY = "sk_test_1"
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(gateway.Unavailable):
            gateway.session("cs_1")


def test_a_failed_call_is_repeated_under_the_same_key(stripe: Sandbox, settings: Settings) -> None:
    settings.STRIPE_RETRIES = 1
    stripe.faults.fail("POST", SESSIONS, "after")

    session = gateway.create_session(form(), key="k")

    assert [one.key for one in stripe.requests] == ["k", "k"]
    assert [one["id"] for one in stripe.books.all("checkout.session")] == [session.id]


def test_a_session_is_told_in_plain_values(stripe: Sandbox) -> None:
    made = order()
    session = opened(made)
    assert (session.intent_id, session.intent_status, session.failure) == ("", "", "")

    stripe.decline(session.id)
    declined = gateway.session(session.id)
    assert declined.failure == "Your card was declined."
    assert declined.intent_status == "requires_payment_method"
    stripe.pay(session.id)
    paid = gateway.session(session.id)

    assert (paid.status, paid.payment_status, paid.mode) == ("complete", "paid", "payment")
    assert (paid.amount, paid.currency, paid.livemode) == (3980, "EUR", False)
    assert paid.intent_id.startswith("pi_")
    assert paid.url is None
    assert paid.expires_at.tzinfo is UTC


def test_all_refunds_are_read_however_many_there_are(stripe: Sandbox) -> None:
    intent = intent_of(bought(stripe))
    for _ in range(101):
        stripe.refund(intent, 1)

    assert len({one.id for one in gateway.refunds_of(intent)}) == 101
    assert asked(stripe, "GET", "/v1/refunds") == 2


def test_events_are_read_from_the_first_to_the_last_and_of_these_kinds_alone(
    stripe: Sandbox,
) -> None:
    made = bought(stripe)
    for _ in range(51):
        stripe.refund(intent_of(made), 1)
    kinds = ["checkout.session.completed", "refund.created", "charge.refunded"]

    found = gateway.events(kinds, since=timezone.now() - timedelta(hours=1))

    told = [one["id"] for one in stripe.books.events if one["type"] in kinds]
    assert len(told) == 103
    assert [one.id for one in found] == told
    assert gateway.events(kinds, since=timezone.now() + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("key", "live"),
    [
        ("sk_live_1", True),
        ("rk_live_1", True),
        ("sk_test_1", False),
        ("rk_test_1", False),
        ("", False),
    ],
)  # fmt: skip
def test_the_key_says_whether_money_moves(settings: Settings, key: str, live: bool) -> None:
    settings.STRIPE_SECRET_KEY = key

    assert gateway.is_live() == live
    assert gateway.is_set_up() == bool(key)


def test_an_event_is_its_kind_and_its_object() -> None:
    found = {
        "id": "evt_1", "type": "x", "created": 1_795_000_000, "livemode": "true", "account": None,
        "data": {"object": {"id": "cs_1"}},
    }  # fmt: skip

    event = Event.of(found)

    assert event == Event(
        "evt_1", "x", datetime.fromtimestamp(1_795_000_000, UTC), livemode=False, account="",
        object={"id": "cs_1"},
    )  # fmt: skip
