"""What a list of products can be narrowed by, for the API and the admin alike."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from functools import cached_property, partial, reduce
from operator import or_
from typing import Any, cast

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet

from catalog import branches, counts, listings, slugs
from catalog.models import (
    AttributeValue,
    Brand,
    Collection,
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

    def filter(self, rows: Rows, value: Any) -> Rows:
        return self.narrow(rows, self.meant(value)) if value else rows

    def meant(self, value: Any) -> Any:
        """What is compared with a column; where that is an id, a statement finds it by slug.

        Beforehand: a database that reads `brand_id = 7` knows how many rows that will be, and
        takes another way to many than to few.
        """
        return value

    def narrow(self, rows: Rows, meant: Any) -> Rows:
        return rows.filter(**{f"{self.field_name}__in": meant})


Ids = list[int]


def ids(rows: QuerySet[Any]) -> Ids:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def having(rows: Rows, products: QuerySet[Any, Any]) -> Rows:
    """Those of the rows whose key is among these."""
    return rows.filter(**{f"{listings.key_of(rows)}__in": products})


class BrandFilter(Texts):
    def meant(self, value: list[str]) -> Ids:
        return ids(Brand.objects.filter(slug__in=keys(value)))


class CategoryFilter(Texts):
    def meant(self, value: list[str]) -> Ids:
        return branches.Branch.of(keys(value))


class CollectionFilter(Texts):
    def meant(self, value: list[str]) -> Ids:
        return ids(Collection.objects.filter(slug__in=keys(value)))

    def narrow(self, rows: Rows, meant: Ids) -> Rows:
        places = CollectionProduct.objects.filter(collection__in=meant)
        return having(rows, places.values("product"))


class KeysFilter(Texts):
    """Rows by primary key; what cannot be one leads to none."""

    def narrow(self, rows: Rows, meant: list[str]) -> Rows:
        numbers = [int(text) for text in meant if text.isascii() and text.isdigit()]
        return rows.filter(pk__in=[number for number in numbers if number <= MAX_KEY])


Named = dict[str, Ids]


class PairsFilter(Texts):
    """Ids of attribute values, by the name that they were chosen for."""

    field_class = PairsField

    def meant(self, value: Pairs) -> Named:
        wanted = (Q(attribute__slug=name, slug__in=slugs) for name, slugs in value.items())
        found: Named = {name: [] for name in value}
        rows = AttributeValue.objects.filter(reduce(or_, wanted)).order_by("pk")
        for name, pk in rows.values_list("attribute__slug", "pk"):
            found[name].append(pk)
        return found


class AttributesFilter(PairsFilter):
    def narrow(self, rows: Rows, meant: Named) -> Rows:
        for values in meant.values():
            described = ProductAttribute.objects.filter(value__in=values)
            rows = having(rows, described.values("product"))
        return rows


class OptionsFilter(PairsFilter):
    def narrow(self, rows: Rows, meant: Named) -> Rows:
        return having(rows, offering(meant).values("product"))


def offering(options: Named) -> QuerySet[Variant]:
    """The variants on sale that have one of the values for each of the names, all at once."""
    rows = Variant.objects.live()
    for values in options.values():
        rows = rows.filter(pk__in=VariantOption.objects.filter(value__in=values).values("variant"))
    return rows


class PriceField(forms.DecimalField):
    """An amount in SHOP_CURRENCY, as whole minor units; finer amounts round as told: inwards."""

    def __init__(self, *, rounding: str, **options: Any) -> None:
        super().__init__(**options)
        self.rounding = rounding

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value)
        if amount is None:
            return None
        scaled = amount.scaleb(money.exponent(settings.SHOP_CURRENCY))
        return max(-1, min(int(scaled.to_integral_value(rounding=self.rounding)), MAX_KEY))


class PriceFilter(django_filters.NumberFilter):
    field_class = PriceField


class ProductFilterSet(django_filters.FilterSet):
    """All must hold; of several values in a list one will do; what is empty narrows nothing.

    Slugs are taken as such or as the names that they were made from.
    """

    category = CategoryFilter(label="Category, with those below it")
    collection = CollectionFilter(label="Collection")
    brand = BrandFilter(label="Brand")
    min_price = PriceFilter("price_min_minor", "gte", rounding=ROUND_CEILING, label="Price from")
    max_price = PriceFilter("price_min_minor", "lte", rounding=ROUND_FLOOR, label="Price up to")
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


# These filters take slugs of what is compared by its id.
BY_SLUG = {"category", "collection", "brand", "attributes", "options"}


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

    def pairs(self, field: str) -> Pairs:
        """The chosen values of `attributes` or `options` by name."""
        return cast("Pairs", self.chosen[field])

    @cached_property
    def meant(self) -> Mapping[str, Any]:
        """What is chosen, with ids in place of slugs; a statement for each field that has some."""
        by_slug = {
            field: counts.remembered(
                (field, repr(value)), partial(ProductFilterSet.base_filters[field].meant, value)
            )
            for field, value in self.chosen.items()
            if field in BY_SLUG and value
        }
        return {**self.chosen, **by_slug}

    def others(self, field: str, without: str | None) -> Named:
        """What is meant in `attributes` or `options`, one name left out."""
        return {name: found for name, found in self.meant[field].items() if name != without}

    @cached_property
    def key(self) -> Hashable:
        """All that the rows depend on; the same for filters that leave the same rows."""
        # Chosen and meaning nothing is not the same as not chosen: it leaves no row.
        asked = [field for field, value in self.chosen.items() if value]
        return repr(self.meant), repr(asked), settings.SHOP_CURRENCY

    @property
    def told(self) -> Hashable:
        """All that the facets depend on: they show what was chosen as it is written."""
        return repr(self.chosen), self.key

    def apply(self, rows: Rows, *, relaxed: Mapping[str, Any] | None = None) -> Rows:
        """The rows that fit; `relaxed` holds fields with what they are to mean instead."""
        relaxed = relaxed or {}
        for field, value in {**self.meant, **relaxed}.items():
            filter = ProductFilterSet.base_filters[field]
            if not isinstance(filter, Texts):
                rows = filter.filter(rows, value)
            elif value or (self.chosen[field] and field not in relaxed):
                rows = filter.narrow(rows, value)
        return rows

    @cached_property
    def lists(self) -> list[Callable[[Rows], Rows]]:
        """As `apply`, for rows that are to be sorted: from lists that are kept, if there are some.

        Of several each leaves a part of the rows, and a row may be in more than one.
        """
        if not listings.are_kept():
            return [self.apply]
        return [partial(self.listed, part) for part in listings.parts(self.meant)]

    def listed(self, part: Mapping[str, Any], rows: Rows) -> Rows:
        kept = listings.holding({**self.meant, **part})
        if kept is None:
            return self.apply(rows)
        found = listings.of(rows, kept.kind, kept.owner)
        # Asked of the list as well, so that a list in this order begins where they begin to hold.
        bounds = self.condition(("min_price", "max_price", "min_rating"), of=listings.LISTED)
        return self.apply(found.filter(bounds), relaxed={**part, **kept.left})

    def condition(self, fields: Iterable[str], *, of: str = "") -> Q:
        """What those of min_price, max_price, min_rating and in_stock ask of the columns.

        Args:
            of: what the columns' names begin with, where they are not the product's own.
        """
        found = Q()
        for field in fields:
            filter, value = ProductFilterSet.base_filters[field], self.chosen[field]
            if value is not None:
                found &= Q(**{f"{of}{filter.field_name}__{filter.lookup_expr}": value})
        return found
