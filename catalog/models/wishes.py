"""What brings buyers back: wishlists, alerts, votes on reviews, and what is bought together."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.products import Product
from catalog.models.reviews import Review
from catalog.models.variants import Variant
from catalog.querysets import AlertQuerySet
from shop.money import Money


class WishlistItem(models.Model):
    """One product on one user's wishlist."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishes"
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="wishes")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="wish_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="wish_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.product}"


class Alert(models.Model):
    """A wish to be told once, by mail: of a variant in stock again, or of a lower price."""

    class Kind(models.TextChoices):
        BACK_IN_STOCK = "BACK_IN_STOCK"
        PRICE_BELOW = "PRICE_BELOW"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerts"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="alerts")
    variant = models.ForeignKey(Variant, null=True, on_delete=models.CASCADE, related_name="alerts")
    below_minor = models.PositiveBigIntegerField(null=True)  # in the currency of the catalogue
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)  # null: still waits for its cause

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_kind_says_what",
                condition=Q(kind="BACK_IN_STOCK", variant__isnull=False, below_minor=None)
                | Q(
                    kind="PRICE_BELOW",
                    variant=None,
                    below_minor__isnull=False,  # a check lets unknown pass
                    below_minor__gt=0,
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "variant"],
                condition=Q(kind="BACK_IN_STOCK", sent_at=None),
                name="alert_of_stock_once",
            ),
            models.UniqueConstraint(
                fields=["user", "product"],
                condition=Q(kind="PRICE_BELOW", sent_at=None),
                name="alert_of_price_once",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(sent_at=None), name="alert_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.product}"

    @property
    def below_price(self) -> Money | None:
        """What the price must fall below; None for an alert of stock."""
        return None if self.below_minor is None else Money(self.below_minor, settings.SHOP_CURRENCY)


class ReviewVote(models.Model):
    """What one user thinks of one review. The vote outlives the account, without its name."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="review_votes",
    )
    helpful = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "user"], name="review_vote_once"),
        ]


class BoughtTogether(models.Model):
    """How many of a product's buyers bought another one too; written by `catalog.together`."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="bought_beside")
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="bought_with")
    buyers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "other"], name="bought_together_once"),
            models.CheckConstraint(name="bought_together_others", condition=~Q(product=F("other"))),
        ]
