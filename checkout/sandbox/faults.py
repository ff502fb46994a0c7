"""What to break on demand."""

import threading
from dataclasses import dataclass
from typing import Literal

How = Literal["before", "after", "500", "drop", "429", "slow", "freeze"]
HOWS = ("before", "after", "500", "drop", "429", "slow", "freeze")


@dataclass
class Fault:
    """One kind of trouble, for the next `times` requests that it fits."""

    method: str
    prefix: str
    how: How
    times: int
    seconds: float

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and path.startswith(self.prefix)


class Faults:
    """The troubles that wait for requests, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Fault] = []
        self._lifts = 0  # how often all was lifted
        self._held = 0

    def fail(
        self, method: str, path_prefix: str, how: How, times: int = 1, *, seconds: float = 1.0
    ) -> None:
        """Break the next `times` requests of this method (`*`: any) whose path begins so.

        before: 500, no effect, nothing saved. 500: the same, but saved under the idempotency
        key, so that the key is spent. after: done, but the connection is cut instead of an
        answer. drop: cut, not done. 429: too many requests, not done. slow: done after
        `seconds`. freeze: done and answered when all is lifted, never when the sandbox stops.
        """
        if how not in HOWS:
            raise ValueError(f"{how} is none of {', '.join(HOWS)}.")
        with self._changed:
            self._waiting.append(Fault(method, path_prefix, how, times, seconds))

    def lift(self) -> None:
        """Forget all troubles, and let go of the requests that are held."""
        with self._changed:
            self._waiting.clear()
            self._lifts += 1
            self._changed.notify_all()

    def take(self, method: str, path: str) -> Fault | None:
        """The trouble that this request meets, if any; it counts as used."""
        with self._changed:
            for fault in self._waiting:
                if fault.fits(method, path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def hold(self, fault: Fault | None) -> None:
        """Let the request wait, when its trouble is to be slow or frozen."""
        if fault is None or fault.how not in ("slow", "freeze"):
            return
        with self._changed:
            before = self._lifts
            self._held += 1
            self._changed.notify_all()
            longest = fault.seconds if fault.how == "slow" else None
            self._changed.wait_for(lambda: self._lifts != before, longest)
            self._held -= 1

    def reached(self, count: int = 1, *, timeout: float = 10) -> None:
        """Wait until so many requests are held. Raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._held >= count, timeout):
                raise TimeoutError(f"{self._held} requests are held, not {count}.")
