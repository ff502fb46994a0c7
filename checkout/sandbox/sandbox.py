"""The sandbox as a whole: what tests and the command line start, and what people do over there."""

import copy
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from checkout.sandbox import disputes, payments, refunds, sessions
from checkout.sandbox.api import Api, Request
from checkout.sandbox.books import Books
from checkout.sandbox.contract import Checker
from checkout.sandbox.deliveries import Deliveries
from checkout.sandbox.faults import Faults
from checkout.sandbox.objects import Json
from checkout.sandbox.server import Server

__all__ = ["Request", "Sandbox"]


class Sandbox:
    """A Stripe of one's own on the loopback, with one account in test mode.

    Used as a context manager, or by `start` and `stop`. What people do returns the object as it
    is then, as a copy; what cannot be done raises `errors.StripeError`.
    """

    def __init__(
        self,
        *,
        key: str = "sk_test_sandbox",
        secret: str = "whsec_sandbox",  # noqa: S107  # guards the sandbox alone
        webhook: str | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        latency: float = 0,
        state: Path | None = None,
        check: Checker | None = None,
    ) -> None:
        """Nothing is opened before `start`.

        `port` 0 takes a free one; `latency` is in seconds, for each request; `state` is a file
        that the books outlive the process in; with `check`, what breaks the contract is
        answered with 500 and told in `violations`.
        """
        self.key, self.secret, self.latency = key, secret, latency
        self.books = Books(clock=clock, state=state)
        self.books.webhooks = int(webhook is not None)
        self.faults = Faults()
        self.deliveries = Deliveries(webhook=webhook, secret=secret, clock=clock)
        self.api = Api(self.books, self.faults, key=key, check=check)
        self.books.on_event += [self._check_event, self.deliveries.offer]
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where it listens, such as http://127.0.0.1:8001; empty before the first start."""
        return self.books.address

    @property
    def requests(self) -> list[Request]:
        """Every request to the API so far, in the order in which they ended."""
        return self.api.requests

    @property
    def violations(self) -> list[str]:
        """How requests, answers and events broke the contract; empty without a checker."""
        return self.api.violations

    def start(self) -> Self:
        """Listen. Again after `stop`, it takes the same port. Does nothing when it runs."""
        if self._server is None:
            self._server = Server(self, self._port)
            self._port = self._server.server_port
            self.api.stopping.clear()
            sessions.move_to(self.books, f"http://127.0.0.1:{self._port}")
            run = self._server.serve_forever
            self._thread = threading.Thread(target=run, args=(0.01,), name="sandbox", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """End all threads and connections; what is held gets no answer. Does nothing twice."""
        if self._server is None or self._thread is None:
            return
        self.api.stopping.set()
        self.faults.lift()
        self._server.close()
        self._thread.join()
        self.deliveries.stop()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def pay(
        self,
        session_id: str,
        *,
        delayed: bool = False,
        amount: int | None = None,
        currency: str | None = None,
    ) -> Json:
        """The buyer pays; by a delayed method, the money comes with `settle`.

        With `amount` or `currency` the books say another one than was asked for.
        """
        return self._copy(
            payments.pay(self.books, session_id, delayed=delayed, amount=amount, currency=currency)
        )

    def decline(self, session_id: str) -> Json:
        """The buyer's card is refused; the session stays open."""
        return self._copy(payments.decline(self.books, session_id))

    def settle(self, session_id: str, *, ok: bool = True) -> Json:
        """The money of a delayed method comes in, or does not."""
        return self._copy(payments.settle(self.books, session_id, ok=ok))

    def expire(self, session_id: str) -> Json:
        """An open session ends, by its time or by the merchant."""
        return self._copy(sessions.expire(self.books, session_id))

    def lapse(self) -> None:
        """Every open session ends whose time has come. Each request does that first, too."""
        sessions.lapse(self.books)

    def refund(self, intent_id: str, amount: int | None = None, *, pending: bool = False) -> Json:
        """The merchant refunds in Stripe's dashboard, all that is left unless told otherwise."""
        return self._copy(refunds.by_hand(self.books, intent_id, amount, pending=pending))

    def settle_refund(self, refund_id: str, *, ok: bool = True) -> Json:
        """A pending refund succeeds or fails; one that has succeeded can only fail."""
        return self._copy(refunds.settle(self.books, refund_id, ok=ok))

    def dispute(
        self, intent_id: str, amount: int | None = None, *, reason: str = "fraudulent"
    ) -> Json:
        """The buyer disputes the charge, all of it unless told otherwise."""
        return self._copy(disputes.begin(self.books, intent_id, amount, reason=reason))

    def close_dispute(self, dispute_id: str, *, won: bool) -> Json:
        """The bank decides for the shop, or against it."""
        return self._copy(disputes.close(self.books, dispute_id, won=won))

    def warn_of_fraud(self, intent_id: str) -> Json:
        """The card's issuer thinks that it was not its owner who paid."""
        return self._copy(disputes.warn_of_fraud(self.books, intent_id))

    def _copy(self, found: Json) -> Json:
        with self.books.lock:
            return copy.deepcopy(found)

    def _check_event(self, event: Json) -> None:
        if self.api.check is not None:
            self.api.violations += self.api.check.event(event)
