"""Stripe's bracket notation: `a[0][b]=1` and nested values, one into the other."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

DEEPEST = 10  # levels; Stripe's own parameters go five deep
MOST = 10_000  # fields; a session of 100 lines has about a thousand
KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")

Steps = tuple[str, ...]


def parse(text: str) -> dict[str, Any]:
    """A form or query as nested dicts and lists; every leaf is a text.

    The order of the fields does not matter, but for `a[]=1&a[]=2`, which count up.

    Raises:
        ValueError: for a key that is no path, one that is a value and a branch, or too much.
    """
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    return nest(pairs)


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Flat fields, nested. A repeated key keeps its last value. Raises ValueError as `parse`."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        *way, last = _steps(key)
        branch = tree
        for step in way:
            branch = branch.setdefault(_named(branch, step), {})
            _check(key, clear=isinstance(branch, dict))
        name = _named(branch, last)
        _check(key, clear=not isinstance(branch.get(name), dict))
        branch[name] = value
    return {key: _listed(value, key) for key, value in tree.items()}


def flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The fields that `nest` would make this value of."""
    items: Iterable[tuple[Any, Any]]
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        yield prefix, str(value).lower() if isinstance(value, bool) else str(value)
        return
    for key, part in items:
        yield from flatten(part, f"{prefix}[{key}]" if prefix else str(key))


def _steps(key: str) -> Steps:
    found = KEY.fullmatch(key)
    if found is None:
        raise ValueError(f"{key!r} is no name of a parameter.")
    steps = (found[1], *re.findall(r"\[([^\[\]]*)\]", found[2]))
    if len(steps) > DEEPEST:
        raise ValueError(f"{key!r} is nested too deeply.")
    return steps


def _check(key: str, *, clear: bool) -> None:
    if not clear:
        raise ValueError(f"{key} is both a value and a branch.")


def _named(branch: dict[str, Any], step: str) -> str:
    """`[]` is the next free place."""
    return step or str(len(branch))


def _listed(value: Any, name: str = "") -> Any:
    """A dict whose keys are all numbers is a list, in their order; but metadata is never one."""
    if not isinstance(value, dict):
        return value
    parts = {key: _listed(part, key) for key, part in value.items()}
    if name != "metadata" and all(re.fullmatch(r"[0-9]{1,5}", key) for key in parts):
        return [parts[key] for key in sorted(parts, key=int)]
    return parts
