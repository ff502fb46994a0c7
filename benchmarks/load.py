"""A small HTTP client that asks as fast as it is answered, and keeps every time it took."""

import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

LENGTH = b"content-length: "
END = b"\r\n\r\n"


@dataclass
class Load:
    """What was measured; loads of the same question add up."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)  # ms
    failures: int = 0

    def add(self, other: "Load") -> None:
        self.seconds += other.seconds
        self.times += other.times
        self.failures += other.failures

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, n: int) -> float:
        return quantiles(self.times, n=100, method="inclusive")[n - 1]


class Caller:
    """One connection that is kept, with one request on the way at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.got = b""

    def ask(self, request: bytes) -> None:
        self.got, self.begun = b"", perf_counter()
        self.socket.sendall(request)

    def heard(self) -> bool:
        """Take what has come; whether that is the whole answer."""
        more = self.socket.recv(262_144)
        if not more:
            raise SystemExit("The server hung up.")
        self.got += more
        end = self.got.find(END)
        return end >= 0 and len(self.got) >= end + len(END) + length_of(self.got[:end])

    def went_well(self) -> bool:
        is_fine = self.got.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304"))
        return is_fine and b'"errors":[{' not in self.got[:2000]

    def body(self) -> bytes:
        return self.got.partition(END)[2]


def length_of(head: bytes) -> int:
    if head.startswith(b"HTTP/1.1 304"):
        return 0
    low = head.lower()
    at = low.find(LENGTH)
    if at < 0:
        raise SystemExit(f"An answer without a length: {head!r}")
    return int(low[at + len(LENGTH) :].partition(b"\r\n")[0])


def drive(
    port: int, requests: Sequence[bytes], *, clients: int, seconds: float, most: int | None = None
) -> Load:
    """Ask one request after the other, so many at once, until the time or the number is over."""
    load, sent = Load(), 0
    with selectors.DefaultSelector() as waiting:
        callers = [Caller(port) for _ in range(clients)]
        begun = perf_counter()
        for caller in callers:
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
            caller.ask(requests[sent % len(requests)])
            sent += 1
        while waiting.get_map():
            for key, _ in waiting.select(30):
                caller = key.data
                if not caller.heard():
                    continue
                now = perf_counter()
                load.times.append((now - caller.begun) * 1000)
                load.failures += not caller.went_well()
                if now - begun < seconds and (most is None or sent < most):
                    caller.ask(requests[sent % len(requests)])
                    sent += 1
                else:
                    waiting.unregister(caller.socket)
        load.seconds = perf_counter() - begun
    for caller in callers:
        caller.socket.close()
    return load


def answer(port: int, request: bytes) -> bytes:
    """The whole answer to one request, head included."""
    caller = Caller(port)
    caller.ask(request)
    while not caller.heard():
        pass
    caller.socket.close()
    return caller.got
