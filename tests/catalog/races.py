"""Calls that happen at the same time, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """What the calls answer, each on a connection of its own, started together."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], Answer]) -> Answer:
        try:
            connection.ensure_connection()
            ready.wait(30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
