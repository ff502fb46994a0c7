"""What lists of products that are narrowed and sorted read beside the products."""

from django.db import models

from catalog.models.products import Product


class Listing(models.Model):
    """A product in one list that can be read in every order, with what it is sorted by.

    The list is a category with all that is below it, a collection, or what has one value of an
    attribute or an option. Filter and sort stand in one table, so that one range of an index is
    the list in its order, however large the catalogue is. On PostgreSQL triggers of migration
    0008 write it, and nobody else; on other databases it stays empty.
    """

    class Kind(models.IntegerChoices):
        BRANCH = 1
        COLLECTION = 2
        ATTRIBUTE = 3
        OPTION = 4

    pk = models.CompositePrimaryKey("product_id", "kind", "owner")
    product = models.ForeignKey(
        Product, on_delete=models.DO_NOTHING, related_name="listings", db_index=False
    )
    kind = models.SmallIntegerField(choices=Kind.choices)
    owner = models.BigIntegerField()  # the category, the collection or the value
    created_at = models.DateTimeField()
    price_min_minor = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    rating_average = models.FloatField()
    sales_count = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "owner", column, "product"], name=f"listing_{name}")
            for name, column in (
                ("newest", "created_at"),
                ("price", "price_min_minor"),
                ("name", "name"),
                ("rating", "rating_average"),
                ("sales", "sales_count"),
            )
        ]
