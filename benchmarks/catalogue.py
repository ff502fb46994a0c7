"""What is measured of the catalogue: beside views by hand, out of the cache, and at two sizes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import questions
from benchmarks.load import answer
from benchmarks.measured import Row, measure
from tests.soak.serving import Server

LEAST = {"list": 0.85, "detail": 0.6, "search": 0.6}
MANY = 16


@dataclass
class Shop:
    """A demo shop with two servers: one keeps answers, as in production, and one keeps nothing."""

    size: int
    database: str
    plain: Server
    keeping: Server


@contextmanager
def served(size: int, database: str) -> Iterator[Shop]:
    def server(answers: str) -> Server:
        return Server(
            settings="benchmarks.settings",
            threads=1,
            DATABASE_NAME=database,
            GRAPHQL_ANSWER_CACHE=answers,
        )

    with server("off") as plain, server("on") as keeping:
        yield Shop(size, database, plain, keeping)


@contextmanager
def connected(database: str) -> Iterator[None]:
    """This process on that database."""
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()


def asked(request: bytes) -> tuple[dict[str, Any], int]:
    """The answer in this process, and how many statements it took when it was asked again."""
    head, _, body = request.partition(b"\r\n\r\n")
    method, path = head.decode().split()[:2]
    client = Client()
    for _ in range(4):  # documents are compiled as they come again
        with CaptureQueriesContext(connection) as statements:
            if method == "POST":
                response = client.post(path, body, content_type="application/json")
            else:
                response = client.get(path)
    return response.json(), len(statements)


def statements(shop: Shop, request: bytes) -> int:
    with connected(shop.database):
        return asked(request)[1]


# ── beside views by hand ────────────────────────────────────────────────────────────────────
def beside_by_hand(shop: Shop) -> list[Row]:
    """Each question and its like, uncached, by one client and by many."""
    rows = []
    for clients in (1, MANY):
        constant = Row("constant bytes", shop.plain, [questions.CONSTANT], clients)
        rows.append(constant)
        for name, (ours, by_hand) in questions.PAIRS.items():
            refuse_difference(shop, name, ours, by_hand)
            like = Row(f"{name}, by hand", shop.plain, [by_hand], clients)
            like.statements = statements(shop, by_hand)
            mine = Row(f"{name}, uncached", shop.plain, [ours], clients, beside=like)
            mine.statements, mine.least = statements(shop, ours), LEAST[name]
            rows += [like, mine]
    return measure(rows)


def refuse_difference(shop: Shop, name: str, ours: bytes, by_hand: bytes) -> None:
    port = shop.plain.port
    if found := questions.disagreement(answer(port, ours), answer(port, by_hand)):
        raise SystemExit(f"{name}: {found}")


# ── out of the cache ────────────────────────────────────────────────────────────────────────
def out_of_the_cache(shop: Shop, document_id: str) -> list[Row]:
    """The kept list, and the word that nothing has changed, beside constant bytes."""
    kept = questions.PAIRS["list"][0]
    by_hash = questions.get("/graphql/", documentId=document_id)
    known = f"If-None-Match: {etag(answer(shop.keeping.port, by_hash))}"
    unchanged = questions.get("/graphql/", known, documentId=document_id)
    if not answer(shop.keeping.port, unchanged).startswith(b"HTTP/1.1 304"):
        raise SystemExit("What the sender has already was sent again.")
    rows = []
    for clients, least in ((1, None), (MANY, 3)):
        constant = Row("constant bytes", shop.keeping, [questions.CONSTANT], clients)
        rows += [
            constant,
            Row("list, cached", shop.keeping, [kept], clients, 0, constant, least=least),
            Row("list, 304", shop.keeping, [unchanged], clients, 0, constant, least=0.8),
        ]
    return measure(rows)


def etag(response: bytes) -> str:
    head = response.partition(b"\r\n\r\n")[0].decode()
    lines = (line.partition(": ") for line in head.splitlines())
    return next(value for name, _, value in lines if name.lower() == "etag")


# ── at two sizes ────────────────────────────────────────────────────────────────────────────
def far_page(shop: Shop, page: int) -> list[Row]:
    """A page far down the list beside the first."""
    after = cursor_before(shop, page)
    first = Row("page 1", shop.plain, [questions.post(questions.PAGE)])
    far = questions.post(questions.PAGE, after=after)
    beside = Row(f"page {page:,} of {shop.size:,}", shop.plain, [far], beside=first, most=1.5)
    beside.statements = statements(shop, far)
    return measure([first, beside])


def cursor_before(shop: Shop, page: int) -> str:
    """Where the page begins, found as a client finds it: one page after the other."""
    cursor = None
    for _ in range((page - 1) * 24 // 96):
        response = answer(shop.plain.port, questions.post(questions.WALK, after=cursor))
        found = json.loads(response.partition(b"\r\n\r\n")[2])
        cursor = found["data"]["products"]["pageInfo"]["endCursor"]
    return str(cursor)


def sorts(shops: Mapping[int, Shop]) -> list[Row]:
    """The first page in every order; at the larger size beside the smaller one."""
    rows = []
    for sort in questions.SORTS:
        request, before = questions.post(questions.PAGE, sort=sort), None
        for size, shop in shops.items():
            row = Row(f"{sort}, {size:,} products", shop.plain, [request], beside=before)
            row.most = 1.5 if before else None
            rows.append(row)
            before = row
    return measure(rows)


def narrowed(shops: Mapping[int, Shop]) -> list[Row]:
    """The first page of what filters leave, the newest and the dearest first, at both sizes."""
    rows = []
    for name, filter in questions.NARROWED.items():
        for sort in ("NEWEST", "PRICE_DESC"):
            request, before = questions.post(questions.PAGE, sort=sort, filter=filter), None
            for size, shop in shops.items():
                what = f"{name}, {sort}, {size:,} products"
                row = Row(what, shop.plain, [request], beside=before)
                row.most = 1.5 if before else None
                rows.append(row)
                before = row
    return measure(rows)


def searches(shop: Shop) -> list[Row]:
    requests = [questions.post(questions.WORDS, words=words) for words in questions.SEARCHES]
    many = f"{len(requests)} searches of {shop.size:,}"
    return measure(
        [
            Row(many, shop.plain, requests, p95=30),
            Row(f"{many}, ranks kept", shop.keeping, [passing(one) for one in requests]),
        ]
    )


def passing(request: bytes) -> bytes:
    """The same request past the kept answers: who sends a cookie may be somebody."""
    return request.replace(b"\r\n", b"\r\nCookie: a=b\r\n", 1)
