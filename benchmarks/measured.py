"""Rows of the table: what each asked, how long it took, and beside what it stands."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import Load, drive
from tests.soak.serving import Server

SECONDS = float(os.environ.get("BENCH_SECONDS", "1.5"))  # of each row, in each round
ROUNDS = 3
WARM_UP = 40  # requests of each row that are not counted


@dataclass
class Row:
    """One line: a question, asked of one server by so many clients at once."""

    what: str
    server: Server
    requests: Sequence[bytes]
    clients: int = 1
    statements: int | None = None
    beside: "Row | None" = None  # in whose terms it is told
    least: float | None = None  # what its rate ought to be, in those terms
    most: float | None = None  # what its middle time ought to be, in those terms
    p95: float | None = None  # ms that it ought to stay within
    load: Load = field(default_factory=Load)

    def warm_up(self) -> None:
        drive(self.server.port, self.requests, clients=1, seconds=10, most=WARM_UP)

    def ask(self) -> None:
        load = drive(self.server.port, self.requests, clients=self.clients, seconds=SECONDS)
        if load.failures:
            raise SystemExit(f"{self.what}: {load.failures} of {len(load.times)} failed.")
        self.load.add(load)

    @property
    def ratio(self) -> float | None:
        """Of rates, or of middle times where it is these that are held to a target."""
        if self.beside is None:
            return None
        if self.most is not None:
            return self.load.percentile(50) / self.beside.load.percentile(50)
        return self.load.rate / self.beside.load.rate

    @property
    def verdict(self) -> str:
        """The target, and whether it is met; blank without one."""
        ratio = self.ratio or 0.0
        if self.least is not None:
            return f">= {self.least:g}: {said(ratio >= self.least)}"
        if self.most is not None:
            return f"<= {self.most:g}: {said(ratio <= self.most)}"
        if self.p95 is not None:
            found = self.load.percentile(95)
            return f"p95 {found:.1f} <= {self.p95:g} ms: {said(found <= self.p95)}"
        return ""

    @property
    def cells(self) -> list[str]:
        load, ratio = self.load, self.ratio
        return [
            self.what,
            str(self.clients),
            f"{load.rate:,.0f}",
            f"{load.percentile(50):.2f}",
            f"{load.percentile(99):.2f}",
            "" if self.statements is None else str(self.statements),
            "" if ratio is None else f"{ratio:.2f}",
            self.verdict,
        ]


def said(is_met: object) -> str:
    return "met" if is_met else "MISSED"


def measure(rows: Sequence[Row]) -> list[Row]:
    """Ask them round robin, so that what else the machine does meets all of them alike."""
    for row in rows:
        row.warm_up()
    for _ in range(ROUNDS):
        for row in rows:
            row.ask()
    return [*rows]


def worker_of(server: Server) -> int:
    """The process of granian's that runs Python."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii")
    return int(children.split()[0])


def memory_of(server: Server) -> float:
    """Of the worker, in MB."""
    pages = Path(f"/proc/{worker_of(server)}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6
