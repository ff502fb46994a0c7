"""Ways up the tree of categories."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from catalog import models
from schema import batch
from shop.prepared import Among, Columns, Prepared, columns_of

ANCESTORS = "ancestors"
BESIDE: Any = models.Product._meta.get_field("category")


def in_order() -> QuerySet[models.Category]:
    return models.Category.objects.order_by("position", "pk")


def top(columns: Columns) -> list[models.Category]:
    """Those that stand in no other."""
    ask = Prepared("top categories", lambda: in_order().filter(parent=None), columns)
    return batch.found(ask)


def children_of(category: models.Category) -> list[models.Category]:
    """With the columns that it was read with; one statement for all categories of a level."""
    among = Among("parent_id", "owners")
    columns = columns_of(category)
    if columns.own is not None:
        columns = replace(columns, own=columns.own | {"parent_id"})
    ask = Prepared("child categories", lambda: in_order().filter(among), columns)
    return batch.children(category, "children", "parent_id", ask)


def ancestors_of(category: models.Category) -> list[models.Category]:
    """From the top down; one statement for all categories read together."""

    def read(peers: list[models.Category]) -> dict[int, list[models.Category]]:
        wanted = {pk for peer in peers for pk in peer.ancestor_ids}
        rows = models.Category.objects.filter(pk__in=wanted) if wanted else []
        return above(peers, {row.pk: row for row in batch.together(rows)})

    return batch.load(category, ANCESTORS, read, [])


def above(
    categories: Iterable[models.Category], by_pk: dict[int, models.Category]
) -> dict[int, list[models.Category]]:
    return {row.pk: [by_pk[pk] for pk in row.ancestor_ids if pk in by_pk] for row in categories}


def category_of(product: models.Product) -> models.Category | None:
    """Where the product stands; the ways up come with the same statement, if it needs one."""
    beside: models.Category | bool | None = BESIDE.get_cached_value(product, default=False)
    if not isinstance(beside, bool):
        return beside

    def read(peers: list[models.Product]) -> dict[int, models.Category | None]:
        wanted = {peer.category_id for peer in peers} - {None}
        if not wanted:
            return {}
        under = models.Category.objects.filter(pk__in=wanted, path__startswith=OuterRef("path"))
        by_pk = {row.pk: row for row in models.Category.objects.filter(Exists(under))}
        places = batch.together(row for pk, row in by_pk.items() if pk in wanted)
        batch.together(row for pk, row in by_pk.items() if pk not in wanted)
        batch.keep(places, ANCESTORS, above(places, by_pk))
        return {peer.pk: by_pk[peer.category_id] for peer in peers if peer.category_id in by_pk}

    nowhere: models.Category | None = None
    return batch.load(product, "category", read, nowhere)
