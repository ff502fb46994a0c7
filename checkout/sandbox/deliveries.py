"""Events on their way to the shop: signed as Stripe signs them, and repeated until taken."""

import hashlib
import hmac
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

TRIES = 8
# Seconds before each repetition. Stripe's own pauses add up to three days; these to 26 seconds.
PAUSES = tuple(0.2 * 2**tried for tried in range(TRIES - 1))
TIMEOUT = 10.0  # seconds for one answer
WORKERS = 4
SHUFFLED_WITHIN = 0.1  # seconds in which shuffled events change places

NO_ANSWER = 0  # the status of an attempt that nobody answered


class Attempt(NamedTuple):
    """One POST of one event (by its id), and the HTTP status it was answered with.

    Only a 2xx is a receipt; a redirect is a failure (Stripe docs, webhooks: status codes).
    """

    event: str
    status: int


@dataclass(frozen=True)
class Delivery:
    """An event that waits for its turn, as a time of the monotonic clock."""

    event: dict[str, Any]
    due: float
    tried: int = 0


def signature(body: bytes, secret: str, at: int) -> str:
    """The value of the header Stripe-Signature for the raw body, at a time in Unix seconds.

    Stripe docs, "Verify webhook signatures manually": HMAC-SHA256 over time, dot and body.
    """
    signed = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class Deliveries:
    """Posts events to one webhook address: in the background, and on demand.

    Each event that is offered is posted until it is answered with a 2xx, at most TRIES times.
    In the order of nothing: Stripe promises none either. What can go wrong on the way is set by
    attributes, at any moment, and holds for the events offered from then on: `copies` of each
    event, a `delay` (least and most seconds), the share `drop` that never arrives, and
    `shuffle`. They draw from `seed`, so that a run can be repeated.
    """

    def __init__(
        self,
        *,
        webhook: str | None,
        secret: str,
        clock: Callable[[], float] = time.time,
        pauses: Sequence[float] = PAUSES,
        timeout: float = TIMEOUT,
        seed: int = 0,
    ) -> None:
        self.webhook, self.secret, self.clock = webhook, secret, clock
        self.pauses, self.timeout = tuple(pauses), timeout
        self.automatic = webhook is not None
        self.copies, self.drop, self.shuffle = 1, 0.0, False
        self.delay: tuple[float, float] = (0, 0)
        self.attempts: list[Attempt] = []
        self.seed = seed
        self._changed = threading.Condition()
        self._waiting: list[Delivery] = []
        self._under_way = 0
        self._workers: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._stopping, self._one_stop = False, threading.Lock()

    @property
    def seed(self) -> int:
        """Where the draws began; setting it begins anew."""
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._seed, self._random = seed, random.Random(seed)

    def offer(self, event: dict[str, Any]) -> None:
        """Take an event for delivery and return at once; nothing happens unless `automatic`."""
        if not self.automatic:
            return
        with self._changed:
            if not self._stopping:
                self._waiting += self._drawn(event)
                self._start()
                self._changed.notify_all()

    def post(
        self, event: dict[str, Any], *, secret: str | None = None, at: int | None = None
    ) -> int:
        """Post the event once and now; the HTTP status of the answer, or NO_ANSWER."""
        body, header = self.signed(event, secret=secret, at=at)
        status = self._send(body, header)
        with self._changed:
            self.attempts.append(Attempt(event["id"], status))
        return status

    def signed(
        self, event: dict[str, Any], *, secret: str | None = None, at: int | None = None
    ) -> tuple[bytes, str]:
        """The body as it goes over the wire, and its Stripe-Signature.

        Indented as Stripe's are: whoever parses and writes it again before verifying will fail.
        """
        body = json.dumps(event, indent=2, ensure_ascii=False).encode()
        when = int(self.clock()) if at is None else at
        return body, signature(body, self.secret if secret is None else secret, when)

    def drain(self, timeout: float = 10) -> None:
        """Wait until no event waits, is under way or is due for a repetition.

        Raises:
            TimeoutError: when that takes longer than `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(self._idle, timeout):
                left = [delivery.event["type"] for delivery in self._waiting]
                raise TimeoutError(f"{self._under_way} under way, waiting: {left}")

    def stop(self) -> None:
        """Forget what waits, cut what is under way, end the threads. A later offer starts anew."""
        with self._one_stop:
            with self._changed:
                self._stopping = True
                self._waiting.clear()
                for line in self._open:
                    _cut(line)
                self._changed.notify_all()
            for worker in self._workers:
                worker.join()
            with self._changed:
                self._workers, self._stopping = [], False

    def _idle(self) -> bool:
        return not self._waiting and not self._under_way

    def _drawn(self, event: dict[str, Any]) -> list[Delivery]:
        """The copies of the event that will arrive, each with its time."""
        now = time.monotonic()
        least, most = self.delay
        spread = most + SHUFFLED_WITHIN * self.shuffle
        dues = [now + self._random.uniform(least, spread) for _ in range(self.copies)]
        return [Delivery(event, due) for due in dues if self._random.random() >= self.drop]

    def _start(self) -> None:
        while len(self._workers) < WORKERS:
            worker = threading.Thread(target=self._work, name="sandbox-delivery", daemon=True)
            self._workers.append(worker)
            worker.start()

    def _work(self) -> None:
        while delivery := self._next():
            again = False
            try:
                again = not 200 <= self.post(delivery.event) < 300
            finally:  # also when something broke: `drain` must not wait for it
                self._done(delivery, again=again)

    def _next(self) -> Delivery | None:
        """Wait for a delivery that is due and take it; None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                soonest = min(self._waiting, key=lambda delivery: delivery.due, default=None)
                pause = soonest.due - time.monotonic() if soonest else None
                if soonest and pause is not None and pause <= 0:
                    self._waiting.remove(soonest)
                    self._under_way += 1
                    return soonest
                self._changed.wait(pause)
        return None

    def _done(self, delivery: Delivery, *, again: bool) -> None:
        with self._changed:
            self._under_way -= 1
            if again and delivery.tried < len(self.pauses) and not self._stopping:
                due = time.monotonic() + self.pauses[delivery.tried]
                self._waiting.append(replace(delivery, due=due, tried=delivery.tried + 1))
            self._changed.notify_all()

    def _send(self, body: bytes, header: str) -> int:
        """One POST. Redirects are not followed, and no proxy is asked."""
        if self.webhook is None:
            raise ValueError("There is no webhook address to post to.")
        target = urlsplit(self.webhook)
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}
        path = urlunsplit(("", "", target.path or "/", target.query, ""))
        try:
            with self._connected(target) as connection:
                connection.request("POST", path, body, headers | {"User-Agent": "Stripe/1.0"})
                answer = connection.getresponse()
                answer.read()
                return answer.status
        except (OSError, http.client.HTTPException):
            return NO_ANSWER

    @contextmanager
    def _connected(self, target: SplitResult) -> Iterator[http.client.HTTPConnection]:
        """A connection that `stop` knows of and can cut."""
        kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kind[target.scheme](target.hostname or "", target.port, timeout=self.timeout)
        connection.connect()
        line: socket.socket = connection.sock
        try:
            with self._changed:
                self._open.add(line)
                if self._stopping:
                    _cut(line)
            yield connection
        finally:
            with self._changed:
                self._open.discard(line)
            connection.close()


def _cut(line: socket.socket) -> None:
    """Wake the thread that waits for an answer on it."""
    with suppress(OSError):  # the other side was faster
        line.shutdown(socket.SHUT_RDWR)
