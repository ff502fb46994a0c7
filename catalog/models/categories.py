"""The ways to group products: the category tree, collections, brands."""

from django.db import models


class Category(models.Model):
    """A place in the tree; a product stands in one, and is found under all its ancestors."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    description = models.TextField(blank=True, max_length=5000)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    # Ids from the top to this one, "/3/17/42/": descendants are those whose path starts alike.
    # Written by `catalog.categories` alone.
    path = models.CharField(max_length=200, db_index=True, editable=False, default="")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def ancestor_ids(self) -> list[int]:
        """From the top down, without itself."""
        return [int(step) for step in self.path.strip("/").split("/")[:-1]]


class Collection(models.Model):
    """A choice of products by the merchant, in the merchant's order."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    description = models.TextField(blank=True, max_length=5000)

    def __str__(self) -> str:
        return self.name


class CollectionProduct(models.Model):
    """A product's place in a collection."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="places")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="places")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "product"], name="collection_product_once"
            ),
        ]
        # In the merchant's order, without a look at the rest of the collection.
        indexes = [
            models.Index(fields=["collection", "position", "product"], name="collection_place"),
        ]


class Brand(models.Model):
    """Who makes it."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
