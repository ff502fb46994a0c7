"""What can be broken on demand, and what of it the books remember."""

import time
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from tests.sandbox.calling import SESSIONS, client, form, opened, post, send

KEY = {"idempotency_key": "one"}


def made(sandbox: Sandbox) -> int:
    """How many sessions there are."""
    return len(sandbox.books.all("checkout.session"))


def test_before_is_a_failure_without_effect_that_is_not_saved(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "before")

    first = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
    again = post(sandbox, SESSIONS, form(), Idempotency_Key="one")

    assert (first[0], first[1]["error"]["type"], again[0]) == (500, "api_error", 200)
    assert made(sandbox) == 1
    assert not sandbox.requests[1].replayed


def test_the_client_repeats_a_failure_that_was_not_saved(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "before", times=2)

    with client(sandbox, retries=2) as v1:
        session = v1.checkout.sessions.create(form())

    assert session.status == "open"
    assert [each.status for each in sandbox.requests] == [500, 500, 200]
    assert len({each.key for each in sandbox.requests}) == 1


def test_after_has_its_effect_and_no_answer(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "after")

    with pytest.raises(RemoteDisconnected):
        post(sandbox, SESSIONS, form(), Idempotency_Key="one")

    assert made(sandbox) == 1
    assert [each.status for each in sandbox.requests] == [0]
    status, body, headers = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
    assert (status, headers["idempotent-replayed"]) == (200, "true")
    assert [body["id"]] == [each["id"] for each in sandbox.books.all("checkout.session")]


def test_after_needs_no_key(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "after")

    with pytest.raises(RemoteDisconnected):
        post(sandbox, SESSIONS, form())

    assert made(sandbox) == 1


def test_a_dropped_connection_has_no_effect(sandbox: Sandbox, v1: Any) -> None:
    sandbox.faults.fail("POST", SESSIONS, "drop")

    with pytest.raises(stripe.APIConnectionError):
        v1.checkout.sessions.create(form(), KEY)

    assert made(sandbox) == 0
    assert not v1.checkout.sessions.create(form(), KEY).payment_intent
    assert [each.replayed for each in sandbox.requests] == [False, False]


def test_too_many_requests_are_told_and_forgotten(sandbox: Sandbox, v1: Any) -> None:
    sandbox.faults.fail("POST", SESSIONS, "429")

    with pytest.raises(stripe.RateLimitError):
        v1.checkout.sessions.create(form(), KEY)

    assert made(sandbox) == 0
    assert v1.checkout.sessions.create(form(), KEY).status == "open"


def test_slow_is_done_and_answered_late(sandbox: Sandbox, v1: Any) -> None:
    sandbox.faults.fail("POST", SESSIONS, "slow", seconds=0.2)
    begun = time.monotonic()

    session = v1.checkout.sessions.create(form())

    assert time.monotonic() - begun >= 0.2
    assert session.status == "open"


def test_lifting_lets_go_of_what_is_slow_or_frozen_and_forgets_the_rest(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "slow", seconds=60)
    sandbox.faults.fail("POST", SESSIONS, "freeze")
    sandbox.faults.fail("POST", SESSIONS, "drop")

    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(post, sandbox, SESSIONS, form()) for _ in range(2)]
        sandbox.faults.reached(2)
        assert made(sandbox) == 0
        sandbox.faults.lift()
        statuses = [each.result(timeout=10)[0] for each in held]

    assert statuses == [200, 200]
    assert made(sandbox) == 2
    assert post(sandbox, SESSIONS, form())[0] == 200


def test_stopping_cuts_what_is_frozen_without_effect() -> None:
    with opened() as sandbox, ThreadPoolExecutor(1) as pool:
        sandbox.faults.fail("POST", SESSIONS, "freeze")
        held = pool.submit(post, sandbox, SESSIONS, form())
        sandbox.faults.reached()

        sandbox.stop()

        with pytest.raises((RemoteDisconnected, ConnectionError)):
            held.result(timeout=10)
        assert made(sandbox) == 0


def test_a_fault_is_for_its_method_and_path_and_so_many_times(sandbox: Sandbox) -> None:
    sandbox.faults.fail("GET", SESSIONS, "before", times=2)
    sandbox.faults.fail("*", "/v1/refunds", "429")

    statuses = [
        post(sandbox, SESSIONS, form())[0],
        *[send(sandbox, "GET", SESSIONS)[0] for _ in range(3)],
        *[send(sandbox, "GET", "/v1/refunds")[0] for _ in range(2)],
    ]

    assert statuses == [200, 500, 500, 200, 429, 200]


def test_faults_meet_requests_in_the_order_they_were_asked_for(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "429")
    sandbox.faults.fail("POST", SESSIONS, "before")

    statuses = [post(sandbox, SESSIONS, form())[0] for _ in range(3)]

    assert statuses == [429, 500, 200]


def test_a_fault_that_does_not_exist_and_a_wait_in_vain_are_told(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="is none of"):
        sandbox.faults.fail("POST", SESSIONS, "explode")  # type: ignore[arg-type]
    with pytest.raises(TimeoutError, match="0 requests"):
        sandbox.faults.reached(timeout=0.01)
