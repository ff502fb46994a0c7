"""Requests are read whole before the shop works on them, by threads that do nothing else.

The server gives a request to a thread as soon as its headers are there, and that thread waits
for the body. A client that sends a byte a second would so keep a thread of the few that hold a
connection to the database, and as many such clients as there are threads would stop the shop.
Therefore the server has many threads (`--blocking-threads`): they read bodies, and hand what is
whole to the few that work.

A long body (pictures) is not kept in memory: its request is worked on by the thread that reads
it, which gives its connection back at the end.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import connections

THREADS = 8  # that work in one process, each with a connection; some may wait for Stripe
LARGEST = 300_000  # bytes of a body that is kept in memory; one of JSON is at most 256,000

Said = list[Any]  # what the application starts its answer with


class Buffered:
    def __init__(self, app: WSGIApplication, threads: int = THREADS) -> None:
        self.app = app
        self.workers = ThreadPoolExecutor(threads, thread_name_prefix="shop")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if is_short(environ):
            read(environ)
            said, body = self.workers.submit(whole, self.app, environ).result()
        else:
            try:
                said, body = whole(self.app, environ)
            finally:
                connections.close_all()
        start_response(*said)
        return [body]


def is_short(environ: WSGIEnvironment) -> bool:
    """Whether the body is known to be one that memory has room for; mostly there is none."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return False
    length = environ.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and len(length) < 9 and int(length) <= LARGEST


def read(environ: WSGIEnvironment) -> None:
    """Wait for the body, and put it where the application finds it at once."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length) if length else b"")


def whole(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[Said, bytes]:
    """The answer with all of its body, closed by the thread that made it."""
    said: Said = []

    def started(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Any:
        said[:] = status, headers, error

    parts = app(environ, started)
    try:
        return said, b"".join(parts)
    finally:
        getattr(parts, "close", bool)()
