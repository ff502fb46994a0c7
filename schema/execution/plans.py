"""Which documents have a plan, and what happens when one does not go through.

The first time a document comes graphql-core runs it: what it refuses is refused. When that went
well the document is kept; when it comes again it is compiled, and from then on its plan answers.
Whatever a plan raises, its result is dropped and graphql-core runs the operation anew; that is
allowed because a plan only reads. A plan that keeps failing rests for a while.
"""

from typing import Any

import strawberry
from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FragmentDefinitionNode,
    GraphQLError,
    Location,
    OperationDefinitionNode,
    OperationType,
    Source,
    Token,
    TokenKind,
    VariableNode,
    Visitor,
    parse,
    visit,
)
from graphql.execution.values import get_variable_values
from strawberry.extensions import DisableIntrospection
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType as Allowed

from schema.errors import Denied
from schema.execution.checked import Checked
from schema.execution.completing import MOST_FIELDS, Compiler
from schema.execution.known import Key, Known
from schema.execution.reading import Bail, Operation, Run, Unsupported
from schema.execution.writing import Complete
from schema.extensions import Codes, OneOperation, Readable, is_about_value, readable_values
from schema.idempotency.extension import Idempotency
from schema.limits import Limits, estimate_of, is_dear
from schema.rates.extension import Rates

MOST_FAILURES = 3  # one after the other; then graphql-core answers the next ones alone
REST = 100
SIGNS = 40  # of a document take, parsed, as much memory as a compiled field
# What these do around an operation a plan does as well, or it was done at the first time.
COVERED = (
    Checked, Codes, DisableIntrospection, Idempotency, Limits, OneOperation, Rates, Readable,
)  # fmt: skip


class Unusable(Bail):
    """The variables are to be refused."""


class Plan:
    """A document's operation, compiled once for each combination of its directives."""

    def __init__(self, schema: Any, query: str, name: str | None) -> None:
        document = parse(query, no_location=True)
        definition, fragments = parts(document, name)
        definition.loc = whole(query)  # for `info.query`; the nodes inside keep no places
        self.operation = Operation(schema, definition, fragments)
        limited = Limits in schema.extensions
        self.estimate = estimate_of(self.operation.core, document, name) if limited else None
        self.conditions = sorted(conditions(document))
        self.shapes: dict[tuple[Any, ...], Complete] = {}
        self.parsed = len(query) // SIGNS  # what the document weighs before it is compiled
        self.fields = self.parsed  # with all shapes: what the plan weighs
        self.answered = 0
        self.failures = 0  # one after the other
        self.resting = 0

    def is_awake(self) -> bool:
        self.resting = max(self.resting - 1, 0)
        return not self.resting

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= MOST_FAILURES:
            self.resting = REST

    def run(self, raw: dict[str, Any] | None, context: Any) -> Any:
        """The answer's data. Raises anything at all when graphql-core has to answer."""
        variables = self.variables(raw or {})
        shape = tuple(variables.get(name) for name in self.conditions)
        complete = self.shapes.get(shape) or self.compiled(shape)
        return complete(None, Run(self.operation, variables, context))

    def compiled(self, shape: tuple[Any, ...]) -> Complete:
        given = dict(zip(self.conditions, shape, strict=True))
        # One that is null is refused, whether it was given so or not at all.
        compiler = Compiler(
            self.operation, {key: value for key, value in given.items() if value is not None}
        )
        complete = compiler.root()
        weight = compiler.fields + 1  # a shape without a field is kept as well
        if self.fields + weight > MOST_FIELDS:
            self.shapes, self.fields = {}, self.parsed
        self.shapes[shape] = complete
        self.fields += weight
        return complete

    def variables(self, raw: dict[str, Any]) -> dict[str, Any]:
        definitions = self.operation.definition.variable_definitions or ()
        found = get_variable_values(self.operation.core, definitions, raw)
        if isinstance(found, list) or not readable_values(raw):
            raise Unusable
        return found


def whole(query: str) -> Location:
    """The place of an operation, as if it were all of its document."""
    end = len(query)
    first, last = Token(TokenKind.SOF, 0, 0, 0, 0), Token(TokenKind.EOF, end, end, 0, 0)
    return Location(first, last, Source(query))


def parts(document: Any, name: str | None) -> tuple[OperationDefinitionNode, dict[str, Any]]:
    """The query of that name, or the only one, and the fragments. Raises Unsupported."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    named = [one for one in operations if name is None or (one.name and one.name.value == name)]
    if len(named) != 1 or named[0].operation is not OperationType.QUERY:
        raise Unsupported
    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    return named[0], {one.name.value: one for one in fragments}


def conditions(document: Any) -> set[str]:
    """The variables that @skip and @include ask. Raises Unsupported for other directives."""
    found = Conditions()
    visit(document, found)
    return found.names


class Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value not in ("skip", "include"):
            raise Unsupported
        for argument in node.arguments:
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)
            elif not isinstance(argument.value, BooleanValueNode):
                raise Unsupported


class PlannedSchema(strawberry.Schema):
    """A schema whose queries run by plans where they have one."""

    planned = True  # False: graphql-core runs everything

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plans: Known[Plan] = Known(self.new_plan)
        # What another extension does, or another executor, a plan would leave out.
        self.is_plain = (
            all(one in COVERED for one in self.extensions)
            and not self.directives
            and self.execution_context_class is StrawberryGraphQLCoreExecutionContext
        )

    def new_plan(self, key: Key) -> Plan | None:
        """None for a document that has no plan: graphql-core refuses it, or does more with it."""
        try:
            return Plan(self, *key)
        except (Unsupported, GraphQLError, RecursionError):
            return None

    def execute_sync(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Any = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        key = (query or "", operation_name)
        allowed = allowed_operation_types is None or Allowed.QUERY in allowed_operation_types
        may = self.planned and self.is_plain and allowed and root_value is None
        plan = self.plans.find(key) if may else None
        if plan is not None and plan.is_awake():
            found = self.by_plan(plan, key, variable_values, context_value)
            if found is not None:
                return found
        result = super().execute_sync(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            allowed_operation_types,
            operation_extensions,
        )
        if may and plan is None and not result.errors:
            self.plans.met(key)
        return result

    def by_plan(
        self, plan: Plan, key: Key, variables: dict[str, Any] | None, context: Any
    ) -> ExecutionResult | None:
        weight = plan.fields
        told = plan.estimate.told(variables) if plan.estimate else {}
        if told and is_dear(told):
            return None  # graphql-core refuses it
        try:
            data = plan.run(variables, context)
        except Unsupported:
            self.plans.give_up(key)
        except (Unusable, Denied):
            pass  # the caller's doing: for all others the plan is as good as before
        except Exception as error:
            # Told by graphql-core, which runs it again: in its words, and logged once.
            if not is_about_value(error):
                plan.failed()
        else:
            plan.failures = 0
            plan.answered += 1
            if plan.fields != weight:
                self.plans.trim()
            return ExecutionResult(data=data, errors=None, extensions=told)
        return None
