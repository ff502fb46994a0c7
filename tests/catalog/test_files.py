"""The files of pictures: what they are called, and that they come and go with their rows."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog import files, images, products
from catalog.files import Format
from catalog.models import ProductImage
from shop import storages
from tests.catalog.picturing import data_of, drawn, file, kept, opened, refused, shop


@pytest.mark.parametrize(
    ("width", "own", "expected"),
    [
        (None, 2000, "a/b.jpg"),
        (100, 2000, "a/b-320.webp"),
        (320, 2000, "a/b-320.webp"),
        (321, 2000, "a/b-640.webp"),
        (1280, 2000, "a/b-1280.webp"),
        (1281, 2000, "a/b.jpg"),
        (600, 640, "a/b.jpg"),
        (100, 200, "a/b.jpg"),
    ],
)
def test_the_narrowest_that_is_wide_enough_is_shown(
    width: int | None, own: int, expected: str
) -> None:
    assert files.rendition("a/b.jpg", width, own) == expected


@pytest.mark.parametrize(
    ("width", "shown", "expected"),
    [
        (None, Format.WEBP, "a/b.webp"),
        (None, Format.ORIGINAL, "a/b.png"),
        (100, Format.WEBP, "a/b-320.webp"),
        (100, Format.ORIGINAL, "a/b-320.png"),
        (900, Format.WEBP, "a/b.webp"),
    ],
)
def test_the_format_that_is_asked_for_is_shown(
    width: int | None, shown: Format, expected: str
) -> None:
    assert files.rendition("a/b.png", width, 700, shown) == expected


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("kind", "end", "count"), [("JPEG", "jpg", 6), ("PNG", "png", 6), ("WEBP", "webp", 3)]
)
def test_each_file_has_the_width_and_the_format_of_its_name(
    kind: str, end: str, count: int
) -> None:
    product, owner = shop()

    image = images.attach(product, [file(drawn(700, 350, kind))], user=owner)[0]

    stem = image.file.removesuffix(f".{end}")
    assert stem.startswith(f"products/{product.pk}/")
    assert kept() == sorted(files.keys(image.file, 700))
    assert len(kept()) == count
    for width, suffix in ((700, ""), (640, "-640"), (320, "-320")):
        for extension, format in ((end, kind), ("webp", "WEBP")):
            made = opened(f"{stem}{suffix}.{extension}")
            assert (made.format, made.width) == (format, width)


@pytest.mark.usefixtures("place")
def test_the_row_says_what_the_file_is() -> None:
    product, owner = shop()

    image = images.attach(product, [file(drawn(400, 300, "PNG"))], user=owner, alt=" Front ")[0]

    assert (image.width, image.height, image.mime, image.alt) == (400, 300, "image/png", "Front")
    assert image.bytes == len(data_of(image.file))
    assert image.placeholder


@pytest.mark.usefixtures("place")
def test_a_picture_that_comes_back_shares_no_file_with_its_former_self() -> None:
    product, owner = shop()
    first = images.attach(product, [file(drawn())], user=owner)[0]
    images.delete(first, user=owner)

    second = images.attach(product, [file(drawn())], user=owner)[0]

    assert not set(files.keys(first.file, 40)) & set(files.keys(second.file, 40))


@pytest.mark.usefixtures("place")
def test_files_go_with_their_row_once_it_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    product, owner = shop()
    image = images.attach(product, [file(drawn(700, 350))], user=owner)[0]

    with django_capture_on_commit_callbacks() as after_commit:
        images.delete(image, user=owner)
    assert len(kept()) == 6
    for job in after_commit:
        job()

    assert kept() == []
    assert refused(lambda: images.delete(image, user=owner)) == [("NOT_FOUND", ("id",))]
    files.remove(key=image.file, width=700)  # once more, to no harm


@pytest.mark.usefixtures("place")
def test_files_go_with_a_whole_product(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    product, owner = shop()
    images.attach(product, [file(drawn()), file(drawn(kind="PNG"))], user=owner)
    assert len(kept()) == 4

    with django_capture_on_commit_callbacks(execute=True):
        products.delete(product, user=owner)

    assert kept() == []


@pytest.mark.usefixtures("place")
def test_files_that_a_row_speaks_of_stay() -> None:
    product, owner = shop()
    image = images.attach(product, [file(drawn())], user=owner)[0]

    files.remove(key=image.file, width=image.width)

    assert kept() == sorted(files.keys(image.file, 40))


@pytest.mark.usefixtures("place")
def test_what_fails_in_the_middle_takes_its_files_along() -> None:
    with pytest.raises(RuntimeError), files.written_or_gone() as written:
        files.put("products/1/a.jpg", file(drawn()), "image/jpeg", written)
        assert kept() == ["products/1/a.jpg"]
        raise RuntimeError

    assert kept() == []


@pytest.mark.usefixtures("disk")
def test_a_storage_that_takes_nothing_is_a_refusal_and_leaves_no_trace() -> None:
    product, owner = shop()
    storages.public().save("products/in-the-way", file(b"a file where a folder must be"))
    storages.public().save(f"products/{product.pk}", file(b"the same"))
    before = kept()

    sent = [file(drawn())]
    assert refused(lambda: images.attach(product, sent, user=owner)) == [
        ("STORAGE_UNAVAILABLE", ())
    ]
    assert kept() == before
    assert not ProductImage.objects.exists()


def test_a_bucket_that_is_gone_is_a_refusal_and_leaves_no_row(bucket: object) -> None:
    product, owner = shop()
    bucket.delete()  # type: ignore[attr-defined]

    assert refused(lambda: images.attach(product, [file(drawn())], user=owner)) == [
        ("STORAGE_UNAVAILABLE", ())
    ]
    assert not ProductImage.objects.exists()
