"""What no honest client sends: for each kind of value those that never are one, and odd ones."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from graphql import (
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

Path = tuple[str | int, ...]
HUGE = "x" * 100_000


def packed(text: str) -> str:
    return b64encode(text.encode()).decode()


UNREADABLE = ["\0", "a\0b", "\ud800", "x\udfff"]
KEYS = ["-1", "0", "9" * 18, "9" * 23, "1 ", " 1", "1e3", "1.0", "¹", "١", "", "\0", "None", "1:1"]
# Refused wherever they stand.
NEVER: dict[str, list[Any]] = {
    "String": [*UNREADABLE, 7, 1.5, True, ["x"], {"a": "b"}],
    "ID": [
        *UNREADABLE, HUGE, "é", "1", "=", "====", "VmFyaWFudDox\n", "x" * 5, 1.5, True, {"a": 1},
        packed("Shop:1"), packed("Product"), packed(":1"), b64encode(b"\xff\xfe").decode(),
        *(packed(f"{name}:{key}") for key in KEYS for name in ("Product", "Variant", "Order")),
    ],
    "Int": [2**31, -(2**31) - 1, 10**400, 1.5, "1", "", True, [], {}],
    "Decimal": [
        "-1", "-0.01", "NaN", "sNaN", "Infinity", "1E+3", "1_000", "0.001", "9" * 26, "9" * 31,
        "", " 1", "1 ", "+1", "١", ".", "-", HUGE, 1.5, -1, 10**30, 10**400, True, [], {}, "\ud800",
    ],
    "Float": [10**400, "4", "", True, [], {}],
    "DateTime": [
        "2026-01-01T00:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59",
        "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01", "now", "", "\0", HUGE, 0,
        True,
        "-2026-01-01T00:00:00Z", "٢٠٢٦-01-01T00:00:00Z", [], {}, "\ud800",
    ],
    "Boolean": ["true", "", 1, 0, [], {}],
    "Upload": ["", "x", "\0", 7, True, {}, []],
    "enum": ["NOPE", "", "active", "\0", "\ud800", 0, True, [], {}],
}  # fmt: skip
# Refused where they do not make sense.
ODD: dict[str, list[Any]] = {
    "String": [
        "", " ", "\u202e", "\u200b", "\ufeff", "<script>alert(1)</script>", "🛋" * 300, "%_\\",
        "e\u0301",
        "'; DROP TABLE users_user; --", '" OR 1=1', "\t\r\n", "${7*7}", "&&&|||!()", "\x7f\x01",
        HUGE,
    ],
    "ID": ["", " "],
    "Int": [-1, 0, 1, 2**31 - 1, -(2**31)],
    "Decimal": ["0", "-0", "00.10", "1.", ".5", "99999999999.99", 0, 7],
    "Float": [-1, 0, 4.5, 1e308, -1e308, 10**400],
    "DateTime": ["1901-01-01T00:00:00+14:00", "9998-12-31T23:59:59-12:00", "2026-01-01 00:00Z"],
    "Boolean": [True, False],
}  # fmt: skip


def kind_of(type: Any) -> str:
    inner = get_nullable_type(type)
    if is_list_type(inner):
        return "list"
    if is_input_object_type(inner):
        return "object"
    return "enum" if is_enum_type(inner) else str(inner)


def places(type: Any, value: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Every place in an input, at any depth: its path, its type, and what stands there now."""
    yield path, type, value
    inner: Any = get_nullable_type(type)
    if is_list_type(inner) and value:
        yield from places(inner.of_type, value[0], (*path, 0))
    if is_input_object_type(inner) and value is not None:
        for name, field in inner.fields.items():
            yield from places(field.type, value.get(name), (*path, name))


def with_value(whole: Any, path: Path, value: Any) -> Any:
    """The same input with another value in that place."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return [*whole[:step], with_value(whole[step], tuple(rest), value), *whole[step + 1 :]]
    return {**whole, step: with_value(whole.get(step), tuple(rest), value)}


def wrong_values(type: Any, now: Any) -> list[tuple[Any, bool]]:
    """What may be sent in place of what stands there now, and whether it is never taken."""
    kind = kind_of(type)
    never, odd = list(NEVER.get(kind, [])), list(ODD.get(kind, []))
    (never if is_non_null_type(type) else odd).append(None)
    if kind == "object":
        never += ["x", 7, True, [1, 2], {"nope": 1}, {"\ud800": 1}]
    if kind == "list":
        never += [[None], {"nope": 1}, [[[]]]]
        odd += [[], *([now * 51, now * 101, now * 2] if now else [])]
    return [*((value, True) for value in never), *((value, False) for value in odd)]


def leads_into(type: Any, input: Any, path: list[str]) -> bool:
    """Whether the path of an error follows the names of the input and the lists that were sent."""
    for step in path:
        inner: Any = get_nullable_type(type)
        if is_list_type(inner):
            sent = input if isinstance(input, list) else [input]
            if not step.isdigit() or int(step) >= len(sent):
                return False
            type, input = inner.of_type, sent[int(step)]
        elif is_input_object_type(inner) and step in inner.fields:
            type = inner.fields[step].type
            input = input.get(step) if isinstance(input, dict) else None
        else:
            return False
    return True
