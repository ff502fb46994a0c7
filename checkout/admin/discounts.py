"""Discounts and their codes, what they are for, and how often they were used."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone

from checkout import promotions
from checkout.admin import preview
from checkout.admin.badges import coloured
from checkout.admin.discount_forms import GROUPS, CodeForm, CodeFormSet, DiscountForm, ids_of
from checkout.admin.fields import PartInline, PriceAdmin
from checkout.models import Discount, DiscountCode
from shop.admin_site import in_shop_currency
from shop.errors import Refused

Kind = Discount.Kind


class Codes(PartInline):
    model = DiscountCode
    form = CodeForm
    formset = CodeFormSet
    fields = ["code"]


# ── the pages ───────────────────────────────────────────────────────────────────────────────


@admin.register(Discount)
class Discounts(PriceAdmin):
    form = DiscountForm
    inlines = [Codes]
    row_prefixes = ["codes"]
    list_display = ["name", "takes", "entered_as", "state", "times", "priority"]
    list_filter = ["kind", "is_active", "is_automatic"]
    search_fields = ["name", "codes__code"]
    search_help_text = "Name or code"
    fieldsets = [
        (None, {"fields": ["name", "kind", "percent", "amount", ("buy_quantity", "get_quantity")]}),
        (
            "What it is for",
            {"fields": ["minimum", "for_some", "products", "categories", "collections"]},
        ),
        ("How it is used", {"fields": ["is_automatic", "is_combinable", "priority"]}),
        (
            "When, and how often",
            {
                "fields": [
                    *("is_active", "starts_at", "ends_at", "usage_limit", "once_per_customer"),
                    "used_by",
                ]
            },
        ),
    ]
    readonly_fields = ["used_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discount]:
        rows: QuerySet[Discount] = super().get_queryset(request)
        counting = Count("redemptions", filter=Q(redemptions__counts=True))
        return rows.annotate(uses=counting).prefetch_related("codes")

    # ── what is shown ───────────────────────────────────────────────────────────────────────

    @admin.display(description="Takes off", ordering="kind")
    def takes(self, discount: Discount) -> str:
        return takes(discount)

    @admin.display(description="Codes")
    def entered_as(self, discount: Discount) -> str:
        codes = [row.code for row in discount.codes.all()][:3]
        return ", ".join(codes) or ("automatic" if discount.is_automatic else "none yet")

    @admin.display(description="State", ordering="is_active")
    def state(self, discount: Discount) -> str:
        return state(discount)

    @admin.display(description="Used")
    def times(self, discount: Any) -> str:
        limit = discount.usage_limit
        return str(discount.uses) if limit is None else f"{discount.used} of {limit}"

    @admin.display(description="Used")
    def used_by(self, discount: Any) -> str:
        if discount.pk is None:
            return "not yet"
        counting = discount.redemptions.filter(counts=True)
        found = counting.aggregate(orders=Count("pk"), last=Max("order__placed_at"))
        last = f", last on {timezone.localtime(found['last']):%d %b %Y}" if found["last"] else ""
        undone = discount.redemptions.filter(counts=False).count()
        back = f"; {undone} more came to nothing" if undone else ""
        word = "order" if found["orders"] == 1 else "orders"
        return f"by {found['orders']} {word}{last}{back}"

    # In place of a field for those who may only look.

    @admin.display(description="Amount")
    def amount(self, discount: Discount) -> str:
        return in_shop_currency(discount.amount_minor)

    @admin.display(description="Minimum")
    def minimum(self, discount: Discount) -> str:
        return in_shop_currency(discount.minimum_minor)

    @admin.display(description="Only for some goods", boolean=True)
    def for_some(self, discount: Discount) -> bool:
        return bool(discount.groups)

    @admin.display(description="Products")
    def products(self, discount: Discount) -> str:
        return names_of(discount, "product")

    @admin.display(description="Categories")
    def categories(self, discount: Discount) -> str:
        return names_of(discount, "category")

    @admin.display(description="Collections")
    def collections(self, discount: Discount) -> str:
        return names_of(discount, "collection")

    # ── what is done ────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview)
        return [
            path("<int:discount_id>/preview/", view, name="checkout_discount_preview"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, discount_id: int) -> HttpResponse:
        return preview.page(self, request, discount_id)

    def save_model(self, request: HttpRequest, obj: Discount, form: Any, change: Any) -> None:
        promotions.save(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        try:
            with transaction.atomic():
                super().save_related(request, form, formsets, change)
        except IntegrityError:  # somebody was faster than the form's own look
            message = "Another discount has just got one of these codes."
            raise Refused("ALREADY_EXISTS", message, "codes") from None
        discount = form.instance
        if not discount.is_automatic and not discount.codes.exists():
            messages.warning(request, "Nobody can use it yet: it has no code.")

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask, and delete; one that was used is only switched off, for the sake of its orders."""
        discount = self.get_object(request, object_id)
        used = discount is not None and promotions.was_used(discount)
        if request.method == "POST" and used and self.has_delete_permission(request, discount):
            return self._switched_off(request, discount)
        context = {"used": used, **(extra_context or {})}
        if used:
            context["title"] = "It was used, so it is switched off instead"
        return super().delete_view(request, object_id, context)

    def _switched_off(self, request: HttpRequest, discount: Any) -> HttpResponse:
        if promotions.end(discount):  # its last order was deleted meanwhile
            return HttpResponseRedirect(self.page("changelist"))
        self.log_change(request, discount, "Switched off")
        message = f"“{discount}” was used, so it is kept, and switched off."
        messages.warning(request, message)
        return HttpResponseRedirect(self.page("change", discount.pk))

    def delete_model(self, request: HttpRequest, obj: Discount) -> None:
        promotions.end(obj)


def names_of(discount: Discount, kind: str) -> str:
    rows = GROUPS[kind]._default_manager.filter(pk__in=ids_of(discount, kind))  # noqa: SLF001 (documented)
    return ", ".join(str(row) for row in rows) or "–"


def takes(discount: Discount) -> str:
    """What it takes off, in words."""
    percent = f"{discount.percent.normalize():f} %"
    if discount.kind == Kind.PERCENT:
        return percent
    if discount.kind == Kind.FIXED:
        return in_shop_currency(discount.amount_minor)
    if discount.kind == Kind.FREE_SHIPPING:
        return "shipping"
    return f"buy {discount.buy_quantity}, get {discount.get_quantity}, {percent} off"


def state(discount: Discount) -> str:
    """Whether it can be used now, as a coloured word."""
    now = timezone.now()
    if not discount.is_active:
        return coloured("", "Switched off")
    if discount.starts_at > now:
        return coloured("wait", "To come")
    if discount.ends_at is not None and discount.ends_at <= now:
        return coloured("", "Over")
    if discount.usage_limit is not None and discount.used >= discount.usage_limit:
        return coloured("bad", "Used up")
    return coloured("good", "Running")
