"""What the API keeps for itself."""

from django.db import models


class PersistedDocument(models.Model):
    """A document that clients call by its hash. Rows are added and never changed."""

    hash = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the text, in hex
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
