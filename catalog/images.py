"""Pictures of products: added, described, put in order, taken off. Their files: `catalog.files`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from catalog import checks, columns, files, owners, pictures, positions
from catalog.models import Product, ProductImage
from catalog.pictures import Picture
from shop.errors import Refused, SeveralRefusals, ShopError
from users.models import User

MOST_FILES = 10  # in one call
MOST_IMAGES = 50  # of one product


def attach(
    product: Product, sent: Sequence[object], *, user: User, alt: str = ""
) -> list[ProductImage]:
    """Add pictures behind those that the product has; all of the files or none.

    Raises:
        ShopError: FILE_TOO_LARGE or UNSUPPORTED_FILE at ("files", n); ALREADY_EXISTS there for
            a picture that the product has; REQUIRED at `files` for none, OUT_OF_RANGE for too
            many; TOO_LONG at `alt`; NOT_ALLOWED or NOT_FOUND at `product_id`;
            STORAGE_UNAVAILABLE.
    """
    owners.refuse_others(user, product, "product_id")
    if not 1 <= len(sent) <= MOST_FILES:
        code = "OUT_OF_RANGE" if sent else "REQUIRED"
        raise Refused(code, f"Send 1 to {MOST_FILES} files at once.", "files")
    checks.fields(ProductImage(alt=alt.strip()), "alt")
    with files.written_or_gone() as written:
        rows = []
        for at, file in enumerate(sent):
            # One at a time and let go, so that ten large ones need no more memory.
            rows.append(stored(product, pictures.read(file, "files", at), written, alt=alt))
        add(product, rows)
    return rows


@transaction.atomic
def update(image: ProductImage, changes: Mapping[str, Any], *, user: User) -> ProductImage:
    """Change what is said of a picture, or its place.

    Args:
        changes: any of alt, position (from 0; the others move up) and variant (one of the same
            product, or None).

    Raises:
        ShopError: what is wrong with a change, at its name; NOT_ALLOWED or NOT_FOUND at `id`.
    """
    owners.refuse_others(user, image.product, "id")
    row, all_of_product = locked(image)
    if "alt" in changes:
        row.alt = (changes["alt"] or "").strip()
    if "variant" in changes:
        variant = changes["variant"]
        if variant is not None and variant.product_id != row.product_id:
            message = "The variant is one of another product."
            raise Refused("INVALID", message, "variant_id")
        row.variant = variant
    checks.fields(row, "alt")
    row.save()
    if "position" in changes:
        if changes["position"] is None:
            raise Refused("REQUIRED", "A position is needed.", "position")
        moved = positions.moved(all_of_product, row, changes["position"])
        ProductImage.objects.bulk_update(moved, ["position"])
    columns.refresh([row.product_id], columns.main_image)
    return row


@transaction.atomic
def delete(image: ProductImage, *, user: User) -> None:
    """Take a picture off its product; its files go after the commit.

    Raises:
        Refused: NOT_ALLOWED or NOT_FOUND at `id`.
    """
    owners.refuse_others(user, image.product, "id")
    row, all_of_product = locked(image)
    files.forget([row])
    # Places stay without gaps: the main picture is the one at 0.
    ProductImage.objects.bulk_update(
        positions.moved(all_of_product, row, len(all_of_product)), ["position"]
    )
    row.delete()
    columns.refresh([image.product_id], columns.main_image)


def stored(product: Product, picture: Picture, written: list[str], *, alt: str) -> ProductImage:
    """The unsaved row of a picture whose files now lie in the storage."""
    said = files.stored(picture, f"products/{product.pk}", written)
    return ProductImage(product=product, alt=alt.strip(), **said)


@transaction.atomic
def add(product: Product, rows: Sequence[ProductImage]) -> None:
    """Save the rows behind the product's others. The product's lock orders parallel uploads."""
    lock(product)
    there = dict(product.images.order_by().values_list("checksum", "pk"))
    if refusals := list(repeated(rows, set(there))):
        raise SeveralRefusals(refusals)
    if len(there) + len(rows) > MOST_IMAGES:
        message = f"A product has at most {MOST_IMAGES} pictures."
        raise Refused("OUT_OF_RANGE", message, "files")
    last = product.images.aggregate(last=Max("position"))["last"]
    for position, row in enumerate(rows, start=0 if last is None else last + 1):
        row.position = position
    ProductImage.objects.bulk_create(rows)
    columns.refresh([product.pk], columns.main_image)


def lock(product: Product) -> None:
    """Have this transaction alone change the product. Raises Refused: NOT_FOUND."""
    if not columns.lock([product.pk]):
        raise Refused("NOT_FOUND", "There is no such product.", "product_id")


def repeated(rows: Sequence[ProductImage], known: set[str]) -> Iterator[ShopError]:
    for at, row in enumerate(rows):
        if row.checksum in known:
            yield Refused("ALREADY_EXISTS", "The product has this picture.", "files", at)
        known.add(row.checksum)


def locked(image: ProductImage) -> tuple[ProductImage, list[ProductImage]]:
    """The picture as it is now, and all of its product in their order, the product locked."""
    columns.lock([image.product_id])
    rows = list(ProductImage.objects.filter(product=image.product_id).order_by("position", "pk"))
    for row in rows:
        if row.pk == image.pk:
            return row, rows
    raise Refused("NOT_FOUND", "There is no such image.", "id")
