"""The line that each request leaves in the log."""

import logging
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

import orjson
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from schema.answers.door import Door
from shop.request_log import LONGEST, RequestLog, line, tell
from tests.factories import make_product, make_user
from tests.schema.doors import in_transaction
from users import tokens

QUERY = "query Shelf { products(first: 1) { nodes { name } } }"


def environ(**more: Any) -> WSGIEnvironment:
    found: WSGIEnvironment = {"HTTP_HOST": "localhost"} | more
    setup_testing_defaults(found)
    return found


def posted(document: str, name: str, **more: Any) -> WSGIEnvironment:
    body = orjson.dumps({"query": document, "operationName": name})
    return environ(
        REQUEST_METHOD="POST",
        PATH_INFO="/graphql/",
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH=str(len(body)),
        **more,
    ) | {"wsgi.input": BytesIO(body)}


def send(app: Any, asked: WSGIEnvironment) -> dict[str, str]:
    """The headers of the answer."""
    found: dict[str, str] = {}

    def start(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Any:
        found.update(headers)

    with in_transaction():
        response = app(asked, start)
        list(response)
        getattr(response, "close", bool)()
    return found


def facts(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Of the only line."""
    (record,) = [one for one in caplog.records if one.name == "shop.request_log"]
    return dict(part.split("=", 1) for part in record.getMessage().split(" "))


@pytest.fixture(autouse=True)
def _lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "shop.request_log")


@pytest.mark.django_db
def test_a_line_says_what_was_asked_and_what_it_took(caplog: pytest.LogCaptureFixture) -> None:
    make_product()
    user = make_user()
    bearer = f"Bearer {tokens.access_token(user)}"

    headers = send(RequestLog(WSGIHandler()), posted(QUERY, "Shelf", HTTP_AUTHORIZATION=bearer))

    told = facts(caplog)
    assert (told["method"], told["path"]) == ("POST", "/graphql/")
    assert (told["status"], told["operation"]) == ("200", "Shelf")
    assert told["user"] == str(user.pk)
    assert told["id"] == headers["X-Request-ID"]
    assert int(told["cost"]) > 0
    assert float(told["ms"]) > 0
    assert int(told["statements"]) >= 2  # who asks, and the products


@pytest.mark.django_db
def test_an_answer_from_memory_has_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    make_product()
    app = RequestLog(Door(WSGIHandler()))
    for _ in range(3):
        send(app, posted(QUERY, "Shelf"))
    caplog.clear()

    headers = send(app, posted(QUERY, "Shelf"))

    told = facts(caplog)
    assert "operation" not in told
    assert told["id"] == headers["X-Request-ID"]


def test_the_query_of_an_address_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    send(RequestLog(WSGIHandler()), environ(PATH_INFO="/nothing", QUERY_STRING="token=s3cr3t"))

    assert facts(caplog)["path"] == "/nothing"
    assert facts(caplog)["status"] == "404"


def test_a_request_that_breaks_has_its_line(caplog: pytest.LogCaptureFixture) -> None:
    def broken(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        send(RequestLog(broken), environ(PATH_INFO="/graphql/"))

    assert facts(caplog)["path"] == "/graphql/"


@pytest.mark.django_db
def test_statements_are_counted_of_this_request_alone(caplog: pytest.LogCaptureFixture) -> None:
    def asks_twice(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        for _ in range(2):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        return []

    send(RequestLog(asks_twice), environ())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert facts(caplog)["statements"] == "2"


def test_nothing_that_a_client_chose_ends_a_line_or_forges_a_fact() -> None:
    shown = line({"path": '/a\nstatus=500 x="1', "operation": "A" * 1000})

    assert "\n" not in shown
    assert shown.startswith("path='/a\\nstatus=500")
    assert len(shown) < 3 * LONGEST


def test_facts_are_taken_only_where_a_line_is_written() -> None:
    asked = environ()

    tell(asked, user=1)

    assert not any("request_log" in name for name in asked)
