"""Bytes that somebody sent in, pictures made of their pixels out: a program of its own.

`catalog.pictures` starts it for each file, so that whatever a decoder takes in memory or time it
takes from a process that ends, and that holds no secret and no other file's bytes. It is no
cage: what talks a decoder into more finds the files and the network that its user may use. It
knows no Django, which makes its start short. On standard input the bytes; on standard output a
line of JSON (`Made`) and then the files one behind the other. It ends with REFUSED for what is
no picture to be accepted.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import BytesIO

import blurhash
from PIL import Image, ImageCms, ImageOps

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 4096  # of what is kept; no page shows more
WIDTHS = (320, 640, 1280)
KEPT = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}  # MPO: phones' JPEG
QUALITY = 85
# A picture that is also a page or a program, wherever in it that begins.
# Long enough that compressed pixels do not hold them by chance.
FOREIGN = (b"<script", b"<!doctype", b"<html>", b"<html ", b"<?php ", b"<?php\n", b"<?php\r")
ZIP_END = b"pk\5\6"  # in small letters; by it an archive is found at the end of any other file
PADDING = b"\0\xff\r\n"  # which cameras and senders leave behind a picture
MOST_MEMORY = 1_000_000_000  # bytes; a WebP of 40 million pixels takes two thirds of it
MOST_SECONDS = 10  # of computing; the largest good ones take three
REFUSED = 3  # the exit status


@dataclass(frozen=True)
class Made:
    """What was made: `files` are (width, format, length in bytes), the full picture first."""

    format: str  # that of the full picture: JPEG, PNG or WEBP, as it was sent
    width: int
    height: int
    placeholder: str
    files: list[tuple[int, str, int]]


def widths_below(own: int) -> list[int]:
    """The widths that a picture of that width also comes in."""
    return [width for width in WIDTHS if width < own]


def decoded(data: bytes) -> tuple[Image.Image, str]:
    """The picture, upright and not larger than LONGEST_SIDE, and the format to keep it in.

    Raises whatever the decoders raise, and ValueError for what is not accepted.
    """
    image: Image.Image = Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    if image.width * image.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    kind = KEPT[image.format or ""]
    refuse_foreign(data, image.format or "")
    if image.mode == "P":  # colours by number cannot be blended
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    # Shrinks while it decodes where the format can, so that memory stays below the full size.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    transparent = kind != "JPEG" and image.has_transparency_data
    image = in_srgb(image, "RGBA" if transparent else "RGB")
    image.info = {}  # comments, profiles and EXIF would be written again
    return image, kind


def in_srgb(image: Image.Image, mode: str) -> Image.Image:
    """The picture in that mode, RGB or RGBA, its colours as a page shows them without a profile.

    A profile that cannot be read, or is one for other kinds of pixels, changes nothing.
    """
    plain = image.convert(mode)
    profile = image.info.get("icc_profile")
    if not profile:
        return plain
    # A profile knows nothing of transparency: colours and alpha go apart.
    colours = image.convert(image.mode.removesuffix("A")) if image.mode in ("RGBA", "LA") else image
    try:
        own, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        convert = ImageCms.buildTransform(own, srgb, colours.mode, "RGB")
        shown = convert.apply(colours)
    except (ImageCms.PyCMSError, OSError):
        return plain
    if mode == "RGBA":
        shown.putalpha(plain.getchannel("A"))
    return shown


def renditions(image: Image.Image, kind: str) -> Iterator[tuple[int, str, bytes]]:
    """Width, format and bytes of each file: every width in `kind` and as WebP, the full first."""
    for width in [image.width, *widths_below(image.width)]:
        height = max(1, round(image.height * width / image.width))
        same = width == image.width
        resized = image if same else image.resize((width, height), reducing_gap=2.0)
        for each in dict.fromkeys([kind, "WEBP"]):
            yield width, each, encode(resized, each)


def encode(image: Image.Image, kind: str) -> bytes:
    """The pixels and nothing else."""
    out = BytesIO()
    options = {"progressive": True, "optimize": True} if kind == "JPEG" else {}
    image.save(out, kind, quality=QUALITY, **options)
    return out.getvalue()


def placeholder(image: Image.Image) -> str:
    """Its BlurHash (blurha.sh): what a page can show, blurred, before the file is there."""
    small = image.resize((32, 32), reducing_gap=2.0)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    data = small.convert("RGB").tobytes()
    pixels = [list(data[at : at + 3]) for at in range(0, len(data), 3)]
    rows = [pixels[at : at + 32] for at in range(0, len(pixels), 32)]
    return str(blurhash.encode(rows, components_x=4, components_y=3))


def refuse_foreign(data: bytes, kind: str) -> None:
    """Raise ValueError for a file that is a picture and something else as well.

    Encoding anew would drop the other part; that somebody tried is reason enough.
    """
    lower = data.lower()
    if b"%pdf-" in lower[:1024] or any(sign in lower for sign in FOREIGN):
        raise ValueError("a page or a document inside")
    tail = lower[END[kind](data) :].strip(PADDING)
    # Phones put a second picture behind, a film of the moment, or a block of their own that is
    # marked at its end.
    known = kind == "MPO" or b"ftyp" in tail[:8] or tail.endswith(b"seft")
    if tail and (ZIP_END in tail or not known):
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


def be_small() -> None:
    """Let the system end this process where a file takes more than any good one does."""
    with suppress(ImportError, ValueError, OSError):  # not everywhere is there such a limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        # By the first limit it ends with a signal of its own, which tells it from one killed.
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    be_small()
    try:
        image, kind = decoded(sys.stdin.buffer.read())
        made = list(renditions(image, kind))
        hashed = placeholder(image)
    except ImportError:  # a part of the decoders is missing, whatever the file
        raise
    except Exception:
        # Decoders raise whatever their parsers meet: OSError, SyntaxError, struct.error, …
        return REFUSED
    files = [(width, each, len(data)) for width, each, data in made]
    told = Made(kind, image.width, image.height, hashed, files)
    sys.stdout.buffer.write(json.dumps(asdict(told)).encode() + b"\n")
    for _, _, data in made:
        sys.stdout.buffer.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
