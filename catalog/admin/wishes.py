"""What buyers wait for: what to order in, and what to put on sale."""

from django.contrib import admin

from catalog.models import Alert, WishlistItem
from shop.admin_site import ReadOnlyAdmin, shown


@admin.register(Alert)
class Alerts(ReadOnlyAdmin):
    """Users make and end them; the mail is sent when its cause is there."""

    list_display = ["product", "variant", "kind", "below", "user", "created_at", "sent_at"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["product", "variant", "user"]
    search_fields = ["product__name", "variant__sku", "user__email"]
    search_help_text = "Product, SKU or user"
    ordering = ["-created_at", "-pk"]
    fields = ["user", "kind", "product", "variant", "below", "created_at", "sent_at"]
    readonly_fields = ["below"]

    @admin.display(description="Below", ordering="below_minor")
    def below(self, alert: Alert) -> str:
        return shown(alert.below_price)


@admin.register(WishlistItem)
class Wishes(ReadOnlyAdmin):
    """What users keep for later."""

    list_display = ["product", "user", "created_at"]
    list_select_related = ["product", "user"]
    search_fields = ["product__name", "user__email"]
    search_help_text = "Product or user"
    ordering = ["-created_at", "-pk"]
    fields = ["user", "product", "created_at"]
