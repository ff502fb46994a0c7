"""Each limit on a document: at its edge, and refused before anything is done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import get_introspection_query

from schema import limits
from schema.errors import Denied
from schema.limits import guard, parsing
from tests.client import Answer, call

LIMITS = settings.GRAPHQL_LIMITS


def tokens(count: int) -> str:
    """Thirteen around pictures' addresses, of six each."""
    addresses, rest = divmod(count - 13, 6)
    inner = "url(width: 320) " * addresses + "alt " * rest
    return f'{{ product(slug: "x") {{ image {{ {inner} }} }} }}'


def comments(count: int) -> str:
    return "{ __typename }" + "\n#" * count


def deep(count: int) -> str:
    """A valid document, so many fields deep."""
    inner = "parent { " * (count - 2)
    return '{ category(slug: "x") { ' + inner + "name" + " }" * count


def introspecting(count: int) -> str:
    inner = "ofType { " * (count - 2)
    return '{ __type(name: "Query") { ' + inner + "name" + " }" * count


def aliases(count: int) -> str:
    return "{ " + " ".join(f"a{at}: __typename" for at in range(count)) + " }"


def aliases_by_fragments(count: int) -> str:
    """Half of them in a fragment that is spread twice; an odd one beside it."""
    own = "" if count % 2 == 0 else "x: __typename"
    half = " ".join(f"a{at}: __typename" for at in range(count // 2))
    return f"{{ ...F shop {{ currency }} ...F {own} }} fragment F on Query {{ {half} }}"


def fields(count: int) -> str:
    return "{ " + "__typename " * count + "}"


def fields_by_fragments(count: int) -> str:
    """A fragment of ten, spread ten times over; the rest in the open."""
    rest = "__typename " * (count - 100)
    return f"{{ {'...F ' * 10} {rest} }} fragment F on Query {{ {'__typename ' * 10} }}"


def fragments(count: int) -> str:
    """Each spread by the next one, so that no more are spread than there are."""
    parts = [f"fragment F{at} on Query {{ ...F{at + 1} }}" for at in range(count - 1)]
    return " ".join(["{ ...F0 }", *parts, f"fragment F{count - 1} on Query {{ __typename }}"])


def spreads(count: int) -> str:
    return "{ " + "...F " * count + "} fragment F on Query { __typename }"


def directives(count: int) -> str:
    return "{ " + " ".join(f"a{at}: __typename @skip(if: false)" for at in range(count)) + " }"


def mutations(count: int) -> str:
    logged_out = 'tokenRevoke(input: { refreshToken: "x" }) { errors { code } }'
    return "mutation { " + " ".join(f"a{at}: {logged_out}" for at in range(count)) + " }"


EDGES = {
    "tokens": (tokens, "tokens"),
    "comments": (comments, "tokens"),
    "depth": (deep, "depth"),
    "depth of introspection": (introspecting, "introspection depth"),
    "aliases": (aliases, "aliases"),
    "aliases by fragments": (aliases_by_fragments, "aliases"),
    "fields": (fields, "fields"),
    "fields by fragments": (fields_by_fragments, "fields"),
    "fragments": (fragments, "fragments"),
    "spreads": (spreads, "spreads"),
    "directives": (directives, "directives"),
    "mutations": (mutations, "mutations"),
}


def told(document: str) -> tuple[Answer, int]:
    """The answer, and how many statements it took."""
    with CaptureQueriesContext(connection) as taken:
        answer = call(document)
    return answer, len(taken)


def refused(answer: Answer, limit: str) -> None:
    assert answer.status == 400
    assert answer.codes == ["LIMIT_EXCEEDED"]
    sentence = guard.SENTENCES.get(limit, "more than {}")
    assert sentence.format(LIMITS[limit]) in answer.message
    assert answer.body["errors"][0]["extensions"]["requestId"]
    assert "data" not in answer.body


@pytest.mark.parametrize("what", EDGES)
def test_as_much_as_is_allowed_passes_and_one_more_is_refused(what: str) -> None:
    write, limit = EDGES[what]

    passes, _ = told(write(LIMITS[limit]))
    over, statements = told(write(LIMITS[limit] + 1))

    assert passes.status == 200, passes.body
    assert passes.codes == []
    refused(over, limit)
    assert statements == 0


def bomb(count: int) -> str:
    """Each fragment spreads the next twice: 2^count fields."""
    parts = [f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }}" for at in range(count)]
    return " ".join(["{ ...F0 }", *parts, f"fragment F{count} on Query {{ __typename }}"])


def test_fragments_that_double_are_refused_by_what_they_come_to() -> None:
    refused(told(bomb(9))[0], "fields")  # 512 fields of 20 fragments and spreads
    refused(told(bomb(30))[0], "fragments")


def test_a_count_that_doubles_is_saturated(settings: Any) -> None:
    settings.GRAPHQL_LIMITS = LIMITS | {"fragments": 400, "spreads": 400, "tokens": 10_000}

    with pytest.raises(Denied, match="500 fields"):
        limits.check(limits.parsed(bomb(180)))


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A shop { currency } }",
        "{ ...A ...B } fragment A on Query { ...B } fragment B on Query { ...A ...B }",
        "{ ...Nowhere }",
    ],
)
def test_fragments_that_lead_in_circles_or_nowhere_are_told_by_validation(document: str) -> None:
    answer = call(document)

    assert answer.status == 400
    assert set(answer.codes) == {"VALIDATION_FAILED"}


