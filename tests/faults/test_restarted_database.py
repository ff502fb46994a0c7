"""A database that is gone and comes back: errors in bounded time, then all goes on, exactly.

It runs where PostgreSQL's programs are installed, on a server of its own that nobody else uses.
RESTARTS says how often it is killed and started while buyers buy.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from checkout.sandbox import Sandbox
from scripts.test import binaries, started
from tests.checkout import paying
from tests.faults.crowd import buy_while
from tests.faults.serving import Production, ask, no_stack, on_postgresql

stripe = paying.stripe
RESTARTS = int(os.environ.get("RESTARTS", "1"))
SEED = int(os.environ.get("RESTART_SEED", "1"))
QUERY = '{{ products(first: 3, search: "lamp {}") {{ nodes {{ name }} }} }}'
BOUND = 5.0  # seconds for an answer, whatever it is
needs_binaries = pytest.mark.skipif(binaries() is None, reason="initdb is not installed")


class Database:
    """A server that can be killed, on which the shop's tables are made."""

    def __init__(self, folder: Path, at: dict[str, str]) -> None:
        self.folder, self.port, self.name = folder, at["DATABASE_PORT"], "shop"
        with self.line() as line:
            line.execute(f"CREATE DATABASE {self.name}")
            self.data = line.execute("SHOW data_directory").fetchone()[0]  # type: ignore[index]

    def line(self) -> "psycopg.Connection[Any]":
        at = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        return psycopg.connect(at, autocommit=True)

    def kill(self) -> None:
        """As a crash would end it."""
        self.run("-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """With the options that it was started with before."""
        self.run("-m", "immediate", "-w", "-l", f"{self.data}/log", "restart")

    def run(self, *command: str) -> None:
        subprocess.run(
            [str(self.folder / "pg_ctl"), "-D", self.data, *command],
            check=True, user="postgres" if os.getuid() == 0 else None, cwd="/", timeout=60,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": self.port,
            "DATABASE_USER": "postgres",
            "SERVED_LASTING": "on",
        }


@pytest.fixture
def database() -> Iterator[Database]:
    """Where the test's own connection leads as well, until it ends."""
    folder = binaries()
    assert folder
    with started(folder) as at:
        found = Database(folder, at)
        with leading_to(found):
            call_command("migrate", verbosity=0)
            yield found


@contextmanager
def leading_to(database: Database) -> Iterator[None]:
    said = connection.settings_dict
    before = dict(said)
    connection.close()
    options = {"options": "-c statement_timeout=15000"}
    said.update(HOST="127.0.0.1", PORT=database.port, USER="postgres", NAME=database.name)
    said["OPTIONS"] = options
    try:
        yield
    finally:
        connection.close()
        said.update(before)


def timed(server: Production, path: str = "") -> tuple[int, Any, float]:
    """Status, body and seconds of a query, or of what lies at a path."""
    began = time.monotonic()
    if not path:
        status, body = ask(server, QUERY.format(began))  # no answer to it is kept
        return status, body, time.monotonic() - began
    line = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode(), time.monotonic() - began
    finally:
        line.close()


@on_postgresql
@needs_binaries
@pytest.mark.transactional
@pytest.mark.long
def test_while_the_database_is_gone_there_are_errors_and_afterwards_there_are_none(
    database: Database,
) -> None:
    with Production(variables=database.variables) as server:
        assert timed(server)[0] == 200
        database.kill()

        health = timed(server, "/healthz")
        gone = [timed(server) for _ in range(12)]  # more than there are connections
        database.start()
        back = [timed(server) for _ in range(12)]

    assert health[0] == 503
    assert all(took < BOUND for _, _, took in [health, *gone])
    assert {(status, body["errors"][0]["extensions"]["code"]) for status, body, _ in gone} == {
        (503, "SERVICE_UNAVAILABLE")
    }
    assert no_stack([body for _, body, _ in [health, *gone]])
    assert [(status, "errors" in body) for status, body, _ in back] == [(200, False)] * 12


@on_postgresql
@needs_binaries
@pytest.mark.transactional
@pytest.mark.long
def test_a_database_that_is_killed_while_people_buy_costs_nobody_anything(
    database: Database, stripe: Sandbox
) -> None:
    killed = 0
    with Production(stripe, variables=database.variables) as server:

        def disturb(times: int) -> None:
            nonlocal killed
            threading.Event().wait(0.3)
            if killed < RESTARTS:
                database.kill()
                threading.Event().wait(0.2)
                database.start()
                killed += 1

        told = buy_while(stripe, server, 4 * RESTARTS, SEED, disturb)

    assert killed == RESTARTS
    assert no_stack(told)
