"""Events reach the shop signed, again and again until it takes them."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import stripe

from checkout.sandbox.deliveries import NO_ANSWER, TRIES, Attempt, Deliveries, signature
from tests.sandbox.receiver import Receiver, receiver

SECRET = "whsec_test"


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    kind = "checkout.session.completed"
    inside = {"id": f"cs_test_{number}", "object": "checkout.session", **more}
    return {"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": inside}}


def deliveries(webhook: str | None, **options: Any) -> Deliveries:
    quick: dict[str, Any] = {"pauses": [0.01] * (TRIES - 1), "timeout": 5}
    return Deliveries(webhook=webhook, secret=SECRET, **quick | options)


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


@pytest.fixture
def sent(shop: Receiver) -> Iterator[Deliveries]:
    made = deliveries(shop.address)
    yield made
    made.stop()


def ids(shop: Receiver) -> list[str]:
    return [json.loads(arrival.body)["id"] for arrival in shop.arrivals]


def test_stripes_own_client_takes_the_signature() -> None:
    body, header = deliveries(None).signed(event(name="Löwe"))

    opened = stripe.Webhook.construct_event(body, header, SECRET)

    assert opened.id == "evt_1"
    assert opened.data.object["name"] == "Löwe"


def test_the_signature_is_the_documented_one() -> None:
    """By hand: `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test`."""
    digest = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91"

    assert signature(b"{}", SECRET, 1700000000) == f"t=1700000000,v1={digest}"


def test_another_secret_a_late_hour_or_a_changed_body_do_not_pass() -> None:
    made = deliveries(None)
    forged = made.signed(event(), secret="whsec_other")
    late = made.signed(event(), at=int(time.time()) - 301)
    body, header = made.signed(event())
    written_again = (json.dumps(json.loads(body)).encode(), header)

    for sent_body, sent_header in (forged, late, written_again):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(sent_body, sent_header, SECRET)


def test_what_is_offered_arrives_signed_by_the_sandboxs_clock(shop: Receiver) -> None:
    made = deliveries(shop.address + "?shop=1", clock=lambda: 1700000000.9)

    made.offer(event())
    made.drain()
    made.stop()

    [arrival] = shop.arrivals
    assert arrival.path == "/webhooks/stripe/?shop=1"
    assert arrival.headers["Content-Type"] == "application/json; charset=utf-8"
    assert arrival.headers["Stripe-Signature"] == signature(arrival.body, SECRET, 1700000000)
    assert json.loads(arrival.body) == event()
    assert made.attempts == [Attempt("evt_1", 204)]


def test_only_a_2xx_ends_the_repetitions_and_redirects_are_not_followed() -> None:
    with receiver(500, 302, 400, 200) as shop:
        made = deliveries(shop.address)
        made.offer(event())
        made.drain()
        made.stop()

        assert [attempt.status for attempt in made.attempts] == [500, 302, 400, 200]
        assert {arrival.path for arrival in shop.arrivals} == {"/webhooks/stripe/"}
        assert len(shop.arrivals) == 4


def test_each_repetition_is_signed_anew() -> None:
    hours = iter([1700000000, 1700000400])
    with receiver(500) as shop:
        made = deliveries(shop.address, clock=lambda: next(hours))
        made.offer(event())
        made.drain()
        made.stop()

        headers = [arrival.headers["Stripe-Signature"] for arrival in shop.arrivals]
        assert [header.partition(",")[0] for header in headers] == ["t=1700000000", "t=1700000400"]


def test_the_pauses_grow() -> None:
    waits = Deliveries(webhook=None, secret=SECRET).pauses

    assert (waits[0], len(waits)) == (0.2, TRIES - 1)
    assert all(after == 2 * before for before, after in pairwise(waits))


def test_a_repetition_waits_for_its_pause() -> None:
    with receiver(500) as shop:
        made = deliveries(shop.address, pauses=[0.3])
        began = time.monotonic()
        made.offer(event())
        made.drain()
        made.stop()

        assert time.monotonic() - began >= 0.3
        assert len(shop.arrivals) == 2


def test_what_nobody_takes_is_given_up() -> None:
    with receiver(*[500] * 20) as shop:
        made = deliveries(shop.address)
        made.offer(event())
        made.drain()
        made.stop()

        assert made.attempts == [Attempt("evt_1", 500)] * TRIES
        assert len(shop.arrivals) == TRIES


def test_a_closed_door_is_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        made = deliveries(f"http://127.0.0.1:{unused.getsockname()[1]}/", pauses=[0.01])
        made.offer(event())
        made.drain()
        made.stop()

    assert made.attempts == [Attempt("evt_1", NO_ANSWER)] * 2


def test_a_shop_that_does_not_answer_is_tried_again() -> None:
    with receiver(0) as shop:
        made = deliveries(shop.address, timeout=0.4)
        made.offer(event())
        made.drain()
        made.stop()

        assert (made.attempts[0].status, made.attempts[-1].status) == (NO_ANSWER, 204)


def test_posting_on_demand_answers_with_the_status_and_does_not_repeat() -> None:
    with receiver(400) as shop:
        made = deliveries(shop.address)

        statuses = [made.post(event(), secret="whsec_other", at=7), made.post(event())]

        made.drain()
        first, _ = shop.arrivals
        assert statuses == [400, 204]
        assert first.headers["Stripe-Signature"] == signature(first.body, "whsec_other", 7)
        assert made.attempts == [Attempt("evt_1", 400), Attempt("evt_1", 204)]


def test_nothing_is_sent_on_its_own_when_it_is_not_automatic(
    shop: Receiver, sent: Deliveries
) -> None:
    sent.automatic = False

    sent.offer(event())
    sent.drain()

    assert shop.arrivals == []
    assert not deliveries(None).automatic
    with pytest.raises(ValueError, match="no webhook address"):
        deliveries(None).post(event())


def test_copies_arrive_all(shop: Receiver, sent: Deliveries) -> None:
    sent.copies = 3

    sent.offer(event())
    sent.drain()

    assert ids(shop) == ["evt_1"] * 3


def test_a_share_is_lost_and_the_seed_says_which(shop: Receiver, sent: Deliveries) -> None:
    sent.drop = 0.5

    runs = []
    for _ in range(2):
        sent.seed = 5
        shop.arrivals.clear()
        for number in range(20):
            sent.offer(event(number))
        sent.drain()
        runs.append(sorted(ids(shop)))

    assert runs[0] == runs[1]
    assert 0 < len(runs[0]) < 20


def test_shuffled_events_arrive_in_another_order(shop: Receiver, sent: Deliveries) -> None:
    sent.shuffle = True
    expected = [f"evt_{number}" for number in range(10)]

    for number in range(10):
        sent.offer(event(number))
    sent.drain()

    assert ids(shop) != expected
    assert sorted(ids(shop)) == expected


def test_a_delay_is_kept(shop: Receiver, sent: Deliveries) -> None:
    sent.delay = (0.3, 0.3)
    began = time.monotonic()

    sent.offer(event())
    assert shop.arrivals == []
    sent.drain()

    assert time.monotonic() - began >= 0.3
    assert ids(shop) == ["evt_1"]


def test_draining_says_when_it_takes_too_long() -> None:
    with receiver(0) as shop:
        made = deliveries(shop.address)
        made.offer(event())
        assert shop.came.wait(5)

        with pytest.raises(TimeoutError, match="1 under way"):
            made.drain(0.05)

        made.stop()


def test_a_slow_shop_does_not_keep_other_events_waiting() -> None:
    with receiver(0) as shop:
        made = deliveries(shop.address)
        made.offer(event(1))
        assert shop.came.wait(5)
        shop.came.clear()

        made.offer(event(2))

        assert shop.came.wait(5)
        made.stop()

        assert ids(shop) == ["evt_1", "evt_2"]


def test_stopping_cuts_what_hangs_and_forgets_what_waits() -> None:
    before = threading.active_count()
    with receiver(0) as shop:
        running = threading.active_count()
        made = deliveries(shop.address, timeout=60, pauses=[60])
        made.offer(event(1))
        assert shop.came.wait(5)
        made.delay = (60, 60)
        made.offer(event(2))

        began = time.monotonic()
        made.stop()
        made.stop()

        assert time.monotonic() - began < 10  # of the 60 that it would wait for an answer
        made.drain(0)
        assert threading.active_count() <= running + 1  # the receiver's own, which still hangs
        assert made.attempts == [Attempt("evt_1", NO_ANSWER)]
        made.delay = (0, 0)
        made.offer(event(3))
        made.drain()
        made.stop()
        assert ids(shop) == ["evt_1", "evt_3"]
    assert threading.active_count() == before
