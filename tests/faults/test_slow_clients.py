"""Clients that send or read a byte a second keep nobody else from being answered.

SLOW is how many seconds they go on, SLOW_CLIENTS how many there are; `make soak` lets 200 of
them go on for 60.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import pytest

from shop.buffering import THREADS
from tests.factories import make_variant
from tests.faults.serving import Production, ask, on_postgresql
from tests.faults.test_lost_connections import number

SECONDS = float(os.environ.get("SLOW", "3"))
CLIENTS = int(os.environ.get("SLOW_CLIENTS", "60"))
HEAD = "POST /graphql/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
KNOWN = "{ products(first: 3) { nodes { name } } }"
LONG = "{ products(first: 100) { nodes { id name slug description } } }"
HELD = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'"""
PACE = 1.0  # seconds from byte to byte


def opening(kind: str) -> bytes:
    """What a slow client says at once; headers are given up by the server after 30 s."""
    if kind == "header":
        return f"{HEAD}X-Slow: ".encode()
    if kind == "body":
        return f'{HEAD}Content-Length: 5000\r\n\r\n{{"query": "'.encode()
    body = json.dumps({"query": LONG})
    return f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode()


class Slow:
    """One of them: `kind` is what it does slowly, header, body or reading."""

    def __init__(self, server: Production, kind: str) -> None:
        self.server, self.kind = server, kind
        self.open()

    def open(self) -> None:
        self.line = socket.socket()
        if self.kind == "reading":
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        self.line.connect(("127.0.0.1", self.server.port))
        self.line.sendall(opening(self.kind))

    def close(self) -> None:
        self.line.close()

    def go_on(self) -> None:
        """A byte more; who is thrown out comes back."""
        try:
            if self.kind == "reading":
                self.line.settimeout(0.01)
                self.line.recv(1)
            else:
                self.line.send(b"a")
        except TimeoutError:
            pass
        except OSError:
            self.line.close()
            self.open()


@contextmanager
def besieged(server: Production, kinds: list[str]) -> Iterator[list[Slow]]:
    with ExitStack() as lines:
        crowd = [Slow(server, kinds[at % len(kinds)]) for at in range(CLIENTS)]
        over = threading.Event()
        thread = threading.Thread(target=keep_on, args=(crowd, over))
        thread.start()
        for each in crowd:
            lines.callback(each.close)
        lines.callback(thread.join)
        lines.callback(over.set)
        yield crowd


def keep_on(crowd: list[Slow], over: threading.Event) -> None:
    while not over.wait(PACE):
        for each in crowd:
            each.go_on()


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("kind", ["header", "body", "reading", "all"])
def test_slow_clients_keep_nobody_waiting(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    for _ in range(30):
        make_variant()
    kinds = ["header", "body", "reading"] if kind == "all" else [kind]
    with Production() as server:
        ask(server, KNOWN)
        with besieged(server, kinds):
            taken = asked_meanwhile(server)

    figures = {"p50": at(taken, 0.5), "p99": at(taken, 0.99), "max": taken[-1], "n": len(taken)}
    record_property("milliseconds", figures)
    print(f"slow {kind}: {figures}")
    assert len(taken) >= 20


def asked_meanwhile(server: Production) -> list[float]:
    """Milliseconds of each normal query, kept ones and new ones by turns, from short to long."""
    until = time.monotonic() + SECONDS
    taken: list[float] = []
    for turn in count():
        if time.monotonic() > until and turn >= 20:
            return sorted(taken)
        new = f'{{ products(first: 3, search: "lamp {turn}") {{ nodes {{ name }} }} }}'
        began = time.monotonic()
        status, body = ask(server, new if turn % 2 else KNOWN)
        taken.append(round((time.monotonic() - began) * 1000, 1))
        assert status == 200, body
        assert "errors" not in body, body
        time.sleep(0.05)
    raise AssertionError


def at(taken: list[float], share: float) -> Any:
    return taken[int(len(taken) * share)]


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_many_who_wait_hold_few_connections() -> None:
    """The threads that read are many, and PostgreSQL has a hundred connections for everybody."""
    make_variant()
    asked = [
        f'{{ products(first: 3, search: "l{turn}") {{ nodes {{ name }} }} }}' for turn in range(80)
    ]
    with Production() as server, ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda document: ask(server, document), asked))
        held = number(HELD)

    assert {status for status, _ in answers} == {200}
    assert 0 < held <= THREADS
