"""The rows of orders that several of their fields read."""

from typing import Any

from checkout import models
from schema import batch


def lines_of(order: models.Order) -> list[Any]:
    """In order; one statement for all orders read together."""
    rows = models.OrderLine.objects.select_related("order").order_by("pk")
    return batch.many(order, "lines", rows)


def parcels_of(order: models.Order) -> list[Any]:
    """In order; one statement for all orders read together."""
    return batch.many(order, "fulfilments", models.Fulfilment.objects.order_by("pk"))


def payments_of(order: models.Order) -> list[Any]:
    """In order; one statement for all orders read together."""
    return batch.many(order, "payments", models.Payment.objects.order_by("pk"))
