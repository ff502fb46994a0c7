"""What a PDF of the shop's says, read from its bytes."""

import re
import zlib
from collections.abc import Iterator

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
PAIR = re.compile(rb"<(\w{4})> <(\w{4})>\n")
# The choice of a font, or a text with its escaped signs.
STEP = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
ESCAPED = {b"\\n": b"\n", b"\\r": b"\r"}


def pages(pdf: bytes) -> list[str]:
    """The texts of each page, in the order in which they were drawn, one a line."""
    streams = list(unpacked(pdf))
    fonts = [dict(PAIR.findall(one)) for one in streams if b"begincmap" in one]
    return ["\n".join(texts(one, fonts)) for one in streams if b" Tj" in one]


def unpacked(pdf: bytes) -> Iterator[bytes]:
    for found in STREAM.finditer(pdf):
        try:
            # Packed bytes may end in a sign that looks like the line's end, which costs their sum.
            yield zlib.decompressobj().decompress(found[1])
        except zlib.error:
            yield found[1]


def texts(stream: bytes, fonts: list[dict[bytes, bytes]]) -> Iterator[str]:
    """Fonts are numbered from one, in the order of their tables of signs."""
    font: dict[bytes, bytes] = {}
    for number, text in STEP.findall(stream):
        if number:
            font = fonts[int(number) - 1]
        else:
            plain = re.sub(rb"\\.", lambda found: ESCAPED.get(found[0], found[0][1:]), text)
            codes = [plain[at : at + 2].hex().upper().encode() for at in range(0, len(plain), 2)]
            yield "".join(chr(int(font[code], 16)) for code in codes)
