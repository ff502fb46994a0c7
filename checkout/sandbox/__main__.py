"""`python -m checkout.sandbox`: the sandbox as a program of its own, until it is interrupted."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from checkout.sandbox import Sandbox

LAPSE_EVERY = 10  # seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; 1 when the port is taken."""
    given = _parser().parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with _sandbox(given) as sandbox:
            _greet(sandbox)
            while not ended.wait(LAPSE_EVERY):
                sandbox.lapse()  # so that a session that nobody asks about ends as well
    except OSError as reason:
        sys.stderr.write(f"The Stripe sandbox cannot serve on port {given.port}: {reason}\n")
        return 1
    return 0


def _sandbox(given: argparse.Namespace) -> Sandbox:
    return Sandbox(
        key=given.key,
        secret=given.secret,
        webhook=given.webhook,
        port=given.port,
        latency=given.latency_ms / 1000,
        state=given.state,
    )


def _greet(sandbox: Sandbox) -> None:
    sys.stdout.write(
        f"Stripe sandbox at {sandbox.address} (no money moves). "
        f"Events go to {sandbox.deliveries.webhook or 'nobody'}.\n"
    )
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m checkout.sandbox",
        description="A stand-in for Stripe on this machine, for a shop without an account.",
    )
    parser.add_argument("--port", type=_port, default=8001, help="on 127.0.0.1 (default: 8001)")
    parser.add_argument("--webhook", type=_web, help="where events are posted; nowhere without")
    parser.add_argument("--secret", default="whsec_sandbox", help="signs the events")
    parser.add_argument("--key", default="sk_test_sandbox", help="what the shop signs in with")
    parser.add_argument("--state", type=Path, help="a file that keeps the books over restarts")
    parser.add_argument("--latency-ms", type=_milliseconds, default=0, help="before each answer")
    return parser


def _web(address: str) -> str:
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise argparse.ArgumentTypeError(f"{address} is no http address")
    return address


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError("from 0, which is any free one, to 65535")
    return value


def _milliseconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 60_000:
        raise argparse.ArgumentTypeError("from 0 to 60000")
    return value


if __name__ == "__main__":
    sys.exit(main())
