"""Requests are handed on whole; who works on them, and with which connection."""

import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection

from shop.buffering import LARGEST, Buffered
from shop.wsgi import application
from tests.factories import make_user
from users.models import User

Seen = list[Any]


class Dripping(BytesIO):
    """A body that is whole only when the last part was sent."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.rest = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.rest.wait(10)
        return super().read(size)


def answer(app: Callable[..., Iterable[bytes]], body: BytesIO, **environ: Any) -> tuple[Any, bytes]:
    said: Seen = []
    length = str(len(body.getvalue()))
    given = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": body} | environ
    parts = app(given, lambda *all: said.extend(all))
    return said, b"".join(parts)


def echo(environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("X-Thread", threading.current_thread().name)])
    return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))]


def test_a_short_body_is_handed_on_and_worked_on_elsewhere() -> None:
    said, body = answer(Buffered(echo), BytesIO(b"hello"))

    assert body == b"hello"
    assert said[0] == "200 OK"
    assert said[1][0][1].startswith("shop")


@pytest.mark.parametrize(
    ("size", "environ"), [(LARGEST + 1, {}), (5, {"HTTP_TRANSFER_ENCODING": "chunked"})]
)
def test_a_body_of_unknown_or_great_length_is_not_kept(size: int, environ: dict[str, str]) -> None:
    said, body = answer(Buffered(echo), BytesIO(b"x" * size), **environ)

    assert len(body) == size
    assert said[1][0][1] == threading.current_thread().name


def test_bodies_that_take_their_time_keep_no_worker() -> None:
    app = Buffered(echo, threads=1)
    slow = [Dripping(b"slow") for _ in range(3)]
    waiting = [threading.Thread(target=answer, args=(app, each)) for each in slow]
    for each in waiting:
        each.start()

    assert answer(app, BytesIO(b"fast"))[1] == b"fast"
    for drip in slow:
        drip.rest.set()
    for each in waiting:
        each.join(10)
        assert not each.is_alive()


def test_an_answer_is_closed_where_it_was_made_and_errors_come_through() -> None:
    closed: Seen = []

    class Parts(list[bytes]):
        def close(self) -> None:
            closed.append(threading.current_thread().name)

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return Parts([b"a", b"b"])

    def broken(environ: Any, start: Any) -> Iterable[bytes]:
        raise ZeroDivisionError

    assert answer(Buffered(app), BytesIO())[1] == b"ab"
    assert closed[0].startswith("shop")
    with pytest.raises(ZeroDivisionError):
        answer(Buffered(broken), BytesIO())


@pytest.mark.transactional
def test_a_long_request_leaves_no_connection_behind() -> None:
    make_user()
    left: Seen = []

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return [str(User.objects.count()).encode()]

    def long() -> None:
        left.append(answer(Buffered(app), BytesIO(b"x" * (LARGEST + 1)))[1])
        left.append(connection.connection)

    thread = threading.Thread(target=long)
    thread.start()
    thread.join()

    assert left == [b"1", None]


def test_the_shop_is_served_so() -> None:
    assert isinstance(application, Buffered)
