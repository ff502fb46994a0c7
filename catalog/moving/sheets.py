"""CSV files as rows that know their lines (RFC 4180; UTF-8, with or without its mark).

Columns are found by their titles, in any order and whatever their case. Excel in much of Europe
writes semicolons instead of commas: what stands in the first line decides.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.moving.goods import Complaint

LONGEST_CELL = 10_000_000  # characters; a description may bring its pictures along as text


class NotASheet(Exception):
    """The file as a whole cannot be read; the sentence says why."""


@dataclass(frozen=True)
class Row:
    """One record: its cells by the keys of their columns, and the line in which it begins."""

    line: int
    cells: Mapping[str, str]

    def text(self, key: str) -> str:
        return self.cells.get(key, "").strip()


@dataclass(frozen=True)
class Sheet:
    """A file that was read. `titles` are the known columns' titles in it, by their keys."""

    titles: Mapping[str, str]
    unknown: Sequence[str]
    rows: Sequence[Row]
    wrong: Sequence[Complaint]
    spoiled: Mapping[str, int]  # handles of rows that are wrong, with their lines

    def has(self, key: str) -> bool:
        return key in self.titles


def records(path: Path) -> list[tuple[int, list[str]]]:
    """All records with the lines they begin in, the titles first; blank lines left out.

    Raises:
        NotASheet: for what is no UTF-8 or no CSV.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(file)
    except UnicodeDecodeError:
        raise NotASheet("It is not UTF-8: save it as “CSV UTF-8”.") from None
    except OSError as error:
        raise NotASheet(f"It cannot be read: {error.strerror}.") from None
    csv.field_size_limit(LONGEST_CELL)
    return list(numbered(lines))


def numbered(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter(lines), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NotASheet(f"It is no CSV from line {begins} on: {error}.") from None


def delimiter(lines: Sequence[str]) -> str:
    return max(",;\t", key=lines[0].count) if lines else ","


def read(path: Path, known: Mapping[str, str]) -> Sheet:
    """The rows of a file.

    Args:
        known: the keys of columns by their titles, in small letters.

    Raises:
        NotASheet: for an empty file, for one that is no CSV, for a title that is there twice.
    """
    found = records(path)
    if not found:
        raise NotASheet("It is empty.")
    titles = [title.strip() for title in found[0][1]]
    keys = [known.get(title.casefold(), "") for title in titles]
    for title, key in zip(titles, keys, strict=True):
        if key and keys.count(key) > 1:
            raise NotASheet(f"The column {title} is there twice.")
    rows, wrong, spoiled = [], [], {}
    for line, cells in found[1:]:
        row = Row(line, {key: cell for key, cell in zip(keys, cells, strict=False) if key})
        if message := refusal(cells, titles):
            wrong.append(Complaint(line, "", message))
            spoiled[row.text("handle")] = line
        elif not row.text("handle"):
            wrong.append(Complaint(line, "handle", "It belongs to no product."))
        else:
            rows.append(row)
    by_key = {key: title for key, title in zip(keys, titles, strict=True) if key}
    unknown = [title for title, key in zip(titles, keys, strict=True) if title and not key]
    return Sheet(by_key, unknown, rows, wrong, spoiled)


def refusal(cells: Sequence[str], titles: Sequence[str]) -> str:
    """Why the record cannot be taken; blank when it can."""
    if len(cells) != len(titles):
        return f"It has {len(cells)} cells; the first line has {len(titles)}."
    if any("\0" in cell for cell in cells):
        return "There is a NUL sign in it, which is no text."
    return ""


def titles(path: Path) -> set[str]:
    """The titles of the columns, in small letters; none for an empty file.

    Raises:
        NotASheet: for what cannot be read at all.
    """
    return {title.strip().casefold() for _, cells in records(path)[:1] for title in cells}
