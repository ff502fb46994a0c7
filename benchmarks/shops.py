"""The databases: each a demo shop of a size, made for the benchmark and dropped after it.

BENCH_KEEP=1 keeps them for the next run, which finds them by their names.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier

from benchmarks.questions import SLUG

PREFIX = os.environ.get("BENCH_DATABASE", "shop_bench")
KEEP = os.environ.get("BENCH_KEEP") == "1"

# What the demo draws and nobody has to wait for here: rows of pictures without their files, one
# for each product and three for the one whose page is measured, which also gets ten reviews more.
DRESS = """
INSERT INTO catalog_productimage
    (file, alt, position, width, height, bytes, mime, checksum, placeholder, product_id)
SELECT format('products/%%s-%%s.jpg', md5(p.id::text), n), p.name, n, 1600, 1200, 1, 'image/jpeg',
    md5(p.id::text || n), 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', p.id
FROM catalog_product p, generate_series(0, CASE WHEN p.slug = %(slug)s THEN 2 ELSE 0 END) n;
UPDATE catalog_product p SET image_id = i.id, image_key = i.file, image_alt = i.alt,
    image_width = i.width, image_height = i.height, image_placeholder = i.placeholder
FROM catalog_productimage i WHERE i.product_id = p.id AND i.position = 0;
INSERT INTO catalog_review (rating, title, body, status, verified, created_at, updated_at,
    helpful_count, author_id, product_id)
SELECT 4, 'As it should be', repeat('Good wool, and it fits. ', 8), 'PUBLISHED', true,
    now() - u.id * interval '1 hour', now(), 0, u.id, p.id
FROM catalog_product p, users_user u WHERE p.slug = %(slug)s ORDER BY u.id LIMIT 14
ON CONFLICT DO NOTHING
"""


def server(name: str = "postgres") -> psycopg.Connection:
    """A connection to the server that DATABASE_* tells of, outside of transactions."""
    at = os.environ
    return psycopg.connect(
        host=at["DATABASE_HOST"],
        port=at["DATABASE_PORT"],
        user=at["DATABASE_USER"],
        password=at.get("DATABASE_PASSWORD", ""),
        dbname=name,
        autocommit=True,
    )


def exists(name: str) -> bool:
    with server() as database:
        found = database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def drop(name: str) -> None:
    with server() as database:
        database.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def manage(name: str, *command: str) -> None:
    environment = os.environ | {"DATABASE_NAME": name}
    line = [sys.executable, "manage.py", *command]
    subprocess.run(line, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own


def fill(name: str, size: int) -> None:
    """Make a demo shop of so many products; what was begun and not finished goes."""
    half = f"{name}_half"
    drop(half)
    with server() as database:
        database.execute(SQL("CREATE DATABASE {}").format(Identifier(half)))
    manage(half, "migrate", "--verbosity", "0")
    manage(half, "demo", "--products", str(size), "--no-pictures", "--force")
    dress(half)
    with server() as database:
        rename = SQL("ALTER DATABASE {} RENAME TO {}")
        database.execute(rename.format(Identifier(half), Identifier(name)))


def dress(name: str) -> None:
    with server(name) as database:
        for statement in DRESS.split(";"):
            database.execute(statement, {"slug": SLUG})
        database.execute("VACUUM ANALYZE")


@contextmanager
def of_size(size: int) -> Iterator[str]:
    """The name of a demo shop's database."""
    name = f"{PREFIX}_{size}"
    if not exists(name):
        print(f"Loading a demo shop of {size} products …", flush=True)
        fill(name, size)
    else:
        manage(name, "migrate", "--verbosity", "0")
    try:
        yield name
    finally:
        if not KEEP:
            drop(name)


@contextmanager
def copy_of(name: str) -> Iterator[str]:
    """A shop that may be written to; nobody may be connected to its model meanwhile."""
    copy = f"{name}_{secrets.token_hex(4)}"  # runs beside each other do not meet
    with server() as database:
        make = SQL("CREATE DATABASE {} TEMPLATE {}")
        database.execute(make.format(Identifier(copy), Identifier(name)))
    try:
        yield copy
    finally:
        drop(copy)
