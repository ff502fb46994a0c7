"""A clock that a test turns."""

from dataclasses import dataclass

import pytest

from users import rates


@dataclass
class Clock:
    """In seconds."""

    time: float = 1_000_000.0

    def microseconds(self) -> int:
        return int(self.time * rates.SECOND)

    def turn(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(rates, "now", made.microseconds)
    return made
