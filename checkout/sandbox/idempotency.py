"""Idempotency keys, as API reference "Idempotent requests" describes them for v1.

The first answer is saved, whatever it is, and comes again for the same key and parameters. Other
parameters or another path with the key are refused; so is a request while another one with the
key is under way. Records are kept for 24 hours. Guess: exactly so long; Stripe says "at least".
"""

from collections.abc import Iterator
from contextlib import contextmanager

from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError
from checkout.sandbox.objects import Json

LONGEST = 255  # signs: "Idempotency keys are up to 255 characters long"
KEPT_FOR = 24 * 60 * 60  # seconds


class Keys:
    """The keys in use and, in the books, the answers that were saved under others."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._in_flight: set[str] = set()

    @contextmanager
    def claim(self, key: str, path: str, params: Json) -> Iterator[Json | None]:
        """Keep the key to this request until it is answered; yields what was saved, or None.

        Raises:
            StripeError: for a key that is too long, was used for something else (400,
                idempotency_error), or is in use (409, idempotency_key_in_use).
        """
        if len(key) > LONGEST:
            raise StripeError(f"Idempotency-Key may be at most {LONGEST} characters long.")
        with self.books.lock:
            record = self._record(key)
            if record is None:
                self._begin(key)
        if record is not None:
            _check_same(key, record, path, params)
            yield record
            return
        try:
            yield None
        finally:
            with self.books.lock:
                self._in_flight.discard(key)

    def save(self, key: str, path: str, params: Json, *, status: int, body: Json, id: str) -> None:
        """Keep the answer to the request with this id; to be called inside `books.change`."""
        now = self.books.now()
        records = self.books.records
        for old in [each for each in records if now - records[each]["at"] >= KEPT_FOR]:
            del records[old]
        records[key] = {
            "at": now, "path": path, "params": params, "status": status, "body": body, "id": id,
        }  # fmt: skip

    def _record(self, key: str) -> Json | None:
        record = self.books.records.get(key)
        if record is None or self.books.now() - record["at"] >= KEPT_FOR:
            return None
        return record

    def _begin(self, key: str) -> None:
        """Docs, "Error codes": idempotency_key_in_use. Guess: its type and wording."""
        if key in self._in_flight:
            message = "There is currently another in-progress request using this Idempotency-Key: "
            raise StripeError(message + key, status=409, code="idempotency_key_in_use")
        self._in_flight.add(key)


def _check_same(key: str, record: Json, path: str, params: Json) -> None:
    """The wordings are the API's (reported in public issues)."""
    message = "Keys for idempotent requests can only be used "
    if record["path"] != path:
        message += f"for the same endpoint they were first used for ('{path}' vs "
        message += f"'{record['path']}')."
    elif record["params"] != params:
        message += "with the same parameters they were first used with."
    else:
        return
    message += f" Try using a key other than '{key}' if you meant to execute a different request."
    raise StripeError(message, type="idempotency_error")
