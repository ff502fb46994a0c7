"""HTTP: sockets and threads around the API and the pages."""

import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from checkout.sandbox import pages
from checkout.sandbox.api import Answer, Dropped
from checkout.sandbox.errors import StripeError, broken

if TYPE_CHECKING:
    from checkout.sandbox.sandbox import Sandbox

LARGEST = 1_000_000  # bytes of a body
PATIENCE = 30  # seconds for a client to say what it wants

Reply = tuple[int, dict[str, str], bytes]


class Server(ThreadingHTTPServer):
    """Listens on the loopback alone; a thread for each connection, all ended by `close`."""

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(self, sandbox: "Sandbox", port: int) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._changing = threading.Lock()
        super().__init__(("127.0.0.1", port), Door)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changing:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._changing:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening, cut every connection, and wait until their threads have ended."""
        self.shutdown()
        with self._changing:
            for line in self._open:
                with suppress(OSError):  # the other side was faster
                    line.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Door(BaseHTTPRequestHandler):
    """One request on one connection: HTTP/1.0, so that nobody waits on an idle one."""

    server: Server
    timeout = PATIENCE
    server_version = "sandbox"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Stay quiet: `Sandbox.requests` is the log."""

    def _serve(self) -> None:
        sandbox = self.server.sandbox
        sandbox.api.stopping.wait(sandbox.latency)
        try:
            status, headers, body = self._guarded(self._reply)
        except Dropped:
            with suppress(OSError):  # the other side was faster
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _guarded(self, reply: Callable[[], Reply]) -> Reply:
        """A bug of the sandbox is told to whoever asked, and shown where it runs."""
        try:
            return reply()
        except StripeError as refusal:
            return _json(Answer(refusal.status, refusal.body))
        except (Dropped, ConnectionError, TimeoutError):
            raise
        except Exception as bug:
            self.server.handle_error(self.connection, self.client_address)
            return _json(Answer(500, broken(f"A bug of the sandbox: {bug!r}").body))

    def _reply(self) -> Reply:
        sandbox, body = self.server.sandbox, self._body()
        if self.path.startswith("/v1/"):
            answer = sandbox.api.answer(self.command, self.path, self.headers, body)
            return _json(answer)
        page = pages.answer(sandbox, self.command, self.path, self.headers, body)
        return page.status, page.headers, page.body

    def _body(self) -> bytes:
        """What was sent after the headers. Raises StripeError for an odd or too large size."""
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 9:
            raise StripeError("Invalid Content-Length.")
        if int(length) > LARGEST:
            raise StripeError(f"At most {LARGEST} bytes are read.", status=413)
        return self.rfile.read(int(length))


def _json(answer: Answer) -> Reply:
    """Indented as Stripe's answers are."""
    body = json.dumps(answer.body, indent=2).encode()
    return answer.status, {"Content-Type": "application/json"} | answer.headers, body
