"""Work for after the commit: `jobs.enqueue(function, order_id=7)` inside the transaction.

Each job takes ids, never objects, and is safe to run twice. What concerns money or stock is never
only here: its rows say what is due, and the sweeps of `manage.py housekeeping` find it again.

With JOBS=inline a job runs in this process right after the commit, and a failure is logged.
With JOBS=queue it becomes a row of procrastinate's in the same transaction, and
`manage.py procrastinate worker` runs it, again with growing pauses after a failure.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

Job = TypeVar("Job", bound=Callable[..., object])

_jobs: dict[str, Callable[..., object]] = {}
_sweeps: dict[str, str] = {}
_queue: list[Callable[..., object]] = []  # the one way to defer, where there is a queue


def name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def job(function: Job) -> Job:
    """Declare a function that may be enqueued; a queue runs nothing that is not declared."""
    _jobs[name_of(function)] = function
    return function


def sweep(cron: str) -> Callable[[Job], Job]:
    """Declare a periodic job without arguments, run by the worker at `cron`'s times (UTC)."""

    def declare(function: Job) -> Job:
        _sweeps[name_of(function)] = cron
        return job(function)

    return declare


def declared(function: Callable[..., object]) -> str:
    """Its name. Raises LookupError for what is not a job."""
    name = name_of(function)
    if name not in _jobs:
        raise LookupError(f"{name} is not declared with @jobs.job")
    return name


def enqueue(function: Callable[..., object], **ids: int | str) -> None:
    """Run `function(**ids)` once the current transaction has committed; never if it does not."""
    name = declared(function)
    if settings.JOBS == "queue":
        _queue[0](name=name, ids=ids)
    else:
        transaction.on_commit(partial(_run_logged, name, ids))


def enqueue_once(function: Callable[..., object], **ids: int | str) -> None:
    """The same, unless that very job waits in the queue already: for what sweeps find again."""
    if settings.JOBS == "queue":
        _queue[0](name=declared(function), ids=ids, once=True)
    else:
        enqueue(function, **ids)


def use_queue(defer: Callable[..., object]) -> None:
    """Hand jobs over by `defer(name=…, ids=…, once=…)` when JOBS=queue."""
    _queue[:] = [defer]


def run(name: str, ids: dict[str, Any]) -> None:
    """Run a declared job now, in its own transactions."""
    _jobs[name](**ids)


def run_sweeps() -> list[str]:
    """Run every periodic job once; the names of those that failed (their errors are logged)."""
    return [name for name in sorted(_sweeps) if not _run_logged(name, {})]


def sweeps() -> dict[str, str]:
    """Name and cron line of each periodic job."""
    return dict(_sweeps)


def _run_logged(name: str, ids: dict[str, Any]) -> bool:
    """Whether it went through. The buyer's answer does not hang on a mail server's mood."""
    try:
        run(name, ids)
    except Exception:
        log.exception("job %s failed for %s", name, ids)
        return False
    return True
