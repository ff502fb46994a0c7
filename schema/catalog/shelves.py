"""Products where they stand: in the whole shop, in a category, in a collection."""

from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.db.models import Case, F, OuterRef, Subquery, Value, When

from catalog import branches, facets, listings, models, search, sorting
from catalog.cells import Cells
from catalog.filters import Narrowing, Rows
from catalog.hits import Hits
from schema import batch, ids, pages
from schema.catalog import tallies, visible
from schema.catalog.lists import ProductConnection, ProductFilter, ProductSort, refuse_long
from schema.errors import Denied, check_argument
from schema.pages import Keyset, PageArgs
from shop.errors import Refused
from shop.prepared import PK, WHOLE, Among, Columns, Prepared, Slot
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
    refuse_long(wanted)
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
    if text and text.strip():
        return of_search(who, narrowing, text, sort, args, columns)
    return of_all(who, narrowing, sort, args, columns)


def of_all(
    who: User | None,
    narrowing: Narrowing,
    sort: ProductSort | None,
    args: PageArgs,
    columns: Columns,
) -> ProductConnection:
    order = ordering(sort, in_collection=has_places(narrowing))
    if order.column == "place":
        asks = [placed_in(narrowed(who, narrowing, columns), narrowing)]
    else:
        asks = [
            visible.products(("sorted", narrowing.key, number), who, narrow, columns)
            for number, narrow in enumerate(narrowing.lists)
        ]
    total = partial(tallies.number, narrowed(who, narrowing))
    count = tallies.kept(("shop", narrowing.key), who, total)
    page = pages.slice_of_any(asks, order, args, count)
    counted = tallies.facets("all", who, partial(visible.all_products, who), narrowing)
    return ProductConnection(page=page, counted=counted)


def of_search(
    who: User | None,
    narrowing: Narrowing,
    text: str,
    sort: ProductSort | None,
    args: PageArgs,
    columns: Columns,
) -> ProductConnection:
    everything = visible.all_products(who)
    hits = searched(everything, text)
    order = ordering(sort, searching=True, in_collection=has_places(narrowing))
    asks = sorted_hits(hits, narrowed(who, narrowing, columns), narrowing, order)
    cells = Cells(hits.among(everything), narrowing)

    def total() -> int:
        # Of few hits the facets' own statement tells the number as cheaply, and once for both.
        return cells.total if hits.few else tallies.number(counted_hits(hits, who, narrowing))

    page = pages.slice_in_parts(
        asks, order, args, tallies.kept(("search", text, narrowing.key), who, total)
    )
    shape = ("facets of search", text, narrowing.told)
    counted = tallies.kept(shape, who, lambda: facets.of(cells), within=tallies.FACETS)
    return ProductConnection(page=page, counted=counted)


def counted_hits(hits: Hits, who: User | None, narrowing: Narrowing) -> Prepared:
    """One row for each hit that fits the filter, from what is cheapest to count."""
    if hits.entries and narrowing.key == unfiltered().key:
        return hits.entries(public=who is None or not who.is_staff)
    return hits.among(narrowed(who, narrowing))


def sorted_hits(hits: Hits, ask: Prepared, narrowing: Narrowing, order: Keyset) -> list[Prepared]:
    """The hits of what is asked for, in pieces that stand one after the other in the order."""
    if order.column == "place":
        return [hits.among(placed_in(ask, narrowing))]
    if order.column != "rank":
        return [hits.among(ask)]
    return hits.in_parts(replace(ask, columns=replace(ask.columns, more=("rank",))))


def narrowed(who: User | None, narrowing: Narrowing, columns: Columns = WHOLE) -> Prepared:
    return visible.products(("shop", narrowing.key), who, narrowing.apply, columns)


def has_places(narrowing: Narrowing) -> bool:
    """Whether the list is that of one collection, which has an order of its own."""
    return len(narrowing.chosen["collection"]) == 1


def placed_in(ask: Prepared, narrowing: Narrowing) -> Prepared:
    return replace(
        ask,
        build=lambda: in_place(ask.build(), narrowing),
        columns=replace(ask.columns, more=("place",)),
    )


def searched(ask: Prepared, text: str) -> Hits:
    if len(text) > search.LONGEST:
        raise Denied("LIMIT_EXCEEDED", f"A search takes at most {search.LONGEST} characters.")
    return search.found(ask, text)


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

    def own() -> Prepared:
        return visible.all_products(who).narrowed(
            "branch",
            lambda rows: rows.filter(Among("category_id", "branch")),
            branch=branches.under(category),
        )

    counted = tallies.facets(("in category", category.path), who, own, narrowing)
    return ProductConnection(page=page, counted=tallies.of_one(category, counted))


def below_one(
    category: models.Category, *, who: User | None, narrowing: Narrowing, columns: Columns
) -> Prepared:
    """A prepared read of what stands in one category or below it."""

    def narrow(rows: Rows) -> Rows:
        return branches.listed(narrowing.apply(rows), category)

    under = category.pk if listings.are_kept() else tuple(branches.under(category))
    return visible.products(("category", under, narrowing.key), who, narrow, columns)


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
    order = ordering(sort, in_collection=True)
    placed = rows.annotate(_collection=F("places__collection"), place=F("places__position"))
    page = pages.slice_for(
        collection,
        narrowing.apply(placed),
        order,
        args,
        by="_collection",
        key=("collection", repr(filter)),
        alone=partial(in_one, who=who, narrowing=narrowing, placed=order.column == "place"),
    )
    places = models.CollectionProduct.objects.filter(collection=Slot("collection", PK))
    own = visible.all_products(who).narrowed(
        "collection",
        lambda rows: rows.filter(pk__in=places.values("product")),
        collection=collection.pk,
    )
    if len(batch.peers_of(collection)) == 1:
        shape = ("in collection", collection.pk, narrowing.key)
        inside = own.narrowed(narrowing.key, narrowing.apply)
        page.count = tallies.kept(shape, who, partial(tallies.number, inside))
    counted = tallies.facets(("in collection", collection.pk), who, lambda: own, narrowing)
    return ProductConnection(page=page, counted=tallies.of_one(collection, counted))


def in_one(
    collection: models.Collection, *, who: User | None, narrowing: Narrowing, placed: bool
) -> Prepared:
    """A prepared read of one collection; `placed` for the merchant's order."""

    def narrow(rows: Rows) -> Rows:
        narrowed = narrowing.apply(rows)
        if listings.are_kept() and not placed:
            return listings.of(narrowed, listings.Kind.COLLECTION, collection.pk)
        own = narrowed.filter(places__collection=collection)
        return own.annotate(place=F("places__position")) if placed else own

    columns = replace(WHOLE, more=("place",)) if placed else WHOLE
    shape = ("in collection", collection.pk, placed, narrowing.key)
    return visible.products(shape, who, narrow, columns)
