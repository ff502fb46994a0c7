"""The documents that were met lately, as many as the memory allows."""

from collections import OrderedDict
from collections.abc import Callable
from sys import getsizeof
from threading import Lock
from typing import Generic, Protocol, TypeVar

LONGEST = 16_384  # bytes of a document that is worth keeping
MOST_MET = 512  # met once
MOST_DOCUMENTS = 512  # met more often, with a plan or found to have none
MOST_FIELDS = 20_000  # in all plans together, with what is parsed; about 1.6 kB each


class Weighed(Protocol):
    fields: int


Key = tuple[str, str | None]
P = TypeVar("P", bound=Weighed)


class Known(Generic[P]):
    """From documents to plans; the least used go first.

    Documents met once have a list of their own, so that a stream of ever new ones drives out
    no plan.
    """

    def __init__(self, make: Callable[[Key], P | None]) -> None:
        self._make = make
        self._once: OrderedDict[Key, None] = OrderedDict()
        self._plans: OrderedDict[Key, P | None] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._plans)

    def find(self, key: Key) -> P | None:
        """The plan of a document that has come before, made now if need be."""
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
                return self._plans[key]
            if key not in self._once:
                return None
        made = self._make(key)  # two threads may both make one: the last stays
        with self._lock:
            self._once.pop(key, None)
            self._plans[key] = made
        self.trim()
        return made

    def met(self, key: Key) -> None:
        """Keep in mind that graphql-core ran this document without an error."""
        if getsizeof(key[0]) > LONGEST:
            return
        with self._lock:
            if key not in self._plans:
                self._once[key] = None
            while len(self._once) > MOST_MET:
                self._once.popitem(last=False)

    def give_up(self, key: Key) -> None:
        """Leave the document to graphql-core from now on."""
        with self._lock:
            if key in self._plans:
                self._plans[key] = None

    def forget(self) -> None:
        with self._lock:
            self._once.clear()
            self._plans.clear()

    def trim(self) -> None:
        """Drop plans until what is kept is small enough; the newest one stays."""
        with self._lock:
            fields = sum(plan.fields for plan in self._plans.values() if plan)
            while len(self._plans) > MOST_DOCUMENTS or (
                fields > MOST_FIELDS and len(self._plans) > 1
            ):
                _, dropped = self._plans.popitem(last=False)
                fields -= dropped.fields if dropped else 0
