"""Shopify's product export, as Shopify writes it: help.shopify.com, "Using CSV files".

A product has one row for each variant and for each picture; what belongs to the product stands
in the first of them. Two kinds of title are about, that of the export ("Variant Price") and that
of the newer template ("Price"); both are read. A shop with several locations exports no
quantities: then stocks stay as they are.
"""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from catalog import slugs
from catalog.attributes import Named
from catalog.models import Product
from catalog.moving import cells, plain
from catalog.moving.goods import Goods, GoodsPicture, GoodsVariant
from catalog.moving.sheets import Row, Sheet
from catalog.moving.taking import Taken, grouped, with_those_of_variants

MOST_OPTIONS = 3
LONGEST_SKU = 64
NO_CHOICE = ("title", "default title")  # Shopify's way to say that there are no options
NOT_SAID = "uncategorized"
Status = Product.Status
STATUSES = {"active": Status.ACTIVE, "draft": Status.DRAFT, "archived": Status.ARCHIVED} | {
    "unlisted": Status.DRAFT  # seen only by who has the link: nothing here is like that
}

# Keys by titles in small letters: those of the export, then those of the template.
KNOWN = {
    "handle": "handle",
    "title": "name",
    "body (html)": "description",
    "vendor": "brand",
    "product category": "category",
    "type": "type",
    "tags": "tags",
    "collection": "collections",
    "published": "published",
    "status": "status",
    "variant sku": "sku",
    "variant grams": "weight_grams",
    "variant inventory tracker": "track_stock",
    "variant inventory qty": "stock",
    "variant inventory policy": "policy",
    "variant price": "price",
    "variant compare at price": "compare_at_price",
    "variant requires shipping": "requires_shipping",
    "variant taxable": "taxable",
    "variant barcode": "barcode",
    "image src": "picture",
    "image position": "picture_position",
    "image alt text": "picture_alt",
    "variant image": "variant_picture",
    "gift card": "gift_card",
    "seo title": "seo_title",
    "seo description": "seo_description",
}
KNOWN |= {
    "url handle": "handle",
    "description": "description",
    "published on online store": "published",
    "sku": "sku",
    "weight value (grams)": "weight_grams",
    "inventory tracker": "track_stock",
    "inventory quantity": "stock",
    "continue selling when out of stock": "policy",
    "price": "price",
    "compare-at price": "compare_at_price",
    "requires shipping": "requires_shipping",
    "charge tax": "taxable",
    "barcode": "barcode",
    "product image url": "picture",
    "variant image url": "variant_picture",
}
for number in range(1, MOST_OPTIONS + 1):
    for part in ("name", "value"):
        KNOWN[f"option{number} {part}"] = f"option{number}_{part}"
NEEDED = ({"handle", "variant price"}, {"url handle", "price"})


def goods(sheet: Sheet) -> list[Goods]:
    """The products of the file, in its order."""
    return [one(sheet, slug, rows) for slug, rows in grouped(sheet.rows).items()]


def one(sheet: Sheet, slug: str, rows: Sequence[Row]) -> Goods:
    taken, first = Taken(sheet), rows[0]
    found = Goods(
        slug=slug,
        line=first.line,
        values=texts(taken, first),
        variants=[],
        pictures=pictures(taken, rows),
        brand=taken.text(first, "brand"),
        category=category(taken, first),
        collections=taken.list(first, "collections", ","),
        attributes=attributes(taken, first),
        status=status(taken, first),
    )
    found.wrong = taken.wrong
    names = [first.text(f"option{number}_name") for number in range(1, MOST_OPTIONS + 1)]
    of_variants = [row for row in rows if speaks_of_variant(row)]
    found.variants = [variant(taken, found, row, names) for row in of_variants]
    refuse_or_note(taken, found, first)
    return found


def texts(taken: Taken, row: Row) -> dict[str, str]:
    keys = ("name", "description", "seo_title", "seo_description")
    found = {key: row.text(key) for key in keys if taken.sheet.has(key)}
    if "description" in found:
        found["description"] = plain.text(found["description"])
    return found


def category(taken: Taken, row: Row) -> list[str] | None:
    """Shopify's own category, "Apparel > Hats"; where there is none, the merchant's type."""
    if not (taken.sheet.has("category") or taken.sheet.has("type")):
        return None
    found = cells.parts(row.text("category"), ">")
    if found and found[0].casefold() != NOT_SAID:
        return found
    return [row.text("type")] if row.text("type") else []


def attributes(taken: Taken, row: Row) -> list[Named] | None:
    """Tags, and the type where it is not the category already."""
    if not taken.sheet.has("tags"):
        return None
    found = [Named("Tag", tag) for tag in cells.parts(row.text("tags"), ",")]
    kind = row.text("type")
    if kind and category(taken, row) != [kind]:
        found.append(Named("Type", kind))
    return list(dict.fromkeys(found))


