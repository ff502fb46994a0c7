"""Whatever a resolver does, a plan says of it what graphql-core says."""

import json
import re
from typing import Any

import pytest
from graphql import is_leaf_type

from tests.schema.execution import odd

ADDRESS = re.compile(r"0x[0-9a-f]+")  # of an object, as its text shows it
CORE: Any = odd.schema._schema
FIELDS = [
    name for name, one in CORE.query_type.fields.items() if "of" in one.args and name != "rows"
]
BELOW = {
    "Cat": "{ __typename name lives }",
    "Pet": "{ __typename name ... on Cat { lives } ... on Dog { good } }",
    "Either": "{ ... on Cat { name } ... on Dog { good } }",
    "Told": "{ __typename name }",
}

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


def told(document: str, variables: dict[str, Any] | None, *, planned: bool) -> tuple[bytes, bool]:
    """The answer as bytes, and whether a plan gave it."""
    key = (document, None)
    odd.schema.planned = planned
    if planned:
        odd.schema.plans.met(key)
    plan = odd.schema.plans.find(key) if planned else None
    before = plan.answered if plan else 0
    if plan:
        plan.failures = plan.resting = 0
    found = odd.schema.execute_sync(document, variables)
    answer = {"data": found.data, "errors": [one.formatted for one in found.errors or ()]}
    body = json.dumps(answer, default=lambda odd: f"{type(odd)}")
    return ADDRESS.sub("", body).encode(), bool(plan and plan.answered > before)


def check(document: str, variables: dict[str, Any] | None = None) -> bool:
    """Whether the plan answered; twice, since what is known of classes is kept."""
    core, _ = told(document, variables, planned=False)
    for _ in range(2):
        planned, by_plan = told(document, variables, planned=True)
        assert planned == core
    return by_plan


def below(name: str) -> str:
    kind: Any = CORE.query_type.fields[name].type
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return "" if is_leaf_type(kind) else BELOW[kind.name]


@pytest.mark.parametrize("name", FIELDS)
def test_each_value_is_completed_alike_whatever_came_before(name: str) -> None:
    """By a plan that knows nothing yet, then by one that has learnt of all the others."""
    document = f"query Q($of: String!) {{ {name}(of: $of) {below(name)} }}"
    core = {of: told(document, {"of": of}, planned=False)[0] for of in odd.VALUES}

    for of in odd.VALUES:
        odd.schema.plans.forget()
        assert told(document, {"of": of}, planned=True)[0] == core[of], of
    for of in [*odd.VALUES, *reversed(odd.VALUES)]:
        assert told(document, {"of": of}, planned=True)[0] == core[of], of


PLAIN: dict[str, dict[str, Any]] = {
    "text": {"text": "text", "texty": "texty", "one": "1"},
    "number": {"one": 1, "least": -(2**31), "whole": 1, "true": 1},
    "part": {"float": 1.5, "one": 1.0},
    "truth": {"true": True, "zero": False},
    "amount": {"decimal": "1.50", "text": "text"},
    "colour": {"red": "RED", "redText": "RED", "blue": "BLUE", "one": "BLUE"},
    "kind": {"kind": "A", "kindText": "A"},
    "texts": {"list": ["a", None, "b"], "empty": []},
    "numbers": {"empty": []},
    "cat": {"cat": {"__typename": "Cat", "name": "Tom", "lives": 9}},
    "pet": {"dog": {"__typename": "Dog", "name": "Rex", "good": True}},
    "either": {"dog": {"good": True}},
    "told": {"first": {"__typename": "First", "name": "1"}},
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_values_need_no_other_executor(name: str) -> None:
    document = f"query Q($of: String!) {{ {name}(of: $of) {below(name)} }}"
    for of, expected in (PLAIN[name] | {"null": None}).items():
        body, by_plan = told(document, {"of": of}, planned=True)

        assert by_plan, of
        assert json.loads(body) == {"data": {name: expected}, "errors": []}


def test_errors_below_lists_have_their_places() -> None:
    for of in odd.VALUES:
        check(f'{{ rows(of: "{of}") {{ text }} }}')
        check(f'{{ rows(of: "{of}") {{ number }} }}')
        check(f'{{ again {{ rows(of: "{of}") {{ own text }} }} }}')


def test_a_resolver_sees_where_it_is() -> None:
    assert check("{ again { seen } }")
    assert check(
        "query Named($a: Int) { other: seen ...F @skip(if: true) kept(words: [], least: $a) }"
        ' fragment F on Query { number(of: "one") }',
        {"a": 1},
    )
    assert not check('{ rows(of: "text") { where } }')


def test_permissions_are_asked_with_the_right_place() -> None:
    check('{ rows(of: "one") { closed } }')
    check('{ rows(of: "one") { open } }')
    check('{ rows(of: "one") { closed: open } }')


def test_arguments_that_are_spoilt_are_new_for_the_next_row() -> None:
    document = """query Q($more: String, $words: [String!]! = ["d"]) { a: kept(words: ["x"])
        b: kept(words: $words, more: $more) c: kept(words: [], more: null) }"""
    assert check(document)
    assert check(document, {"more": None, "words": ["w"]})
    assert check(document, {"more": "m"})
    assert check('query Q($w: [String!]!) { rows(of: "one") { kept(words: $w) } }', {"w": ["a"]})
    assert check('query Q($a: String!) { rows(of: "one") { kept(words: [$a, "b"]) } }', {"a": "a"})


def test_async_resolvers_are_left_to_graphql_core() -> None:
    assert not check("{ slow }")
