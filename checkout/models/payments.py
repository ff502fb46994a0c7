"""Payments: each attempt to pay an order."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.orders import Order, PaymentMethod
from shop.money import Money

OPEN_STATES = ("CREATING", "OPEN", "PROCESSING")


class Payment(models.Model):
    """One attempt to pay one order."""

    class State(models.TextChoices):
        CREATING = "CREATING"
        OPEN = "OPEN"
        PROCESSING = "PROCESSING"
        PAID = "PAID"
        FAILED = "FAILED"
        EXPIRED = "EXPIRED"
        ABANDONED = "ABANDONED"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(max_length=20, choices=PaymentMethod.choices)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State.choices)
    reference = models.CharField(max_length=200, blank=True)  # bank's or provider's
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=OPEN_STATES), name="payment_one_open"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="PAID"), name="payment_one_paid"
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
