"""Pictures of products."""

from django.db import models

from catalog.models.products import Product
from catalog.models.variants import Variant


class ProductImage(models.Model):
    """A picture as it is shown: made here from what was uploaded, never the client's bytes."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.SET_NULL, related_name="images"
    )
    # The key of the full picture; narrower ones stand beside it (`catalog.images.rendition`).
    file = models.CharField(max_length=200, unique=True, editable=False)
    alt = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)
    width = models.PositiveIntegerField(editable=False)  # pixels
    height = models.PositiveIntegerField(editable=False)
    bytes = models.PositiveIntegerField(editable=False)
    mime = models.CharField(max_length=50, editable=False)
    checksum = models.CharField(max_length=64, editable=False)  # SHA-256 of what was uploaded

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "checksum"], name="product_image_once"),
        ]

    def __str__(self) -> str:
        return self.alt or self.file
