"""What of a document is limited: the mutations that will run, with what they are told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    OperationDefinitionNode,
    get_operation_ast,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.values import get_argument_values, get_variable_values

from schema.idempotency.extension import root_fields
from schema.rates.declared import RATES, Declared


@dataclass(frozen=True)
class Call:
    """One mutation of a document, by the name that its answer will have."""

    name: str
    declared: tuple[Declared, ...]
    input: dict[str, Any]


def limited(context: Any) -> list[Call]:
    """The limited mutations of the operation, in their order.

    What is skipped does not run, and neither does what cannot be understood: the executor
    refuses that in its own words.
    """
    core = context.schema._schema  # noqa: SLF001 # there is no other way to it
    names = root_fields(context.graphql_document, context.operation_name)
    if not any(declared_of(core, name) for name in names):
        return []
    operation = get_operation_ast(context.graphql_document, context.operation_name)
    try:
        return list(_understood(core, context, operation)) if operation else []
    except (GraphQLError, ValueError):
        return []


def declared_of(core: Any, name: str) -> tuple[Declared, ...]:
    field = core.mutation_type.fields.get(name)  # None for __typename
    definition = field.extensions["strawberry-definition"] if field else None
    return definition.metadata.get(RATES, ()) if definition else ()


def _understood(core: Any, context: Any, operation: OperationDefinitionNode) -> Iterator[Call]:
    given = get_variable_values(core, operation.variable_definitions or (), context.variables or {})
    if isinstance(given, list):
        return
    fragments = {
        one.name.value: one
        for one in context.graphql_document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    kind = core.mutation_type
    found = collect_fields(core, fragments, given, kind, operation.selection_set)
    for name, nodes in found.items():
        if declared := declared_of(core, nodes[0].name.value):
            told = _told(kind.fields[nodes[0].name.value], nodes[0], given)
            if told is not None:
                yield Call(name, declared, told)


def _told(field: GraphQLField, node: FieldNode, given: dict[str, Any]) -> dict[str, Any] | None:
    """The input as the field will get it; None when the field will fail before it is asked.

    The fields beside it run all the same: a variable that is null where none may be is found
    out as late as this.
    """
    try:
        told: dict[str, Any] = get_argument_values(field, node, given)["input"]
    except (GraphQLError, ValueError):
        return None
    return told
