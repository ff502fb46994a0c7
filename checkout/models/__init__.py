"""The tables between the cart and the door, one module per idea."""

from checkout.models.carts import Cart, CartLine
from checkout.models.fulfilments import Fulfilment, FulfilmentLine
from checkout.models.orders import IdempotencyRecord, Order, OrderEvent, OrderLine
from checkout.models.payments import Payment

__all__ = [
    "Cart",
    "CartLine",
    "Fulfilment",
    "FulfilmentLine",
    "IdempotencyRecord",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
]
