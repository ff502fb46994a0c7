"""What the list of products is narrowed by: the choices are the admin's, the rules the API's."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.fields import in_tree_order, indented
from catalog.filters import ProductFilterSet
from catalog.models import Brand, Category, Product


class NarrowedBy(admin.SimpleListFilter):
    """One of the filters of ProductFilterSet, as links with its possible values."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        filters = ProductFilterSet({self.parameter_name: value}, queryset=queryset)
        found: QuerySet[Product] = filters.qs
        return found


class StatusFilter(NarrowedBy):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Product.Status.choices


class InStockFilter(NarrowedBy):
    title = "stock"
    parameter_name = "in_stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("true", "In stock"), ("false", "Sold out")]


class CategoryFilter(NarrowedBy):
    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(row.slug, indented(row)) for row in in_tree_order(Category.objects.all())]


class BrandFilter(NarrowedBy):
    title = "brand"
    parameter_name = "brand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Brand.objects.values_list("slug", "name")
