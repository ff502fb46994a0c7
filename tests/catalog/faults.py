"""A bucket behind a bad line: a proxy that lets some requests fail, as bucket and network do.

Three things go wrong, each as often as the others: the bucket answers 500 and has done nothing;
the connection ends before anything was done; the answer is lost after it was done.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FAULTS = ("500", "closed", "lost")
HOPS = {"connection", "transfer-encoding", "content-length", "expect"}


class Line(ThreadingHTTPServer):
    """Listens in the bucket's place; `rate` of the requests fail, from `seed` on."""

    daemon_threads = True
    request_queue_size = 200  # all come at once

    def __init__(self, bucket: str, *, seed: int = 1) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = urlsplit(bucket).netloc
        self.chance, self.guard = random.Random(seed), threading.Lock()
        self.rate, self.asked, self.failed = 0.0, 0, 0
        # Called with method and path; may wait, and may say what goes wrong in place of chance.
        self.before: Callable[[str, str], str] = lambda method, path: ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fate(self) -> str:
        """What goes wrong with the next request; "" for nothing."""
        with self.guard:
            self.asked += 1
            if self.chance.random() >= self.rate:
                return ""
            self.failed += 1
            return self.chance.choice(FAULTS)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no news here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Line

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fate = self.server.before(self.command, self.path) or self.server.fate()
        if fate == "closed":
            self.close_connection = True
        elif fate == "500":
            self.answer(500, [], b"<Error><Code>InternalError</Code></Error>")
        else:
            status, headers, data = self.behind(body)
            self.close_connection = fate == "lost"
            if fate != "lost":
                self.answer(status, headers, data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one  # noqa: N815

    def behind(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        line = HTTPConnection(self.server.behind, timeout=30)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOPS}
            line.request(self.command, self.path, body or None, headers)
            answer = line.getresponse()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in HOPS]
            return answer.status, kept, answer.read()
        finally:
            line.close()

    def answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def line(bucket: str, *, seed: int = 1) -> Iterator[Line]:
    with Line(bucket, seed=seed) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
