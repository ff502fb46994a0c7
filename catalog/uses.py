"""How many products have each value of an attribute or an option, by the ids of the values."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet, Value

from catalog import listings
from catalog.filters import Narrowing, Rows, offering
from catalog.models import Listing, ProductAttribute, VariantOption

KINDS = {"OPTION": "options", "ATTRIBUTE": "attributes"}  # and the filter's fields


def shown(kind: str, narrowing: Narrowing) -> dict[int, int]:
    """What is chosen of a kind, which is shown where it gives nothing, too."""
    meant: dict[str, list[int]] = narrowing.meant[KINDS[kind]]
    return {pk: 0 for values in meant.values() for pk in values}


def counted(rows: Rows, narrowing: Narrowing) -> QuerySet[Any, Any]:
    """Tuples of kind, value and count, each counted with the choices for its own name relaxed.

    All names without a choice are counted together, and each name with one for itself.
    """
    first, *others = [*options(rows, narrowing), *attributes(rows, narrowing)]
    return first.union(*others, all=True)


def options(rows: Rows, narrowing: Narrowing) -> Iterator[QuerySet[Any, Any]]:
    """Choices of the variants that offer what is chosen of all other options."""
    products = narrowing.apply(rows, relaxed={"options": {}}).order_by().values("pk")
    if listings.are_kept() and not narrowing.pairs("options"):
        yield listed(products)
        return
    once = Count("variant__product", distinct=True)
    for name, uses in split(VariantOption.objects.order_by(), narrowing.pairs("options")):
        variants = offering(narrowing.others("options", name))
        found = uses.filter(variant__in=variants, variant__product__in=products)
        yield of_kind("OPTION", found, once)


def listed(products: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The same where no option is chosen, without a look at the variants."""
    rows = Listing.objects.order_by().filter(kind=Listing.Kind.OPTION, product__in=products)
    pairs = rows.annotate(_kind=Value("OPTION")).values_list("_kind", "owner")
    found: QuerySet[Any, Any] = pairs.annotate(n=Count("product"))
    return found


def attributes(rows: Rows, narrowing: Narrowing) -> Iterator[QuerySet[Any, Any]]:
    for name, uses in split(ProductAttribute.objects.order_by(), narrowing.pairs("attributes")):
        others = narrowing.others("attributes", name)
        products = narrowing.apply(rows, relaxed={"attributes": others}).order_by()
        found = uses.filter(product__in=products.values("pk"))
        yield of_kind("ATTRIBUTE", found, Count("pk"))  # a product has a value once


def split(uses: QuerySet[Any], chosen: Any) -> Iterator[tuple[str | None, QuerySet[Any]]]:
    """The uses of all names without a choice, under None, and of each name with one."""
    yield None, uses.exclude(value__attribute__slug__in=chosen) if chosen else uses
    for name in chosen:
        yield name, uses.filter(value__attribute__slug=name)


def of_kind(kind: str, uses: QuerySet[Any], products: Count) -> QuerySet[Any, Any]:
    pairs = uses.annotate(_kind=Value(kind)).values_list("_kind", "value")
    found: QuerySet[Any, Any] = pairs.annotate(n=products)
    return found
