"""Requests as bytes, right or wrong, and what came back: no client between mends them."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from random import Random
from typing import Any

PATIENCE = 30  # seconds; nothing takes them
SHORT = 0.5  # for an answer to what may never be complete; then the connection is closed
JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """What is written to the server. `length` None: the body's own; "": none is told.

    `is_broken` says that its end may never come, so that no answer needs to.
    """

    body: bytes = b""
    headers: tuple[tuple[str, str | bytes], ...] = (("Content-Type", JSON),)
    method: str = "POST"
    target: str = "/graphql/"
    length: str | None = None
    is_broken: bool = False

    def wire(self, host: str, token: str) -> bytes:
        length = str(len(self.body)) if self.length is None else self.length
        told = [*([("Content-Length", length)] if length else []), *self.headers]
        if "Host" not in dict(told):
            told.insert(0, ("Host", host))
        if token:
            told.append(("Authorization", f"Bearer {token}"))
        head = b"".join(each(name) + b": " + each(value) + b"\r\n" for name, value in told)
        return (
            f"{self.method} {self.target} HTTP/1.1\r\n".encode("latin-1")
            + head
            + b"\r\n"
            + self.body
        )


@dataclass(frozen=True)
class Answered:
    """`status` 0: the connection was closed without an answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Maker = Callable[[Random], Request]


def each(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def asked(document: str, variables: Any = None, **more: Any) -> Request:
    """A proper request for what is not."""
    body = {"query": document} | ({} if variables is None else {"variables": variables})
    return Request(json.dumps(body).encode(), **more)


def send(port: int, request: Request, token: str = "") -> Answered:
    """Write all, read the answer."""
    begun, patience = time.perf_counter(), SHORT if request.is_broken else PATIENCE
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        with suppress(OSError):  # it has seen enough; what it said of it is read all the same
            connection.sendall(request.wire(f"127.0.0.1:{port}", token))
        return read(connection, request.method, begun)


def read(connection: socket.socket, method: str, begun: float) -> Answered:
    response = HTTPResponse(connection, method=method)
    try:
        response.begin()
        body = response.read()
    except (HTTPException, OSError):
        return Answered(0, seconds=time.perf_counter() - begun)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, body, headers, time.perf_counter() - begun)
