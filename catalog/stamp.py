"""The catalogue's stamp: a number that is another one whenever something visible has changed.

Who has read the stamp, then the catalogue, and finds the same stamp later knows that what was
read still holds. So the stamp moves after what it stands for can be seen, never before:

- SQLite: a row, written in the transaction of the change.
- PostgreSQL: a sequence, moved right after the commit. No row is locked for it. When the process
  dies between the two the stamp does not move: who keeps answers lets none of them get old.

It does not move with what time alone changes (a product whose hour comes) nor with the units sold,
which only the order BEST_SELLING follows.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic, time_ns

from django.db import connection, transaction
from django.db.models import F

from catalog.models import Stamp

POLL = 0.25  # seconds for which a process takes the stamp for the present one


class Known:
    """The stamp as this process knows it."""

    def __init__(self, look: Callable[[], int], clock: Callable[[], float] = monotonic) -> None:
        self._look, self._clock = look, clock
        self._seen = (0, 0.0)  # the stamp, and until when it will do
        self._moves = 0  # of this process
        self._lock = Lock()

    def present(self) -> int:
        stamp, until = self._seen
        return stamp if self._clock() < until else self.looked_up()

    def looked_up(self) -> int:
        """Read anew, and once more where a move of this process came in between."""
        while True:
            moves, until = self._moves, self._clock() + POLL
            stamp = self._look()
            with self._lock:
                if moves == self._moves:
                    self._seen = stamp, until
                    return stamp

    def forget(self) -> None:
        """After a move of its own a process looks at once: who changes something sees it."""
        with self._lock:
            self._moves += 1
            self._seen = 0, 0.0


def present() -> int:
    """The stamp, at most POLL old; never older than the last move of this process.

    Raises:
        DatabaseError: it had to be looked up, and the database does not answer.
    """
    # In a transaction SQLite shows a move that may yet be taken back.
    return read() if connection.in_atomic_block else _known.present()


def read() -> int:
    """The stamp as the database has it. Raises DatabaseError."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The first move gives a sequence its first value, which it tells beforehand as well.
            cursor.execute("SELECT last_value + is_called::int FROM catalog_stamp_id_seq")
            return int(cursor.fetchone()[0])
    return Stamp.objects.filter(pk=1).values_list("moves", flat=True).first() or 0


_known = Known(read)


def move() -> None:
    """Something visible changes in this transaction: with its commit the stamp is another one.

    Called again in the same transaction it does nothing more.
    """
    if is_moving():
        return
    if connection.vendor != "postgresql" and not Stamp.objects.filter(pk=1).update(
        moves=F("moves") + 1
    ):
        # Not from 1: a database that was emptied must not tell numbers that it told before.
        Stamp.objects.create(pk=1, moves=time_ns())
    # The change is made: a stamp that cannot be moved is logged, and no reason to call it failed.
    transaction.on_commit(_committed, robust=True)
    # Before all else that waits for the commit: a job may take long, and an error ends them all.
    waiting = connection.run_on_commit
    waiting[:0] = [waiting.pop()] if waiting else []


def is_moving() -> bool:
    """Whether this transaction has changed something that others do not see yet."""
    return any(_committed in waiting for waiting in connection.run_on_commit)


def _committed() -> None:
    try:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('catalog_stamp_id_seq')")
    finally:
        _known.forget()
