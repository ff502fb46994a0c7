"""Bodies that are no JSON, or JSON that is no question."""

import gzip
import json
import zlib
from random import Random
from typing import Any

from tests.fuzzing.requesting import JSON, Maker, Request

GOOD = b'{"query": "{ shop { currency } }"}'
TYPE = ("Content-Type", JSON)


def cut(chance: Random) -> Request:
    return Request(GOOD[: chance.randrange(len(GOOD))])


def flipped(chance: Random) -> Request:
    body = bytearray(GOOD)
    for _ in range(chance.randint(1, 4)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return Request(bytes(body))


def noise(chance: Random) -> Request:
    return Request(chance.randbytes(chance.choice([1, 100, 100_000])))


def invalid_utf8(chance: Random) -> Request:
    bad = chance.choice([b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
    return Request(b'{"query": "{ product(slug: \\"' + bad + b'\\") { id } }"}')


def encoded(chance: Random) -> Request:
    name = chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp037"])
    charset = chance.choice(
        ["", "; charset=utf-16", f"; charset={name}", "; charset=none", "; charset="]
    )
    return Request(GOOD.decode().encode(name), headers=(("Content-Type", JSON + charset),))


def wrong_type(chance: Random) -> Request:
    kind: Any = chance.choice(
        ["", "text/plain", "application/xml", "application/graphql", "application/jsonp",
        "a/b;" * 900,
         "application/json;charset=utf-8;charset=utf-16", "multipart/form-data", "*/*", "\x7f/\x01",
         "application/x-www-form-urlencoded", b"application/json\xff",
         "application/json, text/html"]
    )  # fmt: skip
    return Request(GOOD, headers=(("Content-Type", kind),))


def twice(chance: Random) -> Request:
    more = chance.choice(
        [b'"query": "{ __typename }"', b'"variables": {"a": 1, "a": 2}',
        b'"operationName": null, "operationName": "A"']
    )  # fmt: skip
    return Request(GOOD[:-1] + b", " + more + b"}")


def prototype(chance: Random) -> Request:
    name = chance.choice(["__proto__", "constructor", "__class__", "__init__", "", "\0", "\ud800"])
    wrong = {name: {"isStaff": True}}
    query = "query($v: ProductFilter) { products(filter: $v) { totalCount } }"
    return Request(json.dumps({"query": query, "variables": {"v": wrong}, **wrong}).encode())


def batch(chance: Random) -> Request:
    return Request(b"[" + b",".join([GOOD] * chance.choice([0, 1, 2, 5000])) + b"]")


def nested(chance: Random) -> Request:
    depth = chance.choice([31, 33, 1000, 20_000])
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inside = opening * depth + b"1" + closing * depth
    return Request(GOOD[:-1] + b', "variables": {"a": ' + inside + b"}}")


def numbers(chance: Random) -> Request:
    number = chance.choice(
        [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 5000, b"-0", b"01", b"0x1",
        b"1" * 200_000]
    )  # fmt: skip
    query = (
        b'{"query": "query($v: Int) { products(first: $v) { totalCount } }", "variables": {"v": '
    )
    return Request(query + number + b"}}")


def parts(chance: Random) -> Request:
    """Parts of a request of the wrong kind."""
    wrong = chance.choice([7, [], {}, True, "x", "null", [[]], "{}", 1.5, "x" * 200_000])
    name = chance.choice(["query", "variables", "operationName", "extensions", "documentId"])
    return Request(json.dumps({"query": "{ __typename }", name: wrong}).encode())


def persisted(chance: Random) -> Request:
    said: Any = chance.choice(
        ["", "0" * 64, "sha256:" + "f" * 64, "x" * 100_000, 7, None, {"a": []}]
    )
    extension = {
        "persistedQuery": {"version": chance.choice([1, 2, "1", None]), "sha256Hash": said}
    }
    body = chance.choice([{"documentId": said}, {"extensions": extension}, {"extensions": said}])
    return Request(json.dumps(body).encode())


def bomb(chance: Random) -> Request:
    """A little that becomes much, if somebody unpacks it."""
    packs: list[tuple[str, Any]] = [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", bytes),
    ]
    name, pack = chance.choice(packs)
    size = chance.choice([100, 50_000_000])
    return Request(pack(GOOD + b" " * size)[:240_000], headers=(TYPE, ("Content-Encoding", name)))


def large(chance: Random) -> Request:
    return Request(GOOD + b" " * chance.choice([255_000, 256_001, 3_000_000]))


BODIES: dict[str, Maker] = {
    "a body cut off": cut,
    "flipped bytes": flipped,
    "noise": noise,
    "no body": lambda chance: Request(b"", length=chance.choice([None, ""])),
    "invalid UTF-8": invalid_utf8,
    "another encoding, or a mark before it": encoded,
    "another content type": wrong_type,
    "a name twice": twice,
    "__proto__ and its like": prototype,
    "a batch": batch,
    "nested without end": nested,
    "NaN, infinity and numbers without end": numbers,
    "parts of another kind": parts,
    "hashes that nobody registered": persisted,
    "a packed bomb": bomb,
    "more than is taken": large,
}
