"""GraphQL over HTTP: what a request may look like, and by which name and status it is answered."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client, RequestFactory

from schema.http import media
from schema.http.media import GRAPHQL, JSON
from tests.schema.doors import Shown, Street

NAME = b'{"query": "{ __typename }"}'


def post(body: bytes = NAME, kind: str = JSON, **headers: str) -> Any:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Client().post("/graphql/", body, content_type=kind, headers=named)


def code(response: Any) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


# ── by which name ───────────────────────────────────────────────────────────────────────────
ACCEPTED = {
    "": JSON,
    " ": JSON,
    "*/*": JSON,
    "application/*": JSON,
    JSON: JSON,
    GRAPHQL: GRAPHQL,
    GRAPHQL.upper(): GRAPHQL,
    f"{GRAPHQL}; charset=utf-8": GRAPHQL,
    f'{GRAPHQL}; charset="UTF-8"': GRAPHQL,
    f"{GRAPHQL}, {JSON};q=0.9": GRAPHQL,
    f"{JSON};q=0.9,{GRAPHQL}": GRAPHQL,
    f"{JSON}, {GRAPHQL}": GRAPHQL,
    f"{GRAPHQL};q=0.5, {JSON}": JSON,
    f"{GRAPHQL}, */*": GRAPHQL,
    f"{GRAPHQL};q=0.5, */*": JSON,
    f"{JSON}, */*": JSON,
    f"{JSON};q=0, */*": GRAPHQL,
    f"{GRAPHQL};q=0, */*": JSON,
    f"{JSON}, multipart/mixed": JSON,
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": JSON,
    "*/*;q=0": None,
    "text/html": None,
    "application/xml, text/*": None,
    f"{JSON};q=0": None,
    f"{JSON};q=2": None,
    f"{JSON};q=nan": None,
    f"{JSON};q=": None,
    f"{JSON}; charset=latin-1": None,
    "application/graphql": None,
    "é": None,
    ",;=,": None,
}


@pytest.mark.parametrize("accept", ACCEPTED)
def test_the_answer_has_the_name_that_suits_best(accept: str) -> None:
    assert media.of({"HTTP_ACCEPT": accept}) == ACCEPTED[accept]
    long = accept + " " * media.REMEMBERED
    assert media.of({"HTTP_ACCEPT": long}) == ACCEPTED[accept]


def test_an_answer_that_nobody_can_read_is_not_computed() -> None:
    street = Street()
    kept = street.post("{ shop { name } }")

    response = street.post("{ shop { name } }", headers={"Accept": "text/html"})

    assert (kept.status, response.status) == (200, 406)
    assert response.headers["Content-Type"] == JSON


REFUSED = {
    "syntax": ({"query": "{"}, "BAD_REQUEST"),
    "validation": ({"query": "{ nope }"}, "VALIDATION_FAILED"),
    "coercion": ({"query": "query($id: ID!) { product(id: $id) { id } }"}, "VALIDATION_FAILED"),
    "no operation": ({"query": "query A { __typename }", "operationName": "B"}, "BAD_REQUEST"),
    "a subscription": ({"query": "subscription { x }"}, "BAD_REQUEST"),
    "a limit": ({"query": "{" + "a: __typename " * 600 + "}"}, "LIMIT_EXCEEDED"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_document_of_which_nothing_ran_is_400_where_the_name_tells_graphql(what: str) -> None:
    asked, expected = REFUSED[what]
    body = json.dumps(asked).encode()

    plain, named = post(body, Accept=JSON), post(body, Accept=GRAPHQL)

    assert (plain.status_code, named.status_code) == (200, 400)
    assert code(plain) == code(named) == expected
    for response in (plain, named):
        assert "data" not in response.json()


# ── how it is sent ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "kind",
    [
        "", "text/plain", "application/graphql", "application/json-patch+json", "application/jsonx",
        "application/x-www-form-urlencoded", "application/json; charset=latin-1",
        "application/json; charset=utf-16", "application/json; charset=rot13",
        "application/json; charset=a\0b", "application/json; x*=nope''y",
        "application/json; charset*=rot13''y",
        "multipart/form-data; boundary=x; charset=utf-16",
    ],
)  # fmt: skip
def test_another_content_type_is_refused(kind: str) -> None:
    environ = RequestFactory().post("/graphql/", NAME, content_type=JSON).environ
    shown = Street().ask(environ | {"CONTENT_TYPE": kind})

    assert shown.status == 415
    assert json.loads(shown.body)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    "kind", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"']
)
def test_utf_8_may_be_said(kind: str) -> None:
    assert post(kind=kind).status_code == 200


def test_a_mark_of_utf_8_is_passed_over() -> None:
    assert post(b"\xef\xbb\xbf" + NAME).json()["data"] == {"__typename": "Query"}


BODIES = {
    "null": b"null",
    "a number": b"7",
    "a text": b'"{ __typename }"',
    "a batch": b"[" + NAME + b"]",
    "UTF-16": NAME.decode().encode("utf-16"),
    "invalid UTF-8": b'{"query": "{ __typename }", "x": "\xff"}',
    "half a pair in UTF-8": b'{"query": "{ __typename }", "x": "\xed\xa0\x80"}',
    "two documents": b'{"query": "{ a }", "query": "{ __typename }"}',
    "a variable twice": b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "Infinity": b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
    "something behind it": NAME + b"{}",
    "extensions as a list": b'{"query": "{ __typename }", "extensions": []}',
    "extensions as a text": b'{"query": "{ __typename }", "extensions": "x"}',
    "extensions as false": b'{"query": "{ __typename }", "extensions": false}',
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_request_is_a_bad_request_under_either_name(what: str) -> None:
    for accept in (JSON, GRAPHQL):
        response = post(BODIES[what], Accept=accept)
        assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("extensions", [b"null", b"{}", b'{"a": [1]}'])
def test_extensions_are_an_object(extensions: bytes) -> None:
    assert post(NAME[:-1] + b', "extensions": ' + extensions + b"}").status_code == 200


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (str(len(NAME) + 1), 400), ("0", 400), ("-1", 400), ("a few", 400), ("9" * 5_000, 400),
        ("+27", 400), ("256001", 413),
    ],
)  # fmt: skip
def test_a_length_that_lies_is_found_out(length: str, status: int) -> None:
    sent = RequestFactory().post("/graphql/", NAME, content_type=JSON).environ
    body = {"wsgi.input": BytesIO(NAME), "CONTENT_LENGTH": length}

    assert Street().ask(sent | body).status == status


def without_length(**extra: str) -> Shown:
    environ = RequestFactory().post("/graphql/", NAME, content_type=JSON).environ | extra
    del environ["CONTENT_LENGTH"]
    return Street().ask(environ)


def test_a_body_without_a_length_is_not_waited_for() -> None:
    assert without_length(HTTP_TRANSFER_ENCODING="chunked").status == 411
    assert without_length().status == 400


# ── by which method ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_told_which_there_are(method: str) -> None:
    response = Client().generic(method, "/graphql/", NAME, content_type=JSON)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_a_mutation_by_get_is_told_the_method_it_needs() -> None:
    for accept in (JSON, GRAPHQL):
        response = Client().get(
            "/graphql/", {"query": "mutation { __typename }"}, headers={"Accept": accept}
        )
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_what_can_be_done_here_is_told_to_who_asks() -> None:
    response = Client().options("/graphql/")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_a_head_runs_what_a_get_runs_and_changes_nothing() -> None:
    asked = {"query": "{ __typename }"}
    got, head = Client().get("/graphql/", asked), Client().head("/graphql/", asked)

    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "Cache-Control", "Vary"):
        assert head.headers[name] == got.headers[name]
    assert Client().head("/graphql/", {"query": "mutation { __typename }"}).status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        "query={__typename}&query={me{id}}", "query={__typename}&variables={}&variables={}",
        "query=%7B__typename%ff%7D", "query={__typename}&extensions=[]",
        "query={__typename}&" + "&".join("abcdefghijklmnopqrstuvwxyz"),
        "query={__typename}&variables={%22a%22:1,%22a%22:2}",
    ],
)  # fmt: skip
def test_an_address_that_says_two_things_or_none_is_a_bad_request(query: str) -> None:
    response = Client().get("/graphql/", QUERY_STRING=query)

    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "rot13", "base64", "cp037"])
def test_an_address_is_utf_8_whatever_a_header_says(charset: str) -> None:
    sent = RequestFactory().get("/graphql/", {"query": '{ a: __type(name: "é") { name } }'})
    sent.environ["CONTENT_TYPE"] = f"text/plain; charset={charset}"

    for accept in (JSON, "text/html,*/*"):
        shown = Street().ask(sent.environ | {"HTTP_ACCEPT": accept})
        assert (shown.status, shown.data) == (200, {"a": None})
