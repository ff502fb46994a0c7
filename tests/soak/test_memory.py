"""The process that serves stays small whatever pictures it is sent; the decoding ends with each.

`make soak` (LARGE=1) sends the largest ones there are as well, four at once. Linux alone tells
how much memory a process took at its height.
"""

import os
import random
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from catalog import decoding
from catalog.models import Product, ProductImage
from schema import ids
from tests import storing
from tests.catalog import hostile_bombs, hostile_files, ways
from tests.catalog.hostile_bombs import end
from tests.catalog.hostile_files import Maker, Sent, chunk, drawn, png_head, with_chunks
from tests.catalog.picturing import shop
from tests.soak.memory import Peaks, watched
from tests.soak.serving import Server
from users import tokens
from users.models import User

MOST = 300  # megabytes, of the serving process
LARGE = os.environ.get("LARGE") == "1"
AT_ONCE = 4
HOSTILE: dict[str, Maker] = {
    **hostile_files.NO_PICTURE,
    **hostile_files.TWO_AT_ONCE,
    **hostile_files.CARRYING,
    **hostile_bombs.TOO_MUCH,
    **hostile_bombs.PACKED,
    "eleven_megabytes": hostile_bombs.eleven_megabytes,
}


@pytest.fixture(params=["disk", "bucket"] if LARGE else ["bucket"])
def server(request: pytest.FixtureRequest, disk: object, s3: str) -> Iterator[Server]:
    """One worker with as many threads as there are uploads at once; its files on either place."""
    if request.param == "disk":
        made = Server(threads=AT_ONCE)
    else:
        where = " ".join([s3, storing.new_bucket(s3).name, *storing.KEY])
        made = Server(settings="tests.served_bucket", threads=AT_ONCE, SERVED_BUCKET=where)
    with made:
        yield made


def sent(server: Server, *files: Sent) -> list[str]:
    """To a product of its own, in one request; the codes of what is refused."""
    product, owner = shop()
    post = ways.over_http(server.address)
    return ways.by_form(post, tokens.access_token(owner), ids.of(product), *files)


def at_once(server: Server, file: Sent) -> list[list[str]]:
    """The same file in so many requests at once."""
    shops = [shop() for _ in range(AT_ONCE)]
    post = ways.over_http(server.address)

    def send(to: tuple[Product, User]) -> list[str]:
        return ways.by_form(post, tokens.access_token(to[1]), ids.of(to[0]), file)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return list(crowd.map(send, shops))


def forty_megapixels(kind: str, **options: Any) -> Sent:
    """As many as are taken, and enough to see in it that it does not pack to nothing."""
    small = Image.effect_noise((800, 500), 20).convert("RGB")
    out = BytesIO()
    small.resize((8000, 5000), Image.Resampling.NEAREST).save(out, kind, **options)
    assert decoding.MOST_PIXELS == 8000 * 5000
    return Sent(out.getvalue())


def noise() -> Sent:
    """9.7 MB that become 34 MB: 16 colours at random, kept in full and as WebP."""
    chance, side = random.Random(1), 4400
    rows = b"".join(b"\0" + chance.randbytes(side // 2) for _ in range(side))
    data = png_head(side, side, bits=4, colour=3) + chunk(b"PLTE", chance.randbytes(48))
    press = chunk(b"IDAT", zlib.compress(rows, 1))
    return Sent(data + press + end())


def ten_megabytes(seed: int) -> Sent:
    """A small picture that carries as much as may be sent."""
    chance = random.Random(seed)
    rest = chunk(b"prVt", chance.randbytes(9_900_000))
    return Sent(with_chunks(drawn(chance, "PNG"), rest))


@pytest.mark.transactional
@pytest.mark.long
def test_the_serving_process_stays_small_whatever_it_is_sent(server: Server) -> None:
    peaks: dict[str, Peaks] = {}
    with watched(server.pid) as peaks["hostile files"]:
        for maker in HOSTILE.values():
            assert sent(server, maker(random.Random(1))) != ["INTERNAL"]
    with watched(server.pid) as peaks["ten of ten megabytes"]:
        assert sent(server, *[ten_megabytes(at) for at in range(10)]) == []
    with watched(server.pid) as peaks["four at once"]:
        assert at_once(server, ten_megabytes(99)) == [[]] * AT_ONCE
    with watched(server.pid) as peaks["40 megapixels, progressive"]:
        assert sent(server, forty_megapixels("JPEG", progressive=True)) == []
    if LARGE:
        larger(server, peaks)

    print(*(f"{name}: {each}" for name, each in peaks.items()), sep="\n")  # with pytest -s
    assert max(each.worker for each in peaks.values()) < MOST
    assert max(each.child for each in peaks.values()) < decoding.MOST_MEMORY / 1_000_000
    assert ProductImage.objects.count() > 10 + AT_ONCE


def larger(server: Server, peaks: dict[str, Peaks]) -> None:
    for kind in ("PNG", "WEBP"):
        with watched(server.pid) as peaks[f"40 megapixels, {kind}"]:
            assert sent(server, forty_megapixels(kind)) == []
    with watched(server.pid) as peaks["noise"]:
        assert sent(server, noise()) == []
    with watched(server.pid) as peaks["noise, four at once"]:
        assert at_once(server, noise()) == [[]] * AT_ONCE
    with watched(server.pid) as peaks["40 megapixels, four at once"]:
        assert at_once(server, forty_megapixels("WEBP")) == [[]] * AT_ONCE
