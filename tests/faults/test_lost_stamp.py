"""A server that dies between the commit of a change and the move of the stamp: what others keep
is old, but not for longer than an answer may live (README: 30 seconds; here it is 3)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException

import pytest
from django.db import connection, transaction

from catalog import stamp
from catalog.models import Product
from schema import ids
from schema.answers import shelf
from tests.catalog.picturing import shop
from tests.faults.serving import Production, ask, mutation, on_postgresql
from tests.faults.test_lost_connections import number
from tests.faults.test_stops import comes
from users import tokens

OLDEST = 3
# Whoever changes the sequence waits for whoever moves it, and the other way round; reading goes on.
ENDED_WAITERS = """SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""
HOLD = "ALTER SEQUENCE catalog_stamp_id_seq NO CYCLE"


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_an_answer_that_nobody_was_told_is_old_is_gone_after_its_time() -> None:
    product, owner = shop()
    document = f'{{ product(id: "{ids.of(product)}") {{ name }} }}'
    rename = mutation("productUpdate", "product { name }")
    token = tokens.access_token(owner)

    def name(server: Production) -> str:
        return str(ask(server, document)[1]["data"]["product"]["name"])

    def lost() -> None:
        with suppress(OSError, HTTPException):
            ask(first, rename, token=token, id=ids.of(product), name="New")

    keeping = {"SERVED_OLDEST": str(OLDEST), "GRAPHQL_ANSWER_CACHE": "on"}
    with Production() as first, Production(variables=keeping) as second:
        before = name(second)
        with ThreadPoolExecutor(1) as staff, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(HOLD)
            held = stamp.read()
            changed = staff.submit(lost)
            committed = comes(lambda: Product.objects.get(pk=product.pk).name == "New")
            waits = not changed.done()
            first.kill()
            number(ENDED_WAITERS)  # what has been sent already would still be done
            transaction.set_rollback(True)
        unmoved = stamp.read() == held
        old = name(second)
        gone = comes(lambda: name(second) == "New", seconds=OLDEST + 2)

    assert (committed, waits, unmoved) == (True, True, True)
    assert old == before  # else nothing was kept, and nothing is proven
    assert gone


def test_the_time_of_an_answer_is_what_is_promised() -> None:
    from catalog import counts

    assert shelf.OLDEST + 2 * counts.KEPT < 30
