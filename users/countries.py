"""The countries of the world by their ISO 3166-1 alpha-2 codes.

`countries.json` has the 249 codes in force; the names are those of the time zone database's
table (public domain), in the usual English form.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Country:
    code: str
    name: str


@cache
def _by_code() -> dict[str, Country]:
    path = Path(__file__).with_name("countries.json")
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return {code: Country(code, name) for code, name in names.items()}


def is_country(code: str) -> bool:
    """Whether the code, in capitals, is one of a country."""
    return code in _by_code()


def all_countries() -> list[Country]:
    """Every country, in the order of the codes."""
    return list(_by_code().values())
