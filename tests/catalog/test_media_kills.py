"""A server that is killed in the middle of an upload leaves only what `media_orphans` finds."""

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO

import pytest
import requests
from django.core.management import call_command
from pytest_django import Settings

from catalog import files
from catalog.models import Product, ProductImage
from schema import ids
from tests import storing
from tests.catalog import ways
from tests.catalog.faults import Line, line
from tests.catalog.hostile_files import Sent, drawn
from tests.catalog.picturing import kept, shop
from tests.soak.serving import Server
from users import tokens
from users.models import User


@pytest.fixture
def served(s3: str, settings: Settings) -> Iterator[tuple[Server, Line]]:
    """A server with its files in a bucket, which is not started yet, and the line between them."""
    made = storing.new_bucket(s3)
    settings.STORAGES = storing.in_bucket(made, s3) | {
        "staticfiles": settings.STORAGES["staticfiles"]
    }
    with line(s3) as between:
        where = " ".join([between.address, made.name, *storing.KEY])
        yield Server(settings="tests.served_bucket", SERVED_BUCKET=where), between


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("written", [0, 1])
def test_a_kill_in_the_middle_of_an_upload_leaves_no_row(
    served: tuple[Server, Line], written: int
) -> None:
    """Killed while the bucket has so many of the picture's files and takes the next one."""
    server, between = served
    product, owner = shop()
    with server:
        assert sent(server, product, owner, seed=1) == []
        before = kept()
        reached, killed = hold(between, after=written)
        upload = threading.Thread(target=lost, args=(server, product, owner))
        upload.start()

        assert reached.wait(30)
        server.kill()
        killed.set()
        upload.join()

    (row,) = ProductImage.objects.all()
    assert sorted(files.keys(row.file, row.width)) == before
    left = set(kept()) - set(before)
    assert len(left) == written
    out = StringIO()
    call_command("media_orphans", "--delete", "--older", "0m", stdout=out)
    assert all(key in out.getvalue() for key in left)
    assert kept() == before


def sent(server: Server, product: Product, owner: User, *, seed: int) -> list[str]:
    picture = Sent(drawn(random.Random(seed), "JPEG"))
    token = tokens.access_token(owner)
    return ways.by_form(ways.over_http(server.address), token, ids.of(product), picture)


def lost(server: Server, product: Product, owner: User) -> None:
    """Sent, and never answered."""
    with suppress(requests.ConnectionError):
        sent(server, product, owner, seed=2)
        raise AssertionError("the server was to be killed before it answers")


def hold(between: Line, *, after: int) -> tuple[threading.Event, threading.Event]:
    """Let so many files through and keep the next one; said when it is reached, and let go."""
    reached, go = threading.Event(), threading.Event()
    puts = iter(range(100))

    def before(method: str, path: str) -> str:
        if method == "PUT" and next(puts) == after:
            reached.set()
            go.wait(30)
            return "closed"
        return ""

    between.before = before
    return reached, go
