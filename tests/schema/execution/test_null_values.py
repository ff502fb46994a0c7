"""A null where none may stand, which only the run can tell: the caller's doing, and no bug.

A variable with a default may stand where no null may. The default is not taken for a null that
was sent, and graphql-core finds that out at the field.
"""

import logging
from typing import Any, cast

import pytest
import strawberry
from django.db.models import Model
from graphql import GraphQLError

from schema.execution.plans import MOST_FAILURES
from schema.extensions import code_of
from tests.client import call
from tests.factories import make_user
from tests.schema.execution.both import Asked, compared, plan_of, planning, tell
from users.models import User

REFUSED = {
    "all of a list": "query($v: [ID!] = []) { nodes(ids: $v) { id } }",
    "one of a list": 'query($v: ID = "x") { nodes(ids: [$v]) { id } }',
    "a field of an input": "query($v: String = \"\") { products(filter: {options: [{name: $v,"
    " values: []}]}) { totalCount } }",
    "a directive at a root": "query($v: Boolean = true) { me @skip(if: $v) { email } }",
    "a directive below": "query($v: Boolean = true) { products { totalCount @include(if: $v) } }",
}  # fmt: skip
CHANGES = {
    "the input of a mutation": "mutation($v: TokenRevokeInput = {}) { tokenRevoke(input: $v) {"
    " revoked } }",
    "a field of a mutation": 'mutation($v: String = "x") { passwordResetRequest(input: {email: $v})'
    " { accepted } }",
}


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("document", (REFUSED | CHANGES).values(), ids=[*REFUSED, *CHANGES])
def test_a_null_by_a_variable_is_refused_and_not_logged(
    document: str, planned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with planning(planned):
        for _ in range(3):  # the plan, where there is one, answers from the second on
            assert call(document).codes == []

        answer = call(document, v=None)

    assert answer.codes == ["VALIDATION_FAILED"]
    assert answer.message.startswith("Argument ")
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("document", REFUSED.values(), ids=[*REFUSED])
def test_both_ways_tell_it_alike_and_the_plan_stays_awake(document: str) -> None:
    asked = Asked(document, {"v": None})
    good = Asked(document)
    tell(good, planned=True)
    assert compared(good)

    for _ in range(MOST_FAILURES + 1):
        assert tell(asked, planned=True).body == tell(asked, planned=False).body

    plan = plan_of(good)
    assert plan is not None
    assert (plan.failures, plan.resting) == (0, 0)
    assert compared(good)


def nameless(*row: Any) -> User:
    user = Model.from_db.__func__(*row)  # type: ignore[attr-defined]
    user.email = None
    return cast("User", user)


@pytest.mark.parametrize("planned", [True, False])
def test_a_null_of_our_own_stays_a_bug(
    planned: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    user = make_user()
    document = "query($v: Boolean = true) { me @include(if: $v) { email } }"
    with planning(planned):
        assert [call(document, user=user).codes for _ in range(3)] == [[]] * 3
        monkeypatch.setattr(User, "from_db", classmethod(nameless))

        answer = call(document, user=user)

    assert answer.codes == ["INTERNAL"]
    assert [one.name for one in caplog.records if one.levelno >= logging.ERROR] == [
        "schema.extensions"
    ]


@strawberry.type
class Thing:
    of: int = 1


@strawberry.type
class Broken:
    """What goes wrong in the run, in graphql-core's own words."""

    @strawberry.field
    def null(self, of: int = 1) -> int:
        return None  # type: ignore[return-value]

    @strawberry.field
    def large(self, of: int = 1) -> int:
        return 2**40

    @strawberry.field
    def text(self, of: int = 1) -> int:
        return "x"  # type: ignore[return-value]

    @strawberry.field
    def many(self, of: int = 1) -> list[int]:
        return 1  # type: ignore[return-value]

    @strawberry.field
    def thing(self, of: int = 1) -> Thing:
        return Broken()  # type: ignore[return-value]

    @strawberry.field
    def told(self, info: strawberry.Info, of: int = 1) -> int:
        nodes = info._raw_info.field_nodes  # as graphql-core's own errors of the run have them
        raise GraphQLError("by a resolver", nodes=nodes)


@pytest.mark.parametrize("field", ["null", "large", "text", "many", "told", "thing"])
def test_what_graphql_core_finds_wrong_with_our_answer_stays_a_bug(field: str) -> None:
    made: Any = strawberry.Schema(query=Broken)
    made.process_errors = lambda *_: None

    below = "{ of }" if field == "thing" else ""
    result = made.execute_sync(f"query($v: Int = 1) {{ {field}(of: $v) {below} }}")

    assert [code_of(error) for error in result.errors] == ["INTERNAL"]
