"""The tables between the cart and the door, one module per idea."""

from checkout.models.carts import Cart, CartLine
from checkout.models.events import StripeEvent
from checkout.models.fulfilments import Fulfilment, FulfilmentLine
from checkout.models.orders import IdempotencyRecord, Order, OrderEvent, OrderLine
from checkout.models.payments import Payment
from checkout.models.refunds import Dispute, Refund, RefundLine

__all__ = [
    "Cart",
    "CartLine",
    "Dispute",
    "Fulfilment",
    "FulfilmentLine",
    "IdempotencyRecord",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
    "Refund",
    "RefundLine",
    "StripeEvent",
]
