"""Which columns the fields of a type are shown from, so that a list reads no others.

A field that is not in its table is taken to need the whole row: right, but slow. The rows carry
on what is to be read from them later (`Columns.below`), over all places of a query that ask it of
the same row: so each relation stays one statement.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import strawberry

from schema.execution import asked
from schema.execution.asked import NOTHING, Asked
from shop.prepared import WHOLE, Columns

Needs = tuple[str, ...] | Mapping[str, tuple[str, ...]]
Table = Mapping[str, Needs]

PRICE = ("price_min_minor", "currency")
STARS = ("rating_sum", "rating_count")
STOCK = ("track_stock", "stock", "reserved")

PRODUCT: Table = {
    "__typename": (),
    "id": (),
    "name": ("name",),
    "slug": ("slug",),
    "description": ("description",),
    "status": ("status",),
    "publishedAt": ("published_at",),
    "createdAt": ("created_at",),
    "updatedAt": ("updated_at",),
    "price": PRICE,
    "compareAtPrice": ("compare_at_minor", "currency"),
    "inStock": ("in_stock",),
    "seoTitle": ("seo_title",),
    "seoDescription": ("seo_description",),
    "brand": ("brand_name",),
    "category": ("category_id",),
    "collections": (),
    "priceRange": (*PRICE, "price_max_minor"),
    "options": (),
    "defaultVariant": (),
    "variants": (),
    "variant": (),
    "attributes": (),
    "image": {
        "__typename": (),
        "id": (),
        "alt": ("image_alt",),
        "width": ("image_width",),
        "height": ("image_height",),
        "placeholder": ("image_placeholder",),
        "url": ("image_key", "image_width"),
        "position": (),
    },
    "images": (),
    "rating": {
        "__typename": (),
        "average": STARS,
        "count": ("rating_count",),
        "histogram": ("histogram",),
    },
    "reviews": ("rating_count",),
    "related": ("category_id", "brand_id"),
    "boughtTogether": (),
}
VARIANT: Table = {
    "__typename": (),
    "id": (),
    "sku": ("sku",),
    "name": ("name",),
    "price": ("price_minor",),
    "compareAtPrice": ("compare_at_minor",),
    "inStock": STOCK,
    "available": STOCK,
    "weightGrams": ("weight_g",),
    "barcode": ("barcode",),
    "requiresShipping": ("requires_shipping",),
    "product": (),
    "options": (),
    "image": (),
    "trackStock": ("track_stock",),
    "stock": ("stock",),
    "reserved": ("reserved",),
}
IMAGE: Table = {
    "__typename": (),
    "id": (),
    "alt": ("alt",),
    "width": ("width",),
    "height": ("height",),
    "placeholder": ("placeholder",),
    "url": ("file", "width"),
    "position": ("position",),
}
REVIEW: Table = {
    "__typename": (),
    "id": (),
    "rating": ("rating",),
    "title": ("title",),
    "body": ("body",),
    "verifiedPurchase": ("verified",),
    "helpfulCount": ("helpful_count",),
    "status": ("status",),
    "createdAt": ("created_at",),
    "updatedAt": ("updated_at",),
    "product": ("product_id",),
    "author": ("author_id",),
}
CATEGORY: Table = {
    "__typename": (),
    "id": (),
    "name": ("name",),
    "slug": ("slug",),
    "description": ("description",),
    "image": (),
    "parent": ("parent_id",),
    "children": (),
    "ancestors": ("path",),
    "products": ("path",),
}

AUTHOR = Columns(frozenset({"first_name", "last_name"}))
TO_VARIANTS = ("defaultVariant", "variants", "variant")
TO_CURSORS = {"edges", "pageInfo"}


def needed(table: Table, wanted: Asked, *always: str) -> frozenset[str] | None:
    """The columns for the fields; None when that is not known of one of them."""
    found = set(always)
    for name, below in wanted.fields.items():
        needs = table.get(name)
        own = needed(needs, below) if isinstance(needs, Mapping) else needs
        if own is None:
            return None
        found.update(own)
    return frozenset(found)


def once(wanted: Asked | None, work: Callable[[Asked], Columns]) -> Columns:
    """What comes of it, worked out the first time: a plan asks for the same at each run."""
    if wanted is None:
        return WHOLE
    known: dict[Any, Columns] = vars(wanted).setdefault("_columns", {})
    if work not in known:
        known[work] = work(wanted)
    return known[work]


def of_product(info: strawberry.Info[Any, None]) -> Columns:
    """Of the product that a field shows."""
    return once(asked.of(info), product)


def of_products(info: strawberry.Info[Any, None]) -> Columns:
    """Of the entries of the page of products that a field shows."""
    return once(asked.of(info), products)


def of_categories(info: strawberry.Info[Any, None]) -> Columns:
    """Of the categories that a field shows, and of those below them."""
    return once(asked.of(info), category)


# ── from what is asked of a row to its columns ──────────────────────────────────────────────
def product(wanted: Asked) -> Columns:
    """With its category beside it, where that is asked for."""
    wanted = all_of_product(wanted)
    beside, below = {}, {"variants": variants(wanted), "images": images(wanted)}
    if "category" in wanted.names:
        beside["category"] = category(wanted.below("category"))
    if "reviews" in wanted.names:
        below["reviews"] = reviews(wanted.below("reviews"))
    own = needed(PRODUCT, wanted, *(("image_id",) if "image" in wanted.names else ()))
    return Columns(own, beside=tuple(beside.items()), below=tuple(below.items()))


def all_of_product(wanted: Asked) -> Asked:
    """What is asked of a product, by the way of its variants back to it as well."""
    found = wanted
    for name in TO_VARIANTS:  # of `wanted`: what was found would be walked again at each step
        if again := wanted.below(name, "product").fields:
            found |= all_of_product(Asked(again))
    return found


def variants(wanted: Asked) -> Columns:
    """Of a product's variants, whichever of its fields leads to them."""
    stock = STOCK if "defaultVariant" in wanted.names else ()
    return Columns(needed(VARIANT, of_variants(wanted), "product_id", *stock))


def of_variants(wanted: Asked) -> Asked:
    found = NOTHING
    for name in TO_VARIANTS:
        found |= wanted.below(name)
    return found


def images(wanted: Asked) -> Columns:
    """Of a product's pictures, those of its variants among them."""
    every = wanted.below("images") | of_variants(wanted).below("image")
    return Columns(needed(IMAGE, every, "product_id", "variant_id"))


def reviews(page: Asked) -> Columns:
    wanted = entries(page)
    beside = (("author", AUTHOR),) if "author" in wanted.names else ()
    return Columns(needed(REVIEW, wanted), beside=beside, cursors=has_cursors(page))


def category(wanted: Asked) -> Columns:
    wanted = whole_tree(wanted)
    below = (("products", products(wanted.below("products"))),)
    return Columns(needed(CATEGORY, wanted), below=below if "products" in wanted.names else ())


def whole_tree(wanted: Asked) -> Asked:
    """What is asked of a category or of any below it: they are read alike."""
    if "children" in wanted.names:
        wanted |= whole_tree(wanted.below("children"))
    return wanted


def products(page: Asked) -> Columns:
    return replace(product(entries(page)), cursors=has_cursors(page))


def entries(page: Asked) -> Asked:
    return page.below("nodes") | page.below("edges", "node")


def has_cursors(page: Asked) -> bool:
    return not TO_CURSORS.isdisjoint(page.names)
