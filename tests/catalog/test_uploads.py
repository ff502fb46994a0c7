"""Pictures sent straight to the storage: asked for, sent over HTTP, completed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog import files, images, pictures, products, uploads
from catalog.models import ImageUpload, Product, ProductImage
from shop import storages
from tests.catalog.picturing import drawn, file, kept, refused, shop, waiting
from tests.catalog.races import at_once
from tests.catalog.sending import create, post, serving
from tests.factories import make_staff
from users.models import User

JPEG = drawn()
UNKNOWN = [("NOT_FOUND", ("upload_id",))]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as address:
        yield address


@dataclass
class Sent:
    """A picture that lies there, to be completed."""

    upload: ImageUpload
    product: Product
    owner: User

    def complete(self, alt: str = "") -> ProductImage:
        return uploads.complete(str(self.upload.pk), user=self.owner, alt=alt)


@pytest.fixture
def sent(place: str, server: str) -> Sent:
    product, owner = shop()
    offer = create(product, owner, JPEG)
    assert post(server, offer.form, JPEG).status_code == 204
    return Sent(offer.upload, product, owner)


def lying(data: bytes) -> Sent:
    """An upload whose bytes are put there behind the form's back."""
    product, owner = shop()
    upload = create(product, owner, JPEG).upload
    storages.private().save(upload.key, file(data))
    return Sent(upload, product, owner)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("kind", "end"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_picture_is_asked_for_sent_and_completed(
    kind: str,
    end: str,
    server: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    product, owner = shop()
    data = drawn(700, 350, kind)

    offer = create(product, owner, data, mime=f"image/{kind.lower()}")
    answer = post(server, offer.form, data)
    assert answer.status_code == 204, answer.text
    assert (waiting(), kept()) == ([offer.upload.key], [])
    with django_capture_on_commit_callbacks(execute=True):
        image = uploads.complete(str(offer.upload.pk), user=owner, alt=" Front ")

    assert (image.product, image.alt, image.width, image.position) == (product, "Front", 700, 0)
    assert image.file.endswith(f".{end}")
    assert (waiting(), kept()) == ([], sorted(files.keys(image.file, 700)))
    product.refresh_from_db()
    assert product.image_key == image.file


def test_what_was_sent_stays_until_the_commit(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as after_commit:
        sent.complete()
    assert waiting() == [sent.upload.key]
    for job in after_commit:
        job()

    assert waiting() == []


@pytest.mark.usefixtures("place")
def test_nothing_is_completed_before_it_was_sent() -> None:
    product, owner = shop()
    upload = create(product, owner, JPEG).upload

    assert refused(lambda: uploads.complete(str(upload.pk), user=owner)) == [
        ("INVALID_STATE", ("upload_id",))
    ]
    assert not ProductImage.objects.exists()


@pytest.mark.usefixtures("place")
def test_more_than_a_picture_may_have_is_refused_whatever_lies_there() -> None:
    much = lying(JPEG + bytes(10_000_001 - len(JPEG)))

    assert refused(much.complete) == [("FILE_TOO_LARGE", ("upload_id",))]
    assert (kept(), ProductImage.objects.count()) == ([], 0)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", b"<html><script>alert(1)</script>", b"%PDF-1.7", JPEG[:-2], JPEG + b"PK\3\4"],
)
def test_a_hostile_file_is_refused_and_shown_nowhere(data: bytes) -> None:
    hostile = lying(data)

    assert refused(hostile.complete) == [("UNSUPPORTED_FILE", ("upload_id",))]
    assert (kept(), ProductImage.objects.count()) == ([], 0)


def test_a_long_text_is_refused_and_what_was_sent_can_still_be_completed(sent: Sent) -> None:
    assert refused(lambda: sent.complete("x" * 301)) == [("TOO_LONG", ("alt",))]
    assert kept() == []

    assert sent.complete("x" * 300).alt == "x" * 300


def test_asked_again_the_same_picture_is_answered(sent: Sent) -> None:
    first = sent.complete("Front")

    again = sent.complete("Another text")

    assert (again, again.alt) == (first, "Front")
    assert kept() == sorted(files.keys(first.file, first.width))


def test_a_picture_that_the_product_has_is_refused_at_the_upload(sent: Sent) -> None:
    there = images.attach(sent.product, [file(JPEG)], user=sent.owner)[0]

    assert refused(sent.complete) == [("ALREADY_EXISTS", ("upload_id",))]
    assert kept() == sorted(files.keys(there.file, there.width))


def test_one_picture_too_many_is_refused_at_the_upload(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_IMAGES", 0)

    assert refused(sent.complete) == [("OUT_OF_RANGE", ("upload_id",))]
    assert kept() == []


def test_nobody_else_completes_it(sent: Sent) -> None:
    assert refused(lambda: uploads.complete(str(sent.upload.pk), user=make_staff())) == UNKNOWN
    sent.complete()
    assert refused(lambda: uploads.complete(str(sent.upload.pk), user=make_staff())) == UNKNOWN


@pytest.mark.parametrize(
    "id",
    [
        "", " ", "7", "\0", "x" * 1000, "null", "٧", "00000000-0000-4000-8000-000000000000",
        "{00000000-0000-4000-8000-000000000000}", "urn:uuid:00000000-0000-4000-8000-000000000000",
    ],
)  # fmt: skip
def test_an_id_that_nobody_gave_is_unknown(id: str) -> None:
    assert refused(lambda: uploads.complete(id, user=make_staff())) == UNKNOWN


def test_an_id_has_one_way_of_writing(sent: Sent) -> None:
    for id in (sent.upload.pk.hex, str(sent.upload.pk).upper(), f"{{{sent.upload.pk}}}"):
        assert refused(lambda id=id: uploads.complete(id, user=sent.owner)) == UNKNOWN  # type: ignore[misc]


def test_an_upload_whose_picture_was_deleted_makes_no_other(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        images.delete(sent.complete(), user=sent.owner)
    assert refused(sent.complete) == UNKNOWN
    storages.private().save(sent.upload.key, file(JPEG))  # the form was sent once more

    assert refused(sent.complete) == UNKNOWN
    assert (kept(), ProductImage.objects.count()) == ([], 0)


def test_with_its_product_goes_what_was_sent(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as after_commit:
        products.delete(sent.product, user=sent.owner)
    assert waiting() == [sent.upload.key]
    for job in after_commit:
        job()

    assert waiting() == []
    assert refused(sent.complete) == UNKNOWN


def test_with_its_product_goes_what_was_sent_once_more_after_its_completion(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sent.complete()
    storages.private().save(sent.upload.key, file(JPEG))

    with django_capture_on_commit_callbacks(execute=True):
        products.delete(sent.product, user=sent.owner)

    assert waiting() == []


def test_a_product_that_goes_meanwhile_keeps_no_files(sent: Sent) -> None:
    picture = pictures.made_of(JPEG)
    Product.objects.all().delete()

    def finish() -> None:
        with files.written_or_gone() as written:
            uploads.keep(sent.upload, images.stored(sent.product, picture, written, alt=""))

    assert refused(finish) == UNKNOWN
    assert kept() == []


def test_what_nobody_completes_within_a_day_goes(sent: Sent) -> None:
    day = timezone.now() - timedelta(days=1)
    young = create(sent.product, sent.owner, JPEG).upload
    storages.private().save(young.key, file(JPEG))
    ImageUpload.objects.filter(pk=young.pk).update(created_at=day + timedelta(minutes=1))
    ImageUpload.objects.filter(pk=sent.upload.pk).update(created_at=day)

    uploads.forget_lapsed()

    assert waiting() == [young.key]
    assert ImageUpload.objects.get() == young
    assert refused(sent.complete) == UNKNOWN


def test_a_file_that_cannot_be_deleted_is_told_and_keeps_no_other(
    disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    product, owner = shop()
    lapsed = [create(product, owner, JPEG).upload for _ in range(3)]
    first, *others = ImageUpload.objects.all()  # in the order in which the sweep takes them
    for upload in others:
        storages.private().save(upload.key, file(JPEG))
    (disk / "private" / first.key).mkdir()  # a folder is none that `delete` may remove
    (disk / "private" / first.key / "x").touch()
    ImageUpload.objects.update(created_at=timezone.now() - timedelta(days=2))

    with pytest.raises(OSError, match="1 lapsed uploads could not be deleted"):
        uploads.forget_lapsed()

    assert waiting() == [f"{first.key}/x"]
    assert (ImageUpload.objects.get(), len(lapsed)) == (first, 3)
    assert f"{first.key} could not be deleted" in caplog.text


def test_the_picture_outlives_the_upload_it_was_made_of(sent: Sent) -> None:
    image = sent.complete()
    ImageUpload.objects.update(created_at=timezone.now() - timedelta(days=2))

    uploads.forget_lapsed()

    assert not ImageUpload.objects.exists()
    assert list(ProductImage.objects.all()) == [image]
    assert kept() == sorted(files.keys(image.file, image.width))


@pytest.mark.transactional
def test_completed_many_times_at_once_it_is_one_picture(sent: Sent) -> None:
    answers = at_once(*[sent.complete] * 8)

    image = ProductImage.objects.get()
    assert set(answers) == {image}
    assert (waiting(), kept()) == ([], sorted(files.keys(image.file, image.width)))
