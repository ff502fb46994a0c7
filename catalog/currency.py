"""The catalogue has one currency: the one that its prices were entered in."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import DatabaseError

from catalog.models import Product


@register()
def catalogue_currency(**options: Any) -> list[CheckMessage]:
    """Refuse a SHOP_CURRENCY that would relabel the prices that are there."""
    try:
        other = Product.objects.exclude(currency=settings.SHOP_CURRENCY).order_by().first()
    except DatabaseError:  # before the first migration there is nothing to relabel
        return []
    if other is None:
        return []
    said = f"SHOP_CURRENCY is {settings.SHOP_CURRENCY}, but there are prices in {other.currency}."
    return [Error(said, hint="Change it back: prices are not converted.", id="catalog.E001")]
