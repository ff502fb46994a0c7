"""What the API keeps for itself."""

from django.db import models


class PersistedDocument(models.Model):
    """A document that clients call by its hash. Rows are added and never changed."""

    hash = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the text, in hex
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class KeptAnswer(models.Model):
    """What a mutation with an idempotency key was answered, closed with that key."""

    name = models.CharField(max_length=64, primary_key=True)  # made of caller, key and secret
    content = models.CharField(max_length=64)  # the same for the same request
    answer = models.BinaryField(null=True)  # the data as JSON, sealed; null: it is under way
    claimed_at = models.DateTimeField(db_index=True)
