"""What is bought: variants, the choices that tell them apart, and every move of their stock."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from catalog.models.products import Attribute, AttributeValue, Product
from catalog.querysets import VariantQuerySet
from shop.money import Money


class Variant(models.Model):
    """One choice of a product, with its price and its units."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    price_minor = models.PositiveBigIntegerField()
    compare_at_minor = models.PositiveBigIntegerField(null=True, blank=True)
    weight_g = models.PositiveIntegerField(null=True, blank=True)
    barcode = models.CharField(max_length=64, blank=True)
    requires_shipping = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    track_stock = models.BooleanField(default=True)
    # Written by `catalog.stock` alone. Owned units, promised ones included; and the promised.
    stock = models.PositiveIntegerField(default=0, editable=False)
    reserved = models.PositiveIntegerField(default=0, editable=False)
    # Sorted ids of its option values, "4-11": no two variants of a product offer the same.
    options_key = models.CharField(max_length=200, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        permissions = [("adjust_stock", "Can adjust the stock of variants")]
        constraints = [
            models.CheckConstraint(
                name="variant_reserved_within_stock", condition=Q(reserved__lte=F("stock"))
            ),
            models.CheckConstraint(
                name="variant_compare_at_above_price",
                condition=Q(compare_at_minor=None) | Q(compare_at_minor__gt=F("price_minor")),
            ),
            models.UniqueConstraint(
                Lower("sku"), condition=Q(archived_at=None), name="variant_sku_once"
            ),
            models.UniqueConstraint(
                fields=["product", "options_key"],
                condition=Q(archived_at=None),
                name="variant_options_once",
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def free(self) -> int:
        """Units that nobody has been promised."""
        return self.stock - self.reserved

    @property
    def in_stock(self) -> bool:
        return not self.track_stock or self.free > 0

    @property
    def available(self) -> int | None:
        """How many can be bought; None when nobody counts."""
        return self.free if self.track_stock else None

    @property
    def price(self) -> Money:
        return Money(self.price_minor, settings.SHOP_CURRENCY)

    @property
    def compare_at_price(self) -> Money | None:
        if self.compare_at_minor is None:
            return None
        return Money(self.compare_at_minor, settings.SHOP_CURRENCY)


class VariantOption(models.Model):
    """A variant's value for one of the product's options; positions are the options' order."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="chosen")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    value = models.ForeignKey(AttributeValue, on_delete=models.PROTECT, related_name="chosen_by")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "attribute"], name="variant_option_once"),
        ]


class StockMovement(models.Model):
    """One change of a variant's units. Rows are added and never changed."""

    class Kind(models.TextChoices):
        RECEIVE = "RECEIVE"
        ADJUST = "ADJUST"
        HOLD = "HOLD"
        RELEASE = "RELEASE"
        SALE = "SALE"
        RETURN = "RETURN"

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    delta_stock = models.IntegerField(default=0)
    delta_reserved = models.IntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    order_number = models.CharField(max_length=20, blank=True, db_index=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
