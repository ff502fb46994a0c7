"""What a list of products can be narrowed by, for the API and the admin alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from catalog import slugs
from catalog.models import (
    Category,
    CollectionProduct,
    Product,
    ProductAttribute,
    Variant,
    VariantOption,
)
from shop import money
from shop.errors import Refused

Rows = QuerySet[Product]
Pairs = dict[str, list[str]]

MAX_KEY = 2**63 - 1


def key(text: str) -> str:
    """Text as slugs are made: `Essence` and `essence` are the same."""
    return slugs.of(text)


def keys(texts: Iterable[str]) -> set[str]:
    """The slugs that may be meant: as written, and as a name."""
    return {form for text in texts for form in (text, key(text))}


class InvalidFilter(Refused):
    """A value that nothing can be compared with."""


class TextsWidget(forms.Widget):
    """Reads a list, or a key that is repeated in a query string."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name)
        return [found] if isinstance(found, str) else list(found or [])


class TextsField(forms.Field):
    widget = TextsWidget

    def to_python(self, value: Any) -> list[str]:
        return [str(text).strip() for text in value or [] if str(text).strip()]


class PairsField(TextsField):
    """Values by the key of their name, from pairs or from texts like `material:oak`."""

    def to_python(self, value: Any) -> Pairs:  # type: ignore[override]
        found: Pairs = {}
        for entry in value or []:
            name, text = entry.partition(":")[::2] if isinstance(entry, str) else entry
            if text.strip():
                found.setdefault(key(name), []).append(key(text))
        return found


class Texts(django_filters.Filter):
    """One of several exact values."""

    field_class = TextsField

    def filter(self, rows: Rows, value: list[str]) -> Rows:
        return self.narrow(rows, value) if value else rows

    def narrow(self, rows: Rows, value: list[str]) -> Rows:
        return rows.filter(**{f"{self.field_name}__in": value})


class BrandFilter(Texts):
    def narrow(self, rows: Rows, value: list[str]) -> Rows:
        return rows.filter(brand__slug__in=keys(value))


class CategoryFilter(Texts):
    def narrow(self, rows: Rows, value: list[str]) -> Rows:
        return rows.filter(category__in=within(value))


def within(slugs: Iterable[str]) -> QuerySet[Category]:
    """The categories with those slugs and all that are below them."""
    above = (
        Category.objects.filter(slug__in=keys(slugs))
        .annotate(whole=ExpressionWrapper(OuterRef("path"), output_field=CharField()))
        .filter(whole__startswith=F("path"))
    )
    return Category.objects.filter(Exists(above))


class CollectionFilter(Texts):
    def narrow(self, rows: Rows, value: list[str]) -> Rows:
        places = CollectionProduct.objects.filter(collection__slug__in=keys(value))
        return rows.filter(pk__in=places.values("product"))


class KeysFilter(Texts):
    """Rows by primary key; what cannot be one leads to none."""

    def narrow(self, rows: Rows, value: list[str]) -> Rows:
        numbers = [int(text) for text in value if text.isascii() and text.isdigit()]
        return rows.filter(pk__in=[number for number in numbers if number <= MAX_KEY])


class PairsFilter(django_filters.Filter):
    field_class = PairsField

    def filter(self, rows: Rows, value: Pairs) -> Rows:
        return self.narrow(rows, value) if value else rows


class AttributesFilter(PairsFilter):
    def narrow(self, rows: Rows, value: Pairs) -> Rows:
        for name, values in value.items():
            described = ProductAttribute.objects.filter(
                value__attribute__slug=name, value__slug__in=values
            )
            rows = rows.filter(pk__in=described.values("product"))
        return rows


class OptionsFilter(PairsFilter):
    def narrow(self, rows: Rows, value: Pairs) -> Rows:
        return rows.filter(pk__in=offering(value).values("product"))


def offering(options: Pairs) -> QuerySet[Variant]:
    """The variants on sale that have one of the values for each of the names, all at once."""
    rows = Variant.objects.live()
    for name, values in options.items():
        chosen = VariantOption.objects.filter(attribute__slug=name, value__slug__in=values)
        rows = rows.filter(pk__in=chosen.values("variant"))
    return rows


class PriceFilter(django_filters.NumberFilter):
    """An amount in SHOP_CURRENCY against whole minor units; finer amounts round inwards."""

    def filter(self, rows: Rows, value: Decimal | None) -> Rows:
        return rows if value is None else rows.filter(self.condition(value))

    def condition(self, value: Decimal) -> Q:
        rounding = ROUND_CEILING if self.lookup_expr == "gte" else ROUND_FLOOR
        scaled = value.scaleb(money.exponent(settings.SHOP_CURRENCY))
        minor = int(scaled.to_integral_value(rounding=rounding))
        bounded = max(-1, min(minor, MAX_KEY))
        return Q(**{f"price_min_minor__{self.lookup_expr}": bounded})


class ProductFilterSet(django_filters.FilterSet):
    """All must hold; of several values in a list one will do; what is empty narrows nothing.

    Slugs are taken as such or as the names that they were made from.
    """

    category = CategoryFilter(label="Category, with those below it")
    collection = CollectionFilter(label="Collection")
    brand = BrandFilter(label="Brand")
    min_price = PriceFilter(lookup_expr="gte", label="Price from")
    max_price = PriceFilter(lookup_expr="lte", label="Price up to")
    in_stock = django_filters.BooleanFilter(field_name="in_stock", label="In stock")
    min_rating = django_filters.NumberFilter(
        field_name="rating_average", lookup_expr="gte", label="Stars from"
    )
    attributes = AttributesFilter(label="Attributes, as name:value")
    options = OptionsFilter(label="Options, as name:value")
    status = Texts(field_name="status", label="Status")
    ids = KeysFilter(label="Ids")
    updated_from = django_filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed since"
    )

    class Meta:
        model = Product
        fields: list[str] = []


@dataclass(frozen=True)
class Narrowing:
    """A filter that was read once and is applied as often as the counts beside a list need it."""

    chosen: Mapping[str, Any]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Narrowing":
        """Read a filter given by the names of ProductFilterSet.

        Raises:
            InvalidFilter: for a value that cannot be read.
        """
        form = ProductFilterSet(data, queryset=Product.objects.none()).form
        if not form.is_valid():
            field, errors = next(iter(form.errors.items()))
            raise InvalidFilter("INVALID", " ".join(str(error) for error in errors), field)
        return cls(form.cleaned_data)

    def texts(self, field: str) -> set[str]:
        """The slugs chosen in a field that takes a list of them."""
        return keys(self.chosen[field])

    def pairs(self, field: str, without: str | None = None) -> Pairs:
        """The chosen values of `attributes` or `options` by name, one name left out."""
        return {name: found for name, found in self.chosen[field].items() if name != without}

    def apply(self, rows: Rows, *, relaxed: Mapping[str, Any] | None = None) -> Rows:
        """The rows that fit; `relaxed` holds fields with what they are to be taken for instead."""
        for field, value in {**self.chosen, **(relaxed or {})}.items():
            rows = ProductFilterSet.base_filters[field].filter(rows, value)
        return rows

    def condition(self, fields: Iterable[str]) -> Q:
        """What those of min_price, max_price, min_rating and in_stock ask of the columns."""
        found = Q()
        for field in fields:
            filter, value = ProductFilterSet.base_filters[field], self.chosen[field]
            if value is not None:
                plain = Q(**{f"{filter.field_name}__{filter.lookup_expr}": value})
                found &= filter.condition(value) if isinstance(filter, PriceFilter) else plain
        return found
