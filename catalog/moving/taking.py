"""What both kinds of file need to become goods: rows under their handle, cells with complaints."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from catalog import slugs
from catalog.moving import cells
from catalog.moving.goods import Complaint, GoodsPicture
from catalog.moving.sheets import Row, Sheet

Value = TypeVar("Value")
LONGEST_SLUG = 220


class Taken:
    """Takes values out of the rows of one product, and keeps what could not be read."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.wrong: list[Complaint] = []

    def complain(self, row: Row, key: str, message: str) -> None:
        self.wrong.append(Complaint(row.line, key, message))

    def value(self, row: Row, key: str, reader: Callable[[str], Value]) -> Value | None:
        """What the cell says; None for a blank one, and for one that makes no sense."""
        text = row.text(key)
        if not text:
            return None
        try:
            return reader(text)
        except ValueError as error:
            self.complain(row, key, str(error))
            return None

    def text(self, row: Row, key: str) -> str | None:
        """The text, also a blank one; None when there is no such column."""
        return row.text(key) if self.sheet.has(key) else None

    def list(self, row: Row, key: str, sign: str) -> "list[str] | None":
        return cells.parts(row.text(key), sign) if self.sheet.has(key) else None


def grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each product by its slug, also when they stand apart."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(slug_of(row.text("handle")), []).append(row)
    return found


def slug_of(handle: str) -> str:
    """The handle as the shop writes its links."""
    return slugs.of(handle, longest=LONGEST_SLUG)


def with_those_of_variants(
    said: Iterable[tuple[Row, str]], rows: Iterable[Row]
) -> "list[GoodsPicture]":
    """The pictures with their alternative texts, and behind them those that only variants name."""
    found: dict[str, GoodsPicture] = {}
    for row, alt in said:
        source = row.text("picture")
        found.setdefault(source, GoodsPicture(row.line, source, alt))
    for row in rows:
        if source := row.text("variant_picture"):
            found.setdefault(source, GoodsPicture(row.line, source))
    return list(found.values())
