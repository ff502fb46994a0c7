"""A bar for commands that take their time."""

from types import TracebackType
from typing import Self

from django.core.management.base import OutputWrapper

WIDTH = 40


class Bar:
    """How far it is, on one line of a terminal; nowhere else, for logs keep every step."""

    def __init__(self, total: int, out: OutputWrapper) -> None:
        self.total, self.out = total, out

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.out.isatty():
            self.out.write("")

    def show(self, done: int) -> None:
        if not self.out.isatty():
            return
        filled = WIDTH * done // max(self.total, 1)
        self.out.write(f"\r{'█' * filled}{'░' * (WIDTH - filled)} {done}/{self.total}", ending="")
        self.out.flush()
