"""What was counted once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from catalog import counts, stamp

pytestmark = pytest.mark.transactional


@pytest.fixture(autouse=True)
def kept(settings: Settings) -> None:
    """Also where the suite runs with the switch off."""
    settings.GRAPHQL_ANSWER_CACHE = True


def counting() -> tuple[list[int], Callable[[], int]]:
    made: list[int] = []

    def count() -> int:
        made.append(len(made))
        return made[-1]

    return made, count


def move() -> None:
    with transaction.atomic():
        stamp.move()


def test_a_count_is_made_once_for_each_key() -> None:
    made, count = counting()

    found = [counts.remembered(key, count) for key in ("lamps", "lamps", "rugs", "lamps")]

    assert found == [0, 0, 1, 0]
    assert len(made) == 2


def test_a_change_of_the_catalogue_makes_it_anew() -> None:
    _, count = counting()
    counts.remembered("lamps", count)

    move()

    assert counts.remembered("lamps", count) == 1


def test_a_change_in_the_middle_of_counting_is_not_missed() -> None:
    _, count = counting()

    def slow() -> int:
        move()
        return count()

    counts.remembered("lamps", slow)

    assert counts.remembered("lamps", count) == 1


def test_in_a_transaction_nothing_is_remembered() -> None:
    _, count = counting()

    with transaction.atomic():
        counts.remembered("lamps", count)
        counts.remembered("lamps", count)

    assert counts.remembered("lamps", count) == 2


def test_what_is_old_is_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "KEPT", 0.0)
    _, count = counting()
    counts.remembered("lamps", count)

    assert counts.remembered("lamps", count) == 1


def test_its_age_counts_from_before_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(counts, "monotonic", lambda: now)
    _, count = counting()

    def slow() -> int:
        nonlocal now
        now += counts.KEPT
        return count()

    counts.remembered("lamps", slow)

    assert counts.remembered("lamps", count) == 1


def test_what_is_asked_at_length_is_not_kept() -> None:
    _, count = counting()
    long = "x" * counts.LONGEST_KEY
    counts.remembered(long, count)

    assert counts.remembered(long, count) == 1


def test_it_can_be_switched_off(settings: Settings) -> None:
    settings.GRAPHQL_ANSWER_CACHE = False
    _, count = counting()
    counts.remembered("lamps", count)

    assert counts.remembered("lamps", count) == 1


def test_no_more_is_kept_than_there_is_room_for_and_the_longest_unused_goes() -> None:
    _, count = counting()
    room: dict[str, Any] = {"within": counts.Memory(2)}
    for key in ("lamps", "rugs", "lamps", "bowls"):
        counts.remembered(key, count, **room)

    assert counts.remembered("lamps", count, **room) == 0
    assert counts.remembered("rugs", count, **room) == 3
