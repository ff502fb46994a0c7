"""Products where they stand: in the whole shop, in a category, in a collection."""

from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.db.models import Case, F, OuterRef, Subquery, Value, When

from catalog import branches, facets, models, search, sorting
from catalog.filters import Narrowing, Rows
from schema import batch, ids, pages
from schema.catalog import tallies, visible
from schema.catalog.lists import ProductConnection, ProductFilter, ProductSort
from schema.errors import Denied, check_argument
from schema.pages import Keyset, PageArgs
from shop.errors import Refused
from shop.prepared import WHOLE, Columns, Prepared
from users.models import User


def reading(filter: ProductFilter | None) -> Narrowing:
    """The filter of a query as the catalogue takes it.

    Raises:
        Denied: LIMIT_EXCEEDED for a list that is too long, BAD_REQUEST for what cannot be read.
    """
    return unfiltered() if filter is None else read(filter)


@cache
def unfiltered() -> Narrowing:
    return read(ProductFilter())


def read(wanted: ProductFilter) -> Narrowing:
    check_argument(wanted, "filter")
    try:
        return Narrowing.of(
            {
                **vars(wanted),
                "attributes": pairs(wanted.attributes),
                "options": pairs(wanted.options),
                "status": [status.value for status in wanted.status or []],
                "ids": [ids.key_of("Product", id) or "none" for id in wanted.ids or []],
            }
        )
    except Refused as refusal:
        raise Denied("BAD_REQUEST", f"The filter cannot be read: {refusal}") from None


def pairs(wanted: list[Any] | None) -> list[tuple[str, str]]:
    return [(entry.name, value) for entry in wanted or [] for value in entry.values]


def keyset(sort: sorting.Sort) -> Keyset:
    return Keyset(sort.name, sort.column, sort.kind, descending=sort.descending)


def ordering(
    asked: ProductSort | None, *, searching: bool = False, in_collection: bool = False
) -> Keyset:
    name = str(asked.value) if asked else None
    return keyset(sorting.chosen(name, searching=searching, in_collection=in_collection))


def in_shop(
    who: User | None,
    filter: ProductFilter | None,
    text: str | None,
    sort: ProductSort | None,
    args: PageArgs,
    columns: Columns = WHOLE,
) -> ProductConnection:
    """All that the viewer may see, narrowed and searched through.

    Raises:
        Denied: LIMIT_EXCEEDED for a search text that is too long; what `reading` raises.
    """
    narrowing = reading(filter)
    collections = narrowing.chosen["collection"]
    if text and text.strip():
        rows = models.Product.objects.visible_to(who)
        found = searched(rows, text)
        order = ordering(sort, searching=True, in_collection=len(collections) == 1)
        placed = in_place(rows, narrowing) if order.column == "place" else rows
        narrowed = narrowing.apply(placed)
        parts = found.parts(narrowed) if order.column == "rank" else ()
        page = pages.slice_of(found.among(narrowed), order, args, parts)
        page.count = tallies.kept(("search", text, narrowing.key), who, page.count)
        counted = tallies.kept(
            ("facets of search", text, narrowing.told),
            who,
            lambda: facets.of(found.among(rows), narrowing),
        )
        return ProductConnection(page=page, counted=counted)
    order = ordering(sort, in_collection=len(collections) == 1)
    ask = visible.products(("shop", narrowing.key), who, narrowing.apply, columns)
    if order.column == "place":
        ask = placed_in(ask, narrowing)
    return ProductConnection(
        page=pages.prepared_slice(
            ask,
            order,
            args,
            tallies.kept(
                ("shop", narrowing.key), who, lambda: tallies.number(narrowing.apply(all_for(who)))
            ),
        ),
        counted=tallies.kept(
            ("facets", narrowing.told), who, lambda: facets.of(all_for(who), narrowing)
        ),
    )


def all_for(who: User | None) -> Rows:
    return models.Product.objects.visible_to(who)


def placed_in(ask: Prepared, narrowing: Narrowing) -> Prepared:
    return replace(
        ask,
        build=lambda: in_place(ask.build(), narrowing),
        columns=replace(ask.columns, more=("place",)),
    )


