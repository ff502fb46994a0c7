"""What searches read in place of the products."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from catalog.models.products import Product


class SearchEntry(models.Model):
    """The words of a product, where PostgreSQL searches; on other databases there are none.

    Written by triggers of migrations 0007 and 0009 alone, deletes included.
    """

    product = models.OneToOneField(
        Product,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    names = SearchVectorField()  # the product's name
    words = SearchVectorField()  # name before brand before description
    shown_from = models.DateTimeField(null=True)  # when it is public from; null if it is not ACTIVE


class SearchWord(models.Model):
    """A word in the names of products and brands, to know what a misspelt one may mean.

    Written by `catalog.words` alone; one may be there twice.
    """

    word = models.CharField(max_length=50, db_index=True)

    def __str__(self) -> str:
        return self.word
