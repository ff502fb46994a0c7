"""Where graphql-core's way asks for the limits: at parsing, before validation and execution."""

from collections.abc import Iterator
from typing import Any

from strawberry.extensions import SchemaExtension

from schema.limits import cost, guard, parsing


class Limits(SchemaExtension):
    """Stands behind `Checked`: what that knows has passed, and only its cost is asked again."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.graphql_document is None and context.query:
            context.graphql_document = parsing.parsed(context.query)
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if context.pre_execution_errors is None and context.graphql_document is not None:
            guard.check(context.graphql_document)
        yield

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        document, name = context.graphql_document, context.operation_name
        if document is not None:
            core = context.schema._schema  # noqa: SLF001 # there is no other way to it
            self.told = cost.estimate_of(core, document, name).told(context.variables)
            cost.refuse_dear(self.told)
        yield

    def get_results(self) -> dict[str, Any]:
        return self.told
