"""Buyers who go on while the shop's database fails them, and what must come of it."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from django.db import connection

from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.buying import check_books
from tests.factories import make_staff, make_variant
from tests.soak.buyers import SELECTIONS, Buyer, Street
from tests.soak.serving import Server
from tests.soak.test_kills import look_after_everything, send_events, wrong
from users import tokens

PATIENCE = 60  # tries of one request
PAUSE = 0.1  # seconds between them
AT_ONCE = 4


class Patient(Buyer):
    """Takes an error of the shop's for what it is: nothing has happened, or nobody knows."""

    told: list[Any]  # all error bodies there were

    def do(self, name: str, *, token: str = "", **input: Any) -> dict[str, Any]:
        kind = f"{name[0].upper()}{name[1:]}Input!"
        fields = f"{SELECTIONS[name]} errors {{ code path }}"
        query = f"mutation($input: {kind}) {{ {name}(input: $input) {{ {fields} }} }}"
        body = {"query": query, "variables": {"input": input}}
        for _ in range(PATIENCE):
            if payload := self.once(name, body, token):
                return payload
            threading.Event().wait(PAUSE)
        raise AssertionError(f"{name} was never answered: {self.told[-3:]}")

    def once(self, name: str, body: dict[str, Any], token: str) -> dict[str, Any] | None:
        try:
            answer = self.street.post(self.http, body, token)
        except requests.ConnectionError as lost:
            self.told.append(repr(lost))
            return None
        said = answer.json()
        if "errors" not in said and answer.status_code == 200:
            payload: dict[str, Any] = said["data"][name]
            return payload
        self.told.append(said)
        return None


def buy_while(
    stripe: Sandbox, server: Server, count: int, seed: int, disturb: Callable[[int], object]
) -> list[Any]:
    """So many buy; `disturb` is called with 0, 1, … until all are through. Then all is checked.

    Returns:
        the bodies of all errors that the buyers were told.
    """
    chance = random.Random(seed)
    clerk = make_staff("checkout.view_order", "checkout.refund_order")
    token, variant = tokens.access_token(clerk), make_variant(stock=count * 2, price=1990)
    send_events(stripe, server)
    street = Street(server.address)
    buyers = [
        Patient(street, stripe, ids.of(variant), random.Random(chance.random()), lambda: token)
        for _ in range(count)
    ]
    told: list[Any] = []
    for each in buyers:
        each.told = told
    with ThreadPoolExecutor(AT_ONCE) as shop:
        sales = [shop.submit(buyer) for buyer in buyers]
        times = 0
        while not all(sale.done() for sale in sales):
            disturb(times)
            times += 1
        for sale in sales:
            sale.result()
    stripe.deliveries.stop()
    connection.close()  # it may have been ended like all others
    look_after_everything()
    assert [*wrong([*buyers], stripe)] == [], f"seed {seed}"
    check_books()
    return told
