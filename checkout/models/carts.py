"""Carts: what somebody is about to order."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import Variant
from checkout.models.shipping import ShippingMethod

MAX_LINES = 100  # Stripe's limit for a session
MAX_QUANTITY = 999


class Cart(models.Model):
    """Lines and the wishes that go with them.

    The token is the right to use a guest's cart; a cart that belongs to a user also needs
    that user.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN"
        ORDERED = "ORDERED"
        MERGED = "MERGED"
        EXPIRED = "EXPIRED"

    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="carts",
    )
    email = models.EmailField(max_length=254, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    shipping_address = models.JSONField(null=True, blank=True)  # postal fields, checked
    billing_address = models.JSONField(null=True, blank=True)
    shipping_method = models.ForeignKey(
        ShippingMethod, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    codes = models.JSONField(default=list, blank=True)  # discount codes as entered
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1)  # counts the changes
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="OPEN"), name="cart_one_open_per_user"
            ),
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """Some units of one variant, with name and price as last seen."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, null=True, on_delete=models.SET_NULL, related_name="+")
    quantity = models.PositiveIntegerField()
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=420)
    unit_minor = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_variant_once"),
            models.CheckConstraint(
                name="cart_line_quantity",
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
            ),
        ]
