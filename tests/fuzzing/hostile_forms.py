"""Forms with files that do not fit together."""

import json
import zlib
from random import Random
from typing import Any

from tests.catalog.hostile_files import chunk, png_head
from tests.fuzzing.requesting import Maker, Request

BORDER = "border"
UPLOAD = """mutation($input: ProductImagesUploadInput!) {
  productImagesUpload(input: $input) { images { id } errors { code path } } }"""


def part(name: str, value: bytes, *more: str) -> bytes:
    head = f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"{"".join(more)}\r\n\r\n'
    return head.encode(errors="surrogateescape") + value + b"\r\n"


def form(*parts: bytes, border: str = BORDER, end: bytes = b"--border--\r\n") -> Request:
    told = (("Content-Type", f"multipart/form-data; boundary={border}"), ("GraphQL-Preflight", "1"))
    return Request(b"".join(parts) + end, headers=told)


def operations(files: int = 1) -> bytes:
    input = {"productId": "UHJvZHVjdDox", "files": [None] * files}
    return json.dumps({"query": UPLOAD, "variables": {"input": input}}).encode()


def upload(places: Any, *files: tuple[str, bytes]) -> Request:
    told = places if isinstance(places, bytes) else json.dumps(places).encode()
    sent = [part(name, data, '; filename="x.png"') for name, data in files]
    return form(part("operations", operations()), part("map", told), *sent)


def odd_map(chance: Random) -> Request:
    places: list[Any] = [
        {}, [], 7, None, "x", {"0": []}, {"0": "variables"}, {"0": ["variables"]}, {"0": [""]},
        {"0": [7]},
        {"0": ["variables.input.files.9"]}, {"0": ["variables.input.files.-1"]}, {"0": ["query"]},
        {"1": ["x"]},
        {"0": ["variables.__class__"]}, {"0": ["variables.input.files.0"] * 500}, {"0": {"a": 1}},
        b"\xff", b"[" * 900,
        {"0": ["variables.input.files." + "9" * 5000]}, {"0": ["variables" + ".a" * 5000]},
        {"0": ["variables.input"]},
    ]  # fmt: skip
    return upload(chance.choice(places), ("0", b"x"))


def many_parts(chance: Random) -> Request:
    count = chance.choice([11, 1000, 10_001])
    more = '; filename="x"' if chance.random() < 0.5 else ""
    return form(
        part("operations", operations()), *(part(f"f{at}", b"x", more) for at in range(count))
    )


def borders(chance: Random) -> Request:
    border = chance.choice(
        ["", "x" * 80, "x" * 5000, '"', '"border"', "a b", "border; boundary=b", "\x7f", "--"]
    )
    return form(part("operations", operations()), border=border)


def ends(chance: Random) -> Request:
    end = chance.choice(
        [b"", b"--border", b"--border-", b"--border\r\n" * 3000, b"\r\n" * 9000, b"\0" * 900]
    )
    return form(part("operations", operations()), end=end)


def odd_heads(chance: Random) -> Request:
    head = chance.choice(
        ['; filename=""', '; filename="../../etc/passwd"', "; filename*=UTF-8''%ff%fe",
        "; filename*=x'y'%zz",
         '; filename="' + "x" * 9000 + '"', '; filename="\0"',
         "\r\nContent-Transfer-Encoding: base64",
         "\r\nContent-Transfer-Encoding: x", "\r\nContent-Type: text/plain; charset=utf-16",
         "\r\n" + "A: b\r\n" * 900,
         '; filename="a"; filename="b"', "\r\nContent-Length: -1",
         "\r\nContent-Type: ; charset=none"]
    )  # fmt: skip
    value = chance.choice([operations(), b"\xff", b"=" * 99, b"{}"])
    return form(part("operations", value, head), part("map", b'{"0": ["variables.input.files.0"]}',
    head),
                part("0", b"x", head))  # fmt: skip


def bomb(chance: Random) -> Request:
    """A picture of a few kilobytes that says to have so many million pixels."""
    side = chance.choice([6000, 30_000, 2**31 - 1])
    rows = zlib.compress(b"\0" * 5_000_000, 9)
    picture = png_head(side, side) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return upload({"0": ["variables.input.files.0"]}, ("0", picture))


FORMS: dict[str, Maker] = {
    "odd maps": odd_map,
    "parts by the thousand": many_parts,
    "boundaries": borders,
    "forms that do not end": ends,
    "odd heads of parts": odd_heads,
    "an upload of a bomb": bomb,
}
