"""A sandbox of its own for each test, at a time that stands still."""

from collections.abc import Iterator
from typing import Any

import pytest

from checkout.sandbox import Sandbox
from tests.sandbox.calling import Clock, client, opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with opened(clock=clock) as running:
        yield running


@pytest.fixture
def v1(sandbox: Sandbox) -> Iterator[Any]:
    """The official client's `v1`, without repetitions."""
    with client(sandbox) as made:
        yield made
