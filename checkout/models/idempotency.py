"""What is kept of requests that must not be carried out twice."""

from django.db import models
from django.utils import timezone


class IdempotencyRecord(models.Model):
    """What a request with an idempotency key came to, so that its repeat gets the same answer."""

    principal = models.CharField(max_length=80)  # the user, or for a guest the key itself
    operation = models.CharField(max_length=40)
    key = models.CharField(max_length=36)
    digest = models.CharField(max_length=64)  # SHA-256 of the input
    subject = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "operation", "key"], name="idempotency_key_once"
            ),
        ]
