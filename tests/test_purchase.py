"""The whole purchase, by the production server in a process of its own, over real HTTP."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import connection
from urllib3.util import Retry

from schema import ids
from tests.factories import PASSWORD, make_staff, make_user, make_variant


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a running shop; the process ends with the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "shop.wsgi:application"]
    served = {
        "DJANGO_SETTINGS_MODULE": "tests.served",
        "SERVED_DATABASE": str(connection.settings_dict["NAME"]),
        "SERVED_MEDIA": str(settings.MEDIA_ROOT),
    }
    process = subprocess.Popen([sys.executable, *command], env=os.environ | served)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


class Storefront:
    """A client that knows the shop by its address alone."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = requests.Session()
        # The server needs a moment before it listens; each further try waits twice as long.
        patient = requests.adapters.HTTPAdapter(max_retries=Retry(connect=10, backoff_factor=0.1))
        self.http.mount("http://", patient)

    def ask(self, document: str, *, token: str = "", **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.http.post(f"{self.address}/graphql/", json=body, headers=headers, timeout=20)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def do(self, name: str, selection: str, *, token: str = "", **input: Any) -> dict[str, Any]:
        kind = f"{name[0].upper()}{name[1:]}Input!"
        payload_fields = f"{selection} errors {{ code path }}"
        document = f"mutation($input: {kind}) {{ {name}(input: $input) {{ {payload_fields} }} }}"
        payload: dict[str, Any] = self.ask(document, token=token, input=input)[name]
        assert payload["errors"] == []
        return payload

    def sign_in(self, email: str) -> str:
        payload = self.do("tokenCreate", "token", email=email, password=PASSWORD)
        return str(payload["token"])


@pytest.mark.transactional
def test_a_stranger_buys_and_is_delivered(server: str) -> None:
    lamp = make_variant(stock=3, price=4990)
    buyer = make_user()
    clerk = make_staff("checkout.view_order", "checkout.process_order")
    shop = Storefront(server)
    assert shop.http.get(f"{server}/healthz", timeout=20).json()["status"] == "ok"

    found = shop.ask("{ products(first: 1) { nodes { name defaultVariant { id } } } }")
    variant_id = found["products"]["nodes"][0]["defaultVariant"]["id"]
    assert variant_id == ids.of(lamp)
    token = shop.sign_in(buyer.email)
    lines = [{"variantId": variant_id, "quantity": 2}]
    cart = shop.do(
        "cartLinesAdd", "cart { totals { total { amount } } ready }", token=token, lines=lines
    )
    assert cart["cart"] == {"totals": {"total": {"amount": "99.80"}}, "ready": True}
    placed = shop.do(
        "orderPlace",
        "order { id status }",
        token=token,
        paymentMethod="BANK_TRANSFER",
        expectedTotal="99.80",
    )
    assert placed["order"]["status"] == "PENDING"

    order_id, staff = placed["order"]["id"], shop.sign_in(clerk.email)
    shop.do(
        "orderMarkPaid", "order { status }", token=staff, orderId=order_id, reference="Statement 1"
    )
    shop.do("orderFulfil", "order { fulfilmentStatus }", token=staff, orderId=order_id)
    delivered = shop.do("orderDeliver", "order { status }", token=staff, orderId=order_id)
    review = {"productId": ids.of(lamp.product), "rating": 5}
    reviewed = shop.do("reviewUpsert", "review { verifiedPurchase }", token=token, **review)

    assert delivered["order"]["status"] == "COMPLETED"
    assert reviewed["review"]["verifiedPurchase"] is True
    lamp.refresh_from_db()
    assert (lamp.stock, lamp.reserved) == (1, 0)
