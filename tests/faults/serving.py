"""The server as production runs it, and requests to it."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from checkout.sandbox import Sandbox
from tests.soak.serving import Server

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
on_postgresql = pytest.mark.skipif(
    not settings.DATABASE_NAME, reason="about PostgreSQL's connections, locks, sequences, queue"
)


class Production(Server):
    """Started by the command of `make serve`; one worker, unless told otherwise."""

    def __init__(
        self,
        stripe: Sandbox | None = None,
        *,
        workers: int = 1,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(stripe, settings="tests.served_faults")
        self.variables |= {"WORKERS": str(workers), **(variables or {})}

    def command(self) -> list[str]:
        return ["sh", "-c", f"exec {documented(self.port)}"]

    def terminate(self) -> tuple[int, float]:
        """Ask it to stop: its exit code, and the seconds that it took."""
        assert self.process
        began = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process = None
        return code, time.monotonic() - began

    def workers(self) -> list[int]:
        """The processes that answer."""
        return children(self.pid)


def documented(port: int) -> str:
    """The command line of `make serve`, for the shell."""
    recipe = MAKEFILE.read_text().partition("\nserve:")[2].partition("\n\n")[0]
    line = " ".join(each.strip(" \t\\@") for each in recipe.splitlines()[1:])
    values = {"$(BIN)": str(Path(sys.executable).parent), "$(HOST)": "127.0.0.1", "$$": "$"}
    for name, value in (values | {"$(PORT)": str(port)}).items():
        line = line.replace(name, value)
    return line


def children(pid: int) -> list[int]:
    """The processes that were started by this one and serve (not the one that tidies up)."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {int(each): Path(f"/proc/{each}/cmdline").read_bytes() for each in found}
    return [each for each, line in lines.items() if b"resource_tracker" not in line]


def ask(server: Server, document: str, *, token: str = "", key: str = "", **input: Any) -> Any:
    """The body of the answer to one request on a connection of its own.

    Raises:
        OSError, HTTPException: there was none.
    """
    body = {"query": document, "variables": {"input": input} if input else {}}
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    line = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        line.request("POST", "/graphql/", json.dumps(body), headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def mutation(name: str, selection: str, kind: str = "") -> str:
    kind = kind or f"{name[0].upper()}{name[1:]}Input"
    fields = f"{selection} errors {{ code message path }}"
    return f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {fields} }} }}"


def accepts(server: Server) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) == 0


def no_stack(bodies: Iterable[Any]) -> bool:
    """Whether nothing of the inside is told."""
    text = json.dumps(list(bodies))
    return not any(word in text for word in ("Traceback", "psycopg", "sqlite", "SELECT", ".py"))
