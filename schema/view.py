"""The HTTP door: JSON (or a multipart form with files) in, GraphQL's answer in JSON out."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from strawberry.file_uploads.utils import replace_placeholders_with_files
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType as Allowed

from catalog import pictures
from schema.answers import given, headers, persisted
from schema.answers.public import is_public
from schema.context import Context
from schema.errors import Denied
from schema.explorer.page import explorer_page
from schema.root import schema

READS = {Allowed.QUERY}
ALL = {Allowed.QUERY, Allowed.MUTATION}
DEEPEST = 32  # levels of JSON; the deepest input has ten
# Ten pictures of the largest kind, and what says where they belong.
LARGEST_FORM = settings.DATA_UPLOAD_MAX_NUMBER_FILES * pictures.MOST_BYTES + 1_000_000


class Unreadable(Exception):
    """The request is no GraphQL request, or not one for its sender: status, sentence, code."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status, self.code = status, code


@csrf_exempt  # only the bearer header signs anybody in, and no form can send one
def graphql_view(request: HttpRequest) -> HttpResponse:
    """Answer one operation; 4xx when there is none to run (GraphQL over HTTP, section 6)."""
    if wants_page(request):
        return explorer_page(request)
    context = Context(request)
    asked: dict[str, Any] = {}
    try:
        asked = asked_by(request, context)
        answer, status = run(asked, context, reads_only=request.method == "GET")
    except Unreadable as refusal:
        answer, status = refused(refusal, context), refusal.status
    response = responded(request, asked, answer, status)
    response.headers["X-Request-ID"] = context.request_id
    return response


def responded(
    request: HttpRequest, asked: dict[str, Any], answer: dict[str, Any], status: int
) -> HttpResponse:
    """The answer as JSON, with what may be kept of it and by whom."""
    body, environ = as_json(answer), request.META
    kind = given.ANSWER if given.as_asked(environ) else "application/json"
    response = HttpResponse(body, status=status, content_type=kind)
    said = response.headers
    by_hash = request.method == "GET" and "documentId" in asked
    if request.method == "GET":
        said["Vary"] = headers.VARY
    public = (by_hash or given.is_wanted(environ)) and is_for_all(request, asked, answer)
    if not (by_hash and public):
        personal = request.method == "GET" and "errors" not in answer
        said["Cache-Control"] = headers.PRIVATE if personal else headers.NO_STORE
    if not public:
        return response
    etag = headers.etag_of(body) if by_hash else ""
    given.give(environ, given.Given(body, etag))
    return unless_known(request, response, etag) if by_hash else response


