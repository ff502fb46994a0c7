"""Products, and the attributes that describe them or tell their variants apart."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.categories import Brand, Category, Collection, CollectionProduct
from catalog.querysets import ProductQuerySet
from shop.money import Money


class Attribute(models.Model):
    """A property with a fixed list of values: Colour, Material, Size.

    Use decides: the same one may describe a product and be a choice between variants of another.
    """

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """One of an attribute's values."""

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, allow_unicode=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["attribute", "slug"], name="attribute_value_once"),
        ]

    def __str__(self) -> str:
        return self.value


class Product(models.Model):
    """One thing for sale, in one or more variants."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT"
        ACTIVE = "ACTIVE"
        ARCHIVED = "ARCHIVED"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True, allow_unicode=True)
    description = models.TextField(blank=True, max_length=20_000)
    brand = models.ForeignKey(
        Brand, null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    collections = models.ManyToManyField(
        Collection, through=CollectionProduct, related_name="products"
    )
    tax_class = models.CharField(max_length=50, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    # The staff member who made it and may edit it without the general permission.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_products",
    )
    seo_title = models.CharField(max_length=200, blank=True)
    seo_description = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    # Read columns: written by `catalog.columns` in the transaction of their cause.
    currency = models.CharField(max_length=3, editable=False)
    price_min_minor = models.PositiveBigIntegerField(default=0, editable=False)
    price_max_minor = models.PositiveBigIntegerField(default=0, editable=False)
    compare_at_minor = models.PositiveBigIntegerField(null=True, editable=False)  # of the cheapest
    in_stock = models.BooleanField(default=False, editable=False)
    brand_name = models.CharField(max_length=100, blank=True, editable=False)
    image_key = models.CharField(max_length=200, blank=True, editable=False)
    image_alt = models.CharField(max_length=300, blank=True, editable=False)
    image_width = models.PositiveIntegerField(default=0, editable=False)
    image_height = models.PositiveIntegerField(default=0, editable=False)
    image_placeholder = models.CharField(max_length=50, blank=True, editable=False)
    image_id = models.BigIntegerField(null=True, editable=False)
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    rating_average = models.FloatField(default=0, editable=False)
    histogram = models.JSONField(default=list, editable=False)  # counts, one star first
    sales_count = models.IntegerField(default=0, editable=False)  # units sold less units returned
    search_text = models.TextField(blank=True, editable=False)  # casefolded, for SQLite

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="product_price_range", condition=Q(price_min_minor__lte=F("price_max_minor"))
            ),
            models.CheckConstraint(
                name="product_rating_sum",
                condition=Q(rating_sum__gte=F("rating_count"))
                & Q(rating_sum__lte=F("rating_count") * 5),
            ),
        ]
        # One for each sort; the id last makes each order total, as cursors need it.
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="product_newest"),
            models.Index(fields=["price_min_minor", "id"], name="product_price"),
            models.Index(fields=["name", "id"], name="product_name"),
            models.Index(fields=["-rating_average", "-id"], name="product_rating"),
            models.Index(fields=["-sales_count", "-id"], name="product_sales"),
            # And within a category, where goods of one price may stand far apart in the whole.
            models.Index(fields=["category", "-created_at", "-id"], name="category_newest"),
            models.Index(fields=["category", "price_min_minor", "id"], name="category_price"),
            models.Index(fields=["category", "name", "id"], name="category_name"),
            models.Index(fields=["category", "-rating_average", "-id"], name="category_rating"),
            models.Index(fields=["category", "-sales_count", "-id"], name="category_sales"),
            # All that the counts ask of a public product: the rows themselves stay unread.
            models.Index(
                fields=["category", "published_at"],
                condition=Q(status="ACTIVE"),
                include=["brand", "price_min_minor", "in_stock", "rating_average", "id"],
                name="product_counts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        """Of the cheapest variant."""
        return Money(self.price_min_minor, self.currency)

    @property
    def price_max(self) -> Money:
        return Money(self.price_max_minor, self.currency)

    @property
    def compare_at_price(self) -> Money | None:
        """The former price of the cheapest variant, when it has one."""
        if self.compare_at_minor is None:
            return None
        return Money(self.compare_at_minor, self.currency)

    @property
    def is_public(self) -> bool:
        """Whether anybody may see it now."""
        return (
            self.status == self.Status.ACTIVE
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )


class ProductAttribute(models.Model):
    """What a product is like: one value of one attribute."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="described_by")
    value = models.ForeignKey(AttributeValue, on_delete=models.PROTECT, related_name="describes")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "value"], name="product_attribute_once"),
        ]
