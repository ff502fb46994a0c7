"""Buyers who know the shop by its address alone, and repeat whatever was not answered."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import requests

from checkout.sandbox import Sandbox
from tests.soak.serving import patient

SELECTIONS = {
    "orderPlace": "order { id number } accessToken",
    "checkoutSessionCreate": "session { id }",
    "checkoutSessionSync": "order { paymentStatus }",
    "orderCancel": "order { status }",
    "orderRefund": "order { paymentStatus }",
}
GIVEN_BACK: list[list[str | None]] = [[], [], ["1.50"], [None], ["1.50", None]]  # None: the rest
MOST_TRIES = 40  # of one request; each kill costs a buyer one of them


class Street:
    """The way to the shop, on which every request is counted."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.sent = 0
        self.changed = threading.Condition()

    def post(self, http: requests.Session, body: dict[str, Any], token: str) -> requests.Response:
        with self.changed:
            self.sent += 1
            self.changed.notify_all()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return http.post(f"{self.address}/graphql/", json=body, headers=headers, timeout=20)

    def wait_for(self, count: int) -> bool:
        """Whether so many requests were sent before nothing moved for a minute."""
        with self.changed:
            return self.changed.wait_for(lambda: self.sent >= count, timeout=60)


@dataclass
class Buyer:
    """One purchase, with all its choices made."""

    street: Street
    stripe: Sandbox
    variant_id: str
    chance: random.Random
    staff_token: Callable[[], str]
    number: str = ""
    paid: int = 0
    keys: list[str] = field(default_factory=list)  # of the refunds that were granted

    def __call__(self) -> None:
        with patient() as http:
            self.http = http
            self.buy()

    def buy(self) -> None:
        """Order, pay, come back; some think better of it, some get money back."""
        lines = [{"variantId": self.variant_id, "quantity": self.chance.randint(1, 2)}]
        placed = self.do(
            "orderPlace",
            cart={"lines": lines, "email": "guest@example.com"},
            paymentMethod="STRIPE",
            idempotencyKey=self.key(),
        )
        self.number = placed["order"]["number"]
        order = {"orderId": placed["order"]["id"], "accessToken": placed["accessToken"]}
        session = self.do("checkoutSessionCreate", **order)["session"]
        kind = self.chance.choices(["card", "delayed", "cancel", "leave"], [6, 2, 1, 1])[0]
        if kind == "cancel":
            self.do("orderCancel", **order)
        elif kind != "leave" and session:
            self.pay(session["id"], delayed=kind == "delayed")
            token = order["accessToken"]
            self.do("checkoutSessionSync", sessionId=session["id"], accessToken=token)
            self.have_refunded(order["orderId"])

    def pay(self, session_id: str, *, delayed: bool) -> None:
        paid = self.stripe.pay(session_id, delayed=delayed)
        if delayed:
            self.stripe.settle(session_id)
        self.paid = paid["amount_total"]

    def have_refunded(self, order_id: str) -> None:
        """Staff give back nothing, a part or all; sometimes a part first."""
        for amount in self.chance.choice(GIVEN_BACK):
            key = self.key()
            wish = {"orderId": order_id, "idempotencyKey": key} | (
                {"amount": amount} if amount else {}
            )
            if not self.do("orderRefund", token=self.staff_token(), **wish)["errors"]:
                self.keys.append(key)

    def key(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def do(self, name: str, *, token: str = "", **input: Any) -> dict[str, Any]:
        """The payload; asked again until it is answered."""
        kind = f"{name[0].upper()}{name[1:]}Input!"
        fields = f"{SELECTIONS[name]} errors {{ code path }}"
        query = f"mutation($input: {kind}) {{ {name}(input: $input) {{ {fields} }} }}"
        body = {"query": query, "variables": {"input": input}}
        last: object = None
        for _ in range(MOST_TRIES):
            try:
                answer = self.street.post(self.http, body, token)
            except requests.ConnectionError as broken:
                last = broken
                continue
            assert answer.status_code == 200, answer.text
            assert "errors" not in answer.json(), answer.text
            payload: dict[str, Any] = answer.json()["data"][name]
            return payload
        raise AssertionError(f"{name} was never answered: {last}")
