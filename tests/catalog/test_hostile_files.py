"""Hostile files of every class: refused by their code, or nothing of what they carry is kept.

HOSTILE says how many there are of all classes and HOSTILE_SEED where they begin; every other one
is sent straight to the storage, the rest in a form. `make soak` takes 1000.
"""

import os
import random
from collections.abc import Iterator

import pytest

from catalog import decoding, files, uploads
from catalog.models import ImageUpload, Product, ProductImage
from schema import ids
from shop import storages
from shop.errors import Refused
from tests.catalog import hostile_bombs, hostile_files, ways
from tests.catalog.hostile_files import KINDS, MARK, Maker, Sent, drawn
from tests.catalog.picturing import data_of, decoded, file, kept, shop
from users import tokens
from users.models import User

HOSTILE = int(os.environ.get("HOSTILE", "50"))
FIRST = int(os.environ.get("HOSTILE_SEED", "1"))
WAYS = (ways.by_form, ways.directly)

REFUSED: dict[str, Maker] = {
    **hostile_files.NO_PICTURE,
    **hostile_bombs.TOO_MUCH,
    "truncated": hostile_files.truncated,
}
EITHER: dict[str, Maker] = {
    **hostile_files.TWO_AT_ONCE,
    **hostile_bombs.PACKED,
    "bits_flipped": hostile_files.bits_flipped,
}
CLASSES = [*REFUSED, *EITHER, *hostile_files.CARRYING]
EACH = max(2, HOSTILE // len(CLASSES))  # one for each way at least


def answers(maker: Maker) -> Iterator[tuple[int, list[str]]]:
    """Seed and refusals of each file, all of it looked at that is kept."""
    for seed in range(FIRST, FIRST + EACH):
        product, owner = shop()
        way = WAYS[seed % 2]
        token = tokens.access_token(owner)
        refused = way(ways.here, token, ids.of(product), maker(random.Random(seed)))
        check_clean(product, taken=not refused, seed=seed)
        yield seed, refused


def check_clean(product: Product, *, taken: bool, seed: int) -> None:
    """Exactly the files of the product's one picture are there, or none; each is what it says."""
    rows = list(ProductImage.objects.filter(product=product))
    mine = [key for key in kept() if key.startswith(f"products/{product.pk}/")]
    expected = [key for row in rows for key in files.keys(row.file, row.width)]
    assert (len(rows), mine) == (int(taken), sorted(expected)), f"seed {seed}"
    for row in rows:
        full = decoded(data_of(row.file))
        assert full.size == (row.width, row.height), f"seed {seed}"
        assert row.mime == f"image/{(full.format or '').lower()}", f"seed {seed}"
        assert row.bytes == len(data_of(row.file)), f"seed {seed}"
    for key in mine:
        check_pixels_alone(key, seed)


def check_pixels_alone(key: str, seed: int) -> None:
    data = data_of(key)
    image = decoded(data)
    assert files.EXTENSIONS[image.format or ""] == key.rpartition(".")[2], f"seed {seed}"
    assert MARK not in data, f"seed {seed}"
    assert dict(image.getexif()) == {}, f"seed {seed}"
    assert not image.info.keys() & {"exif", "xmp", "icc_profile", "comment", "Comment"}, seed
    assert getattr(image, "n_frames", 1) == 1, f"seed {seed}"


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_good_picture_is_refused(kind: str) -> None:
    for seed, refused in answers(REFUSED[kind]):
        assert refused == ["UNSUPPORTED_FILE"], f"seed {seed}"


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("kind", hostile_files.CARRYING)
def test_a_picture_that_carries_something_is_made_clean(kind: str) -> None:
    for seed, refused in answers(hostile_files.CARRYING[kind]):
        assert refused == [], f"seed {seed}"


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("kind", EITHER)
def test_what_is_a_picture_and_more_is_refused_or_made_clean(kind: str) -> None:
    for seed, refused in answers(EITHER[kind]):
        assert refused in ([], ["UNSUPPORTED_FILE"]), f"seed {seed}"


@pytest.mark.usefixtures("disk")
def test_what_is_longer_than_allowed_is_refused_unread() -> None:
    for seed, refused in answers(hostile_bombs.eleven_megabytes):
        assert refused == ["FILE_TOO_LARGE"], f"seed {seed}"


@pytest.mark.usefixtures("disk")
def test_an_empty_file_is_refused_by_both_ways() -> None:
    product, owner = shop()
    token, id = tokens.access_token(owner), ids.of(product)

    assert ways.by_form(ways.here, token, id, Sent(b"")) == ["UNSUPPORTED_FILE"]
    assert ways.directly(ways.here, token, id, Sent(b"")) == ["OUT_OF_RANGE"]
    check_clean(product, taken=False, seed=0)


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("lie", [b"", b"<html>", b"\xff\xd8\xff\xe0" + bytes(10_500_000)])
def test_what_lies_in_a_bucket_against_its_form_is_refused(lie: bytes) -> None:
    product, owner = shop()
    upload = announced(product, owner)

    storages.private().save(upload.key, file(lie))

    with pytest.raises(Refused) as refusal:
        uploads.complete(str(upload.pk), user=owner)
    assert refusal.value.code == ("FILE_TOO_LARGE" if len(lie) > 100 else "UNSUPPORTED_FILE")
    check_clean(product, taken=False, seed=0)


def announced(product: Product, owner: User) -> ImageUpload:
    return uploads.create(
        product, filename="x.jpg", mime="image/jpeg", size=1000, user=owner
    ).upload


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("kind", ["svg", "png_and_php", "gps_in_exif", "phone_pair"])
def test_a_bucket_keeps_nothing_of_them_either(kind: str) -> None:
    makers = REFUSED | EITHER | hostile_files.CARRYING

    for _, refused in answers(makers[kind]):
        assert refused in ([], ["UNSUPPORTED_FILE"])


@pytest.mark.parametrize("kind", [*KINDS, "progressive"])
def test_a_picture_that_ends_too_early_is_refused_wherever_it_ends(kind: str) -> None:
    named, early = ("JPEG", True) if kind == "progressive" else (kind, False)
    data = drawn(random.Random(FIRST), named, progressive=early)
    needed = len(data) - (4 if kind == "PNG" else 0)  # its last checksum tells nothing

    taken = [length for length in range(needed) if is_taken(data[:length])]

    assert taken == []
    assert is_taken(data)


def is_taken(data: bytes) -> bool:
    try:
        decoding.decoded(data)
    except Exception:
        return False
    return True


def test_pictures_of_other_kinds_are_refused() -> None:
    for kind in ("GIF", "BMP", "TIFF", "PPM", "ICO", "TGA", "JPEG2000", "PCX", "SGI", "DDS", "PDF"):
        assert not is_taken(drawn(random.Random(FIRST), kind)), kind
