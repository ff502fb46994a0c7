"""The checkout's pages for staff; every move of an order is made by the functions of the domain."""

from checkout.admin import (
    carts,
    discounts,
    events,
    invoices,
    orders,
    overview,
    returns,
    shipping,
    taxes,
)

__all__ = [
    "carts",
    "discounts",
    "events",
    "invoices",
    "orders",
    "overview",
    "returns",
    "shipping",
    "taxes",
]
