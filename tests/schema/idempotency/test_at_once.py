"""Many identical requests at the same time."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test import RequestFactory

from catalog.models import ProductImage, Review
from checkout.models import Order, Refund
from checkout.sandbox import Sandbox
from schema import ids
from schema.idempotency import keys, records
from tests.catalog.races import at_once
from tests.checkout.paying import bought
from tests.schema.idempotency.keyed import Request, codes, kept, payload, request, whole
from tests.schema.whole_inputs import boss
from users.models import Address, RefreshToken

pytestmark = pytest.mark.transactional
MANY = 20

# What is sent, and the rows that it makes.
ROWS: dict[str, tuple[type[models.Model], int]] = {
    "addressCreate": (Address, 1),
    "reviewUpsert": (Review, 1),
    "tokenCreate": (RefreshToken, 1),
    "tokenRefresh": (RefreshToken, 2),  # the one that it is made of as well
    "productImagesUpload": (ProductImage, 1),
    "orderPlace": (Order, 1),
    "orderPlaceFor": (Order, 1),
}


def copies(asked: Request) -> list[Callable[[], Any]]:
    """The same, many times; each with files of its own, for a file has one place to read on."""
    return [replace(asked, input=deepcopy(asked.input)).send for _ in range(MANY)]


@pytest.mark.parametrize("what", ROWS)
def test_many_at_once_are_carried_out_once(what: str, media: Path, mailoutbox: list[Any]) -> None:
    asked = whole(what)
    model, count = ROWS[what]

    answers = at_once(*copies(asked))

    assert payload(answers[0])["errors"] == []
    assert len({(one.status_code, one.content) for one in answers}) == 1
    assert model._base_manager.count() == count
    assert len(mailoutbox) == (model is Order)
    assert kept() == 1


def test_many_refunds_at_once_are_one_at_stripe(stripe: Sandbox) -> None:
    order = bought(stripe)
    asked = request("orderRefund", {"orderId": ids.of(order), "amount": "5.00"}, boss())

    answers = at_once(*copies(asked))

    assert payload(answers[0])["errors"] == []
    assert len({(one.status_code, one.content) for one in answers}) == 1
    assert [one["amount"] for one in stripe.books.all("refund")] == [500]
    assert Refund.objects.count() == kept() == 1


def test_who_waits_too_long_is_told_to_come_again() -> None:
    asked = whole("addressCreate")

    with transaction.atomic():
        assert records.take(as_seen(asked))
        (answer,) = at_once(impatient(asked))

    assert codes(answer) == ["CONFLICT"]
    assert answer.json()["errors"][0]["extensions"]["retryAfter"] == 1
    assert not Address.objects.exists()


def as_seen(asked: Request) -> keys.Asked:
    """The request as the shop sees it."""
    http = RequestFactory().post("/", headers={"Authorization": f"Bearer {asked.token}"})
    return keys.asked(asked.key, http, asked.document, None, {"input": asked.input})


def impatient(asked: Request) -> Callable[[], Any]:
    """Sends it on a connection that waits for a fifth of a second."""
    wait = {
        "postgresql": "SET statement_timeout = 200",
        "sqlite": "PRAGMA busy_timeout = 200",
    }[connection.vendor]

    def send() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(wait)
        return asked.send()

    return send
