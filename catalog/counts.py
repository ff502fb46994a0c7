"""Counts that were made once and hold as long as the catalogue does not change.

A count is exact and costs as much as there is to count; so it is made when somebody asks for it
and kept under the catalogue's stamp. What time alone changes, or a stamp that could not be moved,
shows after KEPT, and after twice that in a count that was made from what was kept already: that
of a search's hits, say.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import connection

from catalog import stamp

T = TypeVar("T")

KEPT = 7.0  # seconds; twice that with `schema.answers.shelf.OLDEST` is less than 30
LONGEST_KEY = 4000  # signs: a long filter is counted each time it comes

_memories: list["Memory"] = []


class Memory:
    """What was counted, the longest unused thrown out first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, tuple[int, float, Any]] = OrderedDict()
        self._lock = Lock()
        _memories.append(self)

    def get(self, key: Hashable, present: int) -> tuple[Any] | None:
        """What is kept under the key and still holds, in a tuple; None where nothing is."""
        with self._lock:
            kept, until, value = self._found.get(key, (None, 0.0, None))
            if kept != present or monotonic() >= until:
                return None
            self._found.move_to_end(key)
            return (value,)

    def put(self, key: Hashable, present: int, value: Any, since: float) -> None:
        """Keep a value that began to be made at `since`: by then it may have been overtaken."""
        if len(repr(key)) > LONGEST_KEY:
            return
        with self._lock:
            self._found[key] = present, since + KEPT, value
            self._found.move_to_end(key)
            if len(self._found) > self._most:
                self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


COUNTS = Memory(2000)


def remembered(key: Hashable, count: Callable[[], T], *, within: Memory = COUNTS) -> T:
    """What `count` says, or said before to the same key; nobody may change what it answers.

    The stamp is read first: what changes while it is being counted moves it on. Inside a
    transaction nothing is remembered, for nobody else sees what that sees.
    """
    if connection.in_atomic_block or not settings.GRAPHQL_ANSWER_CACHE:
        return count()
    present = stamp.present()
    if found := within.get(key, present):
        return cast("T", found[0])
    since = monotonic()
    value = count()
    within.put(key, present, value, since)
    return value


def forget() -> None:
    """Count everything anew: for tests, whose databases are not the same from one to the next."""
    for memory in _memories:
        memory.clear()
