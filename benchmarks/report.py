"""The table, on the screen and in RESULTS.md."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.measured import Row

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = ["", "clients", "a second", "p50 ms", "p99 ms", "statements", "ratio", "target"]
INTRODUCTION = """# What was measured

Written by `make bench`. A ratio is of requests a second to those of the line it stands under,
from the same run, asked round robin; with a target of `<=` it is of middle times. Absolute
numbers are of this machine at that moment, the ratios are what counts.
"""


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def table(title: str, rows: Sequence[Row]) -> list[str]:
    return ["", f"## {title}", "", *markdown([HEAD, *(row.cells for row in rows)])]


def versions(postgresql: str) -> str:
    packages = ("Django", "strawberry-graphql", "graphql-core", "psycopg", "granian")
    named = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"Python {platform.python_version()}, {named}, PostgreSQL {postgresql},"
        f" {os.cpu_count()} CPUs. One server process with one thread, but for orders: four."
    )


def write(lines: Sequence[str], postgresql: str) -> None:
    RESULTS.write_text("\n".join([INTRODUCTION, versions(postgresql), *lines, ""]), "utf-8")
