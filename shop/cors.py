"""Which pages of other origins may call the shop (fetch.spec.whatwg.org, "CORS protocol").

It stands outside of everything that keeps answers: what is kept is the same for every origin,
and the headers for one are put on each time. A library's middleware would stand inside.
"""

from collections.abc import Collection, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

GRAPHQL = ("/graphql", "/graphql/")
UPLOADS = "/uploads/"
SENT = "Authorization, Content-Type, GraphQL-Preflight, Idempotency-Key, X-Requested-With"
SHOWN = "Retry-After, X-Request-ID"
SECONDS = "3600"  # that a browser remembers the answer to its preflight

Headers = list[tuple[str, str]]


class Cors:
    """The shop, which browsers show to pages of these origins besides its own.

    Cookies are never allowed: only the bearer header signs anybody in.
    """

    def __init__(self, app: WSGIApplication, origins: Collection[str]) -> None:
        self.app, self.origins = app, frozenset(origins)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        methods = methods_at(environ["PATH_INFO"])
        if not methods:
            return self.app(environ, start_response)
        origin = environ.get("HTTP_ORIGIN")
        allowed = origin if origin in self.origins else None
        if allowed and is_preflight(environ):
            start_response("204 No Content", for_preflight(allowed, methods))
            return []

        def started(status: str, headers: Headers, error: Any = None, /) -> Any:
            told = with_origin(headers, allowed)
            return start_response(status, told, error) if error else start_response(status, told)

        return self.app(environ, started)


def methods_at(path: str) -> str:
    """What other origins may do at a path; blank for nothing."""
    if path in GRAPHQL:
        return "GET, POST"
    return "POST" if path.startswith(UPLOADS) else ""


def is_preflight(environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def for_preflight(origin: str, methods: str) -> Headers:
    return [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", SENT),
        ("Access-Control-Max-Age", SECONDS),
        ("Vary", "Origin"),
    ]


def with_origin(headers: Headers, allowed: str | None) -> Headers:
    """The headers of an answer; caches keep it apart by origin, also where none is allowed."""
    others = [(name, text) for name, text in headers if name.lower() != "vary"]
    varies = [text for name, text in headers if name.lower() == "vary"]
    told = [*others, ("Vary", ", ".join([*varies, "Origin"]))]
    if allowed:
        told += [
            ("Access-Control-Allow-Origin", allowed),
            ("Access-Control-Expose-Headers", SHOWN),
        ]
    return told
