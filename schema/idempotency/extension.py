"""Where a mutation with a key is carried out, or answered from its record."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, OperationalError, transaction
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    SelectionSetNode,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

from schema.errors import COMMITS_ITSELF, Denied
from schema.idempotency import keys, records
from schema.idempotency.keys import Asked


class Idempotency(SchemaExtension):
    """Stands behind all that refuses a document: a refused one uses no key.

    A mutation and the record of its answer are one transaction, so that there are both or
    neither. What commits by itself (Stripe is asked between its commits) claims the key first
    and keeps its answer at the end; it is alone in its document then.
    """

    def on_execute(self) -> Iterator[None]:
        try:
            asked = self.asked()
            alone = asked is not None and self.commits_itself()
        except Denied as refusal:
            self.answer(refusal)
            asked, alone = None, False
        if asked is None:
            yield
        else:
            yield from self.claimed(asked) if alone else self.as_one(asked)

    def asked(self) -> Asked | None:
        """The request, if it is a mutation with a key. Raises Denied: BAD_REQUEST."""
        context = self.execution_context
        request = getattr(context.context, "request", None)
        if request is None or context.operation_type.value != "mutation":
            return None
        key = context.context.idempotency_key
        if key is None:
            return None
        variables, name = context.variables or {}, context.operation_name
        return keys.asked(key, request, context.query or "", name, variables)

    def commits_itself(self) -> bool:
        """Whether the mutation does. Raises Denied: BAD_REQUEST when it is not alone."""
        context = self.execution_context
        core = context.schema._schema  # noqa: SLF001 # there is no other way to it
        fields = root_fields(context.graphql_document, context.operation_name)
        own = [name for name in fields if commits_itself(core, name)]
        if own and len(fields) > 1:
            message = f"With an {keys.HEADER} {own[0]} must be the only mutation of the request."
            raise Denied("BAD_REQUEST", message)
        return bool(own)

    def as_one(self, asked: Asked) -> Iterator[None]:
        """Everything, the record included, in one transaction."""
        carried_out = False
        try:
            if not self.repeated(asked):
                with transaction.atomic():
                    if records.take(asked):
                        carried_out = True
                        yield
                        self.settle(asked)
                    elif not self.repeated(asked):
                        raise records.Busy
        except Denied as refusal:
            self.answer(refusal)
        except DatabaseError as error:
            waited = isinstance(error, OperationalError) and not carried_out
            self.answer(records.Busy() if waited else error)
        if not carried_out:
            yield

    def settle(self, asked: Asked) -> None:
        """Keep the answer; with an error take everything back, as if it had never come."""
        result: Any = self.execution_context.result
        if result.errors:
            result.data = None  # it speaks of what is not there
            transaction.set_rollback(True)
        elif self.execution_context.context.carried_out:
            records.keep(asked, json.dumps(result.data, cls=DjangoJSONEncoder))
        else:
            records.drop(asked)

    def claimed(self, asked: Asked) -> Iterator[None]:
        """The key first, then what commits by itself, then its answer."""
        claim = None
        try:
            claim = records.claim(asked)
            if claim is None:
                self.repeated(asked)
        except Denied as refusal:
            self.answer(refusal)
        yield
        if claim is None:
            return
        result: Any = self.execution_context.result
        if result.errors or not self.execution_context.context.carried_out:
            records.release(asked, claim)
        else:
            records.fulfil(asked, claim, json.dumps(result.data, cls=DjangoJSONEncoder))

    def repeated(self, asked: Asked) -> bool:
        """Answer from the record, if there is one. Raises Denied."""
        kept = records.answered(asked)
        if kept is not None:
            self.execution_context.result = ExecutionResult(json.loads(kept), None)
        return kept is not None

    def answer(self, error: Exception) -> None:
        """Instead of carrying it out, or of what was carried out in vain."""
        known = isinstance(error, GraphQLError)
        told = error if known else GraphQLError("It was not kept.", original_error=error)
        self.execution_context.result = ExecutionResult(None, [told])  # type: ignore[list-item]


def root_fields(document: DocumentNode | None, operation: str | None) -> list[str]:
    """The names of an operation's fields, the fragments' included, whatever directives say."""
    definitions = document.definitions if document else ()
    fragments = {
        one.name.value: one.selection_set
        for one in definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    found = get_operation_ast(document, operation) if document else None
    waiting: list[SelectionSetNode] = [found.selection_set] if found else []
    names: list[str] = []
    while waiting:
        for one in waiting.pop().selections:
            if isinstance(one, FieldNode):
                names.append(one.name.value)
            elif isinstance(one, FragmentSpreadNode):
                waiting.append(fragments[one.name.value])
            else:
                waiting.append(one.selection_set)  # type: ignore[attr-defined]  # inline
    return names


def commits_itself(core: Any, name: str) -> bool:
    field = core.mutation_type.fields.get(name)  # None for __typename
    definition = field.extensions["strawberry-definition"] if field else None
    return definition is not None and bool(definition.metadata.get(COMMITS_ITSELF))
