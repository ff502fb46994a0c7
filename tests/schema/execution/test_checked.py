"""A document is parsed and validated once; what is refused is looked at each time."""

from typing import Any

import pytest
import strawberry
from graphql import ASTValidationRule
from strawberry.extensions import AddValidationRules

from schema.execution import checked
from schema.execution.checked import VALID, Checked
from schema.root import build
from tests.client import call
from tests.schema.execution.both import planning


@strawberry.type
class Query:
    number: int = 1


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self, plus: int) -> int:
        return 1 + plus


class Looked(ASTValidationRule):
    """Counts how often a document is validated."""

    times = 0

    def enter_document(self, *_: Any) -> None:
        Looked.times += 1


def rules() -> AddValidationRules:
    return AddValidationRules([Looked])


@pytest.fixture
def schema() -> strawberry.Schema:
    Looked.times = 0
    made = strawberry.Schema(query=Query, mutation=Mutation, extensions=[Checked, rules])
    made.process_errors = lambda *_: None  # type: ignore[method-assign]
    return made


def test_a_valid_document_is_validated_once_and_its_values_each_time(
    schema: strawberry.Schema,
) -> None:
    document = "mutation($plus: Int!) { add(plus: $plus) }"

    answers = [schema.execute_sync(document, {"plus": plus}) for plus in (1, 2, "x", 3)]

    assert [one.data for one in answers] == [{"add": 2}, {"add": 3}, None, {"add": 4}]
    assert Looked.times == 1


@pytest.mark.parametrize("document", ["{ unknown }", "{ number", "mutation { add }"])
def test_what_is_refused_is_refused_alike_each_time(
    schema: strawberry.Schema, document: str
) -> None:
    told = [schema.execute_sync(document).errors for _ in range(3)]

    assert told[0]
    assert told[0] == told[1] == told[2]
    assert len(VALID[schema]) == 0


def test_what_another_schema_allows_is_not_allowed_here() -> None:
    document = "{ __schema { queryType { name } } }"
    open_to_all, closed = build(explorer=True), build(explorer=False)

    assert open_to_all.execute_sync(document).data
    assert closed.execute_sync(document).errors
    assert closed.execute_sync(document).errors


def test_few_documents_are_kept_and_no_long_ones(schema: strawberry.Schema) -> None:
    for number in range(checked.MOST * 2):
        schema.execute_sync(f"{{ a{number}: number }}")
    kept = len(VALID[schema])
    schema.execute_sync("{ number }" + " " * checked.LONGEST)

    assert kept == checked.MOST
    assert VALID[schema].find("{ number }" + " " * checked.LONGEST) is None
    assert VALID[schema].find("{ a0: number }") is None
    assert VALID[schema].find(f"{{ a{checked.MOST * 2 - 1}: number }}") is not None


def test_mutations_never_run_by_plans_and_act_each_time() -> None:
    document = """mutation { cartCreate(input: {}) { cart { token } errors { code } } }"""

    with planning(True):
        tokens = {call(document).data["cartCreate"]["cart"]["token"] for _ in range(4)}

    assert len(tokens) == 4
