"""Who asks for alerts, and what brings them about."""

from typing import Any

from django.utils import timezone

from catalog import columns, stock
from catalog.models import Product, Variant
from catalog.stock import StockChange
from tests.factories import make_user, make_variant
from users.models import User


def make_reader(**fields: Any) -> User:
    """Somebody who has proven to read mail to their address."""
    return make_user(email_verified_at=timezone.now(), **fields)


def sold_out(**fields: Any) -> Variant:
    return make_variant(stock=0, **fields)


def receive(variant: Variant, units: int = 1) -> None:
    stock.adjust([StockChange(variant.pk, delta=units)], actor=None, reason="Delivery")


def cut_price(product: Product, minor: int) -> None:
    Variant.objects.filter(product=product).update(price_minor=minor)
    columns.refresh([product.pk], columns.prices)
