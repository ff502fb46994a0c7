"""Prepared reads of the products that a viewer may see."""

from collections.abc import Callable, Hashable

from django.db.models import SlugField
from django.utils import timezone

from catalog import models
from catalog.filters import Rows
from catalog.querysets import NOW
from schema import batch, ids
from shop.prepared import PK, WHOLE, Columns, Prepared, Slot
from users.models import User


def products(
    shape: Hashable, who: User | None, narrow: Callable[[Rows], Rows], columns: Columns
) -> Prepared:
    """A prepared read of what the viewer may see of the products, narrowed as the shape tells."""
    staff = who is not None and who.is_staff
    return Prepared(
        (shape, staff),
        lambda: narrow(models.Product.objects.visible_to(who, NOW)),
        columns,
        {"now": timezone.now()},
    )


def all_products(who: User | None) -> Prepared:
    return products("all", who, lambda rows: rows, WHOLE)


def one(
    who: User | None, id: str | None, slug: str | None, columns: Columns
) -> models.Product | None:
    """A product by one of its keys. Raises Denied: BAD_REQUEST unless exactly one is given."""
    ids.only_one(id=id, slug=slug)
    column, key = ("slug", slug) if id is None else ("pk", ids.key_of("Product", id))
    if key is None:
        return None
    slot = Slot("key", SlugField() if id is None else PK)
    ask = products(("one", column), who, lambda rows: rows.filter(**{column: slot}), columns)
    found: list[models.Product] = batch.found(ask, key=key)
    return found[0] if found else None
