"""The tables between the cart and the door, one module per idea."""

from checkout.models.carts import Cart, CartLine
from checkout.models.discounts import Discount, DiscountCode, DiscountRedemption
from checkout.models.events import StripeEvent
from checkout.models.fulfilments import Fulfilment, FulfilmentLine
from checkout.models.idempotency import IdempotencyRecord
from checkout.models.invoices import Invoice, InvoiceYear
from checkout.models.links import LinkMail
from checkout.models.orders import Order, OrderEvent, OrderLine
from checkout.models.payments import Payment
from checkout.models.refunds import Dispute, Refund, RefundLine
from checkout.models.returns import Return, ReturnLine
from checkout.models.shipping import (
    ShippingCountry,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    TaxRate,
)

__all__ = [
    "Cart",
    "CartLine",
    "Discount",
    "DiscountCode",
    "DiscountRedemption",
    "Dispute",
    "Fulfilment",
    "FulfilmentLine",
    "IdempotencyRecord",
    "Invoice",
    "InvoiceYear",
    "LinkMail",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
    "Refund",
    "RefundLine",
    "Return",
    "ReturnLine",
    "ShippingCountry",
    "ShippingMethod",
    "ShippingRate",
    "ShippingZone",
    "StripeEvent",
    "TaxRate",
]
