"""One line for each request: what was asked, what it took, and under which id.

It stands in front of everything, so that answers from memory and those of the framework are
told as well. The path is logged without its query, which may carry what is nobody's business.
"""

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import connection

log = logging.getLogger(__name__)

_TOLD = "shop.request_log"
LONGEST = 100  # letters of anything that a client chose
REQUEST_ID = "x-request-id"


def tell(environ: WSGIEnvironment, **facts: Any) -> None:
    """Add facts to the request's line, such as operation, cost or user; None is left out.

    Does nothing where no line is written, as in the tests' own client.
    """
    if _TOLD in environ:
        environ[_TOLD].update((name, fact) for name, fact in facts.items() if fact is not None)


class Statements:
    """Counts what goes to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *call: Any) -> Any:
        self.count += 1
        return execute(*call)


class RequestLog:
    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not log.isEnabledFor(logging.INFO):
            return self.app(environ, start_response)
        began, statements = perf_counter(), Statements()
        facts: dict[str, Any] = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"]}
        environ[_TOLD] = told = {}

        def started(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Any:
            facts["status"] = status[:3]
            told["id"] = next((v for name, v in headers if name.lower() == REQUEST_ID), None)
            return start_response(status, headers, error)

        try:
            with connection.execute_wrapper(statements):
                return self.app(environ, started)
        finally:
            facts["ms"] = f"{(perf_counter() - began) * 1000:.1f}"
            log.info(line({**facts, "statements": statements.count, **told}))


def line(facts: dict[str, Any]) -> str:
    """`name=value` by `name=value`; whatever could end a value or a line is quoted."""
    return " ".join(f"{name}={value_of(fact)}" for name, fact in facts.items() if fact is not None)


def value_of(fact: Any) -> str:
    text = str(fact)[:LONGEST]
    is_plain = text.isascii() and text.isprintable() and not {" ", '"', "="} & set(text)
    return text if is_plain and text else ascii(text)
