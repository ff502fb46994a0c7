"""Carts for staff, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from checkout import carts
from checkout.models import Cart, CartLine
from checkout.models.orders import address_lines
from shop.admin_site import ReadOnlyAdmin, ReadOnlyInline, in_shop_currency


class Lines(ReadOnlyInline):
    model = CartLine
    fields = ["sku", "name", "quantity", "unit_price", "total"]
    readonly_fields = ["unit_price", "total"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the cart's own page asks

    @admin.display(description="Unit price, as last seen")
    def unit_price(self, line: CartLine) -> str:
        return in_shop_currency(line.unit_minor)

    @admin.display(description="Total")
    def total(self, line: CartLine) -> str:
        return in_shop_currency(line.unit_minor * line.quantity)


@admin.register(Cart)
class Carts(ReadOnlyAdmin):
    """What somebody is about to order, with the prices that they saw last."""

    inlines = [Lines]
    list_display = ["__str__", "whose", "in_it", "worth", "status", "created_at", "expires_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["user", "shipping_method"]
    search_fields = ["email", "user__email", "lines__sku"]
    search_help_text = "E-mail or SKU"
    ordering = ["-pk"]
    fields = [
        *("status", "whose", "note", "shipping_to", "billing_to", "sent_by", "entered"),
        *("created_at", "expires_at"),
    ]
    readonly_fields = ["whose", "shipping_to", "billing_to", "sent_by", "entered"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        rows: QuerySet[Cart] = super().get_queryset(request)
        sums = Sum(F("lines__quantity") * F("lines__unit_minor"))
        return rows.annotate(kinds=Count("lines"), minor=sums)

    @admin.display(description="Customer")
    def whose(self, cart: Cart) -> str:
        return cart.user.email if cart.user else cart.email or "guest"

    @admin.display(description="Lines")
    def in_it(self, cart: Any) -> int:
        return int(cart.kinds)

    @admin.display(description="Worth")
    def worth(self, cart: Any) -> str:
        return format_html('<span class="money">{}</span>', in_shop_currency(cart.minor or 0))

    @admin.display(description="Shipping address")
    def shipping_to(self, cart: Cart) -> str:
        return ", ".join(address_lines(cart.shipping_address)) or "–"

    @admin.display(description="Billing address")
    def billing_to(self, cart: Cart) -> str:
        return ", ".join(address_lines(cart.billing_address)) or "–"

    @admin.display(description="Shipping")
    def sent_by(self, cart: Cart) -> str:
        """What the buyer has chosen; an open cart's price is today's."""
        if cart.shipping_method is None:
            return "nothing chosen: the cheapest there is"
        option = carts.quote(cart, buyer=cart.user).option if is_open(cart) else None
        price = f", {in_shop_currency(option.price)}" if option else ""
        return f"{cart.shipping_method}{price}"

    @admin.display(description="Discount codes")
    def entered(self, cart: Cart) -> str:
        """Each code with what it takes off today, or why nothing."""
        if not cart.codes:
            return "–"
        if not is_open(cart):
            return ", ".join(cart.codes)
        quote = carts.quote(cart, buyer=cart.user)
        off = {code: f"−{in_shop_currency(minor)}" for _, code, minor in quote.applied}
        said = [(code, off.get(code) or quote.refused_codes.get(code, "")) for code in cart.codes]
        return format_html_join("", "<div><strong>{}</strong>: {}</div>", said)


def is_open(cart: Cart) -> bool:
    return cart.status == Cart.Status.OPEN
