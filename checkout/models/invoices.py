"""Invoices: their numbers, and what they say beside the order's own copies."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from checkout.models.orders import Order


class InvoiceYear(models.Model):
    """How far a year's numbers have come; whoever gives the next one holds its row."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.year)


class Invoice(models.Model):
    """One order's invoice as it was issued. Rows are added and never changed or deleted.

    Lines and sums are the order's, which stay as they were agreed. What can change later, of
    the shop, the buyer or the payment, is copied here.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    year = models.PositiveIntegerField()
    serial = models.PositiveIntegerField()  # 1, 2, 3 … within the year
    issued_at = models.DateTimeField(default=timezone.now)
    seller = models.JSONField()  # the lines of a letter's head
    buyer = models.JSONField()  # the same; the e-mail where no address was told
    payment = models.CharField(max_length=200)  # a sentence

    class Meta:
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="invoice_number_once"),
            models.CheckConstraint(name="invoice_serial_from_one", condition=Q(serial__gte=1)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:05}"

    @property
    def filename(self) -> str:
        return f"invoice-{self.number}.pdf"
