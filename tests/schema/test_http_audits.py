"""GraphQL over HTTP, as the audits of the package `graphql-http` see it, on real servers."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
from django.conf import settings
from django.db import connection
from graphql import get_introspection_query

from tests.soak.serving import Server, patient

AUDITS = Path(__file__).with_name("audits")
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
REQUIRED = os.environ.get("REQUIRE_NODE") == "1"
SECONDS = 180

pytestmark = [pytest.mark.transactional, pytest.mark.long]


def absent(what: str) -> NoReturn:
    """Skip, or fail where Node is required."""
    if REQUIRED:
        pytest.fail(f"REQUIRE_NODE=1, but {what}")
    pytest.skip(what)


def node() -> str:
    """The program that runs the audits, which npm has brought once."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        absent("node and npm are not installed (apt: npm)")
    with (AUDITS / "package-lock.json").open() as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)  # of several test processes one installs
        if not is_installed(json.load(wanted)):
            done = subprocess.run([npm, *INSTALL], cwd=AUDITS, timeout=SECONDS, check=False)
            if done.returncode:
                absent("npm cannot install graphql-http")
    return program


def is_installed(wanted: dict[str, Any]) -> bool:
    """Whether every package of the lock file is there in its version."""
    for place, package in wanted["packages"].items():
        found = AUDITS / place / "package.json"
        if place and (
            not found.exists() or json.loads(found.read_text())["version"] != package["version"]
        ):
            return False
    return True


@contextmanager
def development() -> Iterator[str]:
    """The address of Django's development server on the test's database, with DEBUG on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = ["manage.py", "runserver", "--noreload", "--skip-checks", f"127.0.0.1:{port}"]
    served = {
        "DJANGO_SETTINGS_MODULE": "tests.served_development",
        "SERVED_DATABASE": str(connection.settings_dict["NAME"]),
        "SERVED_MEDIA": str(settings.MEDIA_ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, *command],
        env=os.environ | served,
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with patient() as http:
            http.get(f"{address}/healthz", timeout=20).raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def production() -> Iterator[str]:
    """The address of the production server, which still shows its schema."""
    with Server() as server:
        yield server.address


@pytest.mark.parametrize("server", [development, production])
def test_the_61_audits_of_graphql_over_http_pass(server: Any) -> None:
    program = node()
    with server() as address:
        command = [program, "audit.mjs", f"{address}/graphql/"]
        said = subprocess.run(
            command, cwd=AUDITS, capture_output=True, check=True, text=True, timeout=60
        )

    audits = json.loads(said.stdout)

    wrong = [audit for audit in audits if audit["status"] != "ok"]
    assert not wrong, json.dumps(wrong, indent=1)
    assert len({audit["id"] for audit in audits}) == 61


def test_in_production_nobody_is_told_what_the_schema_contains() -> None:
    with Server(settings="tests.served_closed") as server, requests.Session() as http:
        address = f"{server.address}/graphql/"

        def asked(document: str) -> str:
            answer = http.post(address, json={"query": document}, timeout=20).json()
            assert "data" not in answer
            return str(answer["errors"][0]["message"])

        assert "introspection" in asked(get_introspection_query()).lower()
        assert "introspection" in asked('{ __type(name: "Query") { name } }').lower()
        assert "Did you mean" not in asked("{ shopp { name } }")
        assert "Did you mean" not in asked('{ shop(nam: "x") { name } }')
        assert "Did you mean" not in asked("{ products(sort: PRICE_ASCC) { totalCount } }")
        page = http.get(address, headers={"Accept": "text/html"}, timeout=20)
        looked = http.get(address, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=20)
        assert (page.status_code, looked.status_code) == (406, 400)
        for answer in (page, looked):
            assert answer.headers["Content-Type"] == "application/json"
            assert "graphiql" not in answer.text.lower()


def test_after_a_head_the_connection_goes_on() -> None:
    with Server() as server, requests.Session() as http:
        address = f"{server.address}/graphql/?query={{__typename}}"
        for _ in range(3):
            head = http.head(address, timeout=20)
            assert (head.status_code, head.content) == (200, b"")
            got = http.get(address, timeout=20)
            assert got.json()["data"] == {"__typename": "Query"}
