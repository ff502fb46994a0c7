"""Pictures sent straight to the storage: a form to send one by, and what is made of it then.

What is sent lies in the private storage, unseen, until it has been looked at; it is never shown
itself. Both storages take the same form, so that a client needs one way for both.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog import checks, files, images, owners, pictures
from catalog.models import ImageUpload, Product, ProductImage
from shop import jobs, storages
from shop.errors import Refused, ShopError
from users.models import User

log = logging.getLogger(__name__)

SECONDS = 300  # in which the file has to be on its way
KEPT = timedelta(days=1)  # how long it can be completed, or asked for again
MOST_OPEN = 100  # of one product
MIMES = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True)
class Offer:
    """Where to send the file."""

    upload: ImageUpload
    form: storages.PostForm
    expires_at: datetime


def create(product: Product, *, filename: str, mime: str, size: int, user: User) -> Offer:
    """A form that takes one file of that kind and of exactly that size (bytes).

    Raises:
        Refused: NOT_ALLOWED or NOT_FOUND at `product_id`, OUT_OF_RANGE there while too many
            others of the product are under way; UNSUPPORTED_FILE at `content_type`; OUT_OF_RANGE
            or FILE_TOO_LARGE at `size`; TOO_LONG at `filename`; STORAGE_UNAVAILABLE.
    """
    owners.refuse_others(user, product, "product_id")
    refuse_unfit(filename, mime, size)
    now = timezone.now()
    upload = ImageUpload(product=product, mime=mime, bytes=size, created_at=now)
    try:
        form = storages.private().post_form(upload.key, mime=mime, size=size, seconds=SECONDS)
    except OSError:
        log.exception("the storage gives no form")
        raise pictures.unavailable() from None
    note(upload)
    return Offer(upload, form, now + timedelta(seconds=SECONDS))


@transaction.atomic
def note(upload: ImageUpload) -> None:
    """Save it beside the others under way, which the product's lock lets count one by one."""
    images.lock(upload.product)
    since = upload.created_at - KEPT
    others = ImageUpload.objects.filter(
        product=upload.product_id, completed_at=None, created_at__gt=since
    )
    if others.count() >= MOST_OPEN:
        message = f"{MOST_OPEN} files of this product are on their way already."
        raise Refused("OUT_OF_RANGE", message, "product_id")
    upload.save()


def refuse_unfit(filename: str, mime: str, size: int) -> None:
    if len(filename) > 255:
        raise Refused("TOO_LONG", "A file's name has at most 255 signs.", "filename")
    if mime not in MIMES:
        raise pictures.unsupported("content_type")
    if size < 1:
        raise Refused("OUT_OF_RANGE", "A picture has at least one byte.", "size")
    if size > pictures.MOST_BYTES:
        raise pictures.too_large("size")


def complete(id: str, *, user: User, alt: str = "") -> ProductImage:
    """Make a picture of what was sent, behind the product's others. Asked again: the same one.

    Raises:
        ShopError: NOT_FOUND at `upload_id` for an unknown or lapsed one and for somebody else's
            product; INVALID_STATE there while nothing has been sent; FILE_TOO_LARGE,
            UNSUPPORTED_FILE or ALREADY_EXISTS there; OUT_OF_RANGE there for one picture too many;
            TOO_LONG at `alt`; STORAGE_UNAVAILABLE.
    """
    upload = found(id, user)
    if upload.image is not None:
        return upload.image
    checks.fields(ProductImage(alt=alt.strip()), "alt")
    try:
        return made(upload, alt)
    except ShopError as refusal:
        return completed_meanwhile(upload, refusal)


def made(upload: ImageUpload, alt: str) -> ProductImage:
    """The picture of what was sent, kept."""
    picture = pictures.made_of(fetched(upload), "upload_id")
    with files.written_or_gone() as written:
        row = images.stored(upload.product, picture, written, alt=alt)
        keep(upload, row)
    return row


def found(id: str, user: User) -> ImageUpload:
    """The upload, open or with the picture made of it; one whose picture is gone is none."""
    rows = ImageUpload.objects.select_related("product", "image__product")
    upload = rows.filter(pk=id).first() if is_uuid(id) else None
    if upload is None or not owners.may_edit(user, upload.product):
        raise unknown()
    if upload.completed_at is not None and upload.image is None:
        raise unknown()
    return upload


def is_uuid(id: str) -> bool:
    try:
        return str(UUID(id)) == id
    except ValueError:
        return False


def unknown() -> Refused:
    return Refused("NOT_FOUND", "There is no such upload.", "upload_id")


def fetched(upload: ImageUpload) -> bytes:
    """What was sent: never more than a picture may have, whatever lies there."""
    try:
        data = storages.private().fetch(upload.key, pictures.MOST_BYTES)
    except FileNotFoundError:
        message = "Nothing has been sent yet."
        raise Refused("INVALID_STATE", message, "upload_id") from None
    except OSError:
        log.exception("the storage did not give %s", upload.key)
        raise pictures.unavailable() from None
    if len(data) > pictures.MOST_BYTES:
        raise pictures.too_large("upload_id")
    return data


@transaction.atomic
def keep(upload: ImageUpload, row: ProductImage) -> None:
    """Add the picture and close the upload, which is done once however often it is tried."""
    try:
        images.add(upload.product, [row])
    except ShopError as error:
        # What is said of a file or the product is said of the upload here.
        refusal = next(error.each())
        raise Refused(refusal.code, str(refusal), "upload_id") from None
    open_one = ImageUpload.objects.filter(pk=upload.pk, completed_at=None)
    if not open_one.update(completed_at=timezone.now(), image=row):
        raise unknown()
    jobs.enqueue(remove, key=upload.key)


def completed_meanwhile(upload: ImageUpload, refusal: ShopError) -> ProductImage:
    """The picture that another call made of the same upload. Raises the refusal without one."""
    image = ProductImage.objects.filter(upload=upload).first()
    if image is None:
        raise refusal
    return image


def forget(product: Product) -> None:
    """Have what was sent go with a product that this transaction deletes.

    Of completed uploads too: within its minutes a form can be sent once more.
    """
    for upload in product.uploads.all():
        jobs.enqueue(remove, key=upload.key)


@jobs.job
def remove(*, key: str) -> None:
    """Remove what was sent. Absent is no error."""
    storages.private().delete(key)


@jobs.sweep("29 * * * *")
def forget_lapsed() -> None:
    """Remove what nobody completed, and what is too old to be asked for again.

    Raises:
        OSError: once all was tried, when files could not be deleted; the next run tries them.
    """
    stuck = 0
    for upload in ImageUpload.objects.filter(created_at__lt=timezone.now() - KEPT):
        try:
            storages.private().delete(upload.key)
        except OSError:
            log.exception("%s could not be deleted", upload.key)
            stuck += 1
        else:
            upload.delete()
    if stuck:
        raise OSError(f"{stuck} lapsed uploads could not be deleted")
