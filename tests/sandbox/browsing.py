"""A browser without a screen, for the sandbox's pages."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from checkout.sandbox import Sandbox, sessions
from checkout.sandbox.objects import Json
from tests.sandbox.calling import opened
from tests.sandbox.receiver import Receiver, receiver

SHOP = "http://127.0.0.1:8000"
STATES = {
    "open": "Open", "paid": "Paid", "waiting": "Waiting for the money", "expired": "Expired",
    "failed": "The delayed payment failed",
}  # fmt: skip


@contextmanager
def delivering() -> Iterator[tuple[Sandbox, Receiver]]:
    """A sandbox that keeps the contract, and the shop that its events go to."""
    with receiver() as shop, opened(webhook=shop.address) as sandbox:
        yield sandbox, shop


def line(name: str = "Lamp", amount: str = "4990", currency: str = "eur") -> Json:
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}
    return {"quantity": "2", "price_data": data}


def make(sandbox: Sandbox, **changes: Any) -> str:
    """The id of a new session of 99.80 EUR and 4.90 of shipping."""
    fixed = {"amount": "490", "currency": "eur"}
    post = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": fixed}
    params: Json = {
        "mode": "payment",
        "line_items": [line()],
        "shipping_options": [{"shipping_rate_data": post}],
        "success_url": SHOP + "/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": SHOP + "/cart",
    }
    given = {name: value for name, value in (params | changes).items() if value is not None}
    with sandbox.books.change():
        return str(sessions.create(sandbox.books, given)["id"])


def brought_to(sandbox: Sandbox, state: str) -> str:
    id = make(sandbox)
    if state == "paid":
        sandbox.pay(id)
    elif state in ("waiting", "failed"):
        sandbox.pay(id, delayed=True)
        if state == "failed":
            sandbox.settle(id, ok=False)
    elif state == "expired":
        sandbox.expire(id)
    return id


def get(sandbox: Sandbox, path: str, **headers: str) -> requests.Response:
    return requests.get(sandbox.address + path, headers=headers, timeout=5, allow_redirects=False)


def press(
    sandbox: Sandbox, path: str, do: str, headers: dict[str, str] | None = None, **form: str
) -> requests.Response:
    return requests.post(
        sandbox.address + path, data={"do": do} | form, headers=headers, timeout=5,
        allow_redirects=False,
    )  # fmt: skip


def text(answer: requests.Response) -> str:
    """What is to be read on the page."""
    body = re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def buttons(answer: requests.Response) -> list[str]:
    return re.findall(r'<button name="do" value="(\w+)"', answer.text)


def stored(sandbox: Sandbox, id: str, kind: str = "checkout.session") -> Json:
    return sandbox.books.find(kind, id)


def intent_of(sandbox: Sandbox, id: str) -> str:
    return str(stored(sandbox, id)["payment_intent"])