def status(taken: Taken, row: Row) -> str | None:
    """Where it stands in the shop: what is not published in the online store is a draft here."""
    if not (taken.sheet.has("status") or taken.sheet.has("published")):
        return None
    said = taken.value(row, "status", state)
    published = taken.value(row, "published", cells.yes)
    if said is None:
        return Status.ACTIVE if published else Status.DRAFT
    return Status.DRAFT if said == Status.ACTIVE and published is False else said


def state(text: str) -> Product.Status:
    if text.casefold() not in STATUSES:
        raise ValueError(f"{text[:40]!r} is none of {', '.join(STATUSES)}.")
    return STATUSES[text.casefold()]


def speaks_of_variant(row: Row) -> bool:
    """Rows of further pictures have none of these."""
    return any(row.text(key) for key in ("option1_value", "price", "sku"))


def variant(taken: Taken, found: Goods, row: Row, names: Sequence[str]) -> GoodsVariant:
    options = options_of(row, names)
    sku = row.text("sku").removeprefix("'")  # so Excel is kept from reading a number
    if not sku:
        sku = made_up(found.slug, options)
        found.note(row.line, "sku", f"There is none; {sku} it is.")
    counted = is_counted(taken, row)
    values: dict[str, Any] = {"sku": sku, "price": taken.value(row, "price", cells.decimal)}
    if counted is not None:
        values["track_stock"] = counted
    for key, reader in (("weight_grams", cells.nearest), ("requires_shipping", cells.yes)):
        if row.text(key):
            values[key] = taken.value(row, key, reader)
    if taken.sheet.has("barcode"):
        values["barcode"] = row.text("barcode").removeprefix("'")
    if taken.sheet.has("compare_at_price"):
        values["compare_at_price"] = former_price(taken, found, row, values["price"])
    return GoodsVariant(
        line=row.line,
        sku=sku,
        values=values,
        options=options if taken.sheet.has("option1_value") else None,
        stock=None if counted is False else stock(taken, found, row),
        picture=row.text("variant_picture"),
    )


def options_of(row: Row, names: Sequence[str]) -> list[Named]:
    values = [row.text(f"option{number}_value") for number in range(1, MOST_OPTIONS + 1)]
    if (names[0].casefold(), values[0].casefold()) == NO_CHOICE:
        return []
    return [Named(*pair) for pair in zip(names, values, strict=True) if pair[1]]


def made_up(slug: str, options: Sequence[Named]) -> str:
    """A SKU for what has none: the same each time, from the handle and the options."""
    found = "-".join((slug, *(slugs.of(option.value) for option in options))).upper()
    if len(found) <= LONGEST_SKU:
        return found
    return f"{found[: LONGEST_SKU - 9]}-{hashlib.sha256(found.encode()).hexdigest()[:8].upper()}"


def is_counted(taken: Taken, row: Row) -> bool | None:
    """Whether units are counted; what may be sold without any is not. None: it is not said."""
    if row.text("policy").casefold() in {"continue", *cells.YES}:
        return False
    return bool(row.text("track_stock")) if taken.sheet.has("track_stock") else None


def stock(taken: Taken, found: Goods, row: Row) -> int | None:
    units = taken.value(row, "stock", cells.whole)
    if units is not None and units < 0:
        found.note(row.line, "stock", f"{units} is what was oversold; here it is 0.")
    return None if units is None else max(units, 0)


def former_price(taken: Taken, found: Goods, row: Row, price: Decimal | None) -> Decimal | None:
    """What it cost before; Shopify shows none that is not above the price, so none is kept."""
    former = taken.value(row, "compare_at_price", cells.decimal)
    if former is None or price is None or former > price:
        return former
    found.note(row.line, "compare_at_price", f"{former} is not above the price; left out.")
    return None


def pictures(taken: Taken, rows: Sequence[Row]) -> list[GoodsPicture]:
    """In the order of their positions; those that only a variant names come last."""
    placed = [
        (taken.value(row, "picture_position", cells.whole) or 0, row)
        for row in rows
        if row.text("picture")
    ]
    placed.sort(key=lambda each: each[0])
    return with_those_of_variants([(row, row.text("picture_alt")) for _, row in placed], rows)


def refuse_or_note(taken: Taken, found: Goods, row: Row) -> None:
    """Gift cards cannot be sold here; of other things that have no like here it is told."""
    if taken.value(row, "gift_card", cells.yes):
        taken.complain(row, "gift_card", "This shop sells no gift cards.")
    if row.text("status").casefold() == "unlisted":
        found.note(row.line, "status", "Unlisted products do not exist here: it is a draft.")
    if row.text("taxable") and not taken.value(row, "taxable", cells.yes):
        found.note(row.line, "taxable", "It was free of tax: give it a tax class of its own.")
    if row.text("policy").casefold() in {"continue", *cells.YES}:
        found.note(row.line, "policy", "Sold without stock there, not counted here.")
