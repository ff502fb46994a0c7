"""Uploaded bytes in, pictures made here out: nothing the client sent is ever stored.

The bytes are hostile until they are decoded: their size, kind and number of pixels are looked
at before that, and whatever the decoder stumbles over is a file that is not accepted. JPEG
stays JPEG; PNG and WebP become WebP, which keeps their transparency. Metadata goes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from django.core.files import File
from PIL import Image, ImageOps

from shop.errors import Refused

MOST_BYTES = 10_000_000
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 4096  # of what is kept; no page shows more
WIDTHS = (320, 640, 1280)
FORMATS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "WEBP", "WEBP": "WEBP"}  # MPO: phones' JPEG
EXTENSIONS = {"JPEG": "jpg", "WEBP": "webp"}
QUALITY = 85
# A picture that is also a page or a program, wherever in it that begins.
FOREIGN = (b"<script", b"<html", b"<!doctype", b"<?php")


@dataclass
class Picture:
    """A decoded picture, upright and not larger than LONGEST_SIDE."""

    image: Image.Image
    format: str  # JPEG or WEBP: as it will be stored
    checksum: str  # SHA-256 of the uploaded bytes

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.format]

    @property
    def mime(self) -> str:
        return f"image/{self.format.lower()}"

    def encoded(self) -> bytes:
        return encode(self.image, self.format)

    def renditions(self) -> Iterator[tuple[int, bytes]]:
        """Narrower ones as WebP, with their widths in pixels; none as wide as the picture."""
        for width in widths_below(self.image.width):
            height = max(1, round(self.image.height * width / self.image.width))
            yield width, encode(self.image.resize((width, height), reducing_gap=2.0), "WEBP")


def widths_below(own: int) -> list[int]:
    """The widths that a picture of that width also comes in."""
    return [width for width in WIDTHS if width < own]


def encode(image: Image.Image, kind: str) -> bytes:
    """The pixels and nothing else."""
    out = BytesIO()
    options = {"progressive": True, "optimize": True} if kind == "JPEG" else {}
    image.save(out, kind, quality=QUALITY, **options)
    return out.getvalue()


def read(file: "File[bytes] | object", *path: str | int) -> Picture:
    """The picture in an uploaded file.

    Raises:
        Refused: FILE_TOO_LARGE or UNSUPPORTED_FILE, at `path`.
    """
    if not isinstance(file, File):
        raise unsupported(*path)
    if file.size > MOST_BYTES:
        message = f"A picture has at most {MOST_BYTES // 1_000_000} MB."
        raise Refused("FILE_TOO_LARGE", message, *path)
    file.seek(0)
    data = file.read()
    checksum = hashlib.sha256(data).hexdigest()
    try:
        return decoded(data, checksum)
    except Exception as error:
        # Decoders raise whatever their parsers meet: OSError, SyntaxError, struct.error, …
        raise unsupported(*path) from error


def unsupported(*path: str | int) -> Refused:
    message = f"Send a JPEG, PNG or WebP picture of at most {MOST_PIXELS // 1_000_000} megapixels."
    return Refused("UNSUPPORTED_FILE", message, *path)


def decoded(data: bytes, checksum: str) -> Picture:
    image: Image.Image = Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    if image.width * image.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    kind = FORMATS[image.format or ""]
    refuse_foreign(data, image.format or "")
    # Shrinks while it decodes where the format can, so that memory stays below the full size.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    transparent = kind == "WEBP" and image.has_transparency_data
    image = image.convert("RGBA" if transparent else "RGB")
    image.info = {}  # comments, profiles and EXIF would be written again
    return Picture(image, kind, checksum)


def refuse_foreign(data: bytes, kind: str) -> None:
    """Raise ValueError for a file that is a picture and something else as well.

    Encoding anew would drop the other part; that somebody tried is reason enough.
    """
    lower = data.lower()
    if b"%pdf-" in lower[:1024] or any(sign in lower for sign in FOREIGN):
        raise ValueError("a page or a document inside")
    tail = data[END[kind](data) :].strip(b"\0")
    # Phones put a second picture, or a block of their own that is marked at its end, behind.
    if tail and not (kind == "MPO" or tail.endswith(b"SEFT")):
        raise ValueError("something follows the picture")


def end_of_jpeg(data: bytes) -> int:
    """Where the first picture ends: at the marker after its data, not one in a thumbnail."""
    at = 2
    while data[at + 1] != 0xDA:  # start of the data; all segments before it tell their length
        if data[at] != 0xFF:
            raise ValueError("no marker where one must be")
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data.index(b"\xff\xd9", at) + 2


def end_of_png(data: bytes) -> int:
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            raise ValueError("truncated")
        at += 12 + length
    return at + 12


def end_of_webp(data: bytes) -> int:
    size = int.from_bytes(data[4:8], "little")
    if size + 8 > len(data):
        raise ValueError("truncated")
    return 8 + size + size % 2


END = {
    "JPEG": end_of_jpeg,
    "MPO": end_of_jpeg,
    "PNG": end_of_png,
    "WEBP": end_of_webp,
}
