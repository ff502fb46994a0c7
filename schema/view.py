"""The HTTP door: JSON (or a multipart form with files) in, GraphQL's answer in JSON out."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType as Allowed

from schema.context import Context
from schema.explorer.page import explorer_page
from schema.http import forms, reading
from schema.http.answering import responded, status_of
from schema.http.errors import Unreadable
from schema.root import schema
from shop import outages, request_log

READS = {Allowed.QUERY}
ALL = {Allowed.QUERY, Allowed.MUTATION}


@csrf_exempt  # only the bearer header signs anybody in, and no form can send one
def graphql_view(request: HttpRequest) -> HttpResponse:
    """Answer one operation; 4xx when there is none to run (GraphQL over HTTP, section 6)."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": reading.METHODS})
    if wants_page(request):
        return explorer_page(request)
    context = Context(request)
    asked: dict[str, Any] = {}
    allow = ""
    try:
        asked = asked_by(request, context)
        answer = run(asked, context, reads_only=request.method in reading.READING)
        status = status_of(answer, request)
    except Unreadable as refusal:
        answer = refused(str(refusal), refusal.code, context)
        status, allow = refusal.status, refusal.allow
    except Error as failure:
        if not outages.is_outage(failure):
            raise
        answer, status = unavailable(context), 503
    response = responded(request, asked, answer, status)
    if allow:
        response.headers["Allow"] = allow
    response.headers["X-Request-ID"] = context.request_id
    told(request, asked, answer, context)
    return response


def told(
    request: HttpRequest, asked: dict[str, Any], answer: dict[str, Any], context: Context
) -> None:
    """Add to the request's line in the log what only GraphQL knows of it."""
    cost = answer.get("extensions", {}).get("cost", {}).get("requested")
    viewer = context.__dict__.get("viewer")  # nobody is looked up for the log's sake
    operation = asked.get("operationName") if "data" in answer else None
    user = viewer.pk if viewer else None
    request_log.tell(request.META, operation=operation, cost=cost, user=user)


def wants_page(request: HttpRequest) -> bool:
    """Whether a browser came to look rather than a program to ask."""
    return (
        request.method == "GET"
        and settings.GRAPHQL_EXPLORER
        and not {"query", "documentId"} & request.GET.keys()
        and "text/html" in request.headers.get("Accept", "")
    )


def asked_by(request: HttpRequest, context: Context) -> dict[str, Any]:
    """query, variables and operationName as sent.

    Raises:
        Unreadable: when the request is not one that GraphQL over HTTP knows.
    """
    reading.refuse_unknown(request)
    if request.method in reading.READING:
        return reading.by_address(request)
    if request.content_type == "application/json":
        return reading.by_body(request)
    if request.content_type == "multipart/form-data":
        return forms.by_form(request, context)
    raise Unreadable(415, "Send application/json, or multipart/form-data for files.")


def run(asked: dict[str, Any], context: Context, *, reads_only: bool) -> dict[str, Any]:
    """The answer's body; without `data` when nothing was executed. Raises Unreadable: 405."""
    try:
        result = schema.execute_sync(
            asked["query"],
            variable_values=asked.get("variables"),
            context_value=context,
            operation_name=asked.get("operationName"),
            allowed_operation_types=READS if reads_only else ALL,
        )
    except CannotGetOperationTypeError:
        problem = "The document does not tell which operation to run."
        return refused(problem, "BAD_REQUEST", context)
    except InvalidOperationTypeError as wrong:
        if wrong.operation_type is Allowed.MUTATION:
            raise Unreadable(405, "Only queries run by GET.", allow="POST") from None
        return refused("There are no subscriptions.", "BAD_REQUEST", context)
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [shown(error) for error in result.errors]
    if result.data is not None or not result.errors or any(e.path for e in result.errors):
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    return answer


def shown(error: GraphQLError) -> Any:
    """An error as it is told; without the explorer none tells names of the schema."""
    formatted = error.formatted
    if not settings.GRAPHQL_EXPLORER:  # Strawberry's own switch knows fields, not enum values
        formatted["message"] = formatted["message"].partition(" Did you mean ")[0]
    return formatted


def refused(message: str, code: str, context: Context) -> dict[str, Any]:
    """An answer to a request of which nothing was run."""
    extensions = {"code": code, "requestId": context.request_id}
    return {"errors": [{"message": message, "extensions": extensions}]}


def unavailable(context: Context) -> dict[str, Any]:
    """An answer for when not even the request's own rows, such as its document, can be read."""
    answer = refused(outages.MESSAGE, outages.CODE, context)
    answer["errors"][0]["extensions"]["retryAfter"] = outages.SECONDS
    return answer


def sdl(request: HttpRequest) -> HttpResponse:
    """The committed schema as text: what the API promises."""
    text = Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
