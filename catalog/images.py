"""Pictures of products: made and stored here, shown in the width that is asked for.

Files are written before the transaction that makes their rows, for no row may be locked while
a bucket answers; they go again when it fails. Files of rows that are gone go after the commit.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from catalog import checks, columns, owners, pictures, positions
from catalog.models import Product, ProductImage
from shop import jobs
from shop.errors import Refused, SeveralRefusals, ShopError
from users.models import User

MOST_FILES = 10  # in one call
MOST_IMAGES = 50  # of one product


def attach(
    product: Product, files: Sequence[object], *, user: User, alt: str = ""
) -> list[ProductImage]:
    """Add pictures behind those that the product has; all of the files or none.

    Raises:
        ShopError: FILE_TOO_LARGE or UNSUPPORTED_FILE at ("files", n); ALREADY_EXISTS there for
            a picture that the product has; OUT_OF_RANGE at `files` for too many; TOO_LONG at
            `alt`; NOT_ALLOWED or NOT_FOUND at `product_id`.
    """
    owners.refuse_others(user, product, "product_id")
    if not 1 <= len(files) <= MOST_FILES:
        code = "OUT_OF_RANGE" if files else "REQUIRED"
        raise Refused(code, f"Send 1 to {MOST_FILES} files at once.", "files")
    checks.fields(ProductImage(alt=alt.strip()), "alt")
    with written_or_gone() as written:
        rows = [stored(product, file, written, at) for at, file in enumerate(files)]
        for row in rows:
            row.alt = alt.strip()
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
    forget_files([row])
    # Places stay without gaps: the main picture is the one at 0.
    ProductImage.objects.bulk_update(
        positions.moved(all_of_product, row, len(all_of_product)), ["position"]
    )
    row.delete()
    columns.refresh([image.product_id], columns.main_image)


def url(key: str) -> str:
    """Where the file is fetched; no storage is asked."""
    return default_storage.url(key)


def rendition(key: str, width: int | None, own_width: int) -> str:
    """The key of the narrowest file of a picture that is at least `width` wide.

    The picture itself when no width is asked for or nothing narrower is wide enough; which
    widths there are follows from `own_width`, so that no storage is asked.
    """
    for made in pictures.widths_below(own_width):
        if width is not None and made >= width:
            return narrower(key, made)
    return key


def narrower(key: str, width: int) -> str:
    return f"{key.rpartition('.')[0]}-{width}.webp"


def keys(key: str, own_width: int) -> list[str]:
    """All files of a picture."""
    return [key, *(narrower(key, width) for width in pictures.widths_below(own_width))]


def stored(product: Product, file: object, written: list[str], at: int) -> ProductImage:
    """The unsaved row of an uploaded file, whose own pictures now lie in the storage.

    One file is decoded at a time and let go, so that ten large ones need no more memory.
    """
    picture = pictures.read(file, "files", at)
    full = picture.encoded()
    # The random part: a picture that goes and comes back shares no file with its former self.
    name = f"{hashlib.sha256(full).hexdigest()[:24]}{secrets.token_hex(4)}"
    key = f"products/{product.pk}/{name}.{picture.extension}"
    put(key, full, written)
    for width, data in picture.renditions():
        put(narrower(key, width), data, written)
    return ProductImage(
        product=product,
        file=key,
        width=picture.image.width,
        height=picture.image.height,
        bytes=len(full),
        mime=picture.mime,
        checksum=picture.checksum,
    )


def put(key: str, data: bytes, written: list[str]) -> None:
    written.append(key)
    default_storage.save(key, ContentFile(data))


@contextmanager
def written_or_gone() -> Iterator[list[str]]:
    """A list to note written files in; they are removed again when anything fails."""
    written: list[str] = []
    try:
        yield written
    except BaseException:
        for key in written:
            default_storage.delete(key)
        raise


@transaction.atomic
def add(product: Product, rows: Sequence[ProductImage]) -> None:
    """Save the rows behind the product's others. The product's lock orders parallel uploads."""
    if not columns.lock([product.pk]):
        raise Refused("NOT_FOUND", "There is no such product.", "product_id")
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


def forget_files(images: Iterable[ProductImage]) -> None:
    """Have the files of pictures that this transaction deletes removed once it has committed."""
    for image in images:
        jobs.enqueue(remove_files, key=image.file, width=image.width)


@jobs.job
def remove_files(*, key: str, width: int) -> None:
    """Remove a picture's files, if no row speaks of it. Absent ones are no error."""
    if ProductImage.objects.filter(file=key).exists():
        return
    for each in keys(key, width):
        default_storage.delete(each)
