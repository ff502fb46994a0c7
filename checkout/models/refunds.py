"""Money on its way back: refunds, and what buyers dispute at their bank."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.orders import Order, OrderLine
from checkout.models.payments import Payment
from shop.money import Money


class Refund(models.Model):
    """A sum of one payment that is given back."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED"
        PENDING = "PENDING"
        DONE = "DONE"
        FAILED = "FAILED"

    COUNTED = (State.PENDING, State.DONE)  # these lower what is left of the payment

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    provider_id = models.CharField(max_length=255, blank=True)  # Stripe's re_…
    failure = models.CharField(max_length=300, blank=True)
    # Counts up when Stripe has kept a failure of its own under the key used before.
    key_round = models.PositiveSmallIntegerField(default=1)
    idempotency_key = models.CharField(max_length=36, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of what came with the key
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="refund_amount", condition=Q(amount_minor__gte=1)),
            models.UniqueConstraint(
                fields=["order", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="refund_key_once",
            ),
            models.UniqueConstraint(
                fields=["provider_id"], condition=~Q(provider_id=""), name="refund_provider_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=("REQUESTED", "PENDING")),
                name="refund_unfinished",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class RefundLine(models.Model):
    """How many units of an order's line a refund is for, and whether they are back."""

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()
    restock = models.BooleanField(default=False)
    withdrawn = models.PositiveIntegerField(default=0)  # of these units, not sent and not to be
    owed = models.PositiveIntegerField(default=0)  # of these units, called off before the refund

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="refund_line_once"),
            models.CheckConstraint(name="refund_line_quantity", condition=Q(quantity__gte=1)),
        ]


class Dispute(models.Model):
    """A payment that its buyer contests at the bank, as Stripe tells of it."""

    # https://docs.stripe.com/api/disputes/object#dispute_object-status
    CLOSED = ("won", "lost", "warning_closed", "prevented")

    stripe_id = models.CharField(max_length=255, unique=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=100)
    status = models.CharField(max_length=40)
    lost_minor = models.PositiveBigIntegerField(default=0)  # of the payment; 0 while not lost
    evidence_due_by = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_closed(self) -> bool:
        return self.status in self.CLOSED
