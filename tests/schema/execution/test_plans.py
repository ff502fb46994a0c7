"""Which documents run by plans, what becomes of a plan that fails, and how many are kept."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
import strawberry
from strawberry.extensions import QueryDepthLimiter, SchemaExtension

from catalog.models import Product
from schema.execution import plans
from schema.execution.plans import PlannedSchema
from schema.execution.reading import Bail, Unsupported, settled
from schema.root import build
from schema.root import schema as shop_schema
from tests.client import call
from tests.factories import make_product
from tests.schema.execution.both import planning


class Number:
    """What a resolver asks for: changed by the tests."""

    value: int | None = 1


@strawberry.type
class Query:
    @strawberry.field
    def number(self, plus: int = 0) -> int:
        return Number.value + plus  # type: ignore[operator]  # fails for None, as it should

    @strawberry.field
    def again(self) -> "Query":
        return Query()

    @strawberry.field
    def none(self) -> "Query | None":
        return None


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self) -> int:
        return 1


@pytest.fixture
def schema(monkeypatch: pytest.MonkeyPatch) -> PlannedSchema:
    monkeypatch.setattr(Number, "value", 1)
    made = PlannedSchema(query=Query, mutation=Mutation)
    made.process_errors = lambda *_: None  # type: ignore[method-assign]
    return made


def ran(schema: PlannedSchema, document: str, **options: object) -> int:
    """How many answers plans have given after three runs of the document."""
    for _ in range(3):
        schema.execute_sync(document, **options)  # type: ignore[arg-type]
    plan = schema.plans.find((document, options.get("operation_name")))  # type: ignore[arg-type]
    return plan.answered if plan else 0


def test_a_document_runs_by_its_plan_from_the_second_time_on(schema: PlannedSchema) -> None:
    assert ran(schema, "{ number }") == 2
    assert ran(schema, "query A { number } query B { again { number } }", operation_name="B") == 2


@pytest.mark.parametrize(
    "document",
    [
        "mutation { add }",
        "query A { number } mutation B { add }",
        "{ __schema { types { name } } }",
        '{ number __type(name: "Query") { name } }',
        "{ unknown }",
        "{ number",
    ],
)
def test_mutations_introspection_and_what_is_refused_have_no_plan(
    schema: PlannedSchema, document: str
) -> None:
    assert ran(schema, document, operation_name=None) == 0
    assert schema.plans.find((document, None)) is None


def test_a_query_that_may_not_run_does_not_run_by_its_plan(schema: PlannedSchema) -> None:
    assert ran(schema, "{ number }") == 2

    with pytest.raises(strawberry.schema.exceptions.InvalidOperationTypeError):
        schema.execute_sync(
            "{ number }", allowed_operation_types={strawberry.types.graphql.OperationType.MUTATION}
        )


def test_a_root_value_is_for_graphql_core(schema: PlannedSchema) -> None:
    assert ran(schema, "{ number }", root_value=Query()) == 0


def test_other_extensions_are_not_left_out() -> None:
    class Stamp(SchemaExtension):
        def get_results(self) -> dict[str, object]:
            return {"stamp": 1}

    made = PlannedSchema(query=Query, extensions=[Stamp])

    assert ran(made, "{ number }") == 0
    assert made.execute_sync("{ number }").extensions == {"stamp": 1}
    limited = PlannedSchema(query=Query, extensions=[lambda: QueryDepthLimiter(max_depth=2)])
    assert ran(limited, "{ number }") == 0


def test_the_shops_own_schema_has_plans_with_the_explorer_and_without() -> None:
    for explorer in (True, False):
        assert build(explorer=explorer).is_plain


def test_a_plan_that_keeps_failing_rests_and_comes_back(
    schema: PlannedSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran(schema, "{ number }") == 2
    plan = schema.plans.find(("{ number }", None))
    assert plan is not None

    monkeypatch.setattr(Number, "value", None)
    for _ in range(plans.MOST_FAILURES):
        assert schema.execute_sync("{ number }").errors
    monkeypatch.setattr(Number, "value", 2)
    rested = [schema.execute_sync("{ number }").data for _ in range(plans.REST - 1)]
    assert plan.answered == 2
    last = schema.execute_sync("{ number }").data

    assert plan.answered == 3
    assert [*rested, last] == [{"number": 2}] * plans.REST


def test_failures_that_are_not_in_a_row_let_it_run_on(
    schema: PlannedSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(schema, "{ number }")
    for value in [None, None, 1] * 5:
        monkeypatch.setattr(Number, "value", value)
        schema.execute_sync("{ number }")

    plan = schema.plans.find(("{ number }", None))
    assert plan is not None
    assert plan.answered == 2 + 5


def test_fragments_that_double_with_each_line_are_left_to_graphql_core(
    schema: PlannedSchema,
) -> None:
    """Below null graphql-core never looks at them; a plan would have to compile them all."""
    lines = [
        f"fragment F{n} on Query {{ a: again {{ ...F{n + 1} }} b: again {{ ...F{n + 1} }} }}"
        for n in range(40)
    ]
    document = " ".join(["{ none { ...F0 } }", *lines, "fragment F40 on Query { number }"])
    key = (document, None)
    schema.plans.met(key)  # validation would take its time with them as well

    assert schema.execute_sync("{ none { number } }").data == {"none": None}
    plan = schema.plans.find(key)
    assert plan is not None
    with pytest.raises(Unsupported):
        plan.run(None, None)


def test_each_combination_of_directives_is_compiled_once_and_few_are_kept(
    schema: PlannedSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "MOST_FIELDS", 20)
    names = [f"v{n}" for n in range(6)]
    fields = " ".join(f"{n}: number @include(if: ${n})" for n in names)
    document = f"query({', '.join(f'${n}: Boolean!' for n in names)}) {{ {fields} }}"

    for bits in range(64):
        given = {name: bool(bits >> at & 1) for at, name in enumerate(names)}
        for _ in range(2):
            found = schema.execute_sync(document, given)
            assert found.data == {name: 1 for name, here in given.items() if here}
    plan = schema.plans.find((document, None))

    assert plan is not None
    assert plan.answered == 127
    assert plan.fields <= 20
    assert len(plan.shapes) < 20


def test_combinations_that_compile_to_nothing_are_few_as_well(
    schema: PlannedSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "MOST_FIELDS", 20)
    names = [f"v{n}" for n in range(6)]
    fields = " ".join(f"{n}: number @include(if: ${n})" for n in names)
    given = ", ".join(f"${n}: Boolean!" for n in ["never", *names])
    document = f"query({given}) {{ again @include(if: $never) {{ {fields} }} }}"

    for bits in range(64):
        chosen = {name: bool(bits >> at & 1) for at, name in enumerate(names)}
        for _ in range(2):
            assert schema.execute_sync(document, {"never": False, **chosen}).data == {}
    plan = schema.plans.find((document, None))

    assert plan is not None
    assert plan.answered == 127
    assert len(plan.shapes) <= 20


def test_a_long_document_weighs_what_it_takes_when_it_is_parsed(schema: PlannedSchema) -> None:
    short = plans.Plan(schema, "{ number }", None)
    long = plans.Plan(schema, f"{{ number(plus: {'1' * 16_000}) }}", None)

    assert short.fields == 0
    assert long.fields == 400


def test_what_its_callers_do_wrong_does_not_put_a_plan_to_rest() -> None:
    document = (
        "query($n: Int, $after: String) { products(first: $n, after: $after) { totalCount } }"
    )
    wrong: list[dict[str, object]] = [{"n": 101}, {"n": "many"}, {"after": "nonsense"}]
    with planning(True):
        shop_schema.plans.forget()
        for _ in range(2):
            call(document)
        for variables in wrong * plans.MOST_FAILURES:
            assert call(document, **variables).codes  # type: ignore[arg-type]
        call(document)
        plan = shop_schema.plans.find((document, None))

    assert plan is not None
    assert plan.answered == 2


# ── errors, and threads ──────────────────────────────────────────────────────────────────────
def test_a_bug_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = "{ shop { name } products(first: 1) { nodes { name slug } } }"
    with planning(True):
        for _ in range(2):
            assert call(document).data
        plan = shop_schema.plans.find((document, None))
        assert plan is not None
        assert plan.answered
        monkeypatch.setattr("schema.catalog.queries.shelves", None)
        caplog.set_level(logging.ERROR)

        answer = call(document)

    assert answer.codes == ["INTERNAL"]
    assert [each.name for each in caplog.records if each.levelno >= logging.ERROR] == [
        "schema.extensions"
    ]


def test_threads_do_not_disturb_each_other(schema: PlannedSchema) -> None:
    document = """query($plus: Int!, $more: Boolean!) {
        number(plus: $plus) again @include(if: $more) { number(plus: $plus) } }"""

    def ask(number: int) -> bool:
        more = number % 3 == 0
        found = schema.execute_sync(document, {"plus": number, "more": more})
        expected = {"number": number + 1} | ({"again": {"number": number + 1}} if more else {})
        return found.data == expected

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(2_000)))
    plan = schema.plans.find((document, None))
    assert plan is not None
    assert plan.answered > 1_900


def test_values_that_no_variable_takes_have_to_be_readable_too() -> None:
    document = "{ shop { name } }"
    with planning(True):
        for _ in range(2):
            assert call(document).data
        assert call(document, unknown="\x00").codes == ["BAD_REQUEST"]


def test_what_django_fields_do_more_is_left_to_them() -> None:
    for value in (Product.objects, Product.objects.all(), make_product):
        with pytest.raises(Bail):
            settled(value)
    assert settled("text") == "text"


def test_products_run_by_plans_over_http() -> None:
    make_product(name="Lamp")
    document = "{ products(first: 24) { nodes { id name slug } } }"

    with planning(True):
        answers = [call(document).data for _ in range(3)]
        plan = shop_schema.plans.find((document, None))

    assert plan is not None
    assert plan.answered == 2
    assert answers[0] == answers[1] == answers[2]