@pytest.mark.parametrize(("outer", "passes"), [(9, True), (10, False)])
def test_a_fragment_is_as_deep_as_it_stands(outer: int, passes: bool) -> None:
    above, below = "parent { " * (outer - 1), " }" * outer
    document = f'{{ category(slug: "x") {{ {above} ...F {below} }}'
    answer = call(document + " fragment F on Category { parent { parent { name } } }")

    if passes:
        assert answer.data
    else:
        refused(answer, "depth")


BESIDE = ["shop { currency }", "...F"]


@pytest.mark.parametrize("beside", BESIDE)
def test_beside_introspection_the_depth_is_the_usual_one(beside: str) -> None:
    alone = introspecting(13)
    fragment = " fragment F on Query { shop { currency } }" if "F" in beside else ""

    assert call(alone).data
    refused(call(f"{alone.removesuffix('}')} {beside} }}{fragment}"), "depth")


def test_each_operation_has_its_own_aliases_and_they_share_the_fragments() -> None:
    two = f"query A {aliases(20)} query B {aliases(20)}"

    limits.check(limits.parsed(two))
    with pytest.raises(Denied, match="20 times"):
        limits.check(limits.parsed(f"query A {spreads(11)} query B {{ {'...F ' * 10} }}"))


@pytest.mark.parametrize(
    "document",
    [
        "query @a @b @c @d @e @f { __typename }",
        "query($a: Int @a @b @c @d @e @f) { __typename }",
        "{ ... @a @b @c { __typename } ...F @d } fragment F on Query @e { __typename @f }",
    ],
)
def test_directives_count_wherever_they_stand_and_whatever_they_are_called(document: str) -> None:
    refused(call(document), "directives")


def test_the_tools_question_for_the_schema_passes() -> None:
    assert call(get_introspection_query()).data


# ── the guard's own work ─────────────────────────────────────────────────────────────────────
GROWING: dict[str, Callable[[int], str]] = {
    "fields in a row": fields,
    "fields in each other": lambda n: "{ a " * n + "}" * n,
    "fragments that double": bomb,
    "fragments in a row": lambda n: (
        "{ __typename } " + " ".join(f"fragment F{at} on Query {{ ...F0 }}" for at in range(n))
    ),
    "operations": lambda n: "{ a }" * n,
    "inline fragments": lambda n: "{ " + "... { a } " * n + "}",
}


@pytest.mark.parametrize("what", GROWING)
def test_the_guards_work_grows_as_the_document_does(
    what: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GRAPHQL_LIMITS = dict.fromkeys(LIMITS, 10**9)
    seen = 0

    def counted(node: Any, depth: int) -> Any:
        nonlocal seen
        for one in look(node, depth):
            seen += 1
            yield one

    look = guard.selected
    monkeypatch.setattr(guard, "selected", counted)
    visited = []
    for size in (40, 80, 160):
        document = parsing.parsed(GROWING[what](size))
        seen = 0
        limits.check(document)
        visited.append(seen)

    assert visited[0] > 0
    assert visited[1] <= 2 * visited[0] + 2
    assert visited[2] <= 2 * visited[1] + 2
