"""Products where they stand: in the whole shop, in a category, in a collection, beside another."""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import RowNumber

from catalog import facets, filters, models, search, sorting, together
from catalog.filters import Narrowing, Rows
from schema import batch, ids, pages
from schema.catalog.lists import ProductConnection, ProductFilter, ProductSort
from schema.errors import Denied, check_argument
from schema.pages import Keyset, PageArgs
from shop.errors import Refused
from users.models import User


def reading(filter: ProductFilter | None) -> Narrowing:
    """The filter of a query as the catalogue takes it.

    Raises:
        Denied: LIMIT_EXCEEDED for a list that is too long, BAD_REQUEST for what cannot be read.
    """
    wanted = filter or ProductFilter()
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
) -> ProductConnection:
    """All that the viewer may see, narrowed and searched through.

    Raises:
        Denied: LIMIT_EXCEEDED for a search text that is too long; what `reading` raises.
    """
    narrowing = reading(filter)
    rows: Rows = models.Product.objects.visible_to(who)
    if searching := bool(text and text.strip()):
        rows = searched(rows, text or "")
    collections = narrowing.chosen["collection"]
    order = ordering(sort, searching=searching, in_collection=len(collections) == 1)
    placed = rows.annotate(place=place_in(collections)) if order.column == "place" else rows
    return ProductConnection(
        page=pages.slice_of(narrowing.apply(placed), order, args),
        counted=lambda: facets.of(rows, narrowing),
    )


def searched(rows: Rows, text: str) -> Rows:
    if len(text) > search.LONGEST:
        raise Denied("LIMIT_EXCEEDED", f"A search takes at most {search.LONGEST} characters.")
    return search.matching(rows, text)


def place_in(slugs: list[str]) -> Subquery:
    """The product's position in the one collection that a list is narrowed to."""
    places = models.CollectionProduct.objects.filter(
        product=OuterRef("pk"), collection__slug__in=filters.keys(slugs)
    )
    return Subquery(places.order_by("pk").values("position")[:1])


def in_category(
    category: models.Category,
    who: User | None,
    filter: ProductFilter | None,
    sort: ProductSort | None,
    args: PageArgs,
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
        category, of_peers, ordering(sort), args, by="_category", key=("category", repr(filter))
    )
    own = rows.filter(category__path__startswith=category.path)
    return ProductConnection(page=page, counted=counting(category, own, narrowing))


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
    return ProductConnection(page=page, counted=counting(collection, own, narrowing))


def counting(owner: Any, rows: Rows, narrowing: Narrowing) -> Callable[[], list[facets.Facet]]:
    """The facets of one owner's list; several lists at once would cost statements for each."""

    def counted() -> list[facets.Facet]:
        if len(batch.peers_of(owner)) > 1:
            raise Denied("LIMIT_EXCEEDED", "Facets are counted for one list at a time.")
        return facets.of(rows, narrowing)

    return counted


def related_to(product: models.Product, who: User | None, limit: int) -> list[models.Product]:
    """Others of the category, then of the brand, the best rated first.

    One statement for all products read together: of each category and brand that occurs, as
    many of the best as one of them may need when itself and those already there are left out.
    """

    def read(peers: list[models.Product]) -> dict[int, list[models.Product]]:
        best = batch.together(best_of(models.Product.objects.visible_to(who), peers, limit + 1))
        return {peer.pk: beside(peer, best)[:limit] for peer in peers}

    return batch.load(product, ("related", limit), read, []) if limit else []


def best_of(rows: Rows, peers: list[models.Product], most: int) -> Rows:
    """The `most` best rated of each category and each brand of the peers."""
    among = {
        name: {getattr(peer, f"{name}_id") for peer in peers} - {None}
        for name in ("category", "brand")
    }
    places = {
        f"_in_{name}": Window(
            RowNumber(), partition_by=F(name), order_by=["-rating_average", "-pk"]
        )
        for name in among
    }
    in_category, in_brand = (Q(**{f"{name}__in": keys}) for name, keys in among.items())
    ranked = rows.filter(in_category | in_brand).annotate(**places)
    wanted = (in_category & Q(_in_category__lte=most)) | (in_brand & Q(_in_brand__lte=most))
    return ranked.filter(wanted).order_by("-rating_average", "-pk")


def beside(product: models.Product, best: list[models.Product]) -> list[models.Product]:
    """Those of its category before those of its brand alone, in the order given."""
    others = [other for other in best if other.pk != product.pk]
    near = [one for one in others if shares(one, product, "category_id")]
    return near + [
        one
        for one in others
        if shares(one, product, "brand_id") and not shares(one, product, "category_id")
    ]


def shares(one: models.Product, other: models.Product, column: str) -> bool:
    return getattr(one, column) is not None and getattr(one, column) == getattr(other, column)


def bought_together(product: models.Product, limit: int) -> list[models.Product]:
    """What its buyers bought besides, the most bought first; a statement for all its peers."""

    def read(peers: list[models.Product]) -> dict[int, list[models.Product]]:
        found: dict[int, list[models.Product]] = {}
        for row in batch.together(together.bought_with([peer.pk for peer in peers], limit)):
            found.setdefault(vars(row)["beside"], []).append(row)
        return found

    return batch.load(product, ("bought together", limit), read, []) if limit else []
