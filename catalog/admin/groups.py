"""The ways to group and to describe products: categories, collections, brands, attributes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from catalog import categories, collections, columns, slugs, stamp
from catalog.admin.covers import CoveredAdmin, CoverForm
from catalog.admin.fields import CategoryField, in_tree_order
from catalog.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    Collection,
    CollectionProduct,
    Product,
)
from shop.admin_site import DomainAdmin, Inline, RefusableForm, RefusableFormSet, become
from shop.errors import Refused


class GroupForm(CoverForm):
    """Something with a name, a picture and a place in addresses."""

    own: tuple[str, ...] = ("name", "slug", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields and self.instance.pk is None:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The end of its address; made from the name when blank."

    def entered(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.own}

    def changes(self) -> dict[str, Any]:
        """What was changed, as the domain takes it; a picture that was sent comes later."""
        own = [name for name in self.changed_data if name in (*self.own, "position")]
        return {name: self.cleaned_data[name] for name in own} | self.cover()


# ── categories ──────────────────────────────────────────────────────────────────────────────


class CategoryForm(GroupForm):
    parent = CategoryField(label="Stands under", empty_label="(at the top)")
    names = CoverForm.names | {"parent_id": "parent"}
    own = (*GroupForm.own, "parent")

    class Meta:
        model = Category
        fields = ("name", "parent", "position", "slug", "description")
        labels = {"position": "Place"}
        help_texts = {"position": "From 0, among those that stand beside it."}


class TreeList(ChangeList):
    """A page of categories with each behind the one that it stands under."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = in_tree_order(self.result_list)


@admin.register(Category)
class Categories(CoveredAdmin):
    form = CategoryForm
    list_display = ["picture", "indented", "slug", "in_it"]
    list_display_links = ["indented"]
    search_fields = ["name", "slug"]
    ordering = ["path"]
    sortable_by = ()
    list_per_page = 500
    fields = ["name", "parent", "position", "slug", "description", "picture", "picture_alt"]

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> Any:
        """A new one stands last, so that only of what is there the place is asked."""
        return [name for name in self.fields or () if obj or name != "position"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        rows: QuerySet[Category] = super().get_queryset(request)
        return rows.annotate(size=Count("products"))

    @admin.display(description="Name")
    def indented(self, category: Category) -> str:
        levels = '<span class="level"></span>' * len(category.ancestor_ids)
        return format_html("{}{}", mark_safe(levels), category.name)  # noqa: S308 # all ours

    @admin.display(description="Products in it")
    def in_it(self, category: Any) -> int:
        return int(category.size)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: Any) -> None:
        if change:
            categories.update(obj, form.changes())
        else:
            become(obj, categories.create(**form.entered()))

    def put_cover(self, shelf: Category, changes: dict[str, Any]) -> None:
        categories.update(shelf, changes)

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        categories.delete(obj)


# ── collections ─────────────────────────────────────────────────────────────────────────────


class PlaceForm(RefusableForm):
    position = forms.IntegerField(required=False, min_value=0, label="Place")

    class Meta:
        model = CollectionProduct
        fields = ("product", "position")


class Places(Inline):
    model = CollectionProduct
    form = PlaceForm
    formset = RefusableFormSet
    autocomplete_fields = ["product"]
    fields = ["product", "position"]
    extra = 1
    verbose_name = "product"
    verbose_name_plural = "products, in their order"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CollectionProduct]:
        rows: QuerySet[CollectionProduct] = super().get_queryset(request)
        return rows.select_related("product")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.view_collection") or self._may(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def _may(self, request: HttpRequest) -> bool:
        """What stands in a collection is a part of it."""
        verbs = ("add", "change")
        return any(request.user.has_perm(f"catalog.{verb}_collection") for verb in verbs)


@admin.register(Collection)
class Collections(CoveredAdmin):
    form = GroupForm
    inlines = [Places]
    row_prefixes = ["places"]
    list_display = ["picture", "name", "slug", "in_it"]
    list_display_links = ["name"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    fields = ["name", "slug", "description", "picture", "picture_alt"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        rows: QuerySet[Collection] = super().get_queryset(request)
        return rows.annotate(size=Count("places"))

    @admin.display(description="Products in it")
    def in_it(self, collection: Any) -> int:
        return int(collection.size)

    def save_model(self, request: HttpRequest, obj: Collection, form: Any, change: Any) -> None:
        if change:
            collections.update(obj, form.changes())
        else:
            become(obj, collections.create(**form.entered()))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        for formset in formsets:
            if formset.has_changed():
                collections.update(form.instance, {"products": in_places(formset)})
        super().save_related(request, form, [], change)

    def put_cover(self, shelf: Collection, changes: dict[str, Any]) -> None:
        collections.update(shelf, changes)

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        collections.delete(obj)


def in_places(formset: Any) -> list[Product]:
    """The chosen products by their place; those without one stand last."""
    rows = [
        row.cleaned_data
        for row in formset.forms
        if row.cleaned_data.get("product") and row not in formset.deleted_forms
    ]
    rows.sort(key=lambda row: (row["position"] is None, row["position"]))
    return [row["product"] for row in rows]


# ── brands and attributes ───────────────────────────────────────────────────────────────────


class NamedForm(RefusableForm):
    """Something that is found by its name, so that its slug follows the name."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if name := cleaned.get(self.called):
            self.instance.slug = slugs.of(name)
            if self.others().filter(slug=self.instance.slug).exists():
                self.add_error(self.called, "There is one with this name already.")
        return cleaned

    called = "name"

    def others(self) -> "QuerySet[Any]":
        rows: QuerySet[Any] = type(self.instance)._default_manager.all()  # noqa: SLF001 (documented)
        return rows.exclude(pk=self.instance.pk)


class ValueForm(NamedForm):
    called = "value"

    class Meta:
        model = AttributeValue
        fields = ("value", "position")

    def others(self) -> "QuerySet[Any]":
        return super().others().filter(attribute=self.instance.attribute_id)


class NamedAdmin(DomainAdmin):
    form = NamedForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        try:
            with transaction.atomic():
                obj.save()
                stamp.move()  # also for its values, which the same transaction saves
        except IntegrityError:  # somebody was faster
            raise Refused(
                "ALREADY_EXISTS", "There is one with this name already.", "name"
            ) from None


@admin.register(Brand)
class Brands(NamedAdmin):
    list_display = ["name", "slug", "made"]
    search_fields = ["name"]
    ordering = ["name", "pk"]
    fields = ["name", "slug"]
    readonly_fields = ["slug"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        rows: QuerySet[Brand] = super().get_queryset(request)
        return rows.annotate(size=Count("products"))

    @admin.display(description="Products")
    def made(self, brand: Any) -> int:
        return int(brand.size)

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if "name" in form.changed_data:
            columns.refresh(obj.products.values_list("pk", flat=True), columns.texts)


class Values(Inline):
    model = AttributeValue
    form = ValueForm
    formset = RefusableFormSet
    fields = ["value", "position"]
    extra = 1


@admin.register(Attribute)
class Attributes(NamedAdmin):
    inlines = [Values]
    list_display = ["name", "slug", "some_values", "position"]
    search_fields = ["name", "values__value"]
    ordering = ["position", "pk"]
    fields = ["name", "slug", "position"]
    readonly_fields = ["slug"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attribute]:
        rows: QuerySet[Attribute] = super().get_queryset(request)
        return rows.prefetch_related("values")

    @admin.display(description="Values")
    def some_values(self, attribute: Attribute) -> str:
        values = [row.value for row in attribute.values.all()]
        return ", ".join(values[:12]) + (" …" if len(values) > 12 else "")
