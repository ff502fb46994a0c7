"""How much memory a server takes at its height, and what it starts beside itself (Linux's /proc).

VmHWM is the most that a process ever had in memory at once, kept by the kernel.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Peaks:
    """In megabytes: of the worker itself, and of the largest process that it started."""

    worker: float = 0
    child: float = 0

    def look(self, server: int) -> None:
        for worker in children(server):
            self.worker = max(self.worker, high_water(worker))
            for child in children(worker):
                self.child = max(self.child, high_water(child))


def children(pid: int) -> list[int]:
    try:
        listed = [at.read_text() for at in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has ended meanwhile
        return []
    return [int(child) for each in listed for child in each.split()]


def high_water(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    told = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(told[0]) * 1024 / 1_000_000 if told else 0


@contextmanager
def watched(server: int) -> Iterator[Peaks]:
    """The peaks of a server's worker, up to date when the block has ended."""
    peaks, done = Peaks(), threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            peaks.look(server)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        peaks.look(server)
        done.set()
        thread.join()


def resident(pid: int) -> float:
    """Megabytes that a process has in memory now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    told = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(told[0]) * 1024 / 1_000_000
