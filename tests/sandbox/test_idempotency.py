"""Idempotency keys: one execution for each, and the first answer for ever after, or a day."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from tests.sandbox.calling import SESSIONS, Clock, form, line, post

DAY = 24 * 60 * 60


def made(sandbox: Sandbox) -> int:
    """How many sessions there are."""
    return len(sandbox.books.all("checkout.session"))


def test_the_same_key_gives_the_same_answer_and_one_session(sandbox: Sandbox) -> None:
    first = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
    again = post(sandbox, SESSIONS, form(), Idempotency_Key="one")

    assert first[:2] == again[:2]
    assert made(sandbox) == 1
    assert "idempotent-replayed" not in first[2]
    assert again[2]["idempotent-replayed"] == "true"
    assert again[2]["original-request"] == first[2]["request-id"] != again[2]["request-id"]
    assert [each.replayed for each in sandbox.requests] == [False, True]
    assert [each.key for each in sandbox.requests] == ["one", "one"]


def test_the_answer_is_the_first_one_even_if_the_object_has_moved_on(
    sandbox: Sandbox, v1: Any
) -> None:
    session = v1.checkout.sessions.create(form(), {"idempotency_key": "one"})
    sandbox.pay(session.id)

    again = v1.checkout.sessions.create(form(), {"idempotency_key": "one"})

    assert (again.id, again.status, again.url) == (session.id, "open", session.url)


def test_the_order_of_the_fields_is_no_difference(sandbox: Sandbox) -> None:
    turned = dict(reversed(form().items()))

    first = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
    again = post(sandbox, SESSIONS, turned, Idempotency_Key="one")

    assert first[1]["id"] == again[1]["id"]


def test_a_key_is_for_one_set_of_parameters(sandbox: Sandbox, v1: Any) -> None:
    v1.checkout.sessions.create(form(), {"idempotency_key": "one"})

    with pytest.raises(stripe.IdempotencyError, match="same parameters") as caught:
        v1.checkout.sessions.create(form(line_items=[line(1001)]), {"idempotency_key": "one"})

    assert caught.value.http_status == 400
    assert made(sandbox) == 1


def test_a_key_is_for_one_path(sandbox: Sandbox, v1: Any) -> None:
    first, second = (v1.checkout.sessions.create(form()).id for _ in range(2))
    v1.checkout.sessions.expire(first, {}, {"idempotency_key": "one"})

    with pytest.raises(stripe.IdempotencyError, match="same endpoint") as caught:
        v1.checkout.sessions.expire(second, {}, {"idempotency_key": "one"})

    assert caught.value.http_status == 400
    assert v1.checkout.sessions.retrieve(second).status == "open"


def test_without_a_key_each_request_is_a_new_one(sandbox: Sandbox) -> None:
    ids = {post(sandbox, SESSIONS, form())[1]["id"] for _ in range(3)}

    assert len(ids) == made(sandbox) == 3


def test_a_refusal_before_the_execution_is_not_saved(sandbox: Sandbox, v1: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        v1.checkout.sessions.create(form(success_url=None), {"idempotency_key": "one"})

    session = v1.checkout.sessions.create(form(), {"idempotency_key": "one"})

    assert session.status == "open"


def test_a_refusal_by_the_state_is_saved(sandbox: Sandbox, v1: Any) -> None:
    """The key of a refund that was too much stays spent, even when the money is there again."""
    id = v1.checkout.sessions.create(form()).id
    intent = sandbox.pay(id)["payment_intent"]
    refund = sandbox.refund(intent)["id"]
    asked = {"payment_intent": intent}
    with pytest.raises(stripe.InvalidRequestError) as first:
        v1.refunds.create(asked, {"idempotency_key": "one"})
    sandbox.settle_refund(refund, ok=False)

    with pytest.raises(stripe.InvalidRequestError) as again:
        v1.refunds.create(asked, {"idempotency_key": "one"})

    assert first.value.json_body == again.value.json_body
    assert sandbox.requests[-1].replayed
    assert v1.refunds.create(asked, {"idempotency_key": "two"}).status == "succeeded"


def test_a_saved_failure_is_repeated_until_the_key_is_a_day_old(
    sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.faults.fail("POST", SESSIONS, "500")

    first = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
    clock.now += DAY - 1
    again = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
    clock.now += 1
    later = post(sandbox, SESSIONS, form(), Idempotency_Key="one")

    assert first[0] == again[0] == 500
    assert first[1] == again[1]
    assert first[2]["stripe-should-retry"] == again[2]["stripe-should-retry"] == "false"
    assert [each.replayed for each in sandbox.requests] == [False, True, False]
    assert (later[0], made(sandbox)) == (200, 1)


def test_old_keys_are_forgotten(sandbox: Sandbox, clock: Clock) -> None:
    post(sandbox, SESSIONS, form(), Idempotency_Key="old")
    clock.now += DAY

    post(sandbox, SESSIONS, form(line_items=[line(2000)]), Idempotency_Key="new")

    assert list(sandbox.books.records) == ["new"]
    assert post(sandbox, SESSIONS, form(), Idempotency_Key="old")[0] == 200
    assert made(sandbox) == 3


@pytest.mark.parametrize(("length", "status"), [(255, 200), (256, 400)])
def test_a_key_has_at_most_255_signs(sandbox: Sandbox, length: int, status: int) -> None:
    assert post(sandbox, SESSIONS, form(), Idempotency_Key="k" * length)[0] == status
    assert made(sandbox) == (status == 200)


def test_a_key_in_use_is_a_conflict_that_is_not_saved(sandbox: Sandbox) -> None:
    sandbox.faults.fail("POST", SESSIONS, "freeze")

    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(post, sandbox, SESSIONS, form(), Idempotency_Key="one")
        sandbox.faults.reached()
        status, body, _ = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
        other = post(sandbox, SESSIONS, form(), Idempotency_Key="two")
        sandbox.faults.lift()
        first = under_way.result(timeout=10)
    again = post(sandbox, SESSIONS, form(), Idempotency_Key="one")

    assert (status, body["error"]["code"]) == (409, "idempotency_key_in_use")
    assert first[0] == other[0] == again[0] == 200
    assert again[1]["id"] == first[1]["id"]
    assert made(sandbox) == 2


def test_of_many_at_the_same_time_one_is_executed(sandbox: Sandbox) -> None:
    def ask(_number: int) -> tuple[int, str]:
        status, body, _ = post(sandbox, SESSIONS, form(), Idempotency_Key="one")
        return status, body.get("id", "")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(24)))

    assert {status for status, _ in answers} <= {200, 409}
    assert len({id for _, id in answers if id}) == made(sandbox) == 1


def test_reading_knows_no_keys(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id
    read = v1.checkout.sessions.retrieve
    before = read(id, {}, {"idempotency_key": "one"}).status
    sandbox.expire(id)

    after = read(id, {}, {"idempotency_key": "one"}).status

    assert (before, after) == ("open", "expired")
    assert list(sandbox.books.records) == [sandbox.requests[0].key]
