"""Uploaded bytes in, pictures made here out: no byte that a client sent is ever shown.

The bytes are hostile until they are decoded. That happens in a process of its own
(`catalog.decoding`), so that this one stays small and alive whatever is in the file.
"""

import hashlib
import io
import json
import logging
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from django.core.files import File

from catalog import decoding
from shop.errors import Refused

log = logging.getLogger(__name__)

MOST_BYTES = 10_000_000
PROGRAM = [sys.executable, "-I", str(Path(decoding.__file__))]
PATIENCE = 40  # seconds; MOST_SECONDS of computing on a busy machine
# How the program ends by what is in a file: it refuses it, or the file takes more than any good
# one does. A decoder that gets no more memory, or meets a bug, ends by one of the last two.
BY_THE_FILE = {
    decoding.REFUSED, -getattr(signal, "SIGXCPU", 0), -signal.SIGSEGV, -signal.SIGABRT,
}  # fmt: skip

# One at a time in each process: the largest pictures take 700 MB while they are decoded.
_turn = threading.Lock()
WAIT = 10  # seconds for the turn; whoever waits keeps a thread from the shop's other requests


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
        Refused: FILE_TOO_LARGE or UNSUPPORTED_FILE, at `path`; STORAGE_UNAVAILABLE.
    """
    if isinstance(file, Picture):
        return file
    if not isinstance(file, File):
        raise unsupported(*path)
    if file.size > MOST_BYTES:
        raise too_large(*path)
    with turn():  # whoever waits for it has not read the file yet
        file.seek(0)
        return ran(file.read(), *path)


def made_of(data: bytes, *path: str | int) -> Picture:
    """The same, from the bytes."""
    with turn():
        return ran(data, *path)


@contextmanager
def turn() -> Iterator[None]:
    """Be the one in this process that decodes. Raises Refused: STORAGE_UNAVAILABLE."""
    if not _turn.acquire(timeout=WAIT):
        log.warning("a picture was not looked at: the one before takes too long")
        raise unavailable()
    try:
        yield
    finally:
        _turn.release()


def ran(data: bytes, *path: str | int) -> Picture:
    """What the program makes of the bytes; the caller has the turn.

    Raises:
        Refused: UNSUPPORTED_FILE at `path` where the file is the reason; STORAGE_UNAVAILABLE
            where the shop is (no memory, a full disk, a broken installation), which is logged.
    """
    try:
        out = output(data)
    except subprocess.CalledProcessError as error:
        if error.returncode in BY_THE_FILE:
            raise unsupported(*path) from error
        log.exception("no picture was made: %s", error.stderr[-2000:].decode(errors="replace"))
    except (subprocess.TimeoutExpired, OSError):
        log.exception("no picture was made")
    else:
        made = decoding.Made(**json.loads(out.readline()))
        checksum = hashlib.sha256(data).hexdigest()
        return Picture(
            made.format, made.width, made.height, made.placeholder, checksum, Files(out, made)
        )
    raise unavailable()


def output(data: bytes) -> IO[bytes]:
    """What the program writes, from its start. Raises OSError, subprocess.SubprocessError."""
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # `Files` closes it
    try:
        subprocess.run(  # noqa: S603  # our own program; the file goes in as input
            PROGRAM,
            input=data,
            stdout=out,
            stderr=subprocess.PIPE,
            env={},  # ours holds the shop's secrets, which no decoder is to see
            timeout=PATIENCE,
            check=True,
        )
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out


def too_large(*path: str | int) -> Refused:
    message = f"A picture has at most {MOST_BYTES // 1_000_000} MB."
    return Refused("FILE_TOO_LARGE", message, *path)


def unsupported(*path: str | int) -> Refused:
    megapixels = decoding.MOST_PIXELS // 1_000_000
    message = f"Send a JPEG, PNG or WebP picture of at most {megapixels} megapixels."
    return Refused("UNSUPPORTED_FILE", message, *path)


def unavailable() -> Refused:
    message = "Files cannot be stored at the moment. Nothing was changed; try again."
    return Refused("STORAGE_UNAVAILABLE", message)
