"""What buyers say, and who did buy."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.products import Product
from catalog.querysets import ReviewQuerySet


class Review(models.Model):
    """One author's opinion of one product."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        PUBLISHED = "PUBLISHED"
        REJECTED = "REJECTED"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews"
    )
    rating = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=5000, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PUBLISHED)
    verified = models.BooleanField(default=False)  # the author had bought it
    # Read column: who found it of use, written by `catalog.votes`.
    helpful_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        permissions = [("moderate_review", "Can publish and reject reviews")]
        constraints = [
            models.CheckConstraint(
                name="review_rating_1_to_5", condition=Q(rating__gte=1, rating__lte=5)
            ),
            models.UniqueConstraint(fields=["product", "author"], name="review_once"),
        ]
        indexes = [
            models.Index(fields=["product", "-created_at", "-id"], name="review_of_product"),
            models.Index(fields=["-created_at", "-id"], name="review_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5 {self.title}".strip()


class Purchase(models.Model):
    """Who has paid for what; checkout writes it, reviews read it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="purchases"
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="purchases")
    first_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="purchase_once"),
        ]
