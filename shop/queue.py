"""procrastinate's side of `shop.jobs`; imported only where the queue is installed (PostgreSQL)."""

from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from shop import jobs

RETRY = RetryStrategy(max_attempts=8, exponential_wait=5)  # 5 s, 25 s, … the last after a day


@app.task(name="job", retry=RETRY)
def run_job(*, name: str, ids: dict[str, Any]) -> None:
    jobs.run(name, ids)


def connect() -> None:
    """Be the queue of `shop.jobs`, and give the worker its timetable, no sweep twice at once."""
    jobs.use_queue(run_job.defer)
    for name, cron in jobs.sweeps().items():

        def run_sweep(timestamp: int, name: str = name) -> None:
            jobs.run(name, {})

        task = app.task(name=f"sweep {name}", queueing_lock=name)(run_sweep)
        app.periodic(cron=cron)(task)
