"""The shop as a WSGI server sees it, with the door in front of Django."""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from schema.answers.door import PATH, Door
from schema.answers.shelf import Shelf
from shop.cors import Cors
from shop.requests import Handler

JSON = "application/json"


@dataclass(frozen=True)
class Shown:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]

    @property
    def lasting(self) -> tuple[int, dict[str, str], bytes]:
        """All of it but for what is new each time."""
        headers = {name: text for name, text in self.headers.items() if name != "X-Request-ID"}
        return self.status, headers, self.body


@contextmanager
def in_transaction() -> Iterator[None]:
    """Leave the test its connection and what it has not committed, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


class Counted:
    """Django, counting how often it is asked; `meanwhile` runs when an answer is computed."""

    def __init__(self, meanwhile: Callable[[], Any] = bool) -> None:
        self.app, self.asked, self.meanwhile = Handler(), 0, meanwhile

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.asked += 1
        response = self.app(environ, start_response)
        self.meanwhile()
        return response


class Street:
    """A door, and the ways to it; pages of `origins` may come by."""

    def __init__(
        self, app: Any = None, shelf: Shelf | None = None, origins: Collection[str] = ()
    ) -> None:
        self.django = app or Counted()
        self.door = Door(self.django, shelf)
        self.outside: Any = Cors(self.door, origins) if origins else self.door

    def post(self, document: str, *, past: bool = False, **sent: Any) -> Shown:
        return self.send(json.dumps({"query": document}).encode(), past=past, **sent)

    def send(self, body: bytes, *, past: bool = False, **sent: Any) -> Shown:
        """POST the body; `past` the door, to Django itself."""
        options = {"path": PATH, "content_type": JSON} | sent
        return self.ask(RequestFactory().post(data=body, **options).environ, past=past)

    def get(self, query: dict[str, str], *, past: bool = False, **headers: str) -> Shown:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.ask(RequestFactory().get(PATH, query, headers=named).environ, past=past)

    def ask(self, environ: dict[str, Any], *, past: bool = False) -> Shown:
        if not environ.get("HTTP_COOKIE"):
            environ.pop("HTTP_COOKIE", None)  # which the factory leaves empty
        said: list[Any] = []

        def started(status: str, headers: Any, error: Any = None, /) -> Any:
            said.extend([status, headers])

        app = self.django.app if past else self.outside
        with in_transaction():
            response = app(environ, started)
            body = b"".join(response)
            getattr(response, "close", bool)()
        assert len(dict(said[1])) == len(said[1])  # each header once
        return Shown(int(said[0].split()[0]), dict(said[1]), body)
