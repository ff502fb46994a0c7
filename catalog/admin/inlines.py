"""Variants and pictures below their product, each row by a function of the domain."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from catalog import files, images, owners, variants
from catalog.admin.fields import lines_of
from catalog.admin.forms import ImageForm, VariantForm, offered
from catalog.models import Product, ProductImage, Variant
from shop.admin_site import Inline, RefusableFormSet, shown
from shop.errors import ShopError
from users.models import User


class PartOfProduct(Inline):
    """Rows that whoever may see or edit the product may see or edit."""

    formset = RefusableFormSet
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return True  # the product's own page asks

    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return self._may(request, obj)

    def _may(self, request: HttpRequest, product: Product | None) -> bool:
        user = request.user
        return isinstance(user, User) and (product is None or owners.may_edit(user, product))


class Variants(PartOfProduct):
    model = Variant
    form = VariantForm
    show_change_link = True
    fields = [
        *("sku", "options", "name", "price", "compare_at_price", "units"),
        *("weight_grams", "track_stock"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        rows: QuerySet[Variant] = super().get_queryset(request)
        return rows.filter(archived_at=None).prefetch_related("chosen__attribute", "chosen__value")

    def get_min_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    # What is shown in place of a field to those who may only look.

    @admin.display(description="Price")
    def price(self, variant: Variant) -> str:
        return shown(variant.price)

    @admin.display(description="Former price")
    def compare_at_price(self, variant: Variant) -> str:
        return shown(variant.compare_at_price)

    @admin.display(description="Options")
    def options(self, variant: Variant) -> str:
        return lines_of(offered(variant)) or "–"

    @admin.display(description="Stock")
    def units(self, variant: Variant) -> str:
        return units(variant)

    @admin.display(description="Weight (g)")
    def weight_grams(self, variant: Variant) -> int | None:
        return variant.weight_g


class Images(PartOfProduct):
    model = ProductImage
    form = ImageForm
    template = "admin/catalog/product/images.html"
    verbose_name_plural = "pictures"
    fields = ["picture", "alt", "variant", "position"]
    readonly_fields = ["picture"]

    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return False  # pictures are sent as files, by a field of the product's form

    @admin.display(description="Picture")
    def picture(self, image: ProductImage) -> str:
        small = files.url(files.rendition(image.file, 320, image.width))
        return format_html(
            '<a href="{}"><img class="thumb large" src="{}" alt="{}"></a>'
            '<span class="quiet">{} × {}</span>',
            *(files.url(image.file), small, image.alt, image.width, image.height),
        )


def units(variant: Variant) -> str:
    """The stock in words: "8, of these 2 reserved"."""
    if variant.pk is None or not variant.track_stock:
        return "–" if variant.pk is None else "not counted"
    promised = f", of these {variant.reserved} reserved" if variant.reserved else ""
    return f"{variant.stock}{promised}"


def changed_rows(formset: Any) -> list[Any]:
    """The rows with something new in them that are not to be deleted."""
    return [row for row in formset.forms if row.has_changed() and row not in formset.deleted_forms]


def save_variants(formset: Any, product: Product, user: User) -> None:
    """Changes first, new ones next: a product's one variant may be replaced in one go."""
    changed = changed_rows(formset)
    for row in changed:
        if row.instance.pk:
            with under_row(formset, row):
                variants.update(row.instance, row.changes(), user=user)
            formset.changed_objects.append((row.instance, row.changed_data))
    for row in changed:
        if not row.instance.pk:
            with under_row(formset, row):
                formset.new_objects.append(variants.create(product, row.draft(), user=user))
    for row in formset.deleted_forms:
        if row.instance.pk:
            with under_row(formset, row):
                variants.delete(row.instance, user=user)
            formset.deleted_objects.append(row.instance)


def save_images(formset: Any, user: User) -> None:
    """Pictures go or are described anew; of several that move the foremost goes first."""
    for row in formset.deleted_forms:
        with under_row(formset, row):
            images.delete(row.instance, user=user)
        formset.deleted_objects.append(row.instance)
    for row in sorted(changed_rows(formset), key=lambda row: row.cleaned_data["position"]):
        with under_row(formset, row):
            images.update(row.instance, row.changes(), user=user)
        formset.changed_objects.append((row.instance, row.changed_data))


@contextmanager
def under_row(formset: Any, row: Any) -> Iterator[None]:
    """Say of refusals which row of the form they are about."""
    try:
        yield
    except ShopError as refusal:
        raise refusal.under(formset.prefix, formset.forms.index(row)) from None


@contextmanager
def numbered(formset: Any, given: Sequence[Any]) -> Iterator[None]:
    """Give refusals the numbers that the rows have in the form, where empty ones count too.

    Args:
        given: the rows that were handed over with their product, in that order.
    """
    try:
        yield
    except ShopError as refusal:
        for each in refusal.each():
            if each.path[:1] == (formset.prefix,) and len(each.path) > 1:
                at = formset.forms.index(given[int(each.path[1])])
                each.path = (formset.prefix, str(at), *each.path[2:])
        raise
