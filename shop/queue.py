"""procrastinate's side of `shop.jobs`; imported only where the queue is installed (PostgreSQL)."""

from contextlib import suppress
from typing import Any

from django.db import transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from shop import jobs

RETRY = RetryStrategy(max_attempts=8, exponential_wait=5)  # 5 s, 25 s, … the last after a day
DEAD_AFTER = 30  # seconds without a sign of life


@app.task(name="job", retry=RETRY)
def run_job(*, name: str, ids: dict[str, Any]) -> None:
    jobs.run(name, ids)


def defer(*, name: str, ids: dict[str, Any], once: bool = False) -> None:
    """Put a job into the queue; with `once`, only if the same one does not wait there already."""
    if not once:
        run_job.defer(name=name, ids=ids)
        return
    lock = " ".join([name, *(f"{key}={value}" for key, value in sorted(ids.items()))])
    with suppress(AlreadyEnqueued), transaction.atomic():
        run_job.configure(queueing_lock=lock).defer(name=name, ids=ids)


@app.periodic(cron="* * * * *")
@app.task(name="sweep lost jobs", queueing_lock="lost jobs", pass_context=True)
async def run_lost(context: JobContext, timestamp: int) -> None:
    """Put back what a worker had begun that was killed; by itself it would be "doing" for ever.

    A worker tells every ten seconds that it lives, also while a job takes long.
    """
    manager = context.app.job_manager
    for lost in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await manager.retry_job(lost)


def connect() -> None:
    """Be the queue of `shop.jobs`, and give the worker its timetable, no sweep twice at once."""
    jobs.use_queue(defer)
    for name, cron in jobs.sweeps().items():

        def run_sweep(timestamp: int, name: str = name) -> None:
            jobs.run(name, {})

        task = app.task(name=f"sweep {name}", queueing_lock=name)(run_sweep)
        app.periodic(cron=cron)(task)
