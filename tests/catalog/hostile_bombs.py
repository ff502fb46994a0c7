"""Small files that want to become large ones: in pixels, in frames, in what is packed in them."""

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

from catalog import decoding, pictures
from tests.catalog import profiles
from tests.catalog.hostile_files import (
    KINDS,
    MARK,
    Maker,
    Sent,
    chunk,
    drawn,
    png_head,
    with_chunks,
    with_segment,
)  # fmt: skip

HUGE = 100_000
MEGABYTE = 1_000_000


def packed_zeros(megabytes: int, start: bytes = b"") -> bytes:
    """A thousandth of what comes out of it."""
    press = zlib.compressobj()
    parts = [press.compress(part) for part in (start, *[bytes(MEGABYTE)] * megabytes)]
    return b"".join([*parts, press.flush()])


def end() -> bytes:
    return chunk(b"IEND", b"")


# ── pixels ──────────────────────────────────────────────────────────────────────────────────
def png_of_100000_by_100000(chance: random.Random) -> Sent:
    data = png_head(HUGE, HUGE, colour=chance.choice([0, 2, 6]))
    return Sent(data + chunk(b"IDAT", packed_zeros(chance.randint(1, 9))) + end())


def jpeg_of_100000_by_100000(chance: random.Random) -> Sent:
    """A JPEG says its sides in 16 bits, and says them in the frame's head."""
    return Sent(resized_jpeg(drawn(chance, "JPEG"), HUGE % 65536 + chance.randrange(99), 65535))


def resized_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def webp_of_100000_by_100000(chance: random.Random) -> Sent:
    """The canvas is said in the head; the picture in it is small."""
    canvas = struct.pack("<I", HUGE - 1)[:3] * 2
    inner = b"VP8X" + struct.pack("<IB3x", 10, chance.choice([0, 2, 16])) + canvas
    body = b"WEBP" + inner + drawn(chance, "WEBP")[12:]
    return Sent(b"RIFF" + struct.pack("<I", len(body)) + body)


def one_pixel_too_many(chance: random.Random) -> Sent:
    """53 × 754,717 is 40 million and one; all of them are there."""
    sides = (53, (decoding.MOST_PIXELS + 1) // 53)
    image = Image.new("1", sides if chance.random() < 0.5 else sides[::-1], chance.randrange(2))
    out = BytesIO()
    image.save(out, "PNG")
    return Sent(out.getvalue())


def png_that_decodes_to_200_megabytes(chance: random.Random) -> Sent:
    """8,192 × 8,192, all there, in a thousandth of that."""
    rows = packed_zeros(202 + chance.randrange(9))
    return Sent(png_head(8192, 8192) + chunk(b"IDAT", rows) + end())


# ── what is packed in ───────────────────────────────────────────────────────────────────────
def png_with_more_data_than_pixels(chance: random.Random) -> Sent:
    data = packed_zeros(60 + chance.randrange(9))
    return Sent(png_head(8, 8) + chunk(b"IDAT", data) + end())


def png_with_a_packed_profile(chance: random.Random) -> Sent:
    profile = b"icc\0\0" + packed_zeros(60 + chance.randrange(9), MARK)
    return Sent(with_chunks(drawn(chance, "PNG"), chunk(b"iCCP", profile)))


def png_with_packed_texts(chance: random.Random) -> Sent:
    packed = packed_zeros(60 + chance.randrange(9), MARK)
    text = chance.choice(
        [chunk(b"iTXt", b"Title\0\1\0\0\0" + packed), chunk(b"zTXt", b"Title\0\0" + packed)]
    )
    return Sent(with_chunks(drawn(chance, "PNG"), *[text] * chance.randint(1, 3)))


def png_with_many_texts(chance: random.Random) -> Sent:
    text = chunk(b"tEXt", b"Title\0" + MARK)
    return Sent(with_chunks(drawn(chance, "PNG"), *[text] * chance.randint(20_000, 40_000)))


def jpeg_with_a_large_profile(chance: random.Random) -> Sent:
    data = drawn(chance, "JPEG")
    count = chance.randint(60, 120)
    for at in range(count, 0, -1):
        part = b"ICC_PROFILE\0" + bytes([at, count]) + (MARK * 5000)[:65_000]
        data = with_segment(data, 0xE2, part)
    return Sent(data)


def profile_damaged(chance: random.Random) -> Sent:
    """Readable up to some bytes that are not what they were: tables, curves, lengths."""
    profile = bytearray(chance.choice([profiles.swapped(), profiles.of_print(5)]))
    for _ in range(chance.randint(1, 12)):
        profile[chance.randrange(36, min(len(profile), 600))] = chance.choice([0, 255, 127, 4])
    mode = {b"CMYK": "CMYK"}.get(bytes(profile[16:20]), "RGB")
    return Sent(converted(drawn(chance, "JPEG"), mode, bytes(profile)))


def profile_of_many_points(chance: random.Random) -> Sent:
    """A table of a million points and more, nearly all of which the file's packing takes away."""
    profile = profiles.of_print(chance.randint(20, 32))
    return Sent(converted(drawn(chance, "JPEG"), "CMYK", profile))


def converted(jpeg: bytes, mode: str, profile: bytes) -> bytes:
    out = BytesIO()
    Image.open(BytesIO(jpeg)).convert(mode).save(out, "JPEG", icc_profile=profile)
    return out.getvalue()


def jpeg_of_many_scans(chance: random.Random) -> Sent:
    """A progressive one repeats its last scan, each of which walks over the whole picture."""
    data = drawn(chance, "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return Sent(resized_scans(data[:-2], 1000) + last * chance.randint(100, 900) + data[-2:])


def resized_scans(jpeg: bytes, side: int) -> bytes:
    at = jpeg.index(b"\xff\xc2") + 5
    return jpeg[:at] + struct.pack(">HH", side, side) + jpeg[at + 4 :]


# ── frames ──────────────────────────────────────────────────────────────────────────────────
def animated(chance: random.Random, kind: str, **options: Any) -> bytes:
    colours = [tuple(chance.randbytes(3)) for _ in range(chance.randint(200, 300))]
    first, *others = (Image.new("RGB", (40, 30), colour) for colour in colours)
    out = BytesIO()
    first.save(out, kind, save_all=True, append_images=others, duration=20, **options)
    return out.getvalue()


def apng_of_many_frames(chance: random.Random) -> Sent:
    return Sent(animated(chance, "PNG"), "x.apng", "image/apng")


def webp_of_many_frames(chance: random.Random) -> Sent:
    return Sent(animated(chance, "WEBP"), "x.webp", "image/webp")


# ── too long ────────────────────────────────────────────────────────────────────────────────
def eleven_megabytes(chance: random.Random) -> Sent:
    """A good picture, and then what it takes to be too long."""
    data = drawn(chance, chance.choice(KINDS))
    return Sent(data + bytes(pictures.MOST_BYTES + 1 - len(data) + chance.randrange(MEGABYTE)))


TOO_MUCH: dict[str, Maker] = {
    each.__name__: each
    for each in (
        *(png_of_100000_by_100000, jpeg_of_100000_by_100000, webp_of_100000_by_100000),
        *(one_pixel_too_many, png_that_decodes_to_200_megabytes),
    )
}
PACKED: dict[str, Maker] = {
    each.__name__: each
    for each in (
        *(png_with_more_data_than_pixels, png_with_a_packed_profile, png_with_packed_texts),
        *(png_with_many_texts, jpeg_with_a_large_profile, jpeg_of_many_scans),
        *(profile_damaged, profile_of_many_points),
        *(apng_of_many_frames, webp_of_many_frames),
    )
}