def is_for_all(request: HttpRequest, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether whoever asks this without signing in gets this very answer."""
    if "errors" in answer or "HTTP_AUTHORIZATION" in request.META:
        return False
    return is_public(asked["query"], schema._schema)  # noqa: SLF001 # there is no other way to it


def unless_known(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """The answer with its tag, or only the tag to who has the answer."""
    response.headers["Cache-Control"], response.headers["ETag"] = headers.PUBLIC, etag
    if headers.is_known(etag, request.META.get("HTTP_IF_NONE_MATCH", "")):
        # The length is of what is not sent: RFC 9110, 8.6, allows no other.
        response.headers["Content-Length"] = str(len(response.content))
        response.status_code, response.content = 304, b""
        del response.headers["Content-Type"]
    return response


def as_json(answer: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(answer)
    except TypeError:  # half a pair of a sign that takes two, or a number beyond 64 bits
        return json.dumps(answer, cls=DjangoJSONEncoder, separators=(",", ":")).encode()


def wants_page(request: HttpRequest) -> bool:
    """Whether a browser came to look rather than a program to ask."""
    return (
        settings.GRAPHQL_EXPLORER
        and request.method == "GET"
        and not {"query", "documentId"} & request.GET.keys()
        and "text/html" in request.headers.get("Accept", "")
    )


def refused(refusal: Unreadable, context: Context) -> dict[str, Any]:
    extensions = {"code": refusal.code, "requestId": context.request_id}
    return {"errors": [{"message": str(refusal), "extensions": extensions}]}


def asked_by(request: HttpRequest, context: Context) -> dict[str, Any]:
    """query, variables and operationName as sent.

    Raises:
        Unreadable: when the request is not one that GraphQL over HTTP knows.
    """
    if request.method == "GET":
        variables = request.GET.get("variables") or "null"
        return checked({**request.GET.dict(), "variables": decoded(variables.encode())})
    if request.method != "POST":
        raise Unreadable(405, "GraphQL takes GET and POST.")
    if request.content_type == "application/json":
        try:
            return checked(decoded(request.body))
        except RequestDataTooBig:
            raise Unreadable(413, "The body is larger than allowed.") from None
    if request.content_type == "multipart/form-data":
        refuse_upload(request, context)
        return checked(with_files(request))
    raise Unreadable(415, "Send application/json, or multipart/form-data for files.")


def decoded(body: bytes) -> Any:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(400, "The body is not valid JSON.") from None
    refuse_deep(value)
    return value


def refuse_deep(value: Any) -> None:
    """What is nested deeper than any input is refused here, before anything walks into it."""
    level = [value]
    for _ in range(DEEPEST):
        level = [item for each in level for item in parts_of(each)]
        if not level:
            return
    raise Unreadable(400, "The body is nested too deeply.")


def parts_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def refuse_upload(request: HttpRequest, context: Context) -> None:
    """Before a byte of a form is kept: only staff send files, with a header, and not too many.

    A form is all that a foreign page can make a browser send, so a header is wanted that
    such a page cannot set.
    """
    if not any(name in request.headers for name in ("GraphQL-Preflight", "X-Requested-With")):
        raise Unreadable(400, "Send files with the header GraphQL-Preflight: 1.")
    try:
        sender = context.viewer
    except Denied as denied:
        raise Unreadable(401, denied.message, "UNAUTHENTICATED") from None
    if sender is None:
        raise Unreadable(401, "Sign in first.", "UNAUTHENTICATED")
    if not sender.is_staff:
        raise Unreadable(403, "Only the shop's staff send files.", "FORBIDDEN")
    length = request.headers.get("Content-Length", "")
    if not (length.isdecimal() and len(length) < 10 and 0 < int(length) <= LARGEST_FORM):
        raise Unreadable(413, "The form is larger than allowed.", "LIMIT_EXCEEDED")


def with_files(request: HttpRequest) -> Any:
    """A GraphQL multipart request (github.com/jaydenseric/graphql-multipart-request-spec)."""
    try:
        form, files = request.POST, request.FILES
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise Unreadable(413, "The form is larger than allowed, or has too many files.") from None
    except MultiPartParserError:
        raise Unreadable(400, "The body is not a valid form.") from None
    operations = decoded(form.get("operations", "").encode())
    places = decoded(form.get("map", "").encode())
    try:
        return replace_placeholders_with_files(operations, places, files)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise Unreadable(400, "Operations, map and files do not fit together.") from None


def checked(asked: Any) -> dict[str, Any]:
    if isinstance(asked, dict) and "documentId" in asked:
        if "query" in asked:
            raise Unreadable(400, "Send the document or its `documentId`, not both.")
        asked = {**asked, "query": by_hash(asked["documentId"])}
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise Unreadable(400, "Send one JSON object with the document as `query`.")
    if not isinstance(asked.get("variables"), dict | None):
        raise Unreadable(400, "`variables` must be an object.")
    if not isinstance(asked.get("operationName"), str | None):
        raise Unreadable(400, "`operationName` must be a text.")
    return asked


def by_hash(document_id: Any) -> str:
    found = persisted.find(document_id) if isinstance(document_id, str) else None
    if found is None:
        raise Unreadable(404, "No document was registered under that `documentId`.", "NOT_FOUND")
    return found


def run(asked: dict[str, Any], context: Context, *, reads_only: bool) -> tuple[dict[str, Any], int]:
    """The answer's body and status: 400 when nothing was executed."""
    try:
        result = schema.execute_sync(
            asked["query"],
            variable_values=asked.get("variables"),
            context_value=context,
            operation_name=asked.get("operationName"),
            allowed_operation_types=READS if reads_only else ALL,
        )
    except CannotGetOperationTypeError:
        raise Unreadable(400, "The document does not tell which operation to run.") from None
    except InvalidOperationTypeError:
        if reads_only:
            raise Unreadable(405, "Only queries run by GET.") from None
        raise Unreadable(400, "There are no subscriptions.") from None
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if result.data is not None or not result.errors or any(e.path for e in result.errors):
        answer["data"] = result.data
    return answer, 200 if "data" in answer else 400


def sdl(request: HttpRequest) -> HttpResponse:
    """The committed schema as text: what the API promises."""
    text = Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
