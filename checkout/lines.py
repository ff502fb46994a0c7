"""The lines of a quote: what is for sale now, what it is called and what it belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, JSONField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from catalog.models import CollectionProduct, Variant
from catalog.querysets import NOW
from shop.prepared import WHOLE, Among, Columns, Prepared

# Whole rows: they are also what the API shows of a cart's lines.
TO_BUY = Columns(
    more=("collections",), beside=(("product", Columns(beside=(("category", WHOLE),))),)
)


@dataclass(frozen=True)
class QuoteLine:
    """A wish with its present price; without a variant once that is gone or hidden."""

    id: int  # the cart line's, or the wish's place in the request
    variant: Variant | None
    quantity: int
    sku: str
    name: str
    unit_minor: int
    path: tuple[str, ...] = ()  # where in a request it was asked for

    @property
    def key(self) -> int:
        """The same for the same thing, in whatever order a cart was filled."""
        return self.variant.pk if self.variant else -self.id

    @property
    def tax_class(self) -> str:
        return self.variant.product.tax_class if self.variant else ""

    @property
    def groups(self) -> frozenset[str]:
        """What discounts may ask for: the product, its collections, its category and all above."""
        return groups_of(self.variant) if self.variant else frozenset()


class Ids(Aggregate):
    """The ids of a group as one list."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


def variants_for(ids: Iterable[int | None]) -> dict[int, Variant]:
    """The variants that anybody may buy now, with what `groups_of` asks for, by id.

    One statement: the collections come as a list beside each row.
    """
    wanted = {id for id in ids if id is not None}
    if not wanted:
        return {}
    ask = Prepared("variants to buy", _to_buy, TO_BUY, {"now": timezone.now()})
    return {row.pk: row for row in ask.read(wanted=wanted)}


def _to_buy() -> QuerySet[Any]:
    places = CollectionProduct.objects.filter(product=OuterRef("product")).order_by()
    collections = places.values("product").annotate(ids=Ids("collection")).values("ids")
    rows = Variant.objects.public(NOW).filter(Among("pk", "wanted")).order_by("position", "pk")
    return rows.annotate(collections=Subquery(collections))


def full_name(variant: Variant) -> str:
    """What a line is called: the product, and which of its variants where it says."""
    return ", ".join(filter(None, [variant.product.name, variant.name]))


def groups_of(variant: Variant) -> frozenset[str]:
    """What a variant of `variants_for` belongs to, as `Discount.groups` has it."""
    product = variant.product
    path = product.category.path if product.category else ""
    above = [f"category:{id}" for id in path.split("/") if id]
    inside = [f"collection:{id}" for id in getattr(variant, "collections", None) or ()]
    return frozenset([f"product:{product.pk}", *above, *inside])


def line_of(
    id: int, variant: Variant | None, quantity: int, *, path: tuple[str, ...] = ()
) -> QuoteLine:
    if variant is None:
        return QuoteLine(id, None, quantity, "", "", 0, path)
    name, price = full_name(variant), variant.price_minor
    return QuoteLine(id, variant, quantity, variant.sku, name, price, path)
