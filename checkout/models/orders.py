"""Orders: what was agreed, and all that happened to it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.functional import cached_property

from catalog.models import Product, Variant
from checkout.querysets import OrderQuerySet
from shop.money import Money, multiple


class PaymentMethod(models.TextChoices):
    STRIPE = "STRIPE"
    BANK_TRANSFER = "BANK_TRANSFER"
    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"


class Order(models.Model):
    """A promise to deliver and to pay. `checkout.orders` alone moves its states."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        CONFIRMED = "CONFIRMED"
        COMPLETED = "COMPLETED"
        CANCELLED = "CANCELLED"
        EXPIRED = "EXPIRED"

    class PaymentStatus(models.TextChoices):
        UNPAID = "UNPAID"
        PENDING = "PENDING"
        PAID = "PAID"
        PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
        REFUNDED = "REFUNDED"

    class FulfilmentStatus(models.TextChoices):
        UNFULFILLED = "UNFULFILLED"
        PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
        FULFILLED = "FULFILLED"
        DELIVERED = "DELIVERED"

    class StockState(models.TextChoices):
        HELD = "HELD"
        SOLD = "SOLD"
        RELEASED = "RELEASED"

    number = models.CharField(max_length=20, unique=True, editable=False)
    cart = models.OneToOneField(
        "checkout.Cart", null=True, on_delete=models.SET_NULL, related_name="order", editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="orders",
    )
    email = models.EmailField(max_length=254)
    locale = models.CharField(max_length=10)
    note = models.CharField(max_length=1000, blank=True)
    shipping_address = models.JSONField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)
    shipping_name = models.CharField(max_length=100, blank=True)

    currency = models.CharField(max_length=3)
    prices_include_tax = models.BooleanField()
    subtotal_minor = models.PositiveBigIntegerField()
    discount_minor = models.PositiveBigIntegerField(default=0)  # free shipping included
    shipping_minor = models.PositiveBigIntegerField(default=0)  # before its discount
    shipping_discount_minor = models.PositiveBigIntegerField(default=0)
    shipping_tax_minor = models.PositiveBigIntegerField(default=0)
    shipping_tax_rate = models.DecimalField(max_digits=6, decimal_places=5, default=0)
    tax_minor = models.PositiveBigIntegerField(default=0)
    total_minor = models.PositiveBigIntegerField()
    refunded_minor = models.PositiveBigIntegerField(default=0)  # given, or taken, back

    payment_method = models.CharField(max_length=20, choices=PaymentMethod.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    payment_status = models.CharField(
        max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    fulfilment_status = models.CharField(
        max_length=20, choices=FulfilmentStatus.choices, default=FulfilmentStatus.UNFULFILLED
    )
    stock_state = models.CharField(
        max_length=10, choices=StockState.choices, default=StockState.HELD
    )
    hold_until = models.DateTimeField(null=True, blank=True)
    review_flag = models.CharField(max_length=1000, blank=True)  # what staff must look at
    # The guest's access token is an HMAC of it: a leaked table opens no order.
    access_nonce = models.CharField(max_length=43, editable=False)

    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        permissions = [
            ("process_order", "Can mark orders paid, fulfil, deliver and cancel them"),
            ("refund_order", "Can refund orders"),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_total_adds_up",
                condition=Q(
                    prices_include_tax=True,
                    total_minor=F("subtotal_minor") - F("discount_minor") + F("shipping_minor"),
                )
                | Q(
                    prices_include_tax=False,
                    total_minor=F("subtotal_minor")
                    - F("discount_minor")
                    + F("shipping_minor")
                    + F("tax_minor"),
                ),
            ),
            models.CheckConstraint(
                name="order_shipping_discount_within_shipping",
                condition=Q(shipping_discount_minor__lte=F("shipping_minor")),
            ),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["user", "-placed_at", "-id"], name="order_of_user"),
            models.Index(Upper("email"), name="order_of_email"),  # as iexact asks
            models.Index(
                fields=["hold_until"], condition=Q(stock_state="HELD"), name="order_holds"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def news(self) -> list["OrderEvent"]:
        """What happened to it and is not written yet."""
        return []

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def total(self) -> Money:
        return self.money(self.total_minor)

    @property
    def step(self) -> int:
        """The step, in minor units, that amounts in its currency come in."""
        return multiple(self.currency)

    @property
    def refunded(self) -> Money:
        return self.money(self.refunded_minor)

    @property
    def is_paid(self) -> bool:
        return self.payment_status not in (self.PaymentStatus.UNPAID, self.PaymentStatus.PENDING)


class OrderLine(models.Model):
    """Some units of one variant as they were sold: a copy that the catalogue cannot change."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, null=True, on_delete=models.SET_NULL, related_name="+")
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=420)
    options = models.JSONField(default=list)  # [{"name": …, "value": …}], in the product's order
    unit_minor = models.PositiveBigIntegerField()
    quantity = models.PositiveIntegerField()
    discount_minor = models.PositiveBigIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=5, default=0)
    tax_minor = models.PositiveBigIntegerField(default=0)
    total_minor = models.PositiveBigIntegerField()
    requires_shipping = models.BooleanField(default=True)
    fulfilled = models.PositiveIntegerField(default=0)  # units sent
    refunded = models.PositiveIntegerField(default=0)  # units given their money back
    restocked = models.PositiveIntegerField(default=0)  # units back on the shelf
    withdrawn = models.PositiveIntegerField(default=0)  # units that will not be sent any more
    owed = models.PositiveIntegerField(default=0)  # of those, whose money is still to go back
    returned = models.PositiveIntegerField(default=0)  # units sent back, or asked to be

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="order_line_total_adds_up",
                condition=Q(total_minor=F("unit_minor") * F("quantity") - F("discount_minor")),
            ),
            models.CheckConstraint(name="order_line_quantity", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="order_line_units_within_quantity",
                condition=Q(
                    fulfilled__lte=F("quantity"),
                    refunded__lte=F("quantity"),
                    restocked__lte=F("quantity"),
                    withdrawn__lte=F("quantity") - F("fulfilled"),
                ),
            ),
            models.CheckConstraint(
                name="order_line_owed_within_withdrawn", condition=Q(owed__lte=F("withdrawn"))
            ),
            models.CheckConstraint(
                name="order_line_returned_within_sent", condition=Q(returned__lte=F("fulfilled"))
            ),
        ]

    @property
    def unsent(self) -> int:
        """Units that are still to be sent."""
        return self.quantity - self.fulfilled - self.withdrawn

    @property
    def unit_price(self) -> Money:
        return self.order.money(self.unit_minor)

    @property
    def discount(self) -> Money:
        return self.order.money(self.discount_minor)

    @property
    def tax(self) -> Money:
        return self.order.money(self.tax_minor)

    @property
    def total(self) -> Money:
        return self.order.money(self.total_minor)


class OrderEvent(models.Model):
    """One thing that happened to an order. Rows are added and never changed."""

    class Type(models.TextChoices):
        PLACED = "PLACED"
        CONFIRMED = "CONFIRMED"
        PAYMENT_STARTED = "PAYMENT_STARTED"
        PAYMENT_PENDING = "PAYMENT_PENDING"
        PAYMENT_FAILED = "PAYMENT_FAILED"
        PAID = "PAID"
        REFUNDED = "REFUNDED"
        REFUND_FAILED = "REFUND_FAILED"
        DISPUTED = "DISPUTED"
        FULFILLED = "FULFILLED"
        DELIVERED = "DELIVERED"
        LINES_CANCELLED = "LINES_CANCELLED"
        RETURN_REQUESTED = "RETURN_REQUESTED"
        RETURN_APPROVED = "RETURN_APPROVED"
        RETURN_REJECTED = "RETURN_REJECTED"
        RETURN_RECEIVED = "RETURN_RECEIVED"
        RETURN_CANCELLED = "RETURN_CANCELLED"
        INVOICED = "INVOICED"
        CHANGED = "CHANGED"
        COMPLETED = "COMPLETED"
        CANCELLED = "CANCELLED"
        EXPIRED = "EXPIRED"
        FLAGGED = "FLAGGED"
        DELETED = "DELETED"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=20, choices=Type.choices)
    message = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_staff = models.BooleanField(default=False)
    internal = models.BooleanField(default=False)  # not for the buyer
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]


def address_lines(address: dict[str, Any] | None) -> list[str]:
    """A copied address as the lines of a label."""
    if not address:
        return []
    place = " ".join(filter(None, [address.get("postcode"), address["city"]]))
    parts = [address["name"], address.get("company"), address["line1"], address.get("line2")]
    return [part for part in [*parts, place, address.get("region"), address["country"]] if part]
