"""Wrong passwords come slowly, and lock nobody out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from shop import jobs
from tests.users.counting import Clock, clock
from users import attempts
from users.models import Allowance, KnownNetwork

__all__ = ["clock"]

ADA, BOB = "ada@example.com", "bob@example.com"
HOME, CAFE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.RATE_LIMITS = {
        "wrong passwords by account and network": (6, 3600, 3),
        "wrong passwords by network": (60, 3600, 5),
        "wrong passwords by account": (12, 3600, 4),
    }


def guess(email: str = ADA, network: str = HOME, times: int = 1) -> list[bool]:
    """Which of these wrong passwords were looked at."""
    return [not attempts.begin(email, network).wait for _ in range(times)]


def test_from_one_network_an_account_takes_few_and_then_one_at_a_time(clock: Clock) -> None:
    assert guess(times=5) == [True, True, True, False, False]

    assert attempts.begin(ADA, HOME).wait == 600
    clock.turn(600)
    assert guess(times=2) == [True, False]


def test_from_one_network_all_accounts_together_take_some(clock: Clock) -> None:
    found = [guess(f"user{n}@example.com")[0] for n in range(7)]

    assert found == [True] * 5 + [False] * 2
    assert guess("user6@example.com", CAFE) == [True]


def test_from_all_networks_together_an_account_takes_some(clock: Clock) -> None:
    found = [guess(network=f"203.0.113.{n}")[0] for n in range(6)]

    assert found == [True] * 4 + [False] * 2
    assert guess(BOB, CAFE) == [True]


def test_where_the_owner_came_from_no_guesses_elsewhere_count(clock: Clock) -> None:
    attempts.remember(ADA, HOME)
    for n in range(6):
        guess(network=f"192.0.2.{n}")

    assert guess(network=CAFE) == [False]
    assert guess(times=4) == [True, True, True, False]


def test_where_the_owner_came_from_no_guesses_at_others_count(clock: Clock) -> None:
    attempts.remember(ADA, HOME)
    for n in range(6):
        guess(f"user{n}@example.com")

    assert guess(BOB) == [False]
    assert guess(times=4) == [True, True, True, False]
    assert guess(BOB, CAFE) == [True]


def test_its_guesses_take_nothing_from_other_networks(clock: Clock) -> None:
    attempts.remember(ADA, HOME)
    guess(times=9)

    assert [guess(network=f"203.0.113.{n}")[0] for n in range(5)] == [True] * 4 + [False]


def test_a_network_is_known_for_one_account_and_for_a_month() -> None:
    attempts.remember(" ADA@example.com ", HOME)

    assert attempts.is_known(ADA, HOME)
    assert not attempts.is_known(ADA, CAFE)
    assert not attempts.is_known(BOB, HOME)
    KnownNetwork.objects.update(seen_at=timezone.now() - attempts.KNOWN_FOR)
    assert not attempts.is_known(ADA, HOME)
    attempts.remember(ADA, HOME)
    assert attempts.is_known(ADA, HOME)
    assert KnownNetwork.objects.count() == 1


def test_it_stays_known_while_the_secret_is_replaced(settings: Settings) -> None:
    attempts.remember(ADA, HOME)
    old = settings.SECRET_KEY

    settings.SECRET_KEY = "another"
    assert not attempts.is_known(ADA, HOME)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert attempts.is_known(ADA, HOME)


def test_what_is_forgiven_or_refused_takes_nothing(clock: Clock) -> None:
    for _ in range(20):
        attempts.begin(ADA, HOME).forgive()
    before = list(Allowance.objects.order_by("key").values_list("whole_at", flat=True))
    assert before == [clock.microseconds()] * 3
    guess(times=3)
    taken = list(Allowance.objects.order_by("key").values_list())

    guess(times=5)

    assert list(Allowance.objects.order_by("key").values_list()) == taken


@pytest.mark.parametrize(
    "spelling",
    ["ADA.KIM@example.com", " ada.kim@example.com\t", "ada.\u212aim@example.com",
     "ada.k\u0130m@example.com", "\uff41da.kim@example.com"],
)  # fmt: skip
def test_no_spelling_brings_attempts_of_its_own(spelling: str, clock: Clock) -> None:
    guess("ada.kim@example.com", times=3)

    assert guess(spelling) == [False]


@pytest.mark.parametrize("email", ["", "\0", "\ud800", "a\nb", "☃" * 100_000])
def test_whatever_is_no_address_is_counted_like_one(email: str, clock: Clock) -> None:
    assert guess(email, times=4) == [True, True, True, False]


def test_networks_are_forgotten_after_a_month() -> None:
    attempts.remember(ADA, HOME)
    attempts.remember(ADA, CAFE)
    old = KnownNetwork.objects.first()
    assert old is not None
    KnownNetwork.objects.filter(pk=old.pk).update(seen_at=timezone.now() - timedelta(days=31))

    attempts.prune()

    assert KnownNetwork.objects.count() == 1
    assert jobs.name_of(attempts.prune) in jobs.sweeps()


def test_neither_table_tells_who_it_was() -> None:
    guess()
    attempts.remember(ADA, HOME)

    told = f"{list(Allowance.objects.values_list())} {list(KnownNetwork.objects.values_list())}"

    assert ADA not in told
    assert HOME not in told


@pytest.mark.transactional
def test_guesses_that_come_at_once_cannot_all_slip_through() -> None:
    start = Barrier(16)

    def run(_: int) -> bool:
        try:
            connection.ensure_connection()
            start.wait()
            return guess()[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(run, range(16))) <= 3
