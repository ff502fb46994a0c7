"""The domain's enumerations as the API's: the same members, each with a description."""

from enum import Enum
from typing import Any

import strawberry


def shown(members: type[Enum], *, name: str, description: str, **about: str) -> None:
    """Make a Python enumeration usable in the schema, under that name.

    Args:
        about: what each member means, by its name; all of them, or the start fails.
    """
    if set(about) != {member.name for member in members}:
        raise ValueError(f"{name} has {[member.name for member in members]}, described: {[*about]}")
    definition: Any = strawberry.enum(members, name=name, description=description)
    for value in definition.__strawberry_definition__.values:
        value.description = about[value.name]
