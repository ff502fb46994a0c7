"""Payments: each attempt to pay an order."""

from django.db import models
from django.db.models import F, Q
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
    surplus = models.BooleanField(default=False)  # came on top of another one: to be given back
    refunded_minor = models.PositiveBigIntegerField(default=0)  # what has left for the buyer

    # By Stripe alone.
    attempt = models.PositiveSmallIntegerField(default=1)
    # What Stripe is asked for, frozen for repeats, as text: jsonb would put its keys in another
    # order, and a repeat under the same idempotency key must be the same request.
    parameters = models.TextField(blank=True)
    session_id = models.CharField(max_length=255, blank=True)
    intent_id = models.CharField(max_length=255, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # Stripe was asked to end the session, and the end of the session is not the order's.
    closing = models.BooleanField(default=False)

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=OPEN_STATES), name="payment_one_open"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="PAID", surplus=False), name="payment_one_paid"
            ),
            models.UniqueConstraint(
                fields=["order", "attempt"],
                condition=Q(method=PaymentMethod.STRIPE),
                name="payment_attempt_once",
            ),
            models.UniqueConstraint(
                fields=["session_id"], condition=~Q(session_id=""), name="payment_session_once"
            ),
            models.UniqueConstraint(
                fields=["intent_id"], condition=~Q(intent_id=""), name="payment_intent_once"
            ),
            models.CheckConstraint(
                name="payment_refunded_within_amount",
                condition=Q(refunded_minor__lte=F("amount_minor")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state__in=OPEN_STATES), name="payment_unfinished"
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
