"""The state: objects by kind and id, the events in order, and the idempotency records."""

import copy
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from checkout.sandbox.errors import no_such
from checkout.sandbox.objects import API_VERSION, Json, fresh

NOBODY: Json = {"id": None, "idempotency_key": None}


class Books:
    """Everything that this Stripe knows, as plain JSON, behind one lock.

    The rules are in the modules beside this one: each takes the books first. Whoever changes
    something does it inside `change`.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, state: Path | None = None):
        self.clock, self.state = clock, state
        self.address = ""  # of the server, for links to the payment pages
        self.webhooks = 0  # how many addresses an event is on its way to
        self.refunds_pending = False  # whether refunds wait for `refunds.settle`
        self.objects: dict[str, dict[str, Json]] = {}
        self.line_items: dict[str, list[Json]] = {}  # by session id
        self.intent_data: dict[str, Json] = {}  # by session id: what its intent shall carry
        self.events: list[Json] = []
        self.records: dict[str, Json] = {}  # answers saved under idempotency keys
        self.on_event: list[Callable[[Json], None]] = []  # each called with every event
        self.lock = threading.RLock()
        self._depth, self._request = 0, NOBODY
        self._fresh: list[Json] = []
        self._load()

    def now(self) -> int:
        """The sandbox's time in whole Unix seconds."""
        return int(self.clock())

    @contextmanager
    def change(self, request: Json | None = None) -> Iterator[None]:
        """Hold the lock; at the end of the outermost one save the state and tell of the events.

        `request` ({id, idempotency_key}) is what the events will say they were caused by. The
        hooks run without the lock, so that they may ask the sandbox.
        """
        told: list[Json] = []
        with self.lock:
            self._depth += 1
            before, self._request = self._request, request or self._request
            try:
                yield
            finally:
                self._request = before
                self._depth -= 1
                if not self._depth:
                    told, self._fresh = self._fresh, []
                    self._save()
        for event in told:
            for hook in self.on_event:
                hook(event)

    def keep(self, new: Json) -> Json:
        """Enter a new object."""
        self.objects.setdefault(new["object"], {})[new["id"]] = new
        return new

    def find(self, kind: str, id: str, *, param: str = "id") -> Json:
        """The living object, not a copy. Raises StripeError: 404 when there is none."""
        try:
            return self.objects[kind][id]
        except KeyError:
            raise no_such(kind, id, param=param) from None

    def all(self, kind: str) -> list[Json]:
        """The living objects of a kind, the newest first."""
        return list(reversed(self.objects.get(kind, {}).values()))

    def emit(self, type: str, subject: Json) -> None:
        """Enter an event with its subject as it is at this moment (API reference, "Events")."""
        event = fresh(
            "event", at=self.now(), type=type, api_version=API_VERSION, data={"object": subject},
            pending_webhooks=self.webhooks, request=self._request,
        )  # fmt: skip
        self.events.append(event)
        self._fresh.append(copy.deepcopy(event))

    def event(self, id: str) -> Json:
        """One event. Raises StripeError: 404 when there is none."""
        for event in self.events:
            if event["id"] == id:
                return event
        raise no_such("event", id)

    def _save(self) -> None:
        """Write all to a file beside the state's and put it in its place, in one step."""
        if self.state is None:
            return
        kept = {name: getattr(self, name) for name in KEPT}
        beside = self.state.with_suffix(".tmp")
        with beside.open("w") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.state)

    def _load(self) -> None:
        if self.state is not None and self.state.exists():
            kept = json.loads(self.state.read_text())
            for name in KEPT:
                setattr(self, name, kept[name])


KEPT = ("objects", "line_items", "intent_data", "events", "records")