def searched(rows: Rows, text: str) -> search.Found:
    if len(text) > search.LONGEST:
        raise Denied("LIMIT_EXCEEDED", f"A search takes at most {search.LONGEST} characters.")
    return search.found(rows, text)


def in_place(rows: Rows, narrowing: Narrowing) -> Rows:
    """With the product's position in the one collection that a list is narrowed to."""
    meant = narrowing.meant["collection"]
    if len(meant) == 1:  # an index holds the places of one in their order
        return rows.filter(places__collection=meant[0]).annotate(place=F("places__position"))
    places = models.CollectionProduct.objects.filter(product=OuterRef("pk"), collection__in=meant)
    return rows.annotate(place=Subquery(places.order_by("pk").values("position")[:1]))


def in_category(
    category: models.Category,
    who: User | None,
    filter: ProductFilter | None,
    sort: ProductSort | None,
    args: PageArgs,
    columns: Columns = WHOLE,
) -> ProductConnection:
    """What stands in the category or below it; for several categories a statement a level."""
    narrowing = reading(filter)
    rows = models.Product.objects.visible_to(who)

    def of_peers(peers: list[Any]) -> list[Rows]:
        levels: dict[int, list[models.Category]] = {}
        for peer in {peer.pk: peer for peer in peers}.values():
            levels.setdefault(len(peer.ancestor_ids), []).append(peer)
        # Categories of one level have nothing in common, so that each product has one owner.
        return [below(narrowing.apply(rows), level) for level in levels.values()]

    page = pages.slice_for(
        category,
        of_peers,
        ordering(sort),
        args,
        by="_category",
        key=("category", repr(filter)),
        alone=partial(below_one, who=who, narrowing=narrowing, columns=columns),
    )
    page.count = lambda: batch.load(
        category, ("in categories", repr(filter)), partial(tallies.in_each, rows, narrowing, who), 0
    )

    def own() -> Rows:
        return rows.filter(category__in=branches.under(category))

    shape = ("facets in category", category.path, narrowing.told)
    counted = tallies.kept(shape, who, lambda: facets.of(own(), narrowing))
    return ProductConnection(page=page, counted=tallies.of_one(category, counted))


def below_one(
    category: models.Category, *, who: User | None, narrowing: Narrowing, columns: Columns
) -> Prepared:
    """A prepared read of what stands in one category or below it."""
    under = branches.under(category)

    def narrow(rows: Rows) -> Rows:
        return narrowing.apply(rows).filter(category__in=under)

    return visible.products(("category", tuple(under), narrowing.key), who, narrow, columns)


def below(rows: Rows, level: list[models.Category]) -> Rows:
    """The products under categories of one level of the tree, with the category's id."""
    if len(level) == 1:
        own = rows.filter(category__path__startswith=level[0].path)
        return own.annotate(_category=Value(level[0].pk))
    owner = Case(
        *(When(category__path__startswith=one.path, then=Value(one.pk)) for one in level),
        default=None,
    )
    return rows.annotate(_category=owner).filter(_category__isnull=False)


def in_collection(
    collection: models.Collection,
    who: User | None,
    filter: ProductFilter | None,
    sort: ProductSort | None,
    args: PageArgs,
) -> ProductConnection:
    """What was put into the collection; one statement for all collections read together."""
    narrowing = reading(filter)
    rows = models.Product.objects.visible_to(who)
    placed = rows.annotate(_collection=F("places__collection"), place=F("places__position"))
    page = pages.slice_for(
        collection,
        narrowing.apply(placed),
        ordering(sort, in_collection=True),
        args,
        by="_collection",
        key=("collection", repr(filter)),
    )
    places = models.CollectionProduct.objects.filter(collection=collection)
    own = rows.filter(pk__in=places.values("product"))
    if len(batch.peers_of(collection)) == 1:
        shape = ("in collection", collection.pk, narrowing.key)
        page.count = tallies.kept(shape, who, lambda: tallies.number(narrowing.apply(own)))
    shape = ("facets in collection", collection.pk, narrowing.told)
    counted = tallies.kept(shape, who, lambda: facets.of(own, narrowing))
    return ProductConnection(page=page, counted=tallies.of_one(collection, counted))
