"""Stands in front of Django and gives the answers that were kept.

What may be kept is for the view to say: it knows document and answer. Here is only what can be
told without reading GraphQL: who asks without a bearer or a cookie, and asks for the very same
thing, byte by byte, gets the very same answer while the catalogue's stamp stands.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import Error, connection

from catalog import stamp
from schema.answers import given
from schema.answers.headers import is_known
from schema.answers.shelf import Headers, Kept, Shelf
from schema.http import media

PATH = "/graphql/"
LONGEST = 16_384  # bytes of a question whose answer is kept
LONGEST_HOST = 255  # as long as the name of one can be, with its port
JSON = {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"}
NEW_EACH_TIME = "X-Request-ID"
OF_A_BODY = "Content-Type"  # which a 304 has not

Key = tuple[Any, ...]


class Door:
    def __init__(self, app: WSGIApplication, shelf: Shelf | None = None) -> None:
        self.app = app
        self.shelf = Shelf() if shelf is None else shelf

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        now = None if key is None else present_stamp()
        if key is None or now is None:
            return self.app(environ, start_response)
        kept = self.shelf.find(key, now)
        if kept is None:
            return self.answered(environ, start_response, key, now)
        request_id = (NEW_EACH_TIME, uuid4().hex)
        return given_again(kept, environ.get("HTTP_IF_NONE_MATCH"), request_id, start_response)

    def answered(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: Key, now: int
    ) -> Iterable[bytes]:
        """Django's answer, kept under the stamp that was read before it was computed.

        So a change that comes in between leaves an answer that nobody finds any more.
        """
        since = self.shelf.clock()
        said: list[Any] = []

        def started(status: str, headers: Headers, error: Any = None, /) -> Any:
            said[:] = status, headers, error

        # Whether the sender knows the answer is told here, of this one as of a kept one.
        if_none_match = environ.pop("HTTP_IF_NONE_MATCH", None)
        given.want(environ)
        response = self.app(environ, started)
        answer = given.found(environ)
        if answer is None or not said[0].startswith("200"):
            start_response(*said)
            return response
        status, headers = said[:2]
        getattr(response, "close", bool)()  # by which Django ends a request
        lasting = [header for header in headers if header[0] != NEW_EACH_TIME]
        kept = Kept(status, lasting, answer.body, answer.etag, now, since)
        self.shelf.keep(key, kept, size=len(answer.body) + len(key[0]))
        request_id = next(header for header in headers if header[0] == NEW_EACH_TIME)
        return given_again(kept, if_none_match, request_id, start_response)


def key_of(environ: WSGIEnvironment) -> Key | None:
    """All that the answer to a stranger can depend on; None for what is never kept.

    The host, because Django refuses those that are not its own; the scheme, because it sends
    away from HTTP, and tells browsers to stay on HTTPS.
    """
    if environ["PATH_INFO"] != PATH or "HTTP_AUTHORIZATION" in environ or "HTTP_COOKIE" in environ:
        return None
    host = environ.get("HTTP_HOST", "")
    question = question_of(environ) if len(host) <= LONGEST_HOST else None
    if not question:
        return None
    return (
        question,
        media.of(environ),
        host or (environ["SERVER_NAME"], environ["SERVER_PORT"]),
        environ["wsgi.url_scheme"],
        is_said_secure(environ),
    )


def is_said_secure(environ: WSGIEnvironment) -> bool | None:
    """Whether a proxy says that TLS ended there, as Django reads it; None where none says."""
    said: str | None = environ.get("HTTP_X_FORWARDED_PROTO")
    return None if said is None else said.partition(",")[0].strip() == "https"


def question_of(environ: WSGIEnvironment) -> bytes | str | None:
    """The body of a POST, or the query of a GET that calls a document by its hash."""
    query = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] == "GET":
        return query if "documentId=" in query and len(query) <= LONGEST else None
    if environ["REQUEST_METHOD"] != "POST" or query:
        return None
    if environ.get("CONTENT_TYPE", "").lower() not in JSON:
        return None
    return body_of(environ)


def body_of(environ: WSGIEnvironment) -> bytes | None:
    """The body, which Django can read once more; None for a long one, and for one cut short."""
    said = environ.get("CONTENT_LENGTH") or ""
    length = int(said) if said.isdecimal() and len(said) < 6 else 0
    if not 0 < length <= LONGEST:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = BytesIO(body)
    return body if len(body) == length else None


def present_stamp() -> int | None:
    """The catalogue's stamp; None while the database does not tell: then Django answers all."""
    try:
        return stamp.present()
    except Error:
        connection.close()
        return None


def given_again(
    kept: Kept, if_none_match: str | None, request_id: tuple[str, str], start: StartResponse
) -> Iterable[bytes]:
    if if_none_match and kept.etag and is_known(kept.etag, if_none_match):
        headers = [header for header in kept.headers if header[0] != OF_A_BODY]
        start("304 Not Modified", [*headers, request_id])
        return []
    start(kept.status, [*kept.headers, request_id])
    return [kept.body]
