"""Selections written as expressions: what they may name, and what is looked at before them."""

from decimal import Decimal
from typing import Any

import pytest
import strawberry
import strawberry_django
from django.utils.functional import SimpleLazyObject
from graphql import GraphQLFloat, GraphQLInt, GraphQLString

from catalog import models
from schema.execution.plans import PlannedSchema
from schema.execution.writing import PLAIN, Names


@strawberry.type
class Cover:
    """strawberry-django calls what a resolver gives, if it can be called."""

    title: str

    def __call__(self) -> "Cover":
        return Cover(title="called")


class Titled:
    title = "not called"


class Failed(Exception):
    title = "an exception with the field's name"


class Amount(Decimal):
    def __call__(self) -> Decimal:
        return Decimal("2.00")


@strawberry_django.type(models.Category)
class Shelf:
    @strawberry_django.field
    def cover(self) -> Cover:
        return SHOWN["cover"]  # type: ignore[no-any-return]

    @strawberry_django.field
    def covers(self) -> list[Cover]:
        return [SHOWN["cover"]]

    @strawberry_django.field
    def amount(self) -> Decimal:
        return Amount("1.00")


@strawberry.type
class Query:
    @strawberry.field
    def shelf(self) -> Shelf:
        return models.Category(name="Lamps")  # type: ignore[return-value]


SHOWN: dict[str, Any] = {}


@pytest.fixture
def schema() -> PlannedSchema:
    made = PlannedSchema(query=Query)
    made.process_errors = lambda *_: None  # type: ignore[method-assign]
    return made


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (1, 0, 4, 3, 2, 0)])
@pytest.mark.parametrize("field", ["cover", "covers"])
def test_django_fields_look_at_each_kind_of_value_first(
    schema: PlannedSchema, field: str, order: tuple[int, ...]
) -> None:
    """Also at one that came before, and at one that stands for another."""
    plain = [Titled(), Cover(title="itself")]
    values = [*plain, *map(lazily, plain), lazily(Failed())]
    for at in order:
        SHOWN["cover"] = values[at]
        check(schema, f"{{ shelf {{ {field} {{ title }} }} }}")


def test_django_fields_look_at_leaves_first(schema: PlannedSchema) -> None:
    check(schema, "{ shelf { amount } }")


def check(schema: PlannedSchema, document: str) -> None:
    schema.planned = False
    expected = schema.execute_sync(document)
    schema.planned = True
    schema.plans.met((document, None))

    found = schema.execute_sync(document)
    assert (found.data, found.errors) == (expected.data, expected.errors)


def lazily(value: object) -> Any:
    return SimpleLazyObject(lambda: value)


@pytest.mark.parametrize("name", ["open", "len", "__import__", "PLAIN"])
def test_an_expression_reaches_nothing_but_what_it_was_given(name: str) -> None:
    with pytest.raises(NameError):
        Names().function(name)(None, None)  # type: ignore[arg-type]


def test_each_thing_has_a_name_of_its_own() -> None:
    names = Names()
    first, second = names.of("a"), names.of("a")

    assert first != second
    assert names.function(f"({first}, {second}, value)")("b", None) == ("a", "a", "b")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "plain", "odd"),
    [
        (GraphQLString, ["", "text"], [None, 1, type("Text", (str,), {})("x")]),
        (GraphQLInt, [0, 2**31 - 1, -(2**31)], [True, 2**31, -(2**31) - 1, 1.0]),
        (GraphQLFloat, [0.5, -1e308], [1, float("nan"), float("inf"), float("-inf")]),
    ],
)
def test_only_exact_values_in_range_are_their_own_answer(
    kind: Any, plain: list[Any], odd: list[Any]
) -> None:
    is_plain = Names().function(PLAIN[kind].format("value"))

    assert all(is_plain(value, None) for value in plain)  # type: ignore[arg-type]
    assert not any(is_plain(value, None) for value in odd)  # type: ignore[arg-type]
