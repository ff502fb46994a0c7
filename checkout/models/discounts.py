"""Discounts: what they take off, for whom and how often."""

import unicodedata
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from checkout.models.orders import Order


class Discount(models.Model):
    """Something that lowers a total: by itself, or for who has a code."""

    class Kind(models.TextChoices):
        PERCENT = "PERCENT"
        FIXED = "FIXED"
        FREE_SHIPPING = "FREE_SHIPPING"
        BUY_X_GET_Y = "BUY_X_GET_Y"

    name = models.CharField(max_length=100)  # as shown to shoppers
    kind = models.CharField(max_length=15, choices=Kind.choices)
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    amount_minor = models.PositiveBigIntegerField(default=0)  # of FIXED
    buy_quantity = models.PositiveSmallIntegerField(default=0)
    get_quantity = models.PositiveSmallIntegerField(default=0)
    minimum_minor = models.PositiveBigIntegerField(default=0)
    # What it is for, as "product:7", "category:3", "collection:2"; empty: the whole order.
    groups = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    is_automatic = models.BooleanField(default=False)
    is_combinable = models.BooleanField(default=True)
    priority = models.SmallIntegerField(default=0)  # the lowest comes first
    is_active = models.BooleanField(default=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0, editable=False)  # by orders that still count
    once_per_customer = models.BooleanField(default=False)

    class Meta:
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(
                name="discount_percent", condition=Q(percent__gte=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="discount_takes_something",
                condition=Q(kind="FREE_SHIPPING")
                | Q(kind="PERCENT", percent__gt=0)
                | Q(kind="FIXED", amount_minor__gt=0)
                | Q(kind="BUY_X_GET_Y", percent__gt=0, buy_quantity__gt=0, get_quantity__gt=0),
            ),
            models.CheckConstraint(
                name="discount_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="discount_within_limit", condition=Q(used__lte=F("usage_limit"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


def folded(code: str) -> str:
    """A code as it is compared, the same on each database: "Grün" and "GRÜN" are one code."""
    return unicodedata.normalize("NFKC", code).casefold()


class DiscountCode(models.Model):
    """What a customer enters for a discount."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=50)
    folded = models.TextField(unique=True, editable=False)  # by `save`; what is looked up

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="discount_code_is_folded", condition=~Q(folded="")),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = folded(self.code)
        super().save(*args, **kwargs)


class DiscountRedemption(models.Model):
    """What a discount took off an order: the order's own copy, whatever becomes of it."""

    discount = models.ForeignKey(
        Discount, null=True, on_delete=models.SET_NULL, related_name="redemptions"
    )
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="redemptions")
    name = models.CharField(max_length=100)
    code = models.CharField(max_length=50, blank=True)
    amount_minor = models.PositiveBigIntegerField()
    # Whose one use it was, for as long as the order counts.
    customer = models.CharField(max_length=260, null=True)
    counts = models.BooleanField(default=True)  # until the order is cancelled or expires

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["discount", "order"], name="redemption_once_an_order"),
            models.UniqueConstraint(
                fields=["discount", "customer"],
                condition=Q(customer__isnull=False),
                name="redemption_once_a_customer",
            ),
        ]
