"""Reads of the catalogue that chain."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shop.prepared import Now, Slot

if TYPE_CHECKING:
    from catalog.models import Alert, Product, Review, Variant  # noqa: F401
    from users.models import User


# In a prepared read the instant is told at each run, as the value `now`.
NOW = Now()
Instant = datetime | Slot


class ProductQuerySet(models.QuerySet["Product"]):
    def public(self, at: Instant | None = None) -> Self:
        """What everybody may see, now unless another instant is given."""
        return self.filter(status="ACTIVE", published_at__lte=at or timezone.now())

    def visible_to(self, viewer: "User | None", at: Instant | None = None) -> Self:
        """All for staff, the public ones for others."""
        return self.all() if viewer is not None and viewer.is_staff else self.public(at)


class VariantQuerySet(models.QuerySet["Variant"]):
    def live(self) -> Self:
        """Without the archived."""
        return self.filter(archived_at=None)

    def public(self, at: Instant | None = None) -> Self:
        """What everybody may see, now unless another instant is given."""
        return self.live().filter(
            product__status="ACTIVE", product__published_at__lte=at or timezone.now()
        )

    def visible_to(self, viewer: "User | None", at: Instant | None = None) -> Self:
        return self.live() if viewer is not None and viewer.is_staff else self.public(at)


class ReviewQuerySet(models.QuerySet["Review"]):
    def published(self) -> Self:
        return self.filter(
            status="PUBLISHED",
            product__status="ACTIVE",
            product__published_at__lte=timezone.now(),
        )

    def visible_to(self, viewer: "User | None") -> Self:
        """All for staff; the published ones and their own for others."""
        if viewer is None:
            return self.published()
        if viewer.is_staff:
            return self.all()
        return self.filter(Q(pk__in=self.model.objects.published()) | Q(author=viewer))


class AlertQuerySet(models.QuerySet["Alert"]):
    def waiting(self) -> Self:
        """Those that nobody was told of yet."""
        return self.filter(sent_at=None)

    def due(self) -> Self:
        """The waiting ones whose cause is there, for users who proved to read their mail.

        What is not public now is told to nobody; its alerts wait on.
        """
        counted = Q(variant__track_stock=True, variant__stock__lte=F("variant__reserved"))
        in_stock = Q(kind="BACK_IN_STOCK", variant__archived_at=None) & ~counted
        cheaper = Q(kind="PRICE_BELOW", product__price_min_minor__lt=F("below_minor"))
        return self.waiting().filter(
            in_stock | cheaper,
            product__status="ACTIVE",
            product__published_at__lte=timezone.now(),
            user__is_active=True,
            user__email_verified_at__isnull=False,
        )
