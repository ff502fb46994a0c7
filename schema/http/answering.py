"""An answer on its way out: status, media type, and who may keep it."""

import json
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse

from schema.answers import given, headers
from schema.answers.public import is_public
from schema.http import media
from schema.http.reading import READING
from schema.rates import refusal
from schema.root import schema
from shop import outages


def status_of(answer: dict[str, Any], request: HttpRequest) -> int:
    """200 when something ran, else 400 or, for who came too often, 429: but 200 in plain JSON
    (GraphQL over HTTP, section 6.4).

    Clients from before GraphQL had a media type take every other status for a failing server,
    which it is, at 503, where the database is away and nothing was found out.
    """
    if is_without_data(answer) and outages.CODE in codes_of(answer):
        return 503
    if "data" in answer or media.of(request.META) == media.JSON:
        return 200
    return 429 if refusal.is_limited(answer) else 400


def is_without_data(answer: dict[str, Any]) -> bool:
    return all(value is None for value in (answer.get("data") or {}).values())


def codes_of(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def responded(
    request: HttpRequest, asked: dict[str, Any], answer: dict[str, Any], status: int
) -> HttpResponse:
    """The answer as JSON, with what may be kept of it and by whom."""
    body, environ = as_json(answer), request.META
    kind = media.of(environ) or media.JSON
    response = HttpResponse(body, status=status, content_type=kind)
    said = response.headers
    if seconds := refusal.retry_after(answer):  # of whatever status: the wait is the same
        said["Retry-After"] = str(seconds)
    reads = request.method in READING
    by_hash = reads and "documentId" in asked
    if reads:
        said["Vary"] = headers.VARY
    public = (by_hash or given.is_wanted(environ)) and is_for_all(request, asked, answer)
    if not (by_hash and public):
        personal = reads and "errors" not in answer
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
