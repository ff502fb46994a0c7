"""The official client, pointed at a sandbox whose every word is held against the contract."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import stripe

from checkout.sandbox import Sandbox, forms
from checkout.sandbox.contract import Checker
from checkout.sandbox.objects import API_VERSION

CHECKER = Checker()
SESSIONS = "/v1/checkout/sessions"
NOON = 1_800_000_000  # when a `Clock` starts, in Unix seconds


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now: float = NOON

    def __call__(self) -> float:
        return self.now


@contextmanager
def opened(**options: Any) -> Iterator[Sandbox]:
    """A running sandbox; at its end nothing may have broken the contract."""
    with Sandbox(**{"check": CHECKER} | options) as sandbox:
        yield sandbox
    assert sandbox.violations == []


@contextmanager
def client(sandbox: Sandbox, *, retries: int = 0, key: str = "") -> Iterator[Any]:
    """`v1` of the official client, whose connections are closed at the end."""
    requests = stripe.RequestsClient(timeout=(3, 10))
    made = stripe.StripeClient(
        key or sandbox.key,
        base_addresses={"api": sandbox.address},
        max_network_retries=retries,
        http_client=requests,
    )
    try:
        yield made.v1
    finally:
        requests.close()  # type: ignore[no-untyped-call]


def line(amount: int = 1000, *, quantity: int = 1, currency: str = "eur") -> dict[str, Any]:
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Lamp"}}
    return {"quantity": quantity, "price_data": data}


def form(**more: Any) -> dict[str, Any]:
    """The smallest session there is: one lamp of 10.00 EUR. None leaves a parameter out."""
    least = {"mode": "payment", "line_items": [line()], "success_url": "https://shop.example/done"}
    return {name: value for name, value in (least | more).items() if value is not None}


def post(
    sandbox: Sandbox, path: str, params: Any = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """A POST without the client's own checks: status, body, headers with lower-case names."""
    return send(sandbox, "POST", path, urlencode([*forms.flatten(params or {})]), **headers)


def send(
    sandbox: Sandbox, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """A request with a good key and version unless `headers` say otherwise (`_` is `-`)."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    usual = {"Authorization": f"Bearer {sandbox.key}", "Stripe-Version": API_VERSION}
    if body:
        usual["Content-Type"] = "application/x-www-form-urlencoded"
    address = urlsplit(sandbox.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request(method, path, body or None, usual | given)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, json.loads(answer.read()), told
    finally:
        connection.close()


def kinds(sandbox: Sandbox) -> list[str]:
    """The types of the events so far, in order."""
    return [event["type"] for event in sandbox.books.events]
