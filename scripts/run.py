"""Serve the shop on HOST PORT; without a Stripe key of its own, with the sandbox beside it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values

KEY = "sk_test_sandbox"  # SANDBOX_KEY of the settings
HOME = Path(__file__).parent.parent


def configured(name: str) -> str:
    """A variable of the environment, else of the file that the settings read."""
    kept = dotenv_values(HOME / os.environ.get("ENV_FILE", ".env"))
    return (os.environ.get(name) or kept.get(name) or "").strip()


def free_port(wanted: int) -> int:
    """The port, or another one when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("There is no free port for the sandbox.")


@contextmanager
def sandbox(port: str) -> Iterator[dict[str, str]]:
    """Run the sandbox; what the shop needs to know of it. It ends with the block."""
    own = free_port(int(port) + 1)
    secret = f"whsec_{secrets.token_hex(16)}"
    webhook = f"http://127.0.0.1:{port}/webhooks/stripe/"
    options = ["--port", str(own), "--webhook", webhook, "--secret", secret, "--key", KEY]
    state = ["--state", str(HOME / "sandbox.json")]  # as lasting as db.sqlite3 is
    with running([sys.executable, "-m", "checkout.sandbox", *options, *state]):
        yield {
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
            "STRIPE_WEBHOOK_SECRET": secret,
            "STRIPE_API_BASE": f"http://127.0.0.1:{own}",
        }


def serve(host: str, port: str, **variables: str) -> int:
    """Say where all is, and serve until it is stopped; the exit status."""
    environment = os.environ | variables
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "welcome", host, port], check=True, env=environment)
    server = [*manage, "runserver", "--skip-checks", f"{host}:{port}"]
    with running(server, environment) as process:
        return process.wait()


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str] = os.environ
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, whatever ends the block."""
    process = subprocess.Popen(command, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)


def main(host: str, port: str) -> int:
    if configured("STRIPE_SECRET_KEY") or configured("DEBUG").lower() not in (
        "on",
        "true",
        "1",
        "yes",
    ):
        return serve(host, port)
    with sandbox(port) as variables:
        return serve(host, port, **variables)


if __name__ == "__main__":
    os.chdir(HOME)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that nothing is left behind
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
