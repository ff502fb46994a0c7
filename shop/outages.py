"""Whether the database is away, as against a statement that it refuses.

What a caller can do differs: here it is to come again, and the answer says when.
"""

import sqlite3

from django.db import InterfaceError, OperationalError

CODE = "SERVICE_UNAVAILABLE"
MESSAGE = "The shop cannot reach its data at the moment. Try again in a few seconds."
SECONDS = 5  # after which to come again

# Classes of PostgreSQL's errors (www.postgresql.org/docs/current/errcodes-appendix.html): the
# connection, no room or no more connections, the server's system; and 57P, its shutdown.
GONE = ("08", "53", "57P", "58")
# sqlite.org/rescode.html: a file that others hold too long, or that cannot be read or grow.
OUT_OF_REACH = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


def is_outage(error: BaseException | None) -> bool:
    """Whether it says that the database could not be asked at all."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # Of the extended codes the last byte is the plain one; its own errors have none.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in OUT_OF_REACH
    state = getattr(cause, "sqlstate", None)  # none where no server was there to tell it
    return state is None or state.startswith(GONE)
