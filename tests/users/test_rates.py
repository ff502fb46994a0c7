"""So many times in so many seconds, whoever counts."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from shop import jobs
from tests.users.counting import Clock, clock
from users import rates
from users.models import Allowance
from users.rates import Use

__all__ = ["clock"]

ROOT = Path(__file__).parents[2]
LIMIT = "orders by account"
ADA, BOB = Use(LIMIT, ("ada",)), Use(LIMIT, ("bob",))


@pytest.fixture(autouse=True)
def _five_at_once_and_six_a_minute(settings: Settings) -> None:
    settings.RATE_LIMITS = {LIMIT: (6, 60, 5), "votes by account": (6, 60, 5)}


def test_as_many_as_may_come_at_once_and_then_one_as_each_comes_back(clock: Clock) -> None:
    assert [rates.take(ADA) for _ in range(7)] == [0, 0, 0, 0, 0, 10, 10]

    clock.turn(9.5)
    assert rates.take(ADA) == 1
    clock.turn(0.5)
    assert [rates.take(ADA) for _ in range(2)] == [0, 10]
    clock.turn(25)
    assert [rates.take(ADA) for _ in range(3)] == [0, 0, 5]
    clock.turn(3600)
    assert [rates.take(ADA) for _ in range(6)] == [0, 0, 0, 0, 0, 10]


def test_a_refused_one_is_not_held_against_anybody(clock: Clock) -> None:
    for _ in range(50):
        rates.take(ADA)

    clock.turn(10)

    assert rates.take(ADA) == 0


def test_each_has_an_allowance_of_their_own_for_each_limit(clock: Clock) -> None:
    for _ in range(6):
        rates.take(ADA)

    assert rates.take(BOB) == 0
    assert rates.take(Use("votes by account", ("ada",))) == 0
    assert rates.take(ADA) == 10


def test_what_is_given_back_can_be_taken_again(clock: Clock) -> None:
    for _ in range(5):
        rates.take(ADA)

    rates.give_back(ADA)

    assert [rates.take(ADA) for _ in range(2)] == [0, 10]


def test_one_use_is_one_statement_and_a_refusal_two(
    clock: Clock, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(5):
        with django_assert_num_queries(1):  # type: ignore[operator]
            rates.take(ADA)

    with django_assert_num_queries(2):  # type: ignore[operator]
        rates.take(ADA)


def test_nothing_in_the_table_tells_who_it_is(settings: Settings) -> None:
    rates.take(ADA)
    first = Allowance.objects.get().key
    settings.SECRET_KEY = "another"
    rates.take(ADA)

    assert "ada" not in str(Allowance.objects.values_list())
    assert Allowance.objects.exclude(key=first).count() == 1  # without the secret nobody finds it


def test_whoever_has_all_of_it_again_is_forgotten(clock: Clock) -> None:
    rates.take(ADA)
    clock.turn(5)
    rates.take(BOB)
    clock.turn(5)

    rates.prune()

    assert [row.key for row in Allowance.objects.all()] == [BOB.key]
    assert jobs.name_of(rates.prune) in jobs.sweeps()


@pytest.mark.transactional
def test_of_many_at_once_as_many_get_one_as_there_are(settings: Settings) -> None:
    settings.RATE_LIMITS = {LIMIT: (6, 6000, 5)}
    start = Barrier(24)

    def run(_: int) -> int:
        try:
            connection.ensure_connection()
            start.wait()
            return rates.take(ADA)
        finally:
            connection.close()

    with ThreadPoolExecutor(24) as threads:
        waits = list(threads.map(run, range(24)))

    assert waits.count(0) == 5


TAKER = f"""
import django
django.setup()
from django.conf import settings
settings.RATE_LIMITS = {{"{LIMIT}": (6, 6000, 5)}}
from users.rates import Use, take
print(sum(not take(Use("{LIMIT}", ("ada",))) for _ in range(5)))
"""


@pytest.mark.transactional
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such switch")
def test_only_the_count_s_own_commit_does_not_wait_for_the_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    rates.take(ADA)

    assert waits_for_disk()
    with transaction.atomic():
        rates.take(ADA)
        assert waits_for_disk()  # what else is written there must not be lost
    assert "synchronous_commit" in rates.statement()
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


def waits_for_disk() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0]) == "on"


@pytest.mark.transactional
def test_processes_share_one_allowance(settings: Settings) -> None:
    served = {
        "DJANGO_SETTINGS_MODULE": "tests.served",
        "SERVED_DATABASE": str(connection.settings_dict["NAME"]),
        "SERVED_MEDIA": str(settings.MEDIA_ROOT),
    }
    both = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER], cwd=ROOT, env=os.environ | served, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]

    taken = [int(one.communicate(timeout=60)[0]) for one in both]

    assert sum(taken) == 5
