"""The server: who is let in, what it says to oddities, and how it ends."""

import http.client
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from checkout.sandbox import Sandbox, server
from tests.sandbox.calling import CHECKER, SESSIONS, client, form, opened, post, send


def test_a_wrong_key_is_not_let_in(sandbox: Sandbox) -> None:
    with client(sandbox, key="sk_test_other") as v1, pytest.raises(stripe.AuthenticationError):
        v1.checkout.sessions.create(form())

    assert not sandbox.books.objects
    assert [each.status for each in sandbox.requests] == [401]


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic c2tf", "sk_test_sandbox"])
def test_without_a_bearer_key_nothing_is_answered(sandbox: Sandbox, given: str) -> None:
    status, body, _ = send(sandbox, "GET", SESSIONS, Authorization=given)

    assert (status, body["error"]["type"]) == (401, "invalid_request_error")


@pytest.mark.parametrize("version", ["", "2020-08-27", "2026-10-28"])
def test_only_the_contracts_version_is_spoken(sandbox: Sandbox, version: str) -> None:
    status, body, _ = send(sandbox, "GET", SESSIONS, Stripe_Version=version)

    assert status == 400
    assert "API version" in body["error"]["message"]


def test_the_installed_client_speaks_the_contracts_version(sandbox: Sandbox, v1: Any) -> None:
    assert v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nothing"),
        ("POST", "/v1/customers"),
        ("POST", "/v1/checkout/sessions/cs_1"),
        ("DELETE", SESSIONS),
        ("GET", SESSIONS + "/a/b/c"),
        ("POST", "/v1/payment_intents"),
    ],
)
def test_a_path_that_is_not_there_is_told_in_stripes_words(
    sandbox: Sandbox, method: str, path: str
) -> None:
    status, body, _ = send(sandbox, method, path)

    assert status == 404
    assert body["error"]["type"] == "invalid_request_error"
    assert body["error"]["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (SESSIONS, "checkout.session"),
        ("/v1/payment_intents", "payment_intent"),
        ("/v1/charges", "charge"),
        ("/v1/refunds", "refund"),
        ("/v1/disputes", "dispute"),
        ("/v1/events", "event"),
    ],
)
def test_what_is_not_there_is_missing(sandbox: Sandbox, path: str, kind: str) -> None:
    status, body, _ = send(sandbox, "GET", f"{path}/x_1")

    assert (status, body["error"]["code"]) == (404, "resource_missing")
    assert body["error"]["message"] == f"No such {kind}: 'x_1'"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("a=1&a[b]=2", None),
        ("mode=%ff", None),
        ("{}", "application/json"),
        ("mode=payment", "text/plain"),
    ],
)
def test_a_body_that_is_no_form_is_refused(sandbox: Sandbox, body: str, kind: str | None) -> None:
    headers = {"Content_Type": kind} if kind else {}

    status, told, _ = send(sandbox, "POST", SESSIONS, body, **headers)

    assert (status, told["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("length", "status"), [("-1", 400), ("many", 400), ("9" * 30, 400), ("1000001", 413)]
)
def test_an_odd_or_too_large_size_is_refused_unread(
    sandbox: Sandbox, length: str, status: int
) -> None:
    address = urlsplit(sandbox.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.putrequest("POST", SESSIONS)
    connection.putheader("Content-Length", length)
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == status
    connection.close()


def test_every_answer_names_its_request_and_version(sandbox: Sandbox) -> None:
    _, _, good = send(sandbox, "GET", SESSIONS)
    _, _, bad = send(sandbox, "GET", "/v1/nothing")

    for headers in (good, bad):
        assert headers["request-id"].startswith("req_")
        assert headers["stripe-version"] == stripe.api_version
        assert headers["content-type"] == "application/json"


def test_requests_are_logged_as_they_were_understood(sandbox: Sandbox) -> None:
    post(sandbox, SESSIONS, form(metadata={"order": "1"}), Idempotency_Key="one")
    send(sandbox, "GET", SESSIONS + "?limit=3&created[gte]=5", Idempotency_Key="two")

    first, second = sandbox.requests
    assert (first.method, first.path, first.key, first.status) == ("POST", SESSIONS, "one", 200)
    assert first.params["metadata"] == {"order": "1"}
    assert (second.path, second.key) == (SESSIONS, "")
    assert second.params == {"limit": "3", "created": {"gte": "5"}}


def test_what_breaks_the_contract_is_a_500_that_says_so_and_has_no_effect() -> None:
    odd = form(line_items=[{"quantity": "two", "price_data": {"currency": "eur"}}])
    with Sandbox(check=CHECKER) as sandbox:
        status, body, _ = post(sandbox, SESSIONS, odd)
        unknown = post(sandbox, SESSIONS, form(colour="red"))

    assert status == 500
    assert "quantity" in body["error"]["message"]
    assert (unknown[0], unknown[1]["error"]["code"]) == (400, "parameter_unknown")
    assert len(sandbox.violations) == 2
    assert not sandbox.books.objects


def test_an_answer_that_breaks_the_contract_is_a_500() -> None:
    with Sandbox(check=CHECKER) as sandbox:
        id = post(sandbox, SESSIONS, form())[1]["id"]
        sandbox.books.find("checkout.session", id)["status"] = "lost"
        status, body, _ = send(sandbox, "GET", f"{SESSIONS}/{id}")

    assert status == 500
    assert "status" in body["error"]["message"]
    assert len(sandbox.violations) == 1


def test_an_event_that_breaks_the_contract_is_a_violation() -> None:
    with Sandbox(check=CHECKER) as sandbox:
        with sandbox.books.change():
            sandbox.books.emit("checkout.session.vanished", {"object": "checkout.session"})

        assert any("vanished" in each for each in sandbox.violations)


def test_each_request_waits_for_the_latency() -> None:
    with opened(latency=0.1) as sandbox:
        begun = time.monotonic()
        send(sandbox, "GET", SESSIONS)

    assert time.monotonic() - begun >= 0.1


def test_a_bug_of_the_sandbox_is_told_and_shown(
    sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    del sandbox.books.line_items  # what no request could do
    sandbox.api.check = None

    status, body, _ = post(sandbox, SESSIONS, form())

    assert status == 500
    assert "A bug of the sandbox" in body["error"]["message"]
    assert "AttributeError" in capfd.readouterr().err


def test_stopping_ends_all_threads_and_idle_connections_and_can_be_repeated() -> None:
    before = threading.active_count()
    sandbox = Sandbox()
    sandbox.stop()
    sandbox.start().start()
    address = urlsplit(sandbox.address)
    idle = socket.create_connection((address.hostname, address.port or 0), timeout=10)
    assert send(sandbox, "GET", SESSIONS)[0] == 200

    begun = time.monotonic()
    sandbox.stop()
    sandbox.stop()

    assert time.monotonic() - begun < server.PATIENCE / 2
    assert idle.recv(1) == b""
    idle.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        send(sandbox, "GET", SESSIONS)


def test_it_comes_back_at_the_same_address_with_the_same_books() -> None:
    sandbox = Sandbox().start()
    first, id = sandbox.address, post(sandbox, SESSIONS, form())[1]["id"]
    sandbox.stop()

    with sandbox:
        status, body, _ = send(sandbox, "GET", f"{SESSIONS}/{id}")

    assert (sandbox.address, status, body["url"]) == (first, 200, f"{first}/pay/{id}")


def test_a_client_that_has_gone_is_no_error(
    sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults.fail("GET", SESSIONS, "freeze")
    address = urlsplit(sandbox.address)
    gone = socket.create_connection((address.hostname, address.port or 0), timeout=10)
    lines = f"GET {SESSIONS} HTTP/1.0", f"Authorization: Bearer {sandbox.key}"
    gone.sendall("\r\n".join([*lines, f"Stripe-Version: {stripe.api_version}", "", ""]).encode())
    sandbox.faults.reached()
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
    gone.close()

    sandbox.faults.lift()
    for each in threading.enumerate():
        if "process_request_thread" in each.name:
            each.join(10)

    assert [each.status for each in sandbox.requests] == [200]
    assert capfd.readouterr().err == ""


def test_it_listens_on_the_loopback_alone(sandbox: Sandbox) -> None:
    running = sandbox._server

    assert isinstance(running, server.Server)
    assert running.server_address[0] == "127.0.0.1"


def test_pages_are_served_beside_the_api(sandbox: Sandbox) -> None:
    id = post(sandbox, SESSIONS, form())[1]["id"]
    address = urlsplit(sandbox.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)

    connection.request("GET", f"/pay/{id}")
    answer = connection.getresponse()

    assert (answer.status, b"10.00 EUR" in answer.read()) == (200, True)
    connection.close()


def test_it_runs_without_django_and_without_the_checkers_packages() -> None:
    code = (
        "import sys; from checkout.sandbox import Sandbox\n"
        "with Sandbox(): pass\n"
        "print({'django', 'jsonschema', 'stripe', 'requests'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
