"""orderPlace beside the very statements it sends, sent by hand; and whether all adds up after."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client

from benchmarks import questions
from benchmarks.byhand import identified
from benchmarks.catalogue import MANY, connected
from benchmarks.load import Load, drive
from benchmarks.measured import ROUNDS, SECONDS
from benchmarks.report import markdown
from tests.soak.serving import Server

LEAST = 0.3
THREADS = 4  # of the server, as in production: commits wait for the disk
SCARCE = 20  # variants that more is asked of than there is
UNITS = 50
ENOUGH = """UPDATE catalog_variant SET stock = 1000000, track_stock = true;
UPDATE catalog_product SET in_stock = true;
ALTER TABLE checkout_order ALTER COLUMN id RESTART WITH 900000001;
ALTER TABLE checkout_orderline ALTER COLUMN id RESTART WITH 800000001"""
ON_SALE = """SELECT v.id, v.product_id FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id
WHERE v.archived_at IS NULL AND p.status = 'ACTIVE' AND p.published_at <= now()
ORDER BY v.id DESC"""
ADDRESS = {
    "name": "Grace Guest",
    "line1": "7 Mill Lane",
    "postcode": "1010",
    "city": "Wien",
    "country": "AT",
}


@dataclass(frozen=True)
class Said:
    """One statement with its values, and whether it was sent within a transaction."""

    sql: str
    values: Any
    within: bool


def told(database: str) -> list[str]:
    with connected(database):
        run(ENOUGH)
        on_sale = rows(ON_SALE)
        template = Template.of(on_sale[0])
        scarce = [pk for pk, _ in on_sale[-SCARCE:]]
        many = on_sale[1:-SCARCE]
        with Server(
            settings="benchmarks.settings", threads=THREADS, DATABASE_NAME=database
        ) as server:
            lines = beside(server, template, many)
            lines += contended(server, scarce)
    return ["", "## Orders", "", *lines]


def run(script: str) -> None:
    with connection.cursor() as cursor:
        for statement in script.split(";"):
            cursor.execute(statement)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()  # type: ignore[no-any-return]


def order_of(variant: int) -> bytes:
    cart = {
        "lines": [{"variantId": identified("Variant", variant), "quantity": 1}],
        "email": "guest@example.com",
        "shippingAddress": ADDRESS,
    }
    given = {"paymentMethod": "BANK_TRANSFER", "idempotencyKey": str(uuid4()), "cart": cart}
    return questions.post(questions.ORDER, input=given)


# ── the statements by hand ──────────────────────────────────────────────────────────────────
class Template:
    """What one order sent, to be sent again for another variant."""

    def __init__(self, said: list[Said], known: dict[Any, str]) -> None:
        self.said, self.known = said, known

    @classmethod
    def of(cls, sold: tuple[int, int]) -> "Template":
        """The statements of a real order of that variant, when nothing is new any more."""
        for _ in range(4):
            request = order_of(sold[0])
            said, number = overheard(request)
        [(order,)] = rows("SELECT id FROM checkout_order WHERE number = %s", number)
        return cls(said, {sold[0]: "variant", sold[1]: "product", number: "number", order: "order"})

    def send(self, raw: Any, variant: int, product: int) -> None:
        """All of it once, each transaction as one, by psycopg alone."""
        new: dict[str, Any] = {"variant": variant, "product": product}
        new["number"] = f"B{secrets.token_hex(5)}"
        at = 0
        while at < len(self.said):
            if self.said[at].within:
                with raw.transaction():
                    while at < len(self.said) and self.said[at].within:
                        self.execute(raw, self.said[at], new)
                        at += 1
            else:
                self.execute(raw, self.said[at], new)
                at += 1

    def execute(self, raw: Any, one: Said, new: dict[str, Any]) -> None:
        cursor = raw.execute(one.sql, self.filled(one.values, new))
        found = cursor.fetchall() if cursor.description else []
        if one.sql.startswith('INSERT INTO "checkout_order" '):
            new["order"] = found[0][0]

    def filled(self, value: Any, new: dict[str, Any]) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(self.filled(part, new) for part in value)
        if isinstance(value, int | str) and not isinstance(value, bool) and value in self.known:
            return new[self.known[value]]
        if isinstance(value, str) and len(value) == UUID_LENGTH and value.count("-") == 4:
            return new.setdefault(value, str(uuid4()))
        return value


UUID_LENGTH = 36


def overheard(request: bytes) -> tuple[list[Said], str]:
    """The statements of an order that is placed in this process, and its number."""
    said: list[Said] = []

    def listen(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        said.append(Said(sql, params, connection.in_atomic_block))
        return execute(sql, params, many, context)

    body = request.partition(b"\r\n\r\n")[2]
    with connection.execute_wrapper(listen):
        response = Client().post("/graphql/", body, content_type="application/json").json()
    payload = response["data"]["orderPlace"]
    if payload["errors"]:
        raise SystemExit(f"Nothing was ordered: {payload['errors']}")
    return said, payload["order"]["number"]


def by_hand(template: Template, sold: Sequence[tuple[int, int]], clients: int) -> Load:
    load = Load()
    begun = perf_counter()

    def buy(start: int) -> None:
        connection.ensure_connection()
        raw, at = connection.connection, start
        while perf_counter() - begun < SECONDS:
            before = perf_counter()
            template.send(raw, *sold[at % len(sold)])
            load.times.append((perf_counter() - before) * 1000)
            at += clients
        connection.close()

    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(buy, range(clients)))
    load.seconds = perf_counter() - begun
    return load


def beside(server: Server, template: Template, sold: Sequence[tuple[int, int]]) -> list[str]:
    table = [["", "clients", "a second", "p50 ms", "p99 ms", "statements", "ratio", "target"]]
    for clients in (1, MANY):
        ours, theirs = Load(), Load()
        drive(server.port, [order_of(sold[0][0])], clients=1, seconds=9, most=1)
        for _ in range(ROUNDS):
            theirs.add(by_hand(template, sold, clients))
            requests = [order_of(pk) for pk, _ in sold[:6000]]
            ours.add(drive(server.port, requests, clients=clients, seconds=SECONDS))
        refuse_failures(ours)
        ratio = ours.rate / theirs.rate
        verdict = f">= {LEAST}: {'met' if ratio >= LEAST else 'MISSED'}"
        count = str(len(template.said))
        table.append(["the statements by hand", *cells(clients, theirs), count, "", ""])
        table.append(["orderPlace", *cells(clients, ours), count, f"{ratio:.2f}", verdict])
    return markdown(table)


def cells(clients: int, load: Load) -> list[str]:
    p50, p99 = load.percentile(50), load.percentile(99)
    return [str(clients), f"{load.rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]


def refuse_failures(load: Load) -> None:
    if load.failures:
        raise SystemExit(f"{load.failures} of {len(load.times)} orders failed.")


# ── more is asked for than there is ─────────────────────────────────────────────────────────
def contended(server: Server, scarce: list[int]) -> list[str]:
    """Twice as many orders as units, by many clients; then what was promised is added up."""
    rows("UPDATE catalog_variant SET stock = reserved + %s WHERE id = ANY(%s) RETURNING 1",
         UNITS, scarce)  # fmt: skip
    before = promised(scarce)
    requests = [order_of(pk) for _ in range(2 * UNITS) for pk in scarce]
    drive(server.port, requests, clients=MANY, seconds=300, most=len(requests))
    sold = promised(scarce) - before
    [(free,)] = rows("SELECT sum(stock - reserved) FROM catalog_variant WHERE id = ANY(%s)", scarce)
    [(locked,)] = rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    exact = "exact" if sold == SCARCE * UNITS and not free else "NOT EXACT"
    asked = f"{len(requests):,} orders of {SCARCE} variants with {UNITS} units each"
    told = f"{sold:,} units were promised ({exact}), {locked} deadlocks."
    return ["", f"{asked}, by {MANY} clients: {told}"]


def promised(scarce: list[int]) -> int:
    statement = "SELECT sum(quantity) FROM checkout_orderline WHERE variant_id = ANY(%s)"
    return int(rows(statement, scarce)[0][0] or 0)
