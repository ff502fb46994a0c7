"""What is selected of a value: for resolvers that read no more than is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry


@dataclass(frozen=True)
class Asked:
    """Names of fields, whatever their aliases and arguments, each with what is asked of it."""

    fields: Mapping[str, "Asked"] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.fields)

    def below(self, *names: str) -> "Asked":
        """What is asked of a field, of one of its fields, and so on."""
        found = self
        for name in names:
            found = found.fields.get(name, NOTHING)
        return found

    def __or__(self, other: "Asked") -> "Asked":
        both = {
            name: self.below(name) | other.below(name) for name in {*self.fields, *other.fields}
        }
        return Asked(both) if both else NOTHING


NOTHING = Asked()


@dataclass
class PlannedInfo(strawberry.Info[Any, None]):
    """A resolver's `info` in a plan, where it is known before anything is read."""

    asked: Asked = NOTHING


def of(info: strawberry.Info[Any, None]) -> Asked | None:
    """What is selected of the field's value; None where nobody has worked it out."""
    return info.asked if isinstance(info, PlannedInfo) else None
