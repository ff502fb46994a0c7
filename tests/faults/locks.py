"""Whether anybody keeps others waiting."""

from django.db import OperationalError, connection, transaction
from django.db.models import Model

from catalog.models import Variant
from checkout.models import Order
from users.models import User


def nothing_is_locked() -> bool:
    """Whether every row can be written at this moment, and no connection idles in the middle."""
    if connection.vendor == "postgresql":
        return not idlers() and all(map(is_free, (User, Variant, Order)))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")  # somebody else's lock is an error at once
        try:
            return is_free(Variant)  # the transaction is IMMEDIATE: all of the file or nothing
        finally:
            cursor.execute("PRAGMA busy_timeout = 20000")


def idlers() -> int:
    """How many connections have begun a transaction and do nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
        return int(cursor.fetchone()[0])


def is_free(model: type[Model]) -> bool:
    try:
        with transaction.atomic():
            list(model._default_manager.select_for_update(nowait=True))
    except OperationalError:
        return False
    return True
