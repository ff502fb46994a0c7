"""Pictures of products, categories and collections."""

import uuid
from typing import Any

from django.db import models

from catalog.models.categories import Category, Collection
from catalog.models.products import Product
from catalog.models.variants import Variant


class StoredPicture(models.Model):
    """A picture as it is shown: made here from what was uploaded, never the client's bytes."""

    # The key of the full picture; the others stand beside it (`catalog.files.rendition`).
    file = models.CharField(max_length=200, unique=True, editable=False)
    alt = models.CharField(max_length=300, blank=True)
    width = models.PositiveIntegerField(editable=False)  # pixels
    height = models.PositiveIntegerField(editable=False)
    bytes = models.PositiveIntegerField(editable=False)
    mime = models.CharField(max_length=50, editable=False)
    checksum = models.CharField(max_length=64, editable=False)  # SHA-256 of what was uploaded
    placeholder = models.CharField(max_length=50, blank=True, editable=False)  # a BlurHash

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.alt or self.file


class ProductImage(StoredPicture):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.SET_NULL, related_name="images"
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "checksum"], name="product_image_once"),
        ]


class CategoryImage(StoredPicture):
    """The one picture of a category."""

    category = models.OneToOneField(Category, on_delete=models.CASCADE, related_name="image")


class CollectionImage(StoredPicture):
    """The one picture of a collection."""

    collection = models.OneToOneField(Collection, on_delete=models.CASCADE, related_name="image")


# Any: the managers of an abstract model's children have no common type.
PICTURES: tuple[Any, ...] = (ProductImage, CategoryImage, CollectionImage)


class ImageUpload(models.Model):
    """The right to send a picture of a product straight to the storage, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="uploads")
    mime = models.CharField(max_length=50)
    bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    image = models.OneToOneField(
        ProductImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="upload"
    )

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="image_upload_created")]
        constraints = [
            models.CheckConstraint(
                name="image_upload_completed_with_image",
                condition=models.Q(image=None) | models.Q(completed_at__isnull=False),
            ),
        ]

    @property
    def key(self) -> str:
        """Of the file in the private storage."""
        return f"uploads/{self.pk}"
