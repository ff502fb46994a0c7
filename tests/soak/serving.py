"""The production server in a process group of its own, which can be killed at any instant."""

import os
import signal
import socket
import subprocess
import sys
from typing import Self

import requests
from django.conf import settings as own
from django.db import connection
from urllib3.util import Retry

from checkout.sandbox import Sandbox

STOPPED = 40  # seconds; the server gives what is in flight up to 30


class Server:
    """Granian with one worker on the test's database, paid by the sandbox where there is one.

    `variables` are further ones of its environment.
    """

    def __init__(
        self,
        stripe: Sandbox | None = None,
        *,
        settings: str = "tests.served",
        threads: int | None = None,
        **variables: str,
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.variables = {
            "DJANGO_SETTINGS_MODULE": settings,
            "SERVED_DATABASE": str(connection.settings_dict["NAME"]),
            "SERVED_MEDIA": str(own.MEDIA_ROOT),
        } | variables
        if stripe:
            self.variables["SERVED_STRIPE"] = f"{stripe.address} {stripe.key} {stripe.secret}"
        self.threads = threads
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.port)]
        command += ["--blocking-threads", str(self.threads)] if self.threads else []
        return [*command, "shop.wsgi:application"]

    def start(self) -> None:
        """Return when it answers."""
        self.process = subprocess.Popen(
            self.command(),
            env=os.environ | self.variables,
            start_new_session=True,
            stdout=subprocess.DEVNULL,  # what a killed server complains of is no news
            stderr=subprocess.DEVNULL,
        )
        with patient() as http:
            http.get(f"{self.address}/healthz", timeout=20).raise_for_status()

    @property
    def pid(self) -> int:
        """Of the process that started the worker."""
        assert self.process
        return self.process.pid

    def kill(self) -> None:
        """The whole group at once, in the middle of whatever it does."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)
            self.process = None

    def stop(self) -> None:
        """Ask the first process alone, as a service manager does, and leave nothing behind."""
        if self.process:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=STOPPED)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def patient() -> requests.Session:
    """A client that waits for a server which is not there yet; no POST is repeated by itself."""
    http = requests.Session()
    waits = Retry(total=20, backoff_factor=0.05, backoff_max=1)
    http.mount("http://", requests.adapters.HTTPAdapter(max_retries=waits))
    return http
