"""Returns: units that a buyer sends back."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.orders import Order, OrderLine


class Return(models.Model):
    """What is sent back together. `checkout.returns` alone moves its state."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED"
        APPROVED = "APPROVED"
        REJECTED = "REJECTED"
        RECEIVED = "RECEIVED"
        CANCELLED = "CANCELLED"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=200, blank=True)  # the buyer's
    note = models.CharField(max_length=1000, blank=True)  # the shop's answer, which the buyer reads
    requested_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)  # approved or rejected
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="return_received_once_it_has_arrived",
                condition=Q(state="RECEIVED", received_at__isnull=False)
                | (~Q(state="RECEIVED") & Q(received_at=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=("REQUESTED", "APPROVED")),
                name="return_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"Return {self.pk}"


class ReturnLine(models.Model):
    """How many units of an order's line are in a return."""

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "line"], name="return_line_once"),
            models.CheckConstraint(name="return_line_quantity", condition=Q(quantity__gte=1)),
        ]
