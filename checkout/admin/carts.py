"""Carts for staff, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html

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
    list_select_related = ["user"]
    search_fields = ["email", "user__email", "lines__sku"]
    search_help_text = "E-mail or SKU"
    ordering = ["-pk"]
    fields = [
        *("status", "whose", "note", "shipping_to", "billing_to", "created_at", "expires_at"),
    ]
    readonly_fields = ["whose", "shipping_to", "billing_to"]

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
