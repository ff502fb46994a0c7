"""Where the shop sends to, how, and for how much; and the taxes there."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

COUNTRY = RegexValidator(r"\A[A-Z]{2}\Z")


class ShippingZone(models.Model):
    """Countries that cost the same."""

    name = models.CharField(max_length=100, unique=True)
    # For every country that no other zone has.
    is_rest = models.BooleanField("all other countries", default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_rest"], condition=Q(is_rest=True), name="shipping_zone_one_rest"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShippingCountry(models.Model):
    """A country in a zone, and in no other one."""

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="countries")
    country = models.CharField(max_length=2, unique=True, validators=[COUNTRY])

    class Meta:
        ordering = ["country"]

    def __str__(self) -> str:
        return self.country


class ShippingMethod(models.Model):
    """A way of sending to a zone."""

    class Basis(models.TextChoices):
        SUBTOTAL = "SUBTOTAL"
        WEIGHT = "WEIGHT"

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="methods")
    name = models.CharField(max_length=100)
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.SUBTOTAL)
    min_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    free_above_minor = models.PositiveBigIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "name"], name="shipping_method_once"),
            models.CheckConstraint(
                name="shipping_method_days", condition=Q(min_days__lte=F("max_days"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShippingRate(models.Model):
    """What a method costs from so much on: minor units of the subtotal, or grams."""

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="rates")
    starts_at = models.PositiveBigIntegerField(default=0)
    price_minor = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["method", "starts_at"], name="shipping_rate_once"),
        ]


class TaxRate(models.Model):
    """The tax on a class of goods in a country, or in one of its regions."""

    country = models.CharField(max_length=2, validators=[COUNTRY])
    region = models.CharField(max_length=100, blank=True)  # as addresses write it
    tax_class = models.CharField(max_length=50, blank=True)  # blank: the standard one
    rate = models.DecimalField(max_digits=6, decimal_places=5)  # 0.19 for 19 %

    class Meta:
        ordering = ["country", "region", "tax_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "region", "tax_class"], name="tax_rate_once"
            ),
            models.CheckConstraint(
                name="tax_rate_between_0_and_1", condition=Q(rate__gte=0, rate__lte=1)
            ),
        ]

    def __str__(self) -> str:
        where = f"{self.country} {self.region}".strip()
        return f"{where} {self.tax_class} {self.rate.normalize():%}"
