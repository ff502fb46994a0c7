"""The HTTP door."""

import json
from typing import Any

import pytest
from django.test import Client

from schema import extensions, ids
from schema.http.answering import as_json
from tests.client import call
from tests.factories import make_user, make_variant


def post(body: bytes, content_type: str = "application/json", **headers: str) -> Any:
    return Client().post("/graphql/", body, content_type=content_type, headers=headers)


def test_a_query_is_answered_for_its_bearer() -> None:
    lamp, buyer = make_variant().product, make_user()

    answer = call(
        "query($id: ID!) { product(id: $id) { name } me { email } }", user=buyer, id=ids.of(lamp)
    )

    assert answer.data == {"product": {"name": lamp.name}, "me": {"email": buyer.email}}


@pytest.mark.parametrize(
    "body", [b"null", b"7", b'"x"', b"[null]", b"\xff\xfe", b"[" * 20_000, b"{}"]
)
def test_a_body_that_is_no_operation_is_a_bad_request(body: bytes) -> None:
    response = post(body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json-patch+json"],
)
def test_other_content_types_are_not_read(content_type: str) -> None:
    assert post(b'{"query": "{__typename}"}', content_type).status_code == 415


def test_syntax_and_validation_errors_have_their_codes() -> None:
    assert (call("{nope").status, call("{nope").codes) == (400, ["BAD_REQUEST"])
    assert (call("{nope}").status, call("{nope}").codes) == (400, ["VALIDATION_FAILED"])


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_text_that_no_database_holds_is_refused_in_queries(text: str) -> None:
    assert call("query($id: ID!) { product(id: $id) { name } }", id=text).codes == ["BAD_REQUEST"]
    literal = json.dumps(text)
    assert call(f"{{ product(id: {literal}) {{ name }} }}").codes == ["BAD_REQUEST"]


def test_a_form_without_the_preflight_header_is_refused() -> None:
    response = Client().post("/graphql/", {"operations": '{"query": "{__typename}"}', "map": "{}"})

    assert response.status_code == 400


def test_queries_run_by_get_and_mutations_do_not() -> None:
    read = Client().get("/graphql/", {"query": "{__typename}"}).json()

    assert read["data"] == {"__typename": "Query"}
    assert Client().get("/graphql/", {"query": "mutation {__typename}"}).status_code == 405


def test_a_cookie_signs_nobody_in() -> None:
    browser = Client()
    browser.force_login(make_user())

    response = browser.post("/graphql/", {"query": "{me{email}}"}, content_type="application/json")

    assert response.json()["data"]["me"] is None


def test_an_address_without_anything_answers_in_json() -> None:
    response = Client().get("/nothing/here")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("value", ["\ud800", 2**70, "é", 1.5, None])
def test_whatever_an_answer_holds_is_written_as_json(value: Any) -> None:
    body = as_json({"data": {"a": value, "b": [1, True]}})

    assert json.loads(body) == {"data": {"a": value, "b": [1, True]}}
    assert b" " not in body


def test_a_bug_around_an_operation_is_told_as_any_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where a query is limited or its idempotency key is looked up."""

    def broken(*_: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(extensions, "readable_document", broken)

    answer = call("{ aDocumentThatIsNew: __typename }")

    assert answer.codes == ["INTERNAL"]
    assert "the inside" not in str(answer)
    assert "RuntimeError: the inside" in caplog.text
