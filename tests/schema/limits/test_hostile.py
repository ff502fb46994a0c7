"""Documents that nobody means: each class is refused at once, and none breaks anything."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from schema.answers import persisted
from schema.root import schema
from tests.client import Answer, call

MOST_SECONDS = 1.0  # of this process's own work; what is promised is two

SAME = "{ shop { " + "currency " * 450 + "} }"
NESTED = "[" * 150
HOSTILE: dict[str, Callable[[], str]] = {
    "3,000 nested braces": lambda: "{ a " * 3_000 + "}" * 3_000,
    "braces and nothing else": lambda: "{" * 100_000,
    "2,000 operations": lambda: "".join(f"query Q{at} {{ __typename }} " for at in range(2_000)),
    "300 operations without a name": lambda: "{ a }" * 300,
    "5,000 variables": lambda: (
        "query(" + " ".join(f"$v{at}: Int" for at in range(5_000)) + ") { __typename }"
    ),
    "250 kB of comments": lambda: "{ __typename }" + "#\n" * 80_000,
    "one comment of 250 kB": lambda: "{ __nothing }#" + "x" * 250_000,
    "250 kB of commas": lambda: "{ __nothing }" + "," * 250_000,
    "250 kB of blanks": lambda: " " * 250_000 + "{ __nothing }",
    "a text of 250 kB": lambda: '{ product(id: "' + "x" * 250_000 + '") { nothing } }',
    "a block of 250 kB": lambda: '{ product(id: """' + "x\n" * 80_000 + '""") { nothing } }',
    "a name of 250 kB": lambda: "{ " + "x" * 250_000 + " }",
    "a number of 250,000 digits": lambda: (
        "{ products(first: " + "9" * 250_000 + ") { totalCount } }"
    ),
    "a fraction of 250,000 digits": lambda: (
        "{ products(filter: { minRating: 1." + "9" * 250_000 + " }) { nothing } }"
    ),
    "nested lists": lambda: "{ products(first: " + NESTED + "]" * 150 + ") { totalCount } }",
    "lists nested without end": lambda: "{ products(first: " + "[" * 50_000,
    "nested objects": lambda: (
        "{ products(filter: " + "{ a: " * 150 + "1" + "}" * 150 + ") { nothing } }"
    ),
    "objects nested without end": lambda: "{ products(filter: " + "{ a: " * 50_000,
    "a nested type": lambda: f"query($a: {NESTED}Int{']' * 150}) {{ nothing }}",
    "a type nested without end": lambda: "query($a: " + "[" * 100_000,
    "inline fragments in each other": lambda: "{ ... " * 190 + "{ nothing }" + "}" * 190,
    "the same field with 450 conflicts": lambda: (
        "{ " + " ".join(f"products(first: {at}) {{ totalCount }}" for at in range(110)) + " }"
    ),
    "fragments that double": lambda: (
        "{ ...F0 } "
        + " ".join(f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }}" for at in range(60))
        + " fragment F60 on Query { __typename }"
    ),
    "fragments in a circle": lambda: (
        "{ ...F0 } "
        + " ".join(f"fragment F{at} on Query {{ ...F{(at + 1) % 10} }}" for at in range(10))
    ),
    "300 directives": lambda: "{ __typename " + "@include(if: true) " * 150 + "}",
    "200 unknown fields": lambda: "{ " + " ".join(f"nothing{at}" for at in range(200)) + " }",
    "introspection in circles": lambda: (
        "{ __schema { types { " + "fields { type { " * 8 + "name" + " } }" * 8 + " } } }"
    ),
}  # fmt: skip
CODES = {"BAD_REQUEST", "LIMIT_EXCEEDED", "VALIDATION_FAILED"}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_document_nobody_means_is_refused_at_once(what: str) -> None:
    document = HOSTILE[what]()
    began = process_time()

    answer = call(document)

    assert process_time() - began < MOST_SECONDS
    assert answer.status == 400
    assert set(answer.codes) <= CODES
    assert len(answer.codes) <= settings.GRAPHQL_LIMITS["errors"]
    assert "data" not in answer.body


BODIES = {
    "20,000 nested arrays": b"[" * 20_000 + b"]" * 20_000,
    "20,000 nested arrays in the variables": (
        b'{"query": "{__typename}", "variables": {"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}"
    ),
    "100 kB of braces": b"{" * 100_000,
    "a number of 200,000 digits": (
        b'{"query": "{__typename}", "variables": {"a": ' + b"9" * 200_000 + b"}}"
    ),
    "many documents at once": b'[{"query": "{__typename}"}, {"query": "{__typename}"}]',
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def test_a_body_nobody_means_is_refused_at_once(what: str) -> None:
    began = process_time()

    response = Client().post("/graphql/", BODIES[what], content_type="application/json")

    assert process_time() - began < MOST_SECONDS
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_the_same_field_many_times_over_is_answered_at_once() -> None:
    began = process_time()

    answer: Answer = call(SAME)

    assert process_time() - began < MOST_SECONDS
    assert answer.status in (200, 400)


def test_an_answer_holds_a_bounded_number_of_errors() -> None:
    many = "{ " + " ".join(f"nothing{at}" for at in range(300)) + " }"

    assert len(call(many).codes) == settings.GRAPHQL_LIMITS["errors"]


def test_inline_fragments_in_each_other_end_without_harm() -> None:
    deep = "{ ... " * 150 + "{ shop { currency } }" + " }" * 150

    for _ in range(3):  # by graphql-core, and by a plan where it has one
        assert call(deep).data["shop"]


@pytest.mark.parametrize("what", ["fragments that double", "5,000 variables"])
def test_a_document_that_would_be_refused_cannot_be_registered(what: str) -> None:
    refusal: Any = pytest.raises(persisted.Refused, match="more than")
    with refusal:
        persisted.register({"here": HOSTILE[what]()}, schema._schema)
