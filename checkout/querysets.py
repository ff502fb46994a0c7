"""Reads of orders that chain."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from checkout.models import Order  # noqa: F401
    from users.models import User


SEEING = ("checkout.view_order", "checkout.process_order", "checkout.refund_order")


def sees_all(viewer: "User | None") -> bool:
    """Whether the viewer is staff who may look at every order; who moves them along may."""
    return viewer is not None and viewer.is_staff and any(map(viewer.has_perm, SEEING))


class OrderQuerySet(models.QuerySet["Order"]):
    def shown(self) -> Self:
        """Without the deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, viewer: "User | None") -> Self:
        """All for staff who see orders, their own for others, none for guests."""
        if viewer is None:
            return self.none()
        if sees_all(viewer):
            return self.shown()
        return self.shown().filter(user=viewer)

    def held_before(self, now: datetime) -> Self:
        """Unpaid ones whose hold on stock has run out."""
        return self.shown().filter(status="PENDING", stock_state="HELD", hold_until__lte=now)
