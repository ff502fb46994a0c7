"""The checkout's pages for staff; every move of an order is made by the functions of the domain."""

from checkout.admin import carts, orders

__all__ = ["carts", "orders"]
