"""Jobs run after the commit, never without it, and only if they were declared."""

import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Variant
from checkout import endings, placement
from checkout.models import Order
from checkout.models.orders import PaymentMethod
from checkout.quotes import Wish
from shop import jobs
from tests.factories import make_variant

done: list[str] = []


@jobs.job
def note(word: str) -> None:
    done.append(word)


@jobs.job
def fail(word: str) -> None:
    raise RuntimeError(word)


def undeclared() -> None:
    """Nothing the queue may run."""


@pytest.fixture(autouse=True)
def _fresh() -> None:
    done.clear()
    if settings.DATABASE_NAME:  # the queue's tables are not among those that a test empties
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


on_postgresql = pytest.mark.skipif(
    not settings.DATABASE_NAME, reason="the queue is PostgreSQL's; SQLite runs jobs inline"
)


@pytest.mark.transactional
def test_a_job_runs_after_the_commit() -> None:
    with transaction.atomic():
        jobs.enqueue(note, word="sent")
        assert done == []

    assert done == ["sent"]


@pytest.mark.transactional
def test_a_rollback_takes_its_jobs_along() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue(note, word="sent")
        _ = 1 / 0

    assert done == []


@pytest.mark.transactional
def test_a_failing_job_is_logged_and_hurts_nobody(caplog: Any) -> None:
    with caplog.at_level(logging.ERROR), transaction.atomic():
        jobs.enqueue(fail, word="boom")
        jobs.enqueue(note, word="sent")

    assert done == ["sent"]
    assert "boom" in caplog.text


def test_what_is_not_declared_is_not_run() -> None:
    with pytest.raises(LookupError):
        jobs.enqueue(undeclared)


def test_housekeeping_runs_every_sweep() -> None:
    call_command("housekeeping")

    assert set(jobs.sweeps()) >= {"checkout.endings.expire_due", "checkout.carts.expire_due"}


@on_postgresql
@pytest.mark.transactional
def test_the_queue_keeps_a_job_with_its_transaction(settings: Any) -> None:
    settings.JOBS = "queue"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue(note, word="never")
        _ = 1 / 0
    with transaction.atomic():
        jobs.enqueue(note, word="queued")

    assert done == []
    assert waiting() == ["queued"]


@pytest.mark.parametrize("how", ["inline", pytest.param("queue", marks=on_postgresql)])
def test_what_is_not_declared_does_not_wait_either(settings: Any, how: str) -> None:
    settings.JOBS = how

    with pytest.raises(LookupError, match="not declared"):
        jobs.enqueue_once(undeclared)


@pytest.mark.transactional
def test_without_a_queue_a_job_for_once_runs_after_the_commit() -> None:
    with transaction.atomic():
        jobs.enqueue_once(note, word="sent")
        assert done == []

    assert done == ["sent"]


@on_postgresql
@pytest.mark.transactional
def test_the_same_job_waits_once(settings: Any) -> None:
    settings.JOBS = "queue"

    for word in ("one", "two", "one"):
        jobs.enqueue_once(note, word=word)
    jobs.enqueue_once(fail, word="one")

    assert waiting() == ["one", "two", "one"]
    jobs.enqueue(note, word="two")
    assert waiting() == ["one", "two", "one", "two"]


@on_postgresql
@pytest.mark.transactional
def test_a_job_that_waits_already_does_not_break_the_transaction(settings: Any) -> None:
    settings.JOBS = "queue"

    with transaction.atomic():
        for word in ("one", "one", "two"):
            jobs.enqueue_once(note, word=word)
        make_variant()

    assert waiting() == ["one", "two"]
    assert Variant.objects.count() == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue_once(note, word="never")
        _ = 1 / 0
    assert waiting() == ["one", "two"]


@on_postgresql
@pytest.mark.transactional
def test_a_job_that_runs_already_can_wait_again(settings: Any) -> None:
    settings.JOBS = "queue"
    jobs.enqueue_once(note, word="one")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")

    jobs.enqueue_once(note, word="one")

    assert waiting() == ["one"]


@on_postgresql
@pytest.mark.transactional
def test_a_worker_process_runs_what_was_queued(settings: Any) -> None:
    settings.JOBS = "queue"
    order = placed(make_variant(stock=5))
    Order.objects.filter(pk=order.pk).update(hold_until=timezone.now())
    endings.expire_due()
    assert Order.objects.get(pk=order.pk).status == Order.Status.PENDING

    served = {
        "DJANGO_SETTINGS_MODULE": "tests.served",
        "SERVED_DATABASE": str(connection.settings_dict["NAME"]),
        "SERVED_MEDIA": str(settings.MEDIA_ROOT),
    }
    worker = [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot"]
    subprocess.run(worker, env=os.environ | served, check=True, timeout=60)

    assert Order.objects.get(pk=order.pk).status == Order.Status.EXPIRED


def placed(variant: Variant) -> Order:
    terms = placement.Terms(method=PaymentMethod.BANK_TRANSFER, user=None)
    return placement.place_wishes([Wish(variant.pk, 1)], {"email": "a@example.com"}, terms)


def waiting() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->'ids'->>'word' FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
        )
        return [word for (word,) in cursor.fetchall()]
