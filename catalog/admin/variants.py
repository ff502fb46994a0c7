"""Variants and the moves of their stock, across all products."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from catalog import owners, variants
from catalog.admin.fields import lines_of
from catalog.admin.forms import VariantForm, offered
from catalog.admin.inlines import units
from catalog.models import StockMovement, Variant
from shop.admin_site import DomainAdmin, ReadOnlyAdmin, shown, staff

LOW = 5


class StockFilter(admin.SimpleListFilter):
    title = "stock"
    parameter_name = "units"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("out", "Sold out"), ("low", f"{LOW} or fewer left"), ("uncounted", "Not counted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Variant]) -> QuerySet[Variant]:
        counted = queryset.filter(track_stock=True)
        if self.value() == "out":
            return counted.filter(stock=F("reserved"))
        if self.value() == "low":
            return counted.filter(stock__lte=F("reserved") + LOW)
        return queryset.filter(track_stock=False) if self.value() == "uncounted" else queryset


@admin.register(Variant)
class AllVariants(DomainAdmin):
    """What is on the shelf. Variants are added on the page of their product."""

    form = VariantForm
    list_display = ["sku", "product", "name", "price", "on_hand", "free", "adjust"]
    list_filter = [StockFilter]
    list_select_related = ["product"]
    search_fields = ["sku", "barcode", "name", "product__name"]
    search_help_text = "SKU, barcode or name"
    ordering = ["sku", "pk"]
    fields = [
        *("product_link", "sku", "name", "options", ("price", "compare_at_price"), "on_hand"),
        *("weight_grams", "barcode", "position", "requires_shipping", "track_stock"),
    ]
    readonly_fields = ["product_link", "on_hand"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        rows: QuerySet[Variant] = super().get_queryset(request).filter(archived_at=None)
        verbs = ("view_variant", "view_product", "change_product", "adjust_stock")
        if any(request.user.has_perm(f"catalog.{verb}") for verb in verbs):
            return rows
        return rows.filter(product__owner=request.user.pk)

    @admin.display(description="Product")
    def product_link(self, variant: Variant) -> str:
        address = reverse("admin:catalog_product_change", args=[variant.product_id])
        return format_html('<a href="{}">{}</a>', address, variant.product)

    @admin.display(description="Price", ordering="price_minor")
    def price(self, variant: Variant) -> str:
        return format_html('<span class="money">{}</span>', shown(variant.price))

    @admin.display(description="Former price")
    def compare_at_price(self, variant: Variant) -> str:
        return shown(variant.compare_at_price)

    @admin.display(description="Options")
    def options(self, variant: Variant) -> str:
        return lines_of(offered(variant)) or "–"

    @admin.display(description="Weight (g)")
    def weight_grams(self, variant: Variant) -> int | None:
        return variant.weight_g

    @admin.display(description="On hand", ordering="stock")
    def on_hand(self, variant: Variant) -> str:
        return units(variant)

    @admin.display(description="Free")
    def free(self, variant: Variant) -> str:
        return "–" if variant.available is None else str(variant.available)

    @admin.display(description="")
    def adjust(self, variant: Variant) -> str:
        address = reverse("admin:catalog_product_stock", args=[variant.product_id])
        return format_html('<a href="{}">Adjust</a>', address)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(self.list_display)
        return columns if request.user.has_perm("catalog.adjust_stock") else columns[:-1]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Variant | None = None) -> bool:
        verbs = ("view_variant", "view_product", "change_product", "adjust_stock", "add_product")
        return any(request.user.has_perm(f"catalog.{verb}") for verb in verbs)

    def has_change_permission(self, request: HttpRequest, obj: Variant | None = None) -> bool:
        if obj is None:
            return request.user.has_perm("catalog.change_product")
        return owners.may_edit(staff(request), obj.product)

    def has_delete_permission(self, request: HttpRequest, obj: Variant | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Variant, form: Any, change: Any) -> None:
        if changes := form.changes():
            variants.update(obj, changes, user=staff(request))

    def delete_model(self, request: HttpRequest, obj: Variant) -> None:
        variants.delete(obj, user=staff(request))


@admin.register(StockMovement)
class Movements(ReadOnlyAdmin):
    """The book of all that came and went. Nothing in it is ever changed."""

    list_display = [
        *("at", "variant", "kind", "delta_stock", "delta_reserved", "reason", "order_number"),
        "actor",
    ]
    list_filter = ["kind", "at"]
    list_select_related = ["variant", "actor"]
    search_fields = ["variant__sku", "order_number", "reason"]
    search_help_text = "SKU, order number or reason"
    ordering = ["-pk"]
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: StockMovement | None = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm(
            "catalog.adjust_stock"
        )
