"""Lists of products that one range of an index holds in their order: see `models.Listing`.

Only where triggers keep the table, which is on PostgreSQL; elsewhere lists are read from the
products alone and are the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, QuerySet

from catalog.models import Listing, Product
from catalog.sorting import SORTS

Kind = Listing.Kind

COLUMNS = {sort.column for sort in SORTS.values()} & {
    field.name for field in Listing._meta.concrete_fields
}
LISTED = "listed_"
MOST_PARTS = 8  # lists that one page is put together from; of more it is read without them


def are_kept() -> bool:
    return connection.vendor == "postgresql"


def of(rows: QuerySet[Product], kind: Kind, owner: int) -> QuerySet[Product]:
    """Those of the rows that are in the list, with what it is sorted by beside them."""
    sorted_by = {f"{LISTED}{name}": F(f"listings__{name}") for name in COLUMNS}
    found = rows.filter(listings__kind=kind, listings__owner=owner)
    return found.annotate(listed_pk=F("listings__product_id"), **sorted_by)


def key_of(rows: QuerySet[Any]) -> str:
    """The column to narrow the rows by key with.

    That of the list: PostgreSQL looks at the products before it asks what is joined to theirs.
    """
    return "listed_pk" if "listed_pk" in rows.query.annotations else "pk"


def place(rows: QuerySet[Any], column: str) -> tuple[str, str]:
    """The columns of the rows to sort by for an order by that one, then by the primary key."""
    beside = f"{LISTED}{column}"
    return (beside if beside in rows.query.annotations else column), key_of(rows)


class Kept(NamedTuple):
    """A list that is kept, and what its rows are left to be narrowed by, field by field."""

    kind: Kind
    owner: int
    left: Mapping[str, Any]


def holding(meant: Mapping[str, Any]) -> Kept | None:
    """A list that holds all that fits a filter (`Narrowing.meant`); None where there is none."""
    return next(chosen(meant), None)


def chosen(meant: Mapping[str, Any]) -> Iterator[Kept]:
    """The lists that a filter names, those that are usually short first."""
    if len(meant["collection"] or ()) == 1:
        yield Kept(Kind.COLLECTION, meant["collection"][0], {"collection": []})
    options, attributes = meant["options"] or {}, meant["attributes"] or {}
    # Several options must meet in one variant, which no list tells.
    left: dict[str, Any] = {"options": {}} if len(options) == 1 else {}
    yield from (Kept(Kind.OPTION, ids[0], left) for ids in options.values() if len(ids) == 1)
    for name, ids in attributes.items():
        if len(ids) == 1:
            others = {other: found for other, found in attributes.items() if other != name}
            yield Kept(Kind.ATTRIBUTE, ids[0], {"attributes": others})
    if meant["category"] and meant["category"].top:
        yield Kept(Kind.BRANCH, meant["category"].top, {"category": []})


def parts(meant: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What differs from `meant` in parts that make it up, each of which names a list.

    So of `attributes: [{name: "colour", values: ["red", "blue"]}]`, which no list holds, each value
    has one. A single part that differs in nothing where there is no need or no way.
    """
    ways = () if holding(meant) else ways_apart(meant)
    return next((way for way in ways if 1 < len(way) <= MOST_PARTS), [{}])


def ways_apart(meant: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    yield [{"collection": [pk]} for pk in meant["collection"] or ()]
    for field in ("options", "attributes"):
        for name, ids in (meant[field] or {}).items():
            yield [{field: {**meant[field], name: [pk]}} for pk in ids]
    yield [{"category": part} for part in meant["category"].parts] if meant["category"] else []


WRONG = """
WITH there AS (SELECT * FROM catalog_listing WHERE product_id = ANY (%(ids)s)),
    right_ones AS (SELECT * FROM catalog_listings(%(ids)s))
SELECT DISTINCT product_id, kind, owner FROM (
    (TABLE there EXCEPT TABLE right_ones) UNION ALL (TABLE right_ones EXCEPT TABLE there)
) wrong ORDER BY 1, 2, 3
"""


def settle(products: Iterable[int], *, fix: bool) -> list[str]:
    """What is wrong in the lists of locked products, as sentences; put right when it is wanted."""
    if not are_kept():
        return []
    with connection.cursor() as cursor:
        cursor.execute(WRONG, {"ids": list(products)})
        wrong = cursor.fetchall()
        if wrong and fix:
            cursor.execute("SELECT catalog_list(%s)", [list({pk for pk, _, _ in wrong})])
    return [
        f"product {pk}: its place in {Kind(kind).label.lower()} {owner} is wrong"
        for pk, kind, owner in wrong
    ]
