"""Where answers are kept: the ones asked for lately, in a bounded number and size.

While there is room each is kept. When there is none, another gives way only to what has been
asked for twice: so a stream of ever new questions drives out nothing that is asked again.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from shop.newcomers import Newcomers

MOST_ANSWERS = 2048
MOST_BYTES = 32_000_000  # of one process, questions included
LARGEST = 512_000  # bytes of an answer that is worth its place
# Seconds, whatever the stamp says. With the ages that a count in the answer and what that was
# made from may have had already (`catalog.counts.KEPT`, twice) it stays below what the README
# promises: 30.
OLDEST = 15.0

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """An answer as it was given, but for what is new each time."""

    status: str
    headers: Headers
    body: bytes
    etag: str  # blank but for documents that are called by their hash
    stamp: int
    since: float  # by the shelf's clock, when it began to be computed


class Shelf:
    def __init__(
        self,
        *,
        most: int = MOST_ANSWERS,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.most, self.most_bytes, self.clock = most, most_bytes, clock
        self.bytes = 0
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self._newcomers = Newcomers(most)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable, stamp: int) -> Kept | None:
        """What was kept under that key, if it still holds."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            answer = found[0]
            if answer.stamp != stamp or self.clock() - answer.since >= OLDEST:
                return None
            self._kept.move_to_end(key)
            return answer

    def keep(self, key: Hashable, answer: Kept, *, size: int) -> None:
        """Put it there, if need be in place of what has not been asked for longest.

        Args:
            size: bytes that answer and key take together.
        """
        if size > LARGEST:
            return
        with self._lock:
            may_stay = key in self._kept or self._has_room(size)
            if not may_stay and not self._newcomers.came_before(key):
                return
            self._drop(key)
            self._kept[key] = answer, size
            self.bytes += size
            while len(self._kept) > self.most or self.bytes > self.most_bytes:
                self._drop(next(iter(self._kept)))

    def _has_room(self, size: int) -> bool:
        return len(self._kept) < self.most and self.bytes + size <= self.most_bytes

    def _drop(self, key: Hashable) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self.bytes -= dropped[1]
