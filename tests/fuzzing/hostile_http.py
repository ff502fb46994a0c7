"""HTTP that lies about itself: lengths, chunks, headers, addresses, methods."""

from random import Random
from typing import Any
from urllib.parse import quote

from tests.fuzzing.hostile_bodies import GOOD, TYPE
from tests.fuzzing.requesting import Maker, Request


def lying_length(chance: Random) -> Request:
    more = len(GOOD) + chance.choice([1, 100, 100_000])
    lengths = [
        more,
        len(GOOD) - 5,
        0,
        -1,
        10**18,
        10**30,
        "1_0",
        "+34",
        "0x22",
        "34, 34",
        "34, 35",
        "٣",
    ]
    text = str(chance.choice(lengths))
    told = (TYPE, ("Content-Length", text.encode()))
    return Request(GOOD, length="", headers=told, is_broken=True)


def two_lengths(chance: Random) -> Request:
    other = str(len(GOOD) + chance.choice([0, 1, -1]))
    return Request(GOOD, headers=(TYPE, ("Content-Length", other)), is_broken=True)


def chunked(chance: Random) -> Request:
    good = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    body = chance.choice(
        [good, b"zz\r\nx\r\n", b"ffffffffffffffffff\r\nx", b"-1\r\n\r\n", good[:-7],
        b"5\r\nx\r\n0\r\n\r\n",
         b"1;" + b"e" * 50_000 + b"\r\nx\r\n0\r\n\r\n", b"", b"0\r\nA: b\r\n\r\n",
         b"1\r\n{\r\n" * 20_000]
    )  # fmt: skip
    how = chance.choice(
        ["chunked", "Chunked", "gzip, chunked", "chunked, chunked", "identity", "x"]
    )
    length = chance.choice(["", None])
    told = (TYPE, ("Transfer-Encoding", how))
    return Request(body, length=length, headers=told, is_broken=True)


def headers(chance: Random) -> Request:
    text: Any = chance.choice(
        ["x" * 5000, "x" * 60_000, "é" * 200, "a,b;q=" * 3000, "%00", '"' * 400, b"\xff\xfe"]
    )
    name = chance.choice(
        ["Accept", "Accept-Language", "Cookie", "If-None-Match", "Origin", "X-Request-ID",
        "Referer",
         "X-Forwarded-For", "X-Forwarded-Proto", "Idempotency-Key", "Range", "User-Agent",
         "Forwarded",
         "GraphQL-Preflight", "Access-Control-Request-Method", "traceparent", "X-Forwarded-Host"]
    )  # fmt: skip
    return Request(GOOD, headers=(TYPE, (name, text)))


def many_headers(chance: Random) -> Request:
    count = chance.choice([50, 99, 500, 5000])
    return Request(GOOD, headers=(TYPE, *((f"X-{at}", "x") for at in range(count))))


def bearer(chance: Random) -> Request:
    text: Any = chance.choice(
        ["Bearer", "Bearer ", "bearer x", "Basic YTpi", "Bearer a.b.c", "Bearer " + "x" * 30_000,
        "Bearer a b",
         "Bearer eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImFkbWluQGV4YW1wbGUuY29tIn0.", b"Bearer \xff",
         "Bearer \x7f",
         "Bearer eyJhbGciOiJub25lIn0.bnVsbA.", "Bearer e30.e30.e30", "JWT x", "Bearer ..",
         "Bearer a.b.c, Bearer d"]
    )  # fmt: skip
    return Request(GOOD, headers=(TYPE, ("Authorization", text)))


def forged_host(chance: Random) -> Request:
    host: Any = chance.choice(
        ["evil.example", "", "127.0.0.1:0", "x" * 5000, "a b", "[::1", "127.0.0.1@evil", b"\xff"]
    )
    return Request(GOOD, headers=(TYPE, ("Host", host)))


def address(chance: Random) -> Request:
    text: Any = chance.choice(
        ["", "query=", "query={__typename}", "query=%FF", "query=%00", "query=%ED%A0%80",
        "a=" + "x" * 60_000,
         "&" * 5000, "&".join(f"a{at}=1" for at in range(2000)), "query=%7B__typename%7D&query=1",
         "%", "query=%zz",
         "query=%7B__typename%7D&variables=" + quote("[" * 3000),
         "query=%7B__typename%7D&variables=NaN",
         "query=" + quote("{ a " * 3000), "documentId=" + "f" * 64,
         "query=mutation%7B__typename%7D",
         "query=%7B__typename%7D&extensions=" + quote('{"a":' * 40), "query=%7Bshop%7Bname%7D%7D#x"]
    )  # fmt: skip
    return Request(
        method=chance.choice(["GET", "HEAD"]), headers=(), length="", target="/graphql/?" + text
    )


def elsewhere(chance: Random) -> Request:
    target = chance.choice(
        ["/", "//", "/graphql", "/graphql/../admin/", "/graphql/%2e%2e/", "/graphql/\x7f", "/%00",
        "/%ff", "*",
         "http://evil.example/graphql/", "/media/../shop/settings.py",
         "/media/%2e%2e/%2e%2e/etc/passwd", "/%",
         "/static/..%2f..%2fetc/passwd", "/" + "x" * 60_000, "/uploads/x/", "/webhooks/stripe/",
         "/admin/login/",
         "/graphql/schema.graphql", "/healthz", "/media/x.webp%00.py", "/static/%c0%ae/"]
    )  # fmt: skip
    return Request(GOOD, method=chance.choice(["GET", "POST", "PUT"]), target=target)


def method(chance: Random) -> Request:
    names = [
        "PUT",
        "DELETE",
        "PATCH",
        "TRACE",
        "OPTIONS",
        "PROPFIND",
        "get",
        "X" * 5000,
        "CONNECT",
        "P@ST",
        "HEAD",
    ]
    return Request(GOOD, method=chance.choice(names))


HTTP: dict[str, Maker] = {
    "a length that lies": lying_length,
    "two lengths": two_lengths,
    "chunks, right and wrong": chunked,
    "giant headers": headers,
    "many headers": many_headers,
    "bearers that nobody issued": bearer,
    "another host": forged_host,
    "giant and odd addresses": address,
    "other paths": elsewhere,
    "other methods": method,
}
