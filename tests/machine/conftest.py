"""What the machine has played is told at the end of a run."""

from collections import Counter
from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many moves were accepted and how many refused, of all blocks together."""
    moves: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "call":
                played: Any = dict(report.user_properties).get("moves", {})
                moves.update(played)
    if moves:
        total = Counter(name.split()[0] for name in moves.elements())
        terminalreporter.section("histories played")
        terminalreporter.line(", ".join(f"{n} {name}" for name, n in sorted(total.items())))
        for name, count in sorted(moves.items()):
            terminalreporter.line(f"{count:8} {name}")
