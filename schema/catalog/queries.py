"""Questions about the catalogue, and the ways to anything by its id."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from strawberry import relay

from catalog import models
from schema import batch, ids, pages
from schema.authorization.rules import ITS_TYPE, ON_SALE, PUBLIC, REVIEW, guard
from schema.catalog import columns, reviews, shelves, trees, visible
from schema.catalog.groups import Category, Collection, Filter, Sort
from schema.catalog.reviews import ReviewFilter
from schema.catalog.types import Product, ProductConnection, Review, Variant
from schema.context import viewer
from schema.errors import Denied, Info
from schema.pages import After, Before, First, Keyset, Last, Page, PageArgs

BY_NAME = Keyset("NAME", "name", str)
Id = Annotated[strawberry.ID | None, strawberry.argument(description="Of exactly this one.")]
Slug = Annotated[str | None, strawberry.argument(description="In place of the id.")]
Sku = Annotated[
    str | None, strawberry.argument(description="In place of the id; case does not matter.")
]
Text = Annotated[
    str | None,
    strawberry.argument(
        description="Words in name, brand or description, or a SKU or its start, as typed by a"
        ' person; at most 100 characters. "A phrase" stands together, -this is not there.'
    ),
]


def found_by(rows: QuerySet[Any], id: str | None, **other: Any) -> Any:
    """The one row by its id or by the other key.

    Raises:
        Denied: BAD_REQUEST unless exactly one of them is given.
    """
    given = ids.only_one(id=id, **other)
    if id is not None:
        return ids.find(rows, id)
    return rows.filter(**given).first()


def all_found(wanted: Sequence[str], info: Info) -> list[Any]:
    """The rows with those ids in that order, None where there is none; a statement a type."""
    keys = [meant_by(id) for id in wanted]
    by_type: dict[str, set[Any]] = {}
    for name, key in filter(None, keys):
        by_type.setdefault(name, set()).add(key)
    found: dict[Any, Any] = {}
    for name, of_type in by_type.items():
        attribute = ids.KEYS.get(name, "pk")
        rows = ids.NODES[name](viewer(info)).filter(**{f"{attribute}__in": of_type})
        found |= {(name, getattr(row, attribute)): row for row in batch.together(rows)}
    return [found.get(key) for key in keys]


def meant_by(id: str) -> tuple[str, Any] | None:
    """Type name and key in an id of a type that `node` leads to, else None."""
    name, _ = ids.unpack(id) or ("", "")
    key = ids.key_of(name, id) if name in ids.NODES else None
    if key is None:
        return None
    return name, key if name in ids.KEYS else int(key)


@strawberry.type
class CatalogQuery:
    @strawberry.field(
        description="Anything by its id; null for what you may not see.", metadata=guard(ITS_TYPE)
    )
    def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Of any type.")],
    ) -> relay.Node | None:
        return all_found([id], info)[0]  # type: ignore[no-any-return]

    @strawberry.field(
        description="Several at once, in that order; null for what you may not see.",
        metadata=guard(ITS_TYPE),
    )
    def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="Of any types, also mixed; at most 100."),
        ],
    ) -> list[relay.Node | None]:
        if len(ids) > pages.MOST:
            raise Denied("LIMIT_EXCEEDED", f"At most {pages.MOST} ids at once.")
        return all_found(ids, info)

    @strawberry.field(
        description="The catalogue by the page, with the counts beside it.", metadata=guard(ON_SALE)
    )
    def products(
        self,
        info: Info,
        filter: Filter = None,
        search: Text = None,
        sort: Sort = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection:
        args = PageArgs.of(first, after, last, before)
        wanted = columns.of_products(info)
        return shelves.in_shop(viewer(info), filter, search, sort, args, wanted)

    @strawberry.field(
        description="One product, or null if there is none you may see.", metadata=guard(ON_SALE)
    )
    def product(self, info: Info, id: Id = None, slug: Slug = None) -> Product | None:
        return visible.one(viewer(info), id, slug, columns.of_product(info))  # type: ignore[return-value]

    @strawberry.field(
        description="One variant, or null if there is none you may see.", metadata=guard(ON_SALE)
    )
    def variant(self, info: Info, id: Id = None, sku: Sku = None) -> Variant | None:
        rows = models.Variant.objects.visible_to(viewer(info)).annotate(_sku=Lower("sku"))
        asked = None if sku is None else Lower(Value(sku))
        return found_by(rows, id, _sku=asked)  # type: ignore[no-any-return]

    @strawberry.field(
        description="The top of the tree, in the merchant's order.", metadata=guard(PUBLIC)
    )
    def categories(self, info: Info) -> list[Category]:
        return trees.top(columns.of_categories(info))  # type: ignore[return-value]

    @strawberry.field(description="One category; null if there is none.", metadata=guard(PUBLIC))
    def category(self, id: Id = None, slug: Slug = None) -> Category | None:
        return found_by(models.Category.objects.all(), id, slug=slug)  # type: ignore[no-any-return]

    @strawberry.field(description="All collections, by name.", metadata=guard(PUBLIC))
    def collections(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Page[Collection]:
        args = PageArgs.of(first, after, last, before)
        return Page(page=pages.slice_of(models.Collection.objects.all(), BY_NAME, args))

    @strawberry.field(description="One collection; null if there is none.", metadata=guard(PUBLIC))
    def collection(self, id: Id = None, slug: Slug = None) -> Collection | None:
        return found_by(models.Collection.objects.all(), id, slug=slug)  # type: ignore[no-any-return]

    @strawberry.field(
        description="What buyers say, the latest first: published reviews and your own; all for"
        " staff.",
        metadata=guard(REVIEW),
    )
    def reviews(
        self,
        info: Info,
        filter: Annotated[
            ReviewFilter | None, strawberry.argument(description="Narrows the list.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Review]:
        rows = models.Review.objects.visible_to(viewer(info))
        args = PageArgs.of(first, after, last, before)
        return reviews.page_among(rows, filter, args)
