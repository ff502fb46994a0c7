"""The checkout's pages for staff; every move of an order is made by the functions of the domain."""

from checkout.admin import carts, events, orders, overview

__all__ = ["carts", "events", "orders", "overview"]
