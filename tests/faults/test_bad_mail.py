"""A mail server that refuses, hangs or breaks off costs no order, no lock and, queued, no mail."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from catalog.models import Variant
from checkout.models import Order
from schema import ids
from tests.checkout.buying import check_books
from tests.factories import make_variant
from tests.faults.locks import nothing_is_locked
from tests.faults.mailing import Mood, Post, post
from tests.faults.serving import Production, ask, mutation, on_postgresql

BAD: list[Mood] = ["refuses", "says nothing", "drops the text"]
PLACE = mutation("orderPlace", "order { number }")


@pytest.fixture
def letters() -> Iterator[Post]:
    with post() as server:
        yield server


def served(letters: Post, patience: int = 1) -> dict[str, str]:
    return {"SERVED_MAIL": f"{letters.port} {patience}"}


def order(server: Production, variant: Variant) -> Any:
    lines = [{"variantId": ids.of(variant), "quantity": 1}]
    cart = {"lines": lines, "email": "guest@example.com"}
    return ask(server, PLACE, cart=cart, paymentMethod="BANK_TRANSFER")


def check(answer: Any, variant: Variant) -> None:
    status, body = answer
    assert (status, body["data"]["orderPlace"]["errors"]) == (200, [])
    assert Order.objects.filter(lines__variant=variant).count() == 1
    variant.refresh_from_db()
    assert variant.reserved == 1
    check_books()


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("mood", BAD)
def test_without_a_queue_the_order_stands_and_the_next_mail_goes_out(
    mood: Mood, letters: Post
) -> None:
    lost, next_one = make_variant(), make_variant()
    with Production(variables=served(letters)) as server:
        letters.mood = mood
        check(order(server, lost), lost)
        letters.mood = "takes"
        assert letters.taken == []

        check(order(server, next_one), next_one)

    assert len(letters.taken) == 1


@pytest.mark.transactional
@pytest.mark.long
def test_while_a_mail_hangs_nothing_is_locked(letters: Post) -> None:
    variant = make_variant()
    letters.mood = "holds the text"
    with Production(variables=served(letters, 30)) as server, ThreadPoolExecutor(1) as buyer:
        answer = buyer.submit(order, server, variant)
        assert letters.asked.acquire(timeout=30)

        free, waits = nothing_is_locked(), not answer.done()
        letters.go.set()

        check(answer.result(), variant)
    assert (free, waits) == (True, True)
    assert len(letters.taken) == 1


# ── with a queue ────────────────────────────────────────────────────────────────────────────


@contextmanager
def worker(letters: Post, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works off the queue; it is killed in the end if it lives."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.served_faults",
        "SERVED_DATABASE": str(connection.settings_dict["NAME"]),
        "SERVED_MEDIA": str(settings.MEDIA_ROOT),
        "SERVED_JOBS": "queue",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", *options],
        env=os.environ | environment | served(letters, 30 if letters.mood != "says nothing" else 1),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def worked_off(letters: Post) -> None:
    with worker(letters, "--one-shot") as process:
        assert process.wait(timeout=60) == 0


def told(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def queued(letters: Post) -> Variant:
    """Something that was ordered while the queue is on; its mail waits."""
    told("DELETE FROM procrastinate_jobs")  # not among the tables that a test empties
    variant = make_variant()
    with Production(variables={"SERVED_JOBS": "queue"} | served(letters)) as server:
        check(order(server, variant), variant)
    assert letters.taken == []
    return variant


def states() -> list[Any]:
    return told("SELECT status, attempts FROM procrastinate_jobs WHERE task_name = 'job'")


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("mood", BAD)
def test_with_a_queue_the_mail_goes_out_later_and_once(mood: Mood, letters: Post) -> None:
    letters.mood = mood
    variant = queued(letters)
    worked_off(letters)
    assert states() == [("todo", 1)]

    letters.mood = "takes"
    told("UPDATE procrastinate_jobs SET scheduled_at = now()")
    for _ in range(2):
        worked_off(letters)

    assert states() == [("succeeded", 2)]
    assert len(letters.taken) == 1
    assert Order.objects.get(lines__variant=variant).number in letters.taken[0]


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_what_a_killed_worker_had_begun_is_done_by_the_next(letters: Post) -> None:
    from procrastinate.exceptions import AlreadyEnqueued

    from shop import queue

    queued(letters)
    letters.mood = "holds the text"
    with worker(letters) as process:
        assert letters.asked.acquire(timeout=30)
        process.kill()
        process.wait()
    letters.mood = "takes"
    worked_off(letters)
    assert states() == [("doing", 0)]

    told("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")
    with suppress(AlreadyEnqueued):  # the worker before may have been there at the minute
        queue.run_lost.configure(task_kwargs={"timestamp": 0}).defer()
    worked_off(letters)

    assert [status for status, _ in states()] == ["succeeded"]
    assert len(letters.taken) == 1


@on_postgresql
@pytest.mark.transactional
def test_lost_jobs_are_looked_for_every_minute() -> None:
    from procrastinate.contrib.django import app

    from shop import queue

    known = app.periodic_registry.periodic_tasks.values()

    assert "* * * * *" in [one.cron for one in known if one.task.name == queue.run_lost.name]


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_a_worker_that_is_told_to_stop_finishes_its_job(letters: Post) -> None:
    queued(letters)
    letters.mood = "holds the text"
    with worker(letters) as process:
        assert letters.asked.acquire(timeout=30)

        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        letters.go.set()

        assert process.wait(timeout=30) == 0
    assert states() == [("succeeded", 1)]
    assert len(letters.taken) == 1
