"""What the view and the door in front of Django tell each other, in the request's environment."""

from dataclasses import dataclass
from typing import Any

_WANTED, _GIVEN = "shop.answers.wanted", "shop.answers.given"

Environ = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """An answer that is the same for everybody."""

    body: bytes
    etag: str  # blank where it is not asked for by an address of its own


def want(environ: Environ) -> None:
    """Say that somebody would keep the answer, so that it is worth finding out whether they may."""
    environ[_WANTED] = True


def is_wanted(environ: Environ) -> bool:
    return _WANTED in environ


def give(environ: Environ, answer: Given) -> None:
    environ[_GIVEN] = answer


def found(environ: Environ) -> Given | None:
    given: Given | None = environ.get(_GIVEN)
    return given
