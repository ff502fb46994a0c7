"""Files sent straight to the storage, as a browser sends them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import urljoin
from wsgiref.simple_server import WSGIRequestHandler, make_server

import requests
from django.core.wsgi import get_wsgi_application

from catalog import uploads
from catalog.models import Product
from shop.storages import PostForm
from users.models import User


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """The shop over HTTP, out of this process and with this test's settings; its address."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def create(product: Product, owner: User, data: bytes, **changed: Any) -> uploads.Offer:
    """Announce those bytes as a JPEG, or what else is said of them."""
    said: dict[str, Any] = {"filename": "x.jpg", "mime": "image/jpeg", "size": len(data)} | changed
    return uploads.create(product, user=owner, **said)


def post(
    server: str, form: PostForm, data: bytes, mime: str = "image/jpeg", **changed: str
) -> requests.Response:
    """Send the form; a local address is `server`'s. `changed` fields replace those of the form."""
    return requests.post(
        urljoin(server, form.url),
        data=form.fields | changed,
        files={"file": ("holiday.jpg", data, mime)},
        timeout=20,
    )
