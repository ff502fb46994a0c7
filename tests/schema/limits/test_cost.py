"""What requests are estimated to cost, by sums that can be done by hand."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLSchema, get_introspection_query

from benchmarks import questions
from schema import limits
from schema.explorer import examples
from schema.limits import weights
from schema.root import schema
from tests.client import call
from tests.factories import make_product
from tests.schema.execution.both import Asked, compared, tell

CORE: GraphQLSchema = schema._schema
BUDGET = settings.GRAPHQL_LIMITS["cost"]
PAGE, ID = weights.OF_A_PAGE, weights.OF_AN_ID
PAGES = weights.OF_PAGES_OF_PRODUCTS
EACH, ENTRY = weights.SOUGHT["Product.related"]


def cost(document: str, variables: dict[str, Any] | None = None, name: str | None = None) -> int:
    read = limits.parsed(document)
    limits.check(read)
    return limits.estimate_of(CORE, read, name).cost(variables)


BY_HAND = {
    "{ shop { name currency } }": 1 + 2,
    "{ a: shop { name } b: shop { name } }": 2 * (1 + 1),
    "{ products(first: 7) { nodes { name } } }": 1 + PAGE + 1 + 7 * 1,
    "{ products(last: 7) { nodes { name } } }": 1 + PAGE + 1 + 7 * 1,
    "{ products { nodes { name } } }": 1 + PAGE + 1 + 20 * 1,
    "{ products(first: null) { nodes { name } } }": 1 + PAGE + 1 + 20 * 1,
    "{ products(first: 0) { nodes { name } pageInfo { endCursor } } }": 1 + PAGE + 1 + 2,
    "{ products(first: 3) { edges { cursor node { id name } } } }": (
        1 + PAGE + 1 + 3 * (1 + 1 + ID + 1)
    ),
    "{ products(first: 3) { nodes { images { alt } } } }": 1 + PAGE + 1 + 3 * (1 + 5 * 1),
    "{ products(first: 3) { nodes { price { amount currency } } } }": 1 + PAGE + 1 + 3 * (1 + 2),
    "{ ...P } fragment P on Query { products(first: 2) { ...N } }"
    " fragment N on ProductConnection { nodes { ... on Product { name } } }": 1 + PAGE + 1 + 2,
    "{ products(first: 2) { facets { name } } }": 1 + PAGE + 6_000 + 1 + 10,
    "{ products(first: 2) { totalCount } }": 1 + PAGE + 500 + 1,
    '{ products(first: 2, search: "x") { nodes { name } } }': 1 + PAGE + 3_000 + 1 + 2,
    '{ category(slug: "x") { products(first: 5) { nodes { name } } } }': 1 + 1 + PAGE + 1 + 5,
    "{ categories { products(first: 5) { nodes { name } } } }": 1 + 20 * (1 + 1 + 5) + PAGES,
    '{ nodes(ids: ["a", "b", "c"]) { id } }': 1 + 3 * ID,
    '{ product(slug: "x") { related(first: 4) { name } } }': 1 + 1 + EACH + 4 * (ENTRY + 1),
    'mutation { tokenRevoke(input: { refreshToken: "x" }) { errors { code } } }': (
        1 + weights.OF_A_MUTATION + 1 + weights.ERRORS
    ),
    'mutation { tokenCreate(input: { email: "x", password: "y" }) { token } }': (
        1 + weights.OF_A_HASH + 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("document", BY_HAND)
def test_a_cost_is_what_it_is_by_hand(document: str) -> None:
    assert cost(document) == BY_HAND[document]


FIRST = "query($n: Int) { products(first: $n) { nodes { name variants { id } } } }"
USUAL = FIRST.replace("Int", "Int = 30")


@pytest.mark.parametrize(
    ("document", "variables", "size"),
    [
        (FIRST, {"n": 7}, 7), (FIRST, {"n": 7.0}, 7), (FIRST, {"n": None}, 20), (FIRST, {}, 20),
        (FIRST, None, 20), (FIRST, {"n": 0}, 0), (FIRST, {"n": -5}, 0),
        (FIRST, {"n": 10**400}, 100),
        (FIRST, {"n": float("nan")}, 20), (FIRST, {"n": float("inf")}, 20), (FIRST, {"n": "7"}, 20),
        (FIRST, {"n": True}, 20), (FIRST, {"n": [9]}, 20), (USUAL, {}, 30), (USUAL, None, 30),
        (USUAL, {"n": 5}, 5), (USUAL, {"n": None}, 20),
    ],
)  # fmt: skip
def test_page_sizes_come_from_the_variables(
    document: str, variables: dict[str, Any] | None, size: int
) -> None:
    assert cost(document, variables) == 1 + PAGE + 1 + size * (1 + 1 + 10 * ID)


def test_ids_count_by_their_list() -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert cost(document, {"ids": ["x"] * 7}) == 1 + 7 * ID
    assert cost(document, {"ids": "x"}) == 1 + ID
    assert cost(document, {"ids": ["x"] * 9_999}) == 1 + 100 * ID


def test_sizes_multiply_through_fragments_with_variables() -> None:
    document = """query($a: Int, $b: Int) { collections(first: $a) { nodes { ...C ...C } } }
        fragment C on Collection { products(first: $b) { nodes { name } } }"""

    found = cost(document, {"a": 3, "b": 4})

    assert found == 1 + PAGE + 1 + 3 * 2 * (1 + 1 + 4) + 2 * PAGES


def test_what_multiplies_for_ever_is_saturated() -> None:
    sizes = ", ".join(f"$n{at}: Int" for at in range(9))
    fixed, open_ones = (
        "".join(f"related(first: {size}) {{ " for size in all_of_them)
        for all_of_them in (["100"] * 9, [f"$n{at}" for at in range(9)])
    )
    inner = "name" + " }" * 9

    assert cost(f'{{ product(slug: "x") {{ {fixed} {inner} }} }}') == 10**9
    document = f'query({sizes}) {{ product(slug: "x") {{ {open_ones} {inner} }} }}'
    assert cost(document, {f"n{at}": 100 for at in range(9)}) == 10**9


def test_each_operation_of_a_document_costs_its_own() -> None:
    document = "query A { shop { name } } query B { shop { name currency } }"

    assert (cost(document, name="A"), cost(document, name="B")) == (2, 3)


def test_examples_and_what_is_measured_fit_into_the_budget() -> None:
    documents = [one.document for one in examples.load()]
    documents += [questions.LIST, questions.PAGE, questions.DETAIL, questions.SEARCH]
    documents += [questions.WORDS, questions.WALK, questions.ORDER, get_introspection_query()]

    assert len(documents) > 40
    assert [one for one in documents if cost(one, {"first": 100}) > BUDGET] == []


ORDINARY = """{ products(first: 100) { totalCount nodes { id name slug price { amount currency }
  category { id name slug } image { url alt } rating { average count } options { name values }
  images { url alt width height } variants { id sku name inStock price { amount currency }
  options { name value } } } pageInfo { endCursor hasNextPage } } }"""


def test_a_full_page_with_ordinary_nesting_fits_into_the_budget() -> None:
    assert call(ORDINARY).data


# ── refused and told ─────────────────────────────────────────────────────────────────────────
DEAR = """query($n: Int) { products(first: $n) { nodes { related(first: 50) { id name } } } }"""


def test_the_answer_tells_what_it_was_estimated_to_cost() -> None:
    answer = call("{ shop { name } }")
    failed = call("{ shop { name } products(first: 101) { nodes { name } } }")

    assert answer.body["extensions"] == {"cost": {"requested": 2, "limit": BUDGET}}
    assert failed.body["extensions"]["cost"]["limit"] == BUDGET


def test_what_costs_more_is_refused_before_any_statement_by_both_executors() -> None:
    make_product()
    allowed, dear = Asked(DEAR, {"n": 5}), Asked(DEAR, {"n": 100})
    assert compared(allowed)  # from now on there is a plan

    for planned in (False, True):
        told = tell(dear, planned=planned)
        assert b'"LIMIT_EXCEEDED"' in told.body
        assert b'"data"' not in told.body
        assert told.statements == []
    assert tell(dear, planned=False).body == tell(dear, planned=True).body
    assert compared(allowed)  # which has not been given up


def test_the_budget_holds_to_the_unit(settings: Any) -> None:
    limited = dict(settings.GRAPHQL_LIMITS)
    settings.GRAPHQL_LIMITS = limited | {"cost": 3}
    fits, over = "{ shop { name currency } }", "{ shop { name currency apiVersion } }"

    assert call(fits).data
    with CaptureQueriesContext(connection) as taken:
        refused = call(over)

    assert (refused.status, refused.codes) == (400, ["LIMIT_EXCEEDED"])
    assert "4" in refused.message
    assert "3" in refused.message
    assert refused.body["extensions"]["cost"] == {"requested": 4, "limit": 3}
    assert len(taken) == 0


def test_a_document_is_read_once_for_its_cost() -> None:
    read = limits.parsed(FIRST)
    kept = limits.estimate_of(CORE, read, None)

    assert limits.estimate_of(CORE, read, None) is kept
