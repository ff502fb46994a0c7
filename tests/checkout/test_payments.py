"""Payments that people see to."""

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from checkout import endings, orders, payments
from checkout.models import Payment
from tests.checkout.buying import CASH, place
from tests.factories import make_staff, make_variant


@pytest.mark.parametrize(
    ("account", "cash", "methods"),
    [
        ("", False, []),
        ("DE1", False, ["BANK_TRANSFER"]),
        ("", True, ["CASH_ON_DELIVERY"]),
        ("DE1", True, ["BANK_TRANSFER", "CASH_ON_DELIVERY"]),
    ],
)
def test_what_is_set_up_is_offered(
    settings: Settings, account: str, cash: bool, methods: list[str]
) -> None:
    settings.BANK_ACCOUNT, settings.CASH_ON_DELIVERY = account, cash

    assert payments.offered() == methods


def test_instructions_name_amount_account_and_number_while_it_is_awaited(
    settings: Settings,
) -> None:
    settings.BANK_ACCOUNT = "DE1"
    order = place({make_variant(price=1999): 1})

    assert payments.instructions(order) == (
        f"Please transfer 19.99 EUR to DE1. Reference: {order.number}"
    )
    paid = orders.mark_paid(order.pk, reference="B", actor=make_staff())
    assert payments.instructions(paid) == ""


def test_no_instructions_for_what_is_over_or_paid_in_cash() -> None:
    order = place({make_variant(): 1})
    over = endings.cancel(order.pk, actor=None, by_staff=False)

    assert payments.instructions(over) == ""
    assert payments.instructions(place({make_variant(): 1}, method=CASH)) == ""


@pytest.mark.parametrize("state", ["CREATING", "OPEN", "PROCESSING", "PAID"])
def test_an_order_has_one_open_and_one_paid_payment(state: str) -> None:
    order = place({make_variant(): 1}, method=CASH)
    fields = {"order": order, "method": CASH, "amount_minor": 1, "currency": "EUR"}
    Payment.objects.create(state=state, **fields)
    other = "PAID" if state == "PAID" else "OPEN"

    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(state=other, **fields)
