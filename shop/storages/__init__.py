"""What the shop asks of a place for files beyond Django's storages, on the disk and in a bucket.

Nothing but the settings knows which of the two is there: both raise OSError when they fail, both
can be walked through, and both tell where a client may send a file straight to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from django.core.files import File
from django.core.files.storage import storages


@dataclass(frozen=True)
class Stored:
    """A file that is there: its key, and when it was written."""

    key: str
    written_at: datetime


@dataclass(frozen=True)
class PostForm:
    """Where to POST a file as multipart/form-data: these fields first, then the file as `file`."""

    url: str
    fields: dict[str, str]


class Files(Protocol):
    """A storage, as far as the shop uses it."""

    def save(self, name: str, content: "File[bytes]") -> str: ...
    def open(self, name: str, mode: str = "rb") -> "File[bytes]": ...
    def exists(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...
    def url(self, name: str) -> str: ...

    def fetch(self, key: str, most: int) -> bytes:
        """Its bytes, but no more than `most` + 1. Raises FileNotFoundError."""
        ...

    def walk(self) -> Iterator[Stored]:
        """Every file, in no order."""
        ...


class PrivateFiles(Files, Protocol):
    """Files that nobody fetches by an address of their own."""

    def post_form(self, key: str, *, mime: str, size: int, seconds: int) -> PostForm:
        """The right to put one file of just that kind and size (bytes) there, for so long."""
        ...


def public() -> Files:
    """What everybody may fetch: pictures."""
    return cast("Files", storages["default"])


def private() -> PrivateFiles:
    """What was sent and not yet looked at."""
    return cast("PrivateFiles", storages["private"])
