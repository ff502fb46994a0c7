"""The files of pictures: where they lie, what they are called, and that none is left over.

Files are written before the transaction that makes their rows, for no row may be locked while a
bucket answers; they go again when it fails. Files of rows that are gone go after the commit.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from django.core.files import File

from catalog import decoding, models, pictures
from catalog.pictures import Picture
from shop import jobs, storages

log = logging.getLogger(__name__)

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


class Format(Enum):
    """Which of its files a picture is shown by."""

    WEBP = "WEBP"
    ORIGINAL = "ORIGINAL"  # the one that was sent: JPEG, PNG or WebP


def url(key: str) -> str:
    """Where the file is fetched; no storage is asked."""
    return storages.public().url(key)


def rendition(key: str, width: int | None, own_width: int, shown: Format | None = None) -> str:
    """The key of the narrowest file of a picture that is at least `width` wide.

    The full picture when no width is asked for or nothing narrower is wide enough; which files
    there are follows from `own_width`, so that no storage is asked. Without a format narrower
    ones are WebP, and the full picture is as it was sent.
    """
    for made in decoding.widths_below(own_width):
        if width is not None and made >= width:
            return named(key, made, shown or Format.WEBP)
    return named(key, None, shown or Format.ORIGINAL)


def named(key: str, width: int | None, shown: Format) -> str:
    """The key of one file of a picture; `width` None is the full one."""
    stem, _, extension = key.rpartition(".")
    size = "" if width is None else f"-{width}"
    return f"{stem}{size}.{'webp' if shown is Format.WEBP else extension}"


def keys(key: str, own_width: int) -> list[str]:
    """All files of a picture, its own first."""
    widths = [None, *decoding.widths_below(own_width)]
    both = (Format.ORIGINAL, Format.WEBP)
    return list(dict.fromkeys(named(key, width, shown) for width in widths for shown in both))


def stored(picture: Picture, folder: str, written: list[str]) -> dict[str, Any]:
    """Put a picture's files there; the columns of the row that is to speak of them.

    Raises:
        Refused: STORAGE_UNAVAILABLE.
    """
    # The random part: a picture that goes and comes back shares no file with its former self.
    full = picture.files.open((picture.width, picture.format))
    name = f"{hashlib.file_digest(full, 'sha256').hexdigest()[:24]}{secrets.token_hex(4)}"
    key = f"{folder}/{name}.{EXTENSIONS[picture.format]}"
    for width, kind in picture.files:
        narrower = None if width == picture.width else width
        shown = Format.ORIGINAL if kind == picture.format else Format.WEBP
        content = picture.files.open((width, kind))
        put(named(key, narrower, shown), content, f"image/{kind.lower()}", written)
    return {
        "file": key,
        "width": picture.width,
        "height": picture.height,
        "bytes": full.size,
        "mime": picture.mime,
        "checksum": picture.checksum,
        "placeholder": picture.placeholder,
    }


def put(key: str, content: "File[bytes]", mime: str, written: list[str]) -> None:
    content.content_type = mime  # type: ignore[attr-defined]  # S3 keeps it with the file
    written.append(key)
    try:
        storages.public().save(key, content)
    except OSError:
        log.exception("the storage did not take %s", key)
        raise pictures.unavailable() from None


@contextmanager
def written_or_gone() -> Iterator[list[str]]:
    """A list to note written files in; they are removed again when anything fails."""
    written: list[str] = []
    try:
        yield written
    except BaseException:
        for key in written:
            try:
                storages.public().delete(key)
            except OSError:  # `manage.py media_orphans` finds it
                log.exception("%s is left over", key)
        raise


def forget(rows: Iterable[models.StoredPicture]) -> None:
    """Have the files of pictures that this transaction deletes removed once it has committed."""
    for picture in rows:
        jobs.enqueue(remove, key=picture.file, width=picture.width)


@jobs.job
def remove(*, key: str, width: int) -> None:
    """Remove a picture's files, if no row speaks of it. Absent ones are no error."""
    if any(kind.objects.filter(file=key).exists() for kind in models.PICTURES):
        return
    for each in keys(key, width):
        storages.public().delete(each)
