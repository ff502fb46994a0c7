"""What Stripe has told: each event once, without its content, which holds personal data."""

from django.db import models
from django.utils import timezone


class StripeEvent(models.Model):
    """One event of Stripe's that the shop acts upon."""

    id = models.CharField(max_length=255, primary_key=True)
    type = models.CharField(max_length=60)
    livemode = models.BooleanField()
    created = models.DateTimeField()  # by Stripe's clock
    received_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)  # null: to be done when it comes again
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["received_at"], name="stripe_event_received")]

    def __str__(self) -> str:
        return self.id
