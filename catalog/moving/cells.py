"""Texts of single cells to values and back. What cannot be read is a ValueError for people."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
WHOLE = re.compile(r"-?[0-9]{1,15}(\.0+)?")
YES = frozenset({"yes", "true", "1"})
NO = frozenset({"no", "false", "0"})

Reader = Callable[[str], object]


def decimal(text: str) -> Decimal:
    """19.90, with a point; no thousands' signs, no currency."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an amount such as 19.90.")
    return Decimal(text)


def whole(text: str) -> int:
    """12, or 12.0 as other programs write it."""
    if not WHOLE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a whole number.")
    return int(text.partition(".")[0])


def nearest(text: str) -> int:
    """12.6 as 13: for weights, which scales give in fractions."""
    return int(decimal(text).to_integral_value())


def yes(text: str) -> bool:
    folded = text.casefold()
    if folded not in YES | NO:
        raise ValueError(f"{text[:40]!r} is neither yes nor no.")
    return folded in YES


def instant(text: str) -> datetime:
    """An ISO 8601 time with an offset, as UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a time such as 2026-01-31T09:00Z.") from None
    if found.tzinfo is None:
        raise ValueError("A time needs an offset: 2026-01-31T09:00Z.")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text[:40]!r} is no time that anybody will see.") from None


def joined(parts: Iterable[str], sign: str) -> str:
    """The parts in one cell; the sign within a part gets a backslash before it."""
    spaced = f" {sign} " if sign == ">" else f"{sign} "
    return spaced.join(escaped(part, sign) for part in parts)


def escaped(part: str, signs: str) -> str:
    return re.sub(rf"[\\{re.escape(signs)}]", lambda found: "\\" + found[0], part)


def parts(text: str, sign: str) -> list[str]:
    """The parts of a cell again, without the backslashes; blank parts are none."""
    found = [part.strip() for part in raw_parts(text, sign)]
    return [unescaped(part) for part in found if part]


def raw_parts(text: str, sign: str) -> list[str]:
    """The parts with their backslashes, for cells in which parts have parts."""
    found = [""]
    for piece in re.findall(r"\\.|[^\\]|\\$", text, re.DOTALL):
        if piece == sign:
            found.append("")
        else:
            found[-1] += piece
    return found


def unescaped(part: str) -> str:
    return re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL)
