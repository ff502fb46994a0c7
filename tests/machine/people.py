"""Who plays: two customers, a guest and a clerk, each by the API alone."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from tests import client
from tests.checkout.buying import ADDRESS
from tests.factories import make_staff, make_user
from users.models import User

GUEST, CLERK = "guest", "clerk"
CUSTOMERS = ("ada", "bob")
BUYERS = (*CUSTOMERS, GUEST)
GUESTS_EMAIL = "guest@example.com"
PERMISSIONS = (
    "checkout.view_order", "checkout.process_order", "checkout.refund_order",
    "checkout.delete_order", "catalog.adjust_stock", "catalog.change_product",
    "catalog.delete_product", "catalog.change_variant",
)  # fmt: skip
ORDER = (
    "order { id number status paymentStatus fulfilmentStatus totals { total { amount } }"
    " lines { id sku quantity total { amount } } }"
)
CART = "cart { id token lines { id sku quantity } totals { total { amount } } ready }"
Answer = dict[str, Any]


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def amount(minor: int) -> str:
    return str(Decimal(minor) / 100)


def address() -> dict[str, str]:
    return dict(ADDRESS)


class People:
    """The accounts, and what they ask."""

    def __init__(self) -> None:
        assert settings.SHOP_CURRENCY == "EUR"
        self.users: dict[str, User] = {
            name: make_user(email=f"{name}@example.com") for name in CUSTOMERS
        }
        self.users[CLERK] = make_staff(*PERMISSIONS)

    def email_of(self, who: str) -> str:
        return self.users[who].email if who in CUSTOMERS else ""

    def do(self, who: str, name: str, selection: str, **input: Any) -> Answer:
        """The payload of a mutation."""
        return client.mutate(name, input, selection, user=self.users.get(who))

    def ask(self, who: str, document: str, **variables: Any) -> client.Answer:
        return client.call(document, user=self.users.get(who), **variables)


def codes_of(payload: Answer) -> frozenset[str]:
    return frozenset(code for code, _ in client.refusals(payload))
