"""The files with hashes say the same as those that people write."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pins(name: str) -> dict[str, str]:
    """Version by package, names as the packaging guide compares them; those included too."""
    found: dict[str, str] = {}
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("-r "):
            found |= pins(line.removeprefix("-r "))
        elif pinned := re.match(r"([\w.-]+)(?:\[.*])?==([\w.]+)", line):
            found[re.sub(r"[-_.]+", "-", pinned[1]).lower()] = pinned[2]
    return found


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_what_is_pinned_is_locked_at_the_same_version(name: str) -> None:
    locked = pins(f"{name}.lock")

    assert pins(f"{name}.txt").items() <= locked.items()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_each_locked_package_has_hashes_and_the_file_names_no_place(name: str) -> None:
    text = (ROOT / f"{name}.lock").read_text()

    assert len(re.findall(r"==.* \\\n    --hash=sha256:", text)) == len(pins(f"{name}.lock"))
    assert "://" not in text
