"""What happens around every operation: unreadable text is refused, errors get their codes."""

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    Visitor,
    visit,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from schema.errors import Denied, readable
from shop import outages

log = logging.getLogger(__name__)


class Codes(SchemaExtension):
    """A code and the request's id on every top-level error; a bug's text stays in the log."""

    def on_operation(self) -> Iterator[None]:
        request_id = getattr(self.execution_context.context, "request_id", None)
        try:
            yield
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            raise  # for the door to tell
        except Exception as failure:  # of an extension: it becomes the whole answer
            refusal = failure if isinstance(failure, GraphQLError) else unexpected(failure)
            raise coded(refusal, request_id) from None
        result = self.execution_context.result
        errors = getattr(result, "errors", None)
        if errors:
            told = errors[: settings.GRAPHQL_LIMITS["errors"]]
            result.errors = [coded(error, request_id) for error in told]  # type: ignore[union-attr]


def unexpected(failure: Exception) -> GraphQLError:
    return GraphQLError("", original_error=failure)


def coded(error: GraphQLError, request_id: str | None) -> GraphQLError:
    """The error as a caller may see it."""
    code, message = code_of(error), error.message
    if code == "INTERNAL":
        log.error("request %s failed at %s", request_id, error.path, exc_info=error.original_error)
        message = "Something went wrong here. It has been logged."
    elif code == outages.CODE:
        log.error("request %s found no database: %s", request_id, error.original_error)
        message = outages.MESSAGE
    message = message.encode(errors="backslashreplace").decode()  # it may repeat half a pair
    extensions: dict[str, Any] = {"code": code, "requestId": request_id}
    wait = outages.SECONDS if code == outages.CODE else (error.extensions or {}).get("retryAfter")
    if wait:
        extensions["retryAfter"] = wait
    return GraphQLError(
        message, nodes=error.nodes, source=error.source, positions=error.positions, path=error.path,
        extensions=extensions,
    )  # fmt: skip


def code_of(error: GraphQLError) -> str:
    if code := (error.extensions or {}).get("code"):
        return str(code)
    if outages.is_outage(error.original_error):
        return outages.CODE
    if isinstance(error, GraphQLSyntaxError):
        return "BAD_REQUEST"
    raised_by_us = error.original_error is not None and not isinstance(
        error.original_error, GraphQLError
    )
    # A number of 5,000 digits breaks graphql-core's own reading of a literal.
    if isinstance(error.original_error, ValueError) and error.nodes and not error.path:
        return "VALIDATION_FAILED"
    if is_about_value(error):
        return "VALIDATION_FAILED"
    # Without a path it was found before anything ran: by validation, or in the variables.
    return "INTERNAL" if raised_by_us or error.path else "VALIDATION_FAILED"


def is_about_value(error: Exception) -> bool:
    """Whether graphql-core refused an argument's value, by its own doing, at the field it is for.

    So it does with the null of a variable that has a default, where no null may stand: only the
    run tells. It points at the value then; everything that goes wrong later points at fields.
    """
    found = error.original_error if isinstance(error, GraphQLError) else None
    cause = found or error
    nodes = (cause.nodes or ()) if isinstance(cause, GraphQLError) else ()
    return any(isinstance(node, ValueNode) for node in nodes)


class Readable(SchemaExtension):
    """Refuse queries with text that no database can compare; mutations answer it as data."""

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        if context.operation_type.value == "query" and not (
            readable_values(context.variables) and readable_document(context.graphql_document)
        ):
            raise Denied("BAD_REQUEST", "A text contains signs that nothing stored can have.")
        yield


class OneOperation(SchemaExtension):
    """Refuse a document of several without the name of one: the framework runs the first."""

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        definitions = context.graphql_document.definitions if context.graphql_document else ()
        several = sum(isinstance(one, OperationDefinitionNode) for one in definitions) > 1
        given = context._provided_operation_name  # noqa: SLF001 # the public one is never None
        if several and given is None:
            raise Denied("BAD_REQUEST", "The document does not tell which operation to run.")
        yield


def readable_values(value: Any) -> bool:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return all(readable_values(item) for item in value.values())
    return not isinstance(value, list) or all(readable_values(item) for item in value)


class Texts(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.readable = True

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        self.readable = self.readable and readable(node.value)


def readable_document(document: Any) -> bool:
    texts = Texts()
    visit(document, texts)
    return texts.readable
