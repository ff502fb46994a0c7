"""Products for staff: the list, and the form with variants and pictures."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html

from catalog import files, images, owners, products
from catalog.admin import fields, stock
from catalog.admin.filters import BrandFilter, CategoryFilter, InStockFilter, StatusFilter
from catalog.admin.forms import ProductForm
from catalog.admin.inlines import (
    Images,
    Variants,
    changed_rows,
    numbered,
    save_images,
    save_variants,
)
from catalog.attributes import Named
from catalog.models import Product
from shop.admin_site import DomainAdmin, become, shown, staff, tell
from shop.errors import ShopError

Status = Product.Status


@admin.register(Product)
class Products(DomainAdmin):
    form = ProductForm
    inlines = [Variants, Images]
    row_prefixes = ["variants", "images"]
    list_display = [
        *("picture", "name", "maker", "category", "state", "price", "in_stock", "rating"),
    ]
    list_display_links = ["picture", "name"]
    list_filter = [StatusFilter, InStockFilter, CategoryFilter, BrandFilter]
    list_select_related = ["category"]
    list_per_page = 50
    search_fields = ["name", "brand_name", "variants__sku"]
    search_help_text = "Name, SKU or brand"
    ordering = ["-created_at", "-pk"]
    actions = ["publish", "draft", "archive"]
    save_on_top = True
    change_form_template = "admin/catalog/product/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("name", "description"),
                    ("maker", "category"),
                    ("status", "published_at"),
                ]
            },
        ),
        ("Found by", {"fields": ["attributes", "kept_in"]}),
        (
            "Search engines and tax",
            {
                "fields": ["slug", "seo_title", "seo_description", "tax_class"],
                "classes": ["collapse"],
            },
        ),
    ]

    # ── the list ────────────────────────────────────────────────────────────────────────────

    @admin.display(description="")
    def picture(self, product: Product) -> str:
        if not product.image_key:
            return format_html('<span class="{}"></span>', "thumb")
        key = files.rendition(product.image_key, 320, product.image_width)
        return format_html(
            '<img class="thumb" loading="lazy" src="{}" alt="{}">',
            files.url(key),
            product.image_alt,
        )

    @admin.display(description="Price", ordering="price_min_minor")
    def price(self, product: Product) -> str:
        prefix = "from " if product.price_max_minor > product.price_min_minor else ""
        return format_html('<span class="money">{}{}</span>', prefix, shown(product.price))

    @admin.display(description="Rating", ordering="rating_average")
    def rating(self, product: Product) -> str:
        if not product.rating_count:
            return "–"
        stars, count = f"{product.rating_average:.1f}", product.rating_count
        return format_html('<span class="money">★ {} ({})</span>', stars, count)

    @admin.display(description="Status", ordering="status")
    def state(self, product: Product) -> str:
        kind, text = "", product.get_status_display()
        if product.is_public:
            kind = "good"
        elif product.status == Status.ACTIVE:
            kind, text = "wait", "Active, later"
        return format_html('<span class="badge {}">{}</span>', kind, text)

    # ── what is shown in place of a field to those who may only look ─────────────────────────

    @admin.display(description="Brand", ordering="brand_name")
    def maker(self, product: Product) -> str:
        return product.brand_name or "–"

    @admin.display(description="Attributes")
    def attributes(self, product: Product) -> str:
        rows = product.described_by.select_related("value__attribute")
        return fields.lines_of(Named(row.value.attribute.name, row.value.value) for row in rows)

    @admin.display(description="Collections")
    def kept_in(self, product: Product) -> str:
        return ", ".join(product.collections.order_by("name").values_list("name", flat=True))

    # ── who may ─────────────────────────────────────────────────────────────────────────────

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """All for those who may look at products or change them, else the ones they made."""
        rows = super().get_queryset(request)
        return rows if self._sees_all(request) else rows.filter(owner=request.user.pk)

    def _sees_all(self, request: HttpRequest) -> bool:
        verbs = ("view", "change", "delete")
        return any(request.user.has_perm(f"catalog.{verb}_product") for verb in verbs)

    def has_view_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        own = obj is None or obj.owner_id == request.user.pk
        return self._sees_all(request) or (own and self.has_add_permission(request))

    def has_change_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request) or self.has_add_permission(request)
        return owners.may_edit(staff(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        if obj is None:
            return super().has_delete_permission(request) or self.has_add_permission(request)
        return owners.may_delete(staff(request), obj)

    # ── changing ────────────────────────────────────────────────────────────────────────────

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nothing yet: a product is made together with its variants, in `save_related`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        rows = {formset.prefix: formset for formset in formsets}
        user, variants = staff(request), rows["variants"]
        if change:
            if changes := form.changes():
                products.update(form.instance, changes, user=user)
            save_variants(variants, form.instance, user)
            save_images(rows["images"], user)
        else:
            new = changed_rows(variants)
            with numbered(variants, new):
                made = products.create(form.draft([row.draft() for row in new]), owner=user)
            become(form.instance, made)
        vars(request)["saved"] = form.instance, form.cleaned_data.get("pictures")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sent pictures are stored after the rest is committed: no row is locked meanwhile."""
        response = super().changeform_view(request, *args, **kwargs)
        product, sent = vars(request).pop("saved", (None, None))
        if product is None or not sent:
            return response
        try:
            images.attach(product, sent, user=staff(request))
        except ShopError as refusal:
            for each in refusal.each():
                at = each.path[1:2]
                about = sent[int(at[0])].name if at and at[0].isdigit() else "pictures"
                tell(request, each, f"Not added, {about}")
            return HttpResponseRedirect(self.page("change", product.pk))
        return response

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        products.delete(obj, user=staff(request))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        if not Product.objects.filter(pk=obj_id).exists():
            return super().response_delete(request, obj_display, obj_id)
        messages.warning(
            request, f"“{obj_display}” was ordered before, so it was archived instead of deleted."
        )
        return HttpResponseRedirect(self.page("changelist"))

    # ── actions on several ──────────────────────────────────────────────────────────────────

    @admin.action(description="Publish: show to everybody", permissions=["change"])
    def publish(self, request: HttpRequest, rows: QuerySet[Product]) -> None:
        self._set(request, rows, Status.ACTIVE)

    @admin.action(description="Back to draft: hide", permissions=["change"])
    def draft(self, request: HttpRequest, rows: QuerySet[Product]) -> None:
        self._set(request, rows, Status.DRAFT)

    @admin.action(description="Archive: not sold any more", permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[Product]) -> None:
        self._set(request, rows, Status.ARCHIVED)

    def _set(self, request: HttpRequest, rows: QuerySet[Product], status: Status) -> None:
        done = 0
        for product in rows:
            try:
                products.update(product, {"status": status}, user=staff(request))
            except ShopError as refusal:
                tell(request, refusal, product)
            else:
                self.log_change(request, product, f"Status: {status.label}")
                done += 1
        if done:
            messages.success(request, f"{done} now: {status.label.lower()}.")

    # ── stock ───────────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.stock_page)
        return [
            path("<int:product_id>/stock/", page, name="catalog_product_stock"),
            *super().get_urls(),
        ]

    def stock_page(self, request: HttpRequest, product_id: int) -> HttpResponse:
        return stock.page(self, request, product_id)
