"""`python -m checkout.sandbox`, as a process of its own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import stripe
from stripe.params.checkout import SessionCreateParamsLineItem

from checkout.sandbox import __main__ as command
from tests.sandbox.receiver import receiver

ROOT = Path(command.__file__).parents[2]
PROGRAM = [sys.executable, "-m", "checkout.sandbox"]
LINE: SessionCreateParamsLineItem = {
    "quantity": 1,
    "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Lamp"}},
}


@contextmanager
def running(*options: str) -> Iterator[str]:
    """The address of a sandbox, which is asked to end after the block, and ends well."""
    arguments = [*PROGRAM, "--port", "0", *options]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            greeting = process.stdout.readline()
            yield greeting.split()[3]
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()


def client(address: str, key: str = "sk_test_sandbox") -> stripe.StripeClient:
    http = stripe.RequestsClient(timeout=(3, 10))
    return stripe.StripeClient(key, base_addresses={"api": address}, http_client=http)


def test_it_needs_neither_django_nor_the_checkers_package() -> None:
    """A first run has the sandbox before anything of the tests' tools."""
    asked = "{'django', 'jsonschema', 'stripe', 'requests'} & set(sys.modules)"
    code = f"import sys, checkout.sandbox.__main__; print({asked})"

    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert told.stdout == "set()\n"


def test_it_serves_delivers_remembers_and_ends(tmp_path: Path) -> None:
    state = str(tmp_path / "books.json")
    options = ["--key", "sk_test_a", "--secret", "whsec_a", "--state", state]
    with receiver() as shop:
        with running(*options, "--webhook", shop.address, "--latency-ms", "1") as address:
            session = client(address, "sk_test_a").v1.checkout.sessions.create(
                {"mode": "payment", "success_url": "http://127.0.0.1:8000/", "line_items": [LINE]}
            )
            client(address, "sk_test_a").v1.checkout.sessions.expire(session.id)
            assert shop.came.wait(10)
            with pytest.raises(stripe.AuthenticationError):
                client(address).v1.checkout.sessions.retrieve(session.id)

        [arrival] = shop.arrivals
        event = stripe.Webhook.construct_event(
            arrival.body, arrival.headers["Stripe-Signature"], "whsec_a"
        )
        assert event.type == "checkout.session.expired"
        with running(*options) as address:
            again = client(address, "sk_test_a").v1.checkout.sessions.retrieve(session.id)
            assert again.status == "expired"


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        told = subprocess.run(
            [*PROGRAM, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False
        )

    assert told.returncode == 1
    assert f"cannot serve on port {port}" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "options",
    [["--webhook", "ftp://x/"], ["--webhook", "8000"], ["--latency-ms", "-1"],
     ["--latency-ms", "nan"], ["--port", "x"], ["--port", "65536"]],
)  # fmt: skip
def test_an_odd_option_is_refused_with_its_name(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(options)

    assert caught.value.code == 2
    assert f"argument {options[0]}" in capsys.readouterr().err
