"""The dashboard, over HTTP: what it shows, and what its buttons do."""

from collections.abc import Iterator

import pytest
import requests

from checkout.sandbox import Sandbox
from tests.sandbox.browsing import (
    STATES,
    brought_to,
    buttons,
    delivering,
    get,
    intent_of,
    make,
    press,
    stored,
    text,
)
from tests.sandbox.receiver import Receiver

Pair = tuple[Sandbox, Receiver]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with delivering() as both:
        yield both


@pytest.fixture
def sandbox(pair: Pair) -> Sandbox:
    return pair[0]


@pytest.fixture
def shop(pair: Pair) -> Receiver:
    return pair[1]


@pytest.mark.parametrize("state", STATES)
def test_the_dashboard_says_how_each_session_stands(sandbox: Sandbox, state: str) -> None:
    brought_to(sandbox, state)

    assert f"104.70 EUR {STATES[state]} cs_test_" in text(get(sandbox, "/"))


def test_an_empty_dashboard_says_where_events_go(sandbox: Sandbox) -> None:
    shown = text(get(sandbox, "/"))

    assert f"Events go to {sandbox.deliveries.webhook}." in shown
    assert shown.count("Nothing yet.") == 2


def test_the_delayed_money_comes_in_or_does_not(sandbox: Sandbox) -> None:
    come, fail = brought_to(sandbox, "waiting"), brought_to(sandbox, "waiting")
    assert sorted(buttons(get(sandbox, "/"))[:4]) == ["fail", "fail", "settle", "settle"]

    answers = [press(sandbox, "/", "settle", id=come), press(sandbox, "/", "fail", id=fail)]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (303, "/"), (303, "/"),
    ]  # fmt: skip
    assert stored(sandbox, come)["payment_status"] == "paid"
    shown = text(get(sandbox, "/"))
    assert STATES["failed"] in shown
    assert STATES["paid"] in shown


def test_a_session_is_expired_by_hand(sandbox: Sandbox) -> None:
    id = make(sandbox)

    press(sandbox, "/", "expire", id=id)

    assert stored(sandbox, id)["status"] == "expired"


def test_a_part_is_refunded_then_the_rest(sandbox: Sandbox) -> None:
    id = brought_to(sandbox, "paid")
    intent = intent_of(sandbox, id)
    charge = stored(sandbox, stored(sandbox, intent, "payment_intent")["latest_charge"], "charge")

    press(sandbox, "/", "refund", id=intent, amount="10.5")
    page = get(sandbox, "/")

    assert charge["amount_refunded"] == 1050
    assert "Refund of 10.50 EUR succeeded" in text(page)
    assert 'name="amount" value="94.20"' in page.text
    press(sandbox, "/", "refund", id=intent, amount="")
    assert charge["refunded"]
    assert "refund" not in buttons(get(sandbox, "/"))


@pytest.mark.parametrize(
    "amount", ["0", "-1", "1.005", "ten", "NaN", "Infinity", "1e99", "1e-99", "104.71", "1,5"]
)
def test_an_odd_amount_is_refused_with_a_reason(sandbox: Sandbox, amount: str) -> None:
    intent = intent_of(sandbox, brought_to(sandbox, "paid"))

    answer = press(sandbox, "/", "refund", id=intent, amount=amount)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "refund" not in sandbox.books.objects


def test_refunds_arrive_or_fail(sandbox: Sandbox) -> None:
    intent = intent_of(sandbox, brought_to(sandbox, "paid"))
    first, second = (sandbox.refund(intent, 100, pending=True)["id"] for _ in range(2))
    assert buttons(get(sandbox, "/"))[:4] == ["settle_refund", "fail_refund"] * 2

    press(sandbox, "/", "settle_refund", id=first)
    press(sandbox, "/", "fail_refund", id=second)

    assert stored(sandbox, first, "refund")["status"] == "succeeded"
    assert stored(sandbox, second, "refund")["status"] == "failed"
    assert buttons(get(sandbox, "/"))[0] == "fail_refund"


@pytest.mark.parametrize(("do", "status"), [("win", "won"), ("lose", "lost")])
def test_a_dispute_is_opened_and_decided(sandbox: Sandbox, do: str, status: str) -> None:
    intent = intent_of(sandbox, brought_to(sandbox, "paid"))

    press(sandbox, "/", "dispute", id=intent)
    assert "Dispute of 104.70 EUR needs response" in text(get(sandbox, "/"))
    [dispute] = sandbox.books.all("dispute")
    press(sandbox, "/", do, id=dispute["id"])

    assert dispute["status"] == status
    assert not {"win", "lose", "dispute", "refund"} & set(buttons(get(sandbox, "/")))


def test_a_warning_of_fraud_is_an_event(sandbox: Sandbox) -> None:
    intent = intent_of(sandbox, brought_to(sandbox, "paid"))

    press(sandbox, "/", "warn", id=intent)

    assert sandbox.books.events[-1]["type"] == "radar.early_fraud_warning.created"


@pytest.mark.parametrize(
    ("form", "status"),
    [({"do": "settle"}, 404), ({"do": "rob", "id": "x"}, 400), ({}, 400), ({"do": "send"}, 404),
     ({"do": "refund", "id": "pi_x", "amount": "1"}, 404)],
)  # fmt: skip
def test_a_form_that_no_button_sends_is_refused(
    sandbox: Sandbox, form: dict[str, str], status: int
) -> None:
    answer = requests.post(sandbox.address + "/", data=form, timeout=5, allow_redirects=False)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_bytes_that_are_no_form_are_refused(sandbox: Sandbox) -> None:
    answer = requests.post(sandbox.address + "/", data=b"\xff\xfe=%ff&&&==", timeout=5)

    assert answer.status_code == 400


def test_events_are_shown_with_the_shops_answers_and_sent_again(
    sandbox: Sandbox, shop: Receiver
) -> None:
    shop.answers = [500]
    make_id = make(sandbox)
    sandbox.deliveries.pauses = (0.01,)
    sandbox.expire(make_id)
    sandbox.deliveries.drain()
    assert "checkout.session.expired " + make_id[:20] + "… 500, 204" in text(get(sandbox, "/"))

    [event] = sandbox.books.events
    press(sandbox, "/", "send", id=event["id"])
    sandbox.deliveries.drain()

    assert len(shop.arrivals) == 3
    assert '<span class="mark good">500, 204, 204</span>' in get(sandbox, "/").text


def test_an_event_that_nobody_took_says_so(sandbox: Sandbox) -> None:
    sandbox.deliveries.automatic = False
    brought_to(sandbox, "expired")
    assert "not sent yet" in text(get(sandbox, "/"))

    sandbox.deliveries.webhook = "http://127.0.0.1:1/"
    sandbox.deliveries.post(sandbox.books.events[0])

    assert '<span class="mark bad">no answer</span>' in get(sandbox, "/").text


def test_an_event_that_was_held_back_is_sent_by_its_button(
    sandbox: Sandbox, shop: Receiver
) -> None:
    sandbox.deliveries.automatic = False
    brought_to(sandbox, "expired")

    press(sandbox, "/", "send", id=sandbox.books.events[0]["id"])

    assert len(shop.arrivals) == 1


def test_without_a_webhook_nothing_can_be_sent() -> None:
    with Sandbox() as sandbox:
        brought_to(sandbox, "expired")
        page = get(sandbox, "/")
        refused = press(sandbox, "/", "send", id=sandbox.books.events[0]["id"])

    assert "Events go to nobody" in text(page)
    assert buttons(page) == []
    assert refused.status_code == 400
    assert "no webhook address" in text(refused)
