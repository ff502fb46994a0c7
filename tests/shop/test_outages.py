"""A database that is away: 503 at every door, with the time to come again; then all goes on."""

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import Error, IntegrityError, OperationalError, connection, transaction
from django.test import Client

from checkout.sandbox import Sandbox
from shop import outages
from tests.admin_pages import make_boss, signed_in
from tests.checkout import paying
from tests.factories import make_user
from users import tokens

stripe = paying.stripe
LIST = "{ products { nodes { name } } }\n"
SIGN_IN = (
    'mutation { tokenCreate(input: { email: "a@example.com", password: "x" })'
    " { token errors { code } } }"
)
MEDIA = "application/graphql-response+json"
on_postgresql = pytest.mark.skipif(
    not settings.DATABASE_NAME, reason="about PostgreSQL's own errors"
)


@pytest.fixture
def away() -> Iterator[Callable[[], None]]:
    """Called: the database is nowhere any more, until the test ends or calls it again."""
    said = connection.settings_dict
    before = dict(said)

    def move() -> None:
        connection.close()
        is_there = said == before
        said.update(before)
        if is_there:
            said.update({"PORT": "1"} if settings.DATABASE_NAME else {"NAME": "/no/where.sqlite3"})

    yield move
    connection.close()
    said.update(before)


def asked(document: str = LIST, client: Client | None = None, **headers: str) -> Any:
    client = client or Client(raise_request_exception=False)
    sent = {"query": document}
    return client.post("/graphql/", sent, content_type="application/json", headers=headers)


@pytest.mark.transactional
@pytest.mark.parametrize("media", ["application/json", MEDIA])
@pytest.mark.parametrize(
    "document",
    [
        LIST,
        LIST.replace("products", "first: products"),
        SIGN_IN,
        "{ me { email } }",
        "{ a: products { nodes { name } } b: categories { name } me { email } }",
    ],
)
def test_an_operation_is_answered_503(
    away: Callable[[], None], document: str, media: str, caplog: pytest.LogCaptureFixture
) -> None:
    bearer = f"Bearer {tokens.access_token(make_user())}"
    before = asked(document, accept=media, authorization=bearer)
    away()

    while_away = [asked(document, accept=media, authorization=bearer) for _ in range(3)]
    away()
    back = asked(document, accept=media, authorization=bearer)

    assert before.status_code == back.status_code == 200
    for answer in while_away:
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        assert (answer.status_code, codes) == (503, {"SERVICE_UNAVAILABLE"})
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Cache-Control"] == "no-store"
        assert {error["message"] for error in answer.json()["errors"]} == {outages.MESSAGE}
    assert "Traceback" not in caplog.text  # of bugs alone: a line for each is enough here


@pytest.mark.transactional
def test_a_document_by_its_hash_is_answered_503(away: Callable[[], None], tmp_path: Path) -> None:
    (tmp_path / "list.graphql").write_text(LIST)
    call_command("persist", tmp_path)
    away()

    answer = Client().get("/graphql/", {"documentId": sha256(LIST.encode()).hexdigest()})

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (503, outages.CODE)
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.transactional
def test_what_asks_no_database_is_answered_as_ever(away: Callable[[], None]) -> None:
    away()

    assert asked("{ __typename }").json()["data"] == {"__typename": "Query"}
    assert Client().get("/graphql/schema.graphql").status_code == 200
    assert asked("{ nonsense }", accept=MEDIA).status_code == 400


@pytest.mark.transactional
def test_an_event_of_stripe_is_to_come_again(away: Callable[[], None], stripe: Sandbox) -> None:
    order = paying.order()
    stripe.pay(paying.opened(order).id)
    away()

    while_away = paying.deliver(stripe)
    away()
    back = paying.deliver(stripe)

    assert 503 in while_away
    assert set(while_away) <= {503, 204}  # those that are not followed need no database
    assert set(back) == {204}
    assert paying.states(order) == paying.PAID


@pytest.mark.transactional
def test_the_admin_and_the_health_check_answer_503(away: Callable[[], None]) -> None:
    boss = signed_in(make_boss(), raise_request_exception=False)
    away()

    answers = [boss.get("/admin/"), boss.post("/admin/login/", {"username": "a", "password": "b"})]
    health = boss.get("/healthz")
    away()

    assert [answer.status_code for answer in answers] == [503, 503]
    assert {answer.headers["Retry-After"] for answer in answers} == {"5"}
    assert {answer.json()["error"]["code"] for answer in answers} == {outages.CODE}
    assert health.status_code == 503
    assert boss.get("/admin/").status_code == boss.get("/healthz").status_code == 200


def failing(act: Callable[[], Any]) -> Error:
    with pytest.raises(Error) as raised, transaction.atomic():
        act()
    return raised.value


def run(statement: str) -> Callable[[], Any]:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return act


def test_a_statement_that_is_refused_is_no_outage() -> None:
    make_user(email="a@example.com")
    errors = [failing(run("SELECT no_such_column FROM users_user")), failing(run("SELEC"))]
    taken = failing(lambda: make_user(email="a@example.com"))

    assert isinstance(taken, IntegrityError)
    assert not any(map(outages.is_outage, [*errors, taken]))
    assert not outages.is_outage(None)
    assert not outages.is_outage(ValueError())


@on_postgresql
def test_a_statement_that_takes_too_long_is_no_outage() -> None:
    late = failing(run("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)"))

    assert isinstance(late, OperationalError)
    assert not outages.is_outage(late)


@on_postgresql
@pytest.mark.transactional
def test_a_connection_that_the_server_ends_is_one() -> None:
    run("SELECT 1")()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    at = connection.get_connection_params()
    ours = {
        name: at[name] for name in ("host", "port", "user", "password", "dbname") if at.get(name)
    }
    with psycopg.connect(**ours, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])

    ended = failing_outside(run("SELECT 1"))
    connection.close()

    assert outages.is_outage(ended)


def failing_outside(act: Callable[[], Any]) -> Error:
    with pytest.raises(Error) as raised:
        act()
    return raised.value


def wrapped(act: Callable[[], Any]) -> Error:
    """What Django makes of an error of sqlite3's."""
    with pytest.raises(Error) as raised, connection.wrap_database_errors:
        act()
    return raised.value


@pytest.mark.skipif(bool(settings.DATABASE_NAME), reason="about SQLite's own errors")
def test_a_file_that_cannot_be_had_is_one(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with sqlite3.connect(path, isolation_level=None) as first, sqlite3.connect(path) as second:
        first.execute("CREATE TABLE one (n)")
        first.execute("BEGIN EXCLUSIVE")
        second.execute("PRAGMA busy_timeout = 1")
        busy = wrapped(lambda: second.execute("INSERT INTO one VALUES (1)"))
        first.execute("ROLLBACK")
        wrong = wrapped(lambda: second.execute("SELECT m FROM one"))
    first.close()
    second.close()
    absent = wrapped(lambda: sqlite3.connect(tmp_path))

    assert outages.is_outage(busy)
    assert outages.is_outage(absent)
    assert not outages.is_outage(wrong)


@on_postgresql
@pytest.mark.transactional
def test_a_server_that_says_nothing_is_given_up(away: Callable[[], None]) -> None:
    away()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection.settings_dict["PORT"] = str(silent.getsockname()[1])
        connection.settings_dict["HOST"] = "127.0.0.1"
        began = time.monotonic()
        answer = asked()
        took = time.monotonic() - began

    assert answer.status_code == 503
    assert took < 10
