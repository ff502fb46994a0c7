"""A disk that takes no more bytes: a refusal, nothing half-written, and the next try works.

The server's process is limited in the size of the files that it may write (RLIMIT_FSIZE), which
ends a write in the middle as a full disk does.
"""

import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import connection
from PIL import Image

from catalog.models import ProductImage
from checkout.models import Order
from schema import ids
from tests.catalog import ways
from tests.catalog.hostile_files import Sent
from tests.catalog.picturing import drawn, kept, shop, waiting
from tests.catalog.test_media_faults import check_nothing_left_over
from tests.checkout.buying import check_books
from tests.factories import make_variant
from tests.faults.serving import Production, ask, mutation, no_stack, on_postgresql
from users import tokens

on_sqlite = pytest.mark.skipif(
    bool(settings.DATABASE_NAME), reason="about SQLite's file; PostgreSQL keeps its own"
)
UNLIMITED = resource.RLIM_INFINITY


@contextmanager
def full(server: Production, largest: int) -> Iterator[None]:
    """No process of the server can make a file longer than that many bytes."""
    for pid in server.workers():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, UNLIMITED))
    try:
        yield
    finally:
        for pid in server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))


def noise(side: int) -> bytes:
    """A picture that hardly any format makes smaller."""
    data = random.Random(1).randbytes(side * side * 3)
    file = BytesIO()
    Image.frombytes("RGB", (side, side), data).save(file, "PNG")
    return file.getvalue()


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_a_picture_that_finds_no_room_is_refused_and_leaves_nothing() -> None:
    product, owner = shop()
    picture = Sent(drawn(600, 600, quality=95))
    token, place = tokens.access_token(owner), ids.of(product)
    with Production() as server:
        post = ways.over_http(server.address)
        with full(server, 100):
            refused = ways.by_form(post, token, place, picture)
            stored = put(post, token, place, picture)
        left = ProductImage.objects.count(), kept(), waiting()

        granted = [way(post, token, place, picture) for way in (ways.by_form, ways.directly)]

    assert refused == ["STORAGE_UNAVAILABLE"]
    assert stored == 503
    assert left == (0, [], [])
    assert granted == [[], ["ALREADY_EXISTS"]]  # the second is the same picture
    check_nothing_left_over()


def put(post: ways.Post, token: str, product: str, picture: Sent) -> int:
    """What the storage answers to a file that was announced."""
    said = {"filename": "x.jpg", "contentType": "image/jpeg", "size": len(picture.data)}
    offer = ways.asked(post, token, ways.CREATE, {"productId": product, **said})
    form = offer["productImageUploadCreate"]
    fields = {field["name"]: field["value"] for field in form["fields"]}
    return post(form["url"], fields, {"file": picture}, {})[0]


@on_postgresql
@pytest.mark.transactional
@pytest.mark.long
def test_a_form_that_finds_no_room_while_it_is_read_is_refused() -> None:
    """What is over 2.5 MB goes to a file of its own before anything is known of it."""
    product, owner = shop()
    picture = Sent(noise(1000), name="x.png", mime="image/png")
    token = tokens.access_token(owner)
    with Production() as server:
        with full(server, 100_000):
            refused = sent(server, token, ids.of(product), picture)

        granted = ways.by_form(ways.over_http(server.address), token, ids.of(product), picture)

    assert (refused.status_code, codes(refused)) == (503, ["STORAGE_UNAVAILABLE"])
    assert no_stack([refused.json()])
    assert granted == []
    assert ProductImage.objects.count() == 1
    check_nothing_left_over()


def sent(server: Production, token: str, product: str, picture: Sent) -> requests.Response:
    answers: list[requests.Response] = []

    def post(url: str, fields: Any, files: Any, headers: Any) -> tuple[int, Any]:
        parts = {name: (file.name, file.data, file.mime) for name, file in files.items()}
        address = f"{server.address}{url}"
        answers.append(
            requests.post(address, data=fields, files=parts, headers=headers, timeout=60)
        )
        return 200, {"data": {"productImagesUpload": {"errors": []}}}

    ways.by_form(post, token, product, picture)
    return answers[0]


def codes(answer: requests.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


@on_sqlite
@pytest.mark.transactional
@pytest.mark.long
def test_an_order_that_the_database_has_no_room_for_is_refused_whole() -> None:
    variant = make_variant(stock=1000)
    document = mutation("orderPlace", "order { number }")
    lines = [{"variantId": ids.of(variant), "quantity": 1}]
    wish: dict[str, Any] = {
        "cart": {"lines": lines, "email": "a@example.com"},
        "paymentMethod": "BANK_TRANSFER",
    }
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    placed: list[Any] = []
    with Production() as server:
        ask(server, document, **wish)
        with full(server, log.stat().st_size + 40_000):
            while len(placed) < 200 and not (placed and "errors" in placed[-1][1]):
                placed.append(ask(server, document, **wish))
            placed += [ask(server, document, **wish) for _ in range(3)]

        again = ask(server, document, **wish)

    refused = [body for _, body in placed if "errors" in body]
    assert len(refused) >= 2
    assert all(codes_of(body) == ["SERVICE_UNAVAILABLE"] for body in refused)
    assert no_stack(refused)
    assert again[1]["data"]["orderPlace"]["errors"] == []
    assert Order.objects.count() == 2 + len(placed) - len(refused)
    check_books()


def codes_of(body: Any) -> list[str]:
    return [error["extensions"]["code"] for error in body["errors"]]
