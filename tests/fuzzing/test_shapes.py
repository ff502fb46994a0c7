"""The look at answers sees what is wrong with them, or it would prove nothing."""

from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from tests.fuzzing.shapes import Expected

SCHEMA: GraphQLSchema = build_schema("""
    scalar Decimal
    scalar DateTime
    enum Colour { RED }
    interface Node { id: ID! }
    type Lamp implements Node {
      id: ID! name: String watts: Int colour: Colour price: Decimal at: DateTime
    }
    type Rug implements Node { id: ID! width: Float! }
    type Query { lamp: Lamp! lamps: [Lamp!]! node: Node maybe: Lamp }
""")
LAMP = "{ lamp { id name watts } }"
FULL = "{ lamp { name watts colour price at } }"
NODE = "{ node { kind__: __typename id ... on Rug { width } } }"
ERROR = {"message": "No.", "path": ["maybe"], "extensions": {"code": "FORBIDDEN"}}


def lamp(**fields: Any) -> Any:
    return {"data": {"lamp": {"id": "1", "name": "x", "watts": 1} | fields}}


def full(**fields: Any) -> Any:
    whole = {"name": None, "watts": 1, "colour": "RED", "price": "1.00", "at": None}
    return {"data": {"lamp": whole | fields}}


RIGHT: list[tuple[str, Any]] = [
    (LAMP, lamp()),
    (LAMP, lamp(name=None)),
    (FULL, full(at="2026-01-01T00:00:00+00:00")),
    (NODE, {"data": {"node": {"kind__": "Rug", "id": "1", "width": 1.5}}}),
    (NODE, {"data": {"node": {"kind__": "Lamp", "id": "1"}}}),
    ("{ maybe { id } }", {"data": {"maybe": None}, "errors": [ERROR]}),
    ("{ lamps { ...L } } fragment L on Node { id }", {"data": {"lamps": [{"id": "1"}]}}),
    ("{ no }", {"errors": [{"message": "", "extensions": {"code": "VALIDATION_FAILED"}}]}),
]
WRONG: dict[str, tuple[str, Any]] = {
    "a field is missing": (LAMP, {"data": {"lamp": {"id": "1", "name": "x"}}}),
    "a field is too much": (LAMP, lamp(more=1)),
    "fields in another order": (LAMP, {"data": {"lamp": {"name": "x", "id": "1", "watts": 1}}}),
    "null where none may be": (LAMP, lamp(id=None)),
    "null in a list": ("{ lamps { id } }", {"data": {"lamps": [None]}}),
    "no list": ("{ lamps { id } }", {"data": {"lamps": {}}}),
    "no object": (LAMP, {"data": {"lamp": "1"}}),
    "a number for a text": (LAMP, lamp(name=1)),
    "a truth for a number": (LAMP, lamp(watts=True)),
    "a number too large": (LAMP, lamp(watts=2**31)),
    "an unknown value of an enum": (FULL, full(colour="BLUE")),
    "no decimal": (FULL, full(price="a lot")),
    "a decimal without end": (FULL, full(price="NaN")),
    "no instant": (FULL, full(at="soon")),
    "an object of no type": (NODE, {"data": {"node": {"kind__": "Sofa", "id": "1"}}}),
    "a wrong name of a type": ("{ lamp { __typename } }",
    {"data": {"lamp": {"__typename": "Rug"}}}),
    "neither data nor errors": (LAMP, {"extensions": {}}),
    "data is null without a reason": (LAMP, {"data": None}),
    "a value beside its error": ("{ maybe { id } }", {"data": {"maybe": {"id": "1"}},
    "errors": [ERROR]}),
    "no errors in errors": (LAMP, lamp() | {"errors": []}),
    "an error without a code": (LAMP, {"errors": [{"message": ""}]}),
    "a bug": (LAMP, {"errors": [{"message": "", "extensions": {"code": "INTERNAL"}}]}),
    "an error without a message": (LAMP, {"errors": [{"extensions": {"code": "FORBIDDEN"}}]}),
    "something else in an error": (LAMP, {"errors": [ERROR | {"traceback": ""}]}),
    "something else in the answer": (LAMP, lamp() | {"debug": 1}),
    "no object at all": (LAMP, []),
    "nothing at all": (LAMP, None),
}  # fmt: skip


@pytest.mark.parametrize(("document", "body"), RIGHT)
def test_a_right_answer_is_found_right(document: str, body: Any) -> None:
    assert Expected(SCHEMA, document).look(200, body) == []


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_is_found_wrong(what: str) -> None:
    document, body = WRONG[what]

    assert len(Expected(SCHEMA, document).look(200, body)) == 1


def test_a_failure_of_the_server_is_found_whatever_it_says() -> None:
    assert Expected(SCHEMA, LAMP).look(500, lamp()) == ["status 500"]
