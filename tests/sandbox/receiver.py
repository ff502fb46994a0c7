"""Where events arrive: a web server that writes down what it is sent and answers as told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Arrival(NamedTuple):
    """One POST as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """Answers with the next of `answers`, and with 204 when there is none left.

    An answer of 0 is none: the request hangs until `release` is set.
    """

    def __init__(self, *answers: int) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.arrivals: list[Arrival] = []
        self.answers = list(answers)
        self.release = threading.Event()
        self.came = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks/stripe/"


class Door(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrivals.append(Arrival(self.path, dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.server.came.set()
        if status == 0:
            self.server.release.wait()
            return
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


@contextmanager
def receiver(*answers: int) -> Iterator[Receiver]:
    """A receiver that runs as long as the block does."""
    with Receiver(*answers) as server:
        server.daemon_threads = False  # so that closing waits for them
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()
