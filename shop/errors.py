"""The root of every refusal: what a caller can put right, as an exception."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from django.core.exceptions import ValidationError


class ShopError(Exception):
    """A refusal. It leaves no trace: it is raised inside the transaction it ends.

    `code` is public and constant, `str()` is a sentence for people, `path` leads to the part
    of the input that is meant, in the domain's own (snake case) names.
    """

    code = "INVALID"
    path: tuple[str, ...] = ()

    def under(self, *path: str | int) -> Self:
        """The same refusal, seen from a caller that keeps this input further down."""
        self.path = (*(str(step) for step in path), *self.path)
        return self

    def each(self) -> Iterator["ShopError"]:
        """This refusal, or the several that it gathers."""
        yield self


class Refused(ShopError):
    """A refusal that needs no more than a code, a sentence and a place."""

    def __init__(self, code: str, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.code = code
        self.path = tuple(str(step) for step in path)


class SeveralRefusals(ShopError):
    """All that is wrong with an input at once, so that a form can show it at once."""

    def __init__(self, refusals: Iterable[ShopError]) -> None:
        self.refusals = list(refusals)
        super().__init__(" ".join(str(refusal) for refusal in self.refusals))

    def under(self, *path: str | int) -> Self:
        for refusal in self.refusals:
            refusal.under(*path)
        return self

    def each(self) -> Iterator[ShopError]:
        yield from self.refusals


def gathered(refusals: Sequence[ShopError]) -> ShopError:
    """One refusal for all: itself, when there is just one."""
    return refusals[0] if len(refusals) == 1 else SeveralRefusals(refusals)


CODES = {
    "required": "REQUIRED",
    "blank": "REQUIRED",
    "null": "REQUIRED",
    "max_length": "TOO_LONG",
    "min_value": "OUT_OF_RANGE",
    "max_value": "OUT_OF_RANGE",
    "unique": "ALREADY_EXISTS",
}


def from_validation(error: ValidationError, **names: str) -> ShopError:
    """Django's findings about a model or a form as refusals.

    Args:
        names: what the input calls a field, where that is not the model's own name for it.
    """
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    found = [
        Refused(
            CODES.get(one.code or "", "INVALID"),
            " ".join(one.messages),
            *([names.get(field, field)] if field and field != "__all__" else []),
        )
        for field, errors in by_field.items()
        for one in errors
    ]
    return gathered(found)
