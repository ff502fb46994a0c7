"""The catalogue as the shop's own kind of CSV; brought into an empty shop it comes out the same.

Left out are archived variants, and products that have nothing else: they are kept for old orders
only. Numbers of columns for options follow the product that has the most.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from django.core.files.storage import default_storage
from django.db.models import Count, QuerySet

from catalog import drafts
from catalog.models import Product, ProductImage, Variant
from catalog.moving import cells, own, plan
from catalog.moving.shelves import Tree
from shop.money import Money

AT_ONCE = 500  # products
FEWEST_OPTIONS = 3

Record = dict[str, str]


def write(path: Path, folder: Path | None) -> Iterator[int]:
    """Write the file, and the pictures into the folder; after each batch the products so far.

    Without a folder the file speaks of no pictures.
    """
    titles = columns_of(most_options())
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark is for Excel
        yield from write_rows(file, titles, folder)


def write_rows(file: TextIO, titles: Sequence[str], folder: Path | None) -> Iterator[int]:
    sheet = csv.DictWriter(file, titles, restval="")
    sheet.writeheader()
    tree, last, done = Tree(), 0, 0
    while ids := next_ids(last):
        for product in plan.with_parts(Product.objects.filter(pk__in=ids)).order_by("pk"):
            sheet.writerows(records(product, tree, folder))
        last, done = ids[-1], done + len(ids)
        yield done


def most_options() -> int:
    counted = Variant.objects.live().annotate(count=Count("chosen")).order_by("-count")
    return max(counted.values_list("count", flat=True).first() or 0, FEWEST_OPTIONS)


def columns_of(options: int) -> list[str]:
    """The titles in their order, with so many pairs of option columns before the SKU."""
    titles = list(own.TITLES.values())
    at = titles.index("sku")
    return [*titles[:at], *own.OPTIONS[: 2 * options], *titles[at:]]


def count() -> int:
    """How many products there are to be written."""
    return sold().count()


def next_ids(after: int) -> list[int]:
    return list(sold().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def sold() -> QuerySet[Product]:
    live = Variant.objects.live().values("product")
    return Product.objects.filter(pk__in=live)


def records(product: Product, tree: Tree, folder: Path | None) -> list[Record]:
    """The product's rows: one for each variant, with the pictures beside them and below."""
    pictures = [] if folder is None else kept_pictures(product, folder)
    rows: list[Record] = [of_variant(variant, pictures) for variant in product.variants.all()]
    rows += [{} for _ in range(len(pictures) - len(rows))]
    for row, (image, name) in zip(rows, pictures, strict=False):
        row |= {"picture": name, "picture_alt": image.alt}
    rows[0] = of_product(product, tree) | option_names(product) | rows[0]
    return [{"handle": product.slug} | row for row in rows]


def of_product(product: Product, tree: Tree) -> Record:
    names = (place.collection.name for place in product.places.all())
    pairs = plan.described_by(product)
    return {
        "title": product.name,
        "description": product.description,
        "brand": product.brand.name if product.brand else "",
        "category": cells.joined(tree.names(product.category), ">"),
        "collections": cells.joined(sorted(set(names)), ";"),
        "attributes": "; ".join(": ".join(cells.escaped(x, ":;") for x in pair) for pair in pairs),
        "status": product.status,
        "published_at": published_at(product),
        "tax_class": product.tax_class,
        "seo_title": product.seo_title,
        "seo_description": product.seo_description,
    }


def published_at(product: Product) -> str:
    if product.published_at is not None:
        return product.published_at.isoformat()
    return own.NEVER if product.status == Product.Status.ACTIVE else ""


def option_names(product: Product) -> Record:
    first = plan.chosen(product.variants.all()[0])
    return {f"option{n}_name": pair.name for n, pair in enumerate(first, start=1)}


def of_variant(row: Variant, pictures: Sequence[tuple[ProductImage, str]]) -> Record:
    options = list(row.chosen.all())
    called = drafts.label([option.value for option in options])
    return {
        **{f"option{n}_value": one.value.value for n, one in enumerate(options, start=1)},
        "sku": row.sku,
        "variant_name": "" if row.name == called else row.name,
        "price": amount(row.price),
        "compare_at_price": amount(row.compare_at_price),
        "stock": str(row.stock),
        "track_stock": "yes" if row.track_stock else "no",
        "weight_grams": "" if row.weight_g is None else str(row.weight_g),
        "barcode": row.barcode,
        "requires_shipping": "yes" if row.requires_shipping else "no",
        "variant_picture": next((n for image, n in pictures if image.variant_id == row.pk), ""),
    }


def amount(price: Money | None) -> str:
    return "" if price is None else str(price.amount)


def kept_pictures(product: Product, folder: Path) -> list[tuple[ProductImage, str]]:
    """The product's pictures with the names of their files, which now lie in the folder."""
    found = []
    for number, image in enumerate(product.images.all(), start=1):
        name = f"{product.slug}-{number}.{image.file.rpartition('.')[2]}"
        with default_storage.open(image.file) as stored:
            (folder / name).write_bytes(stored.read())
        found.append((image, name))
    return found
