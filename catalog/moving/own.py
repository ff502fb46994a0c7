"""The shop's own kind of CSV: one row a variant or a picture, rows of a product under a handle.

What belongs to the product stands in its first row. A column that is not there, and mostly a
blank cell, leaves what is there alone; `handle` and `sku` are enough to change prices or stock.
"""

from collections.abc import Sequence

from catalog.attributes import Named
from catalog.models import Product
from catalog.moving import cells
from catalog.moving.goods import Goods, GoodsPicture, GoodsVariant
from catalog.moving.sheets import Row, Sheet
from catalog.moving.taking import Taken, grouped, with_those_of_variants

MOST_OPTIONS = 10
TEXTS = ("name", "description", "tax_class", "seo_title", "seo_description")
NEVER = "never"  # in published_at: ACTIVE, and yet not shown

# Titles by the keys that the rest of the code uses; in the order in which they are written.
TITLES = {
    "handle": "handle",
    "name": "title",
    "description": "description",
    "brand": "brand",
    "category": "category",
    "collections": "collections",
    "attributes": "attributes",
    "status": "status",
    "published_at": "published_at",
    "tax_class": "tax_class",
    "seo_title": "seo_title",
    "seo_description": "seo_description",
    "sku": "sku",
    "variant_name": "variant_name",
    "price": "price",
    "compare_at_price": "compare_at_price",
    "stock": "stock",
    "track_stock": "track_stock",
    "weight_grams": "weight_grams",
    "barcode": "barcode",
    "requires_shipping": "requires_shipping",
    "variant_picture": "variant_picture",
    "picture": "picture",
    "picture_alt": "picture_alt",
}
OPTIONS = [f"option{n}_{part}" for n in range(1, MOST_OPTIONS + 1) for part in ("name", "value")]
KNOWN = {title: key for key, title in TITLES.items()} | {title: title for title in OPTIONS}
NEEDED = frozenset({"handle", "sku"})

READERS: dict[str, cells.Reader] = {
    "price": cells.decimal,
    "compare_at_price": cells.decimal,
    "weight_grams": cells.whole,
    "requires_shipping": cells.yes,
    "track_stock": cells.yes,
}
# A blank cell of these leaves what is there; of the others it empties.
KEPT = frozenset({"requires_shipping", "track_stock"})


def goods(sheet: Sheet) -> list[Goods]:
    """The products of the file, in its order."""
    return [one(sheet, slug, rows) for slug, rows in grouped(sheet.rows).items()]


def one(sheet: Sheet, slug: str, rows: Sequence[Row]) -> Goods:
    taken, first = Taken(sheet), rows[0]
    names = [first.text(f"option{n}_name") for n in range(1, MOST_OPTIONS + 1)]
    found = Goods(
        slug=slug,
        line=first.line,
        values={key: first.text(key) for key in TEXTS if sheet.has(key)},
        variants=[variant(taken, row, names) for row in rows if speaks_of_variant(row)],
        pictures=pictures(rows),
        brand=taken.text(first, "brand"),
        category=taken.list(first, "category", ">"),
        collections=taken.list(first, "collections", ";"),
        attributes=attributes(taken, first),
        status=taken.value(first, "status", status),
        unpublished=first.text("published_at").casefold() == NEVER,
    )
    if not found.unpublished:
        found.published_at = taken.value(first, "published_at", cells.instant)
    found.wrong = taken.wrong
    return found


def speaks_of_variant(row: Row) -> bool:
    return bool(row.text("sku") or row.text("price") or row.text("stock"))


def status(text: str) -> str:
    if text.upper() not in Product.Status.values:
        raise ValueError(f"{text[:40]!r} is none of {', '.join(Product.Status.values)}.")
    return text.upper()


def attributes(taken: Taken, row: Row) -> list[Named] | None:
    """Material: Wool; Origin: Denmark."""
    if not taken.sheet.has("attributes"):
        return None
    found = []
    for pair in cells.raw_parts(row.text("attributes"), ";"):
        name, *value = cells.raw_parts(pair, ":")
        if value:
            found.append(Named(name=plain(name), value=plain(":".join(value))))
        elif name.strip():
            taken.complain(row, "attributes", f"{name.strip()[:40]!r} is not Name: Value.")
    return found


def plain(part: str) -> str:
    return cells.unescaped(part.strip())


def variant(taken: Taken, row: Row, names: Sequence[str]) -> GoodsVariant:
    values: dict[str, object] = {"sku": row.text("sku")}
    for key, reader in READERS.items():
        if taken.sheet.has(key) and (row.text(key) or key not in KEPT):
            values[key] = taken.value(row, key, reader)
    if taken.sheet.has("barcode"):
        values["barcode"] = row.text("barcode")
    if taken.sheet.has("variant_name"):
        values["name"] = row.text("variant_name")
    return GoodsVariant(
        line=row.line,
        sku=row.text("sku"),
        values=values,
        options=options(taken, row, names),
        stock=taken.value(row, "stock", cells.whole),
        picture=row.text("variant_picture"),
    )


def options(taken: Taken, row: Row, names: Sequence[str]) -> list[Named] | None:
    if not taken.sheet.has("option1_value"):
        return None
    values = [row.text(f"option{n}_value") for n in range(1, MOST_OPTIONS + 1)]
    return [Named(*pair) for pair in zip(names, values, strict=True) if pair[1]]


def pictures(rows: Sequence[Row]) -> list[GoodsPicture]:
    said = [row for row in rows if row.text("picture")]
    return with_those_of_variants([(row, row.text("picture_alt")) for row in said], rows)
