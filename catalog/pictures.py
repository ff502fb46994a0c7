"""Uploaded bytes in, pictures made here out: nothing the client sent is ever stored.

The bytes are hostile until they are decoded. That happens in a process of its own
(`catalog.decoding`), so that this one stays small and alive whatever is in the file.
"""

import hashlib
import io
import json
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from django.core.files import File

from catalog import decoding
from shop.errors import Refused

MOST_BYTES = 10_000_000
PROGRAM = [sys.executable, "-I", str(Path(decoding.__file__))]
PATIENCE = 40  # seconds; MOST_SECONDS of computing on a busy machine

# One at a time in each process: the largest pictures take 700 MB while they are decoded.
_turn = threading.Lock()


class Part(io.RawIOBase):
    """One of the files that lie one behind the other in another."""

    def __init__(self, whole: IO[bytes], start: int, length: int) -> None:
        self._whole, self._start, self._length, self._at = whole, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._whole.seek(self._start + self._at)
        data = self._whole.read(max(0, min(len(buffer), self._length - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class Files(Mapping[tuple[int, str], bytes]):
    """The files of a picture by width and format, on the disk until they are asked for.

    A 10 MB upload can become more than 30 MB. To store one, open it: what is read as a whole
    may stay with the thread's memory for good.
    """

    def __init__(self, out: IO[bytes], made: decoding.Made) -> None:
        """Of what the program wrote, which is read up to where the files begin."""
        self._out, self._places, at = out, {}, out.tell()
        for width, kind, length in made.files:
            self._places[width, kind] = at, length
            at += length
        weakref.finalize(self, out.close)

    def __getitem__(self, key: tuple[int, str]) -> bytes:
        data: bytes = self.open(key).read()
        return data

    def open(self, key: tuple[int, str]) -> "File[bytes]":
        # Without a name Django takes it for closed, and the bucket's client for one to read whole.
        return File(cast("IO[bytes]", Part(self._out, *self._places[key])), name=key[1])

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True)
class Picture:
    """What was made of an upload."""

    format: str  # of the full picture: JPEG, PNG or WEBP
    width: int
    height: int
    placeholder: str  # a BlurHash
    checksum: str  # SHA-256 of the uploaded bytes
    files: Files

    @property
    def full(self) -> bytes:
        return self.files[self.width, self.format]

    @property
    def mime(self) -> str:
        return f"image/{self.format.lower()}"


def read(file: "File[bytes] | object", *path: str | int) -> Picture:
    """The picture in an uploaded file; one that was read before is itself.

    Raises:
        Refused: FILE_TOO_LARGE or UNSUPPORTED_FILE, at `path`.
    """
    if isinstance(file, Picture):
        return file
    if not isinstance(file, File):
        raise unsupported(*path)
    if file.size > MOST_BYTES:
        raise too_large(*path)
    with _turn:  # whoever waits for it has not read the file yet
        file.seek(0)
        return ran(file.read(), *path)


def made_of(data: bytes, *path: str | int) -> Picture:
    """The same, from the bytes."""
    with _turn:
        return ran(data, *path)


def ran(data: bytes, *path: str | int) -> Picture:
    """What the program makes of the bytes; the caller has the turn."""
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # `Files` closes it
    try:
        subprocess.run(  # noqa: S603  # our own program; the file goes in as input
            PROGRAM,
            input=data,
            stdout=out,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        out.close()
        raise unsupported(*path) from error
    out.seek(0)
    made = decoding.Made(**json.loads(out.readline()))
    checksum = hashlib.sha256(data).hexdigest()
    return Picture(
        made.format, made.width, made.height, made.placeholder, checksum, Files(out, made)
    )


def too_large(*path: str | int) -> Refused:
    message = f"A picture has at most {MOST_BYTES // 1_000_000} MB."
    return Refused("FILE_TOO_LARGE", message, *path)


def unsupported(*path: str | int) -> Refused:
    megapixels = decoding.MOST_PIXELS // 1_000_000
    message = f"Send a JPEG, PNG or WebP picture of at most {megapixels} megapixels."
    return Refused("UNSUPPORTED_FILE", message, *path)
