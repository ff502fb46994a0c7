"""Files that somebody may send to do harm, by class: each function draws one from a seed.

MARK stands in every payload, so that a test can look whether any of it is kept.
"""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from PIL import Image

MARK = b"PAYLOAD-7f3a91"
SCRIPT = b"alert('" + MARK + b"');"
PAGE = b"<!DOCTYPE html><html><script>" + SCRIPT + b"</script></html>"
PHP = b"<?php system('" + MARK + b"'); ?>"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(" + SCRIPT + b")>>>>endobj\n%%EOF\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"" + SCRIPT + b'"/>'
SIGNATURE = b"\x89PNG\r\n\x1a\n"
KINDS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Sent:
    """A file as a client sends it: its name and its kind are what the client says."""

    data: bytes
    name: str = "x.jpg"
    mime: str = "image/jpeg"


def drawn(chance: random.Random, kind: str, **options: Any) -> bytes:
    """A small picture with something to see, of a size of its own."""
    size = chance.randint(24, 90), chance.randint(24, 90)
    image = Image.effect_noise(size, chance.uniform(5, 60)).convert("RGB")
    image.paste(chance.choice(["red", "navy", "olive"]), (4, 4, size[0] // 2, size[1] // 2))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One of a PNG."""
    crc = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + crc


def png_head(width: int, height: int, *, bits: int = 8, colour: int = 2) -> bytes:
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """The PNG with more chunks behind its head."""
    return png[:33] + b"".join(chunks) + png[33:]


def with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    """The JPEG with one more segment, a comment (0xFE) say, at its start."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def with_riff(webp: bytes, kind: bytes, data: bytes) -> bytes:
    """The WebP with one more chunk at its end, counted in its length."""
    padded = data + b"\0" * (len(data) % 2)
    body = webp[8:] + kind + struct.pack("<I", len(data)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


def archive() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
        jar.writestr("Evil.class", MARK)
    return out.getvalue()


# ── no pictures at all ──────────────────────────────────────────────────────────────────────
def svg(chance: random.Random) -> Sent:
    start = chance.choice([b"", b"<?xml version='1.0'?>\n", b"\xef\xbb\xbf", b" \n" * 9])
    return Sent(start + SVG, "x.svg", "image/svg+xml")


def html(chance: random.Random) -> Sent:
    return Sent(chance.choice([b"", b"\n" * 40, b"\xff\xfe"]) + PAGE, "x.html", "text/html")


def pdf(chance: random.Random) -> Sent:
    return Sent(b" " * chance.randrange(900) + PDF, "x.pdf", "application/pdf")


def other_formats(chance: random.Random) -> Sent:
    """Pictures, but of kinds whose decoders nobody here needs."""
    kind = chance.choice(["GIF", "BMP", "TIFF", "PPM", "ICO", "TGA", "JPEG2000", "PCX"])
    return Sent(drawn(chance, kind), f"x.{kind.lower()}", f"image/{kind.lower()}")


def eps(chance: random.Random) -> Sent:
    body = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + MARK + b") run\n"
    return Sent(body * chance.randint(1, 5), "x.eps", "application/postscript")


def rubbish(chance: random.Random) -> Sent:
    start = chance.choice([b"\xff\xd8\xff", SIGNATURE, b"RIFF\x20\0\0\0WEBPVP8 ", b""])
    return Sent(start + chance.randbytes(chance.randint(1, 5000)))


# ── two things at once ──────────────────────────────────────────────────────────────────────
def jpeg_and_html(chance: random.Random) -> Sent:
    jpeg = drawn(chance, "JPEG")
    inside = with_segment(jpeg, chance.choice([0xFE, 0xE1, 0xEF]), PAGE)
    return Sent(chance.choice([jpeg + PAGE, inside]), "x.html", "text/html")


def jpeg_and_zip(chance: random.Random) -> Sent:
    return Sent(drawn(chance, "JPEG") + b"\0" * chance.randrange(9) + archive(), "x.zip")


def png_and_php(chance: random.Random) -> Sent:
    png = drawn(chance, "PNG")
    inside = with_chunks(png, chunk(b"tEXt", b"Comment\0" + PHP))
    return Sent(chance.choice([png + PHP, inside]), "x.php", "application/x-php")


def webp_and_pdf(chance: random.Random) -> Sent:
    webp = drawn(chance, "WEBP")
    behind = webp + PDF
    return Sent(chance.choice([behind, with_riff(webp, b"JUNK", PDF)]), "x.pdf", "application/pdf")


def picture_and_jar(chance: random.Random) -> Sent:
    """A GIFAR, and its kin of the formats that are taken."""
    kind = chance.choice(["GIF", *KINDS])
    return Sent(drawn(chance, kind) + archive(), "x.jar", "application/java-archive")


def second_picture(chance: random.Random) -> Sent:
    """A second picture behind the first, in two formats."""
    one, other = chance.sample(KINDS, 2)
    return Sent(drawn(chance, one) + drawn(chance, other))


# ── pictures that carry something ───────────────────────────────────────────────────────────
def jpeg_with_script_in_a_comment(chance: random.Random) -> Sent:
    """A file that is a script as well, without a tag: `/*` in the length of a segment."""
    script = b"*/=1;" + SCRIPT + b"/*" + b" " * chance.randrange(99)
    return Sent(with_segment(drawn(chance, "JPEG"), 0xFE, script), "x.js", "text/javascript")


def png_with_texts(chance: random.Random) -> Sent:
    texts = [
        chunk(b"tEXt", b"Author\0" + MARK),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(MARK)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + MARK),
        chunk(b"eXIf", exif()),
        chunk(b"prVt", MARK),
    ]
    chance.shuffle(texts)
    return Sent(with_chunks(drawn(chance, "PNG"), *texts), "x.png", "image/png")


def webp_with_more(chance: random.Random) -> Sent:
    webp = drawn(chance, "WEBP", exif=exif(), xmp=MARK, icc_profile=MARK)
    return Sent(with_riff(webp, b"JUNK", MARK * chance.randint(1, 9)), "x.webp", "image/webp")


def gps_in_exif(chance: random.Random) -> Sent:
    """Where the picture was taken, turned or not, in every format that can say so."""
    kind = chance.choice(KINDS)
    xmp = b"<x:xmpmeta exif:GPSLatitude='48,12.5N'>" + MARK + b"</x:xmpmeta>"
    more: dict[str, Any] = {} if kind == "PNG" else {"xmp": xmp}
    data = drawn(chance, kind, exif=exif(chance.randint(1, 8)), **more)
    return Sent(data, f"x.{kind.lower()}", f"image/{kind.lower()}")


def exif(orientation: int = 1) -> bytes:
    said = Image.Exif()
    said[0x0112], said[0x013B] = orientation, MARK.decode()
    said.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 30.0), 3: "E", 4: (16.0, 22.0, 0.0)})
    return said.tobytes()


def phone_pair(chance: random.Random) -> Sent:
    """Two JPEGs in one file, as phones make them, the second with the place in it."""
    out = BytesIO()
    first, second = (Image.open(BytesIO(drawn(chance, "JPEG"))) for _ in range(2))
    first.save(out, "MPO", save_all=True, append_images=[second], exif=exif())
    return Sent(out.getvalue() + chance.choice([b"", MARK]))


def wrong_name(chance: random.Random) -> Sent:
    """A good picture that says to be something else."""
    kind, name = chance.choice(KINDS), chance.choice(["svg", "php", "html", "exe", "gif", "jpg"])
    start = chance.choice(["x.", "../../x.", "x.php\0.", "CON.", "é\u202e.", "x" * 200])
    return Sent(drawn(chance, kind), start + name, chance.choice(["text/html", "", "image/gif"]))


# ── damaged ─────────────────────────────────────────────────────────────────────────────────
def truncated(chance: random.Random) -> Sent:
    """Ends anywhere; what a decoder can do without (a PNG's last checksum) is gone as well."""
    data = drawn(chance, chance.choice(KINDS), **progressive(chance))
    return Sent(data[: chance.randrange(1, len(data) - 12)])


def bits_flipped(chance: random.Random) -> Sent:
    data = bytearray(drawn(chance, chance.choice(KINDS), **progressive(chance)))
    for _ in range(chance.choice([1, 1, 8, 60])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return Sent(bytes(data))


def progressive(chance: random.Random) -> dict[str, Any]:
    return {"progressive": chance.random() < 0.5}  # PNG and WebP do not look at it


Maker = Callable[[random.Random], Sent]
NO_PICTURE: dict[str, Maker] = {
    each.__name__: each for each in (svg, html, pdf, other_formats, eps, rubbish)
}
TWO_AT_ONCE: dict[str, Maker] = {
    each.__name__: each
    for each in (
        *(jpeg_and_html, jpeg_and_zip, png_and_php, webp_and_pdf),
        *(picture_and_jar, second_picture),
    )
}
CARRYING: dict[str, Maker] = {
    each.__name__: each
    for each in (
        *(jpeg_with_script_in_a_comment, png_with_texts, webp_with_more),
        *(gps_in_exif, phone_pair, wrong_name),
    )
}
