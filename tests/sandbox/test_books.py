"""The books: what they tell, and that they outlive the process."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from checkout.sandbox import Sandbox
from tests.sandbox.calling import SESSIONS, client, form, kinds, opened, post, send
from tests.sandbox.receiver import receiver


def test_a_restarted_sandbox_knows_all_that_it_knew(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with opened(state=state) as before:
        id = post(before, SESSIONS, form(metadata={"order": "1"}), Idempotency_Key="one")[1]["id"]
        marked = form(payment_intent_data={"metadata": {"order": "2"}})
        waiting = post(before, SESSIONS, marked)[1]["id"]
        paid = post(before, SESSIONS, form())[1]["id"]
        intent = before.pay(paid)["payment_intent"]
        refund = before.refund(intent, 10)["id"]
        told = kinds(before)

    with opened(state=state) as after, client(after) as v1:
        again = post(after, SESSIONS, form(metadata={"order": "1"}), Idempotency_Key="one")
        session = v1.checkout.sessions.retrieve(id, {"expand": ["line_items"]})

        assert (again[1]["id"], again[2]["idempotent-replayed"]) == (id, "true")
        assert kinds(after) == told
        assert session.line_items.data[0].description == "Lamp"
        assert session.url == f"{after.address}/pay/{id}"
        assert v1.checkout.sessions.retrieve(paid).url is None
        assert v1.refunds.retrieve(refund).amount == 10
        late = v1.payment_intents.retrieve(after.pay(waiting)["payment_intent"])
        assert late.metadata.to_dict() == {"order": "2"}


def test_what_was_answered_is_written_already(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with opened(state=state) as sandbox:
        id = post(sandbox, SESSIONS, form(), Idempotency_Key="one")[1]["id"]

        kept = json.loads(state.read_text())

    assert list(kept["objects"]["checkout.session"]) == [id]
    assert kept["records"]["one"]["body"]["id"] == id
    assert not list(tmp_path.glob("*.tmp"))


def test_a_state_that_could_not_be_written_whole_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(kept: Any, file: Any) -> None:
        file.write('{"objects": ')
        raise OSError("No space left on device")

    state = tmp_path / "state.json"
    sandbox = Sandbox(state=state).start()
    post(sandbox, SESSIONS, form())
    before = state.read_text()
    monkeypatch.setattr("checkout.sandbox.books.json.dump", half)

    with pytest.raises(OSError, match="No space"):
        sandbox.expire(sandbox.books.all("checkout.session")[0]["id"])
    sandbox.stop()

    assert state.read_text() == before


def test_reading_writes_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with opened(state=state) as sandbox:
        send(sandbox, "GET", SESSIONS)
        sandbox.lapse()

        assert not state.exists()


def test_every_event_goes_to_the_webhook_signed() -> None:
    with receiver() as shop, opened(webhook=shop.address) as sandbox:
        id = post(sandbox, SESSIONS, form())[1]["id"]

        sandbox.pay(id)
        sandbox.deliveries.drain()

        arrived = {json.loads(each.body)["id"] for each in shop.arrivals}
        assert arrived == {event["id"] for event in sandbox.books.events}
        assert all("Stripe-Signature" in each.headers for each in shop.arrivals)
        assert {event["pending_webhooks"] for event in sandbox.books.events} == {1}
    assert not [each for each in threading.enumerate() if each.name == "sandbox-delivery"]


def test_who_hears_of_an_event_may_ask_the_sandbox_from_another_thread() -> None:
    """So a webhook that is called at once finds the answer, and not a lock."""
    asked: list[int] = []
    with opened() as sandbox:
        sandbox.books.on_event.append(lambda _: asked.append(send(sandbox, "GET", SESSIONS)[0]))
        id = post(sandbox, SESSIONS, form())[1]["id"]

        sandbox.pay(id)
        sandbox.books.on_event.pop()

    assert asked == [200] * 4


def test_an_event_names_the_request_that_caused_it(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id
    _, _, headers = post(sandbox, f"{SESSIONS}/{id}/expire", Idempotency_Key="one")

    request = sandbox.books.events[-1]["request"]

    assert request == {"id": headers["request-id"], "idempotency_key": "one"}


def test_what_is_given_out_is_a_copy(sandbox: Sandbox, v1: Any) -> None:
    id = v1.checkout.sessions.create(form()).id

    sandbox.books.on_event.append(dict.clear)
    sandbox.pay(id)["payment_status"] = "unpaid"

    assert all(sandbox.books.events)
    assert v1.checkout.sessions.retrieve(id).payment_status == "paid"
