"""Pictures: what is taken, what is refused, and that storage and rows stay together."""

import hashlib
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog import images, pictures, products
from catalog.models import Product, ProductImage
from shop.errors import ShopError
from tests.catalog.races import at_once
from tests.factories import make_product, make_staff, make_variant
from users.models import User


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def drawn(width: int = 40, height: int = 30, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is `colour`."""
    mode, colour = options.pop("mode", "RGB"), options.pop("colour", "blue")
    image = Image.new("RGB", (width, height), "red")
    image.paste(colour, (width // 2, 0, width, height))
    out = BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def file(data: bytes, name: str = "x.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def shop() -> tuple[Product, User]:
    owner = make_staff()
    return make_product(owner=owner), owner


def refused(act: Callable[[], object]) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


def files_in(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def opened(key: str) -> Image.Image:
    with default_storage.open(key) as stored:
        image = Image.open(BytesIO(stored.read()))
        image.load()
    return image


@pytest.mark.parametrize(
    ("kind", "mode", "stored_as", "mime"),
    [
        ("JPEG", "RGB", "JPEG", "image/jpeg"),
        ("JPEG", "CMYK", "JPEG", "image/jpeg"),
        ("JPEG", "L", "JPEG", "image/jpeg"),
        ("PNG", "RGBA", "WEBP", "image/webp"),
        ("PNG", "P", "WEBP", "image/webp"),
        ("PNG", "I;16", "WEBP", "image/webp"),
        ("WEBP", "RGB", "WEBP", "image/webp"),
    ],
)
def test_a_picture_is_made_anew(kind: str, mode: str, stored_as: str, mime: str) -> None:
    product, owner = shop()
    data = drawn(400, 300, kind, mode="L" if mode == "I;16" else mode)
    if mode == "I;16":
        out = BytesIO()
        Image.frombytes("I;16", (400, 300), b"\x00\x80" * 120_000).save(out, "PNG")
        data = out.getvalue()

    image = images.attach(product, [file(data)], user=owner, alt=" Front ")[0]

    made = opened(image.file)
    assert (made.format, made.size) == (stored_as, (400, 300))
    assert (image.width, image.height, image.mime, image.alt) == (400, 300, mime, "Front")
    assert image.bytes == default_storage.size(image.file)
    assert image.checksum == hashlib.sha256(data).hexdigest()
    assert image.file.startswith(f"products/{product.pk}/")
    with default_storage.open(image.file) as stored:
        assert stored.read() != data


def test_narrower_ones_are_made_up_to_its_own_width(media: Path) -> None:
    product, owner = shop()

    image = images.attach(product, [file(drawn(700, 350))], user=owner)[0]

    stem = image.file.removesuffix(".jpg")
    assert files_in(media) == sorted([image.file, f"{stem}-320.webp", f"{stem}-640.webp"])
    assert opened(f"{stem}-640.webp").size == (640, 320)


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
    assert images.rendition("a/b.jpg", width, own) == expected


def test_a_large_picture_is_kept_at_a_size_that_pages_show() -> None:
    product, owner = shop()

    image = images.attach(product, [file(drawn(6000, 1500))], user=owner)[0]

    assert (image.width, image.height) == (4096, 1024)


def test_a_picture_stands_upright_and_tells_nothing_of_its_maker() -> None:
    product, owner = shop()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "Secret camera"
    data = drawn(40, 20, exif=exif, comment=b"Secret comment")

    image = images.attach(product, [file(data)], user=owner)[0]

    made = opened(image.file)
    assert made.size == (20, 40)
    top, bottom = made.getpixel((10, 5)), made.getpixel((10, 35))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)
    with default_storage.open(image.file) as stored:
        assert b"Secret" not in stored.read()


def test_transparency_stays() -> None:
    product, owner = shop()
    out = BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(out, "PNG")

    image = images.attach(product, [file(out.getvalue())], user=owner)[0]

    for key in images.keys(image.file, image.width):
        assert opened(key).mode == "RGBA"


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says how many pixels it has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


UNSUPPORTED = {
    "empty": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "gif": drawn(kind="GIF"),
    "tiff": drawn(kind="TIFF"),
    "bmp": drawn(kind="BMP"),
    "jpeg cut short": drawn(400, 300)[:-900],
    "jpeg without its end": drawn(400, 300)[:-2],
    "png cut short": drawn(400, 300, "PNG")[:-20],
    "webp cut short": drawn(400, 300, "WEBP")[:-20],
    "jpeg and html": drawn() + b"<html><script>alert(1)</script>",
    "jpeg and zip": drawn() + b"PK\x03\x04" + b"x" * 40,
    "png and zip": drawn(kind="PNG") + b"PK\x03\x04" + b"x" * 40,
    "webp and pdf": drawn(kind="WEBP") + b"%PDF-1.7",
    "pdf in a comment": drawn(comment=b"%PDF-1.7"),
    "script in a comment": drawn(comment=b"<ScRiPt>alert(1)"),
    "only a head": drawn()[:20],
    "bomb": bomb(30_000),
    "too many pixels": bomb(6401),
}


@pytest.mark.parametrize("kind", list(UNSUPPORTED))
def test_what_is_no_picture_is_refused_and_nothing_is_kept(kind: str, media: Path) -> None:
    product, owner = shop()
    both = [file(drawn()), file(UNSUPPORTED[kind], "harmless.jpg")]

    assert refused(lambda: images.attach(product, both, user=owner)) == [
        ("UNSUPPORTED_FILE", ("files", "1"))
    ]
    assert files_in(media) == []
    assert not ProductImage.objects.exists()


def test_many_pixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    product, owner = shop()
    intact = file(drawn(50, 50))  # decodes well, so that only the limit can refuse it

    assert refused(lambda: images.attach(product, [intact], user=owner)) == [
        ("UNSUPPORTED_FILE", ("files", "0"))
    ]


def test_a_text_in_place_of_a_file_is_refused() -> None:
    product, owner = shop()

    assert refused(lambda: images.attach(product, ["x.jpg", None], user=owner)) == [
        ("UNSUPPORTED_FILE", ("files", "0"))
    ]


def test_a_file_over_ten_megabytes_is_refused_unread() -> None:
    product, owner = shop()
    huge = file(drawn() + bytes(10_000_001))

    assert refused(lambda: images.attach(product, [file(drawn()), huge], user=owner)) == [
        ("FILE_TOO_LARGE", ("files", "1"))
    ]


@pytest.mark.parametrize(("count", "code"), [(0, "REQUIRED"), (11, "OUT_OF_RANGE")])
def test_one_to_ten_files_are_taken_at_once(count: int, code: str) -> None:
    product, owner = shop()

    assert refused(lambda: images.attach(product, [file(drawn())] * count, user=owner)) == [
        (code, ("files",))
    ]


def test_a_product_has_so_many_pictures_and_no_more(
    monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    monkeypatch.setattr(images, "MOST_IMAGES", 1)
    product, owner = shop()
    images.attach(product, [file(drawn())], user=owner)

    assert refused(lambda: images.attach(product, [file(drawn(colour="green"))], user=owner)) == [
        ("OUT_OF_RANGE", ("files",))
    ]
    assert len(files_in(media)) == 1


def test_the_same_picture_twice_is_refused(media: Path) -> None:
    product, owner = shop()
    images.attach(product, [file(drawn())], user=owner)
    new = drawn(colour="green")

    again = [file(drawn()), file(new), file(new)]
    assert refused(lambda: images.attach(product, again, user=owner)) == [
        ("ALREADY_EXISTS", ("files", "0")),
        ("ALREADY_EXISTS", ("files", "2")),
    ]
    assert len(files_in(media)) == 1
    assert images.attach(make_product(owner=owner), [file(drawn())], user=owner)


def test_a_long_text_is_refused_before_anything_is_written(media: Path) -> None:
    product, owner = shop()

    assert refused(lambda: images.attach(product, [file(drawn())], user=owner, alt="x" * 301)) == [
        ("TOO_LONG", ("alt",))
    ]
    assert files_in(media) == []


def test_a_product_that_is_gone_keeps_no_files(media: Path) -> None:
    product, owner = shop()
    Product.objects.all().delete()

    assert refused(lambda: images.attach(product, [file(drawn())], user=owner)) == [
        ("NOT_FOUND", ("product_id",))
    ]
    assert files_in(media) == []


def three(product: Product, owner: User) -> list[ProductImage]:
    colours = ("green", "blue", "white")
    return images.attach(product, [file(drawn(colour=c)) for c in colours], user=owner)


def test_the_main_picture_follows_the_order() -> None:
    product, owner = shop()
    first, second, third = three(product, owner)
    product.refresh_from_db()
    assert (product.image_id, product.image_key) == (first.pk, first.file)

    images.update(third, {"position": 0, "alt": "Side"}, user=owner)
    product.refresh_from_db()
    assert (product.image_id, product.image_alt) == (third.pk, "Side")

    images.delete(third, user=owner)
    product.refresh_from_db()
    assert product.image_id == first.pk
    assert [row.position for row in product.images.all()] == [0, 1]
    assert list(product.images.all()) == [first, second]


def test_a_picture_shows_a_variant_of_its_own_product() -> None:
    product, owner = shop()
    image = three(product, owner)[0]
    own, other = make_variant(product=product), make_variant()

    assert images.update(image, {"variant": own}, user=owner).variant == own
    assert refused(lambda: images.update(image, {"variant": other}, user=owner)) == [
        ("INVALID", ("variant_id",))
    ]
    assert images.update(image, {"variant": None}, user=owner).variant is None


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"alt": "x" * 301}, "TOO_LONG", "alt"),
        ({"alt": "new", "position": -1}, "OUT_OF_RANGE", "position"),
        ({"alt": "new", "position": None}, "REQUIRED", "position"),
    ],
)
def test_an_unfit_change_leaves_no_trace(changes: dict[str, Any], code: str, place: str) -> None:
    product, owner = shop()
    image = three(product, owner)[1]

    assert refused(lambda: images.update(image, changes, user=owner)) == [(code, (place,))]
    image.refresh_from_db()
    assert (image.alt, image.position) == ("", 1)


def test_files_go_with_their_row_once_it_is_committed(
    media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    product, owner = shop()
    image = images.attach(product, [file(drawn(700, 350))], user=owner)[0]

    with django_capture_on_commit_callbacks() as after_commit:
        images.delete(image, user=owner)
    assert len(files_in(media)) == 3
    for job in after_commit:
        job()

    assert files_in(media) == []
    assert refused(lambda: images.delete(image, user=owner)) == [("NOT_FOUND", ("id",))]
    images.remove_files(key=image.file, width=700)  # once more, to no harm


def test_files_go_with_a_whole_product(
    media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    product, owner = shop()
    three(product, owner)

    with django_capture_on_commit_callbacks(execute=True):
        products.delete(product, user=owner)

    assert files_in(media) == []


def test_files_that_a_row_speaks_of_stay(media: Path) -> None:
    product, owner = shop()
    image = images.attach(product, [file(drawn())], user=owner)[0]

    images.remove_files(key=image.file, width=image.width)

    assert files_in(media) == [image.file]


def test_only_those_who_may_change_the_product_may(media: Path) -> None:
    product, owner = shop()
    image, stranger = three(product, owner)[0], make_staff()
    before = files_in(media)

    assert refused(lambda: images.attach(product, [file(drawn())], user=stranger)) == [
        ("NOT_ALLOWED", ("product_id",))
    ]
    assert refused(lambda: images.update(image, {}, user=stranger)) == [("NOT_ALLOWED", ("id",))]
    assert refused(lambda: images.delete(image, user=stranger)) == [("NOT_ALLOWED", ("id",))]
    assert files_in(media) == before


@pytest.mark.transactional
def test_one_picture_sent_many_times_at_once_is_kept_once(media: Path) -> None:
    product, owner = shop()

    def send() -> list[tuple[str, tuple[str, ...]]]:
        try:
            images.attach(product, [file(drawn())], user=owner)
        except ShopError as refusal:
            return [(each.code, each.path) for each in refusal.each()]
        return []

    answers = at_once(*[send] * 4)

    assert sorted(answers) == [[], *[[("ALREADY_EXISTS", ("files", "0"))]] * 3]
    assert files_in(media) == [ProductImage.objects.get().file]
