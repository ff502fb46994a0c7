"""Connections that PostgreSQL ends: the next request has a new one, and the books are exact.

FAULTS is how many buyers there are for each, CUT_SEED where their choices begin.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from catalog.models import Variant
from checkout.models import Order
from checkout.sandbox import Sandbox
from tests.checkout import paying
from tests.checkout.buying import check_books
from tests.factories import make_variant
from tests.faults.acts import place
from tests.faults.crowd import buy_while
from tests.faults.serving import Production, ask, mutation, no_stack, on_postgresql
from tests.faults.test_stops import comes

stripe = paying.stripe
FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("CUT_SEED", "1"))
KNOWN = "{ products(first: 3) { nodes { name } } }"
WRITES = "mutation { cartCreate(input: {}) { cart { id } errors { code } } }"
ENDED = """SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'"""
WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


def number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_who_comes_after_the_end_of_all_connections_notices_nothing() -> None:
    make_variant()
    fresh = (
        f'{{ products(search: "l{turn}", first: 1) {{ nodes {{ name }} }} }}' for turn in range(99)
    )
    with Production() as server:
        ask(server, KNOWN)
        for _ in range(5):
            for document in (KNOWN, next(fresh), WRITES):
                ask(server, document)
                assert number(ENDED) > 0

                status, body = ask(server, document)

                assert (status, "errors" in body) == (200, False), body


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_a_request_whose_connection_ends_in_the_middle_is_an_error_and_the_next_one_is_not(
    stripe: Sandbox,
) -> None:
    """It waits for a row that the test holds; so it is in the middle for certain."""
    act = place(stripe)
    document = mutation(act.name, act.selection)
    with Production() as server, ThreadPoolExecutor(1) as buyer:
        with transaction.atomic():
            list(Variant.objects.select_for_update())
            asked = buyer.submit(ask, server, document, **act.input)
            assert comes(lambda: number(WAITING) == 1)
            assert number(ENDED) > 0
            refused = asked.result()
        orders = Order.objects.count()

        granted = ask(server, document, **act.input)

    assert [error["extensions"]["code"] for error in refused[1]["errors"]] == [
        "SERVICE_UNAVAILABLE"
    ]
    assert no_stack([refused])
    assert orders == 0
    assert granted[1]["data"]["orderPlace"]["errors"] == []
    assert act.left() == act.wanted
    check_books()


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_connections_that_end_all_the_time_cost_nobody_anything(stripe: Sandbox) -> None:
    with Production(stripe) as server:

        def disturb(times: int) -> None:
            threading.Event().wait(0.15)
            number(ENDED)

        told = buy_while(stripe, server, 4 * FAULTS, SEED, disturb)

    assert no_stack(told)
