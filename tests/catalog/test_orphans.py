"""`manage.py media_orphans`: files that no row speaks of, and rows without their files."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog import categories, collections, files, images, orphans, uploads
from catalog.models import ImageUpload, ProductImage
from shop import storages
from tests.catalog.picturing import drawn, file, kept, shop, waiting

NAME = "0123456789abcdef" * 2
STRANGER = str(uuid4())
LEFT = [
    f"products/7/{NAME}.jpg",
    f"products/7/{NAME}.webp",
    f"products/7/{NAME}-320.jpg",
    f"products/7/{NAME}-1280.webp",
    f"products/8/{NAME}-99.png",  # of a width that is made no more
    f"categories/{NAME}.png",
    f"categories/{NAME}-640.webp",
    f"collections/{NAME}.webp",
]
FOREIGN = [
    "logo.png",
    "robots.txt",
    f"{NAME}.jpg",
    f"other/{NAME}.jpg",
    "products/7/photo.jpg",
    f"products/7/{NAME}.svg",
    f"products/7/{NAME}-320.jpg.bak",
    f"products/7/deep/{NAME}.jpg",
    f"products/lamp/{NAME}.jpg",
    f"collections/{NAME}0.jpg",
]
PRIVATE = ["uploads/notes.txt", STRANGER, f"other/{STRANGER}", f"uploads/{STRANGER}/x"]


def put(*keys: str) -> None:
    for key in keys:
        storages.public().save(key, ContentFile(b"x"))


def put_away(*keys: str) -> None:
    for key in keys:
        storages.private().save(key, ContentFile(b"x"))


def ran(*args: str) -> tuple[int, list[str], list[str]]:
    """Exit code, and the lines of output and of errors."""
    out, err = StringIO(), StringIO()
    try:
        call_command("media_orphans", *args, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue().splitlines(), err.getvalue().splitlines()
    return 0, out.getvalue().splitlines(), err.getvalue().splitlines()


def found() -> list[str]:
    """The keys of what is left over, however young."""
    soon = timezone.now() + timedelta(minutes=1)
    return sorted(stored.key for _, stored in orphans.left_over(before=soon))


def everything() -> tuple[list[str], list[str]]:
    return kept(), waiting()


def pictures_of_each_kind() -> ProductImage:
    product, owner = shop()
    categories.create(name="Lamps", image=file(drawn(kind="PNG")))
    collections.create(name="Spring", image=file(drawn(kind="WEBP")))
    return images.attach(product, [file(drawn(700, 20))], user=owner)[0]


@pytest.mark.usefixtures("place")
def test_what_rows_speak_of_is_not_left_over() -> None:
    image = pictures_of_each_kind()
    upload = image.product.uploads.create(mime="image/png", bytes=1, created_at=timezone.now())
    put_away(upload.key)
    before = everything()

    assert len(before[0]) == 6 + 2 + 1
    assert ran("--older", "0m", "--delete") == (0, ["0 files left over."], [])
    assert everything() == before


@pytest.mark.usefixtures("place")
def test_files_of_each_kind_are_found_and_deleted() -> None:
    image = pictures_of_each_kind()
    before = everything()
    too_wide = files.named(image.file, 1280, files.Format.WEBP)
    other_format = image.file.replace(".jpg", ".png")
    put(*LEFT, too_wide, other_format)
    done = image.product.uploads.create(
        mime="image/png", bytes=1, created_at=timezone.now(), completed_at=timezone.now()
    )
    put_away(f"uploads/{STRANGER}", done.key)
    left = sorted([*LEFT, too_wide, other_format, f"uploads/{STRANGER}", done.key])
    assert found() == left

    code, lines, errors = ran("--older", "0m")
    assert (code, errors) == (1, [])
    assert sorted(line.split()[0] for line in lines[:-1]) == left
    assert lines[-1] == "12 files left over."
    assert found() == left

    code, lines, errors = ran("--older", "0m", "--delete")
    assert (code, lines[-1], errors) == (0, "12 files left over, deleted.", [])
    assert everything() == before
    assert ran("--older", "0m") == (0, ["0 files left over."], [])


@pytest.mark.usefixtures("place")
def test_what_somebody_else_keeps_there_is_left_alone() -> None:
    put(*FOREIGN)
    put_away(*PRIVATE)

    assert ran("--older", "0m", "--delete") == (0, ["0 files left over."], [])
    assert everything() == (sorted(FOREIGN), sorted(PRIVATE))


@pytest.mark.usefixtures("place")
def test_young_files_are_left_alone_for_two_days() -> None:
    put(LEFT[0])
    put_away(f"uploads/{STRANGER}")

    assert ran("--delete") == (0, ["0 files left over."], [])
    assert ran("--delete", "--older", "1m") == (0, ["0 files left over."], [])
    assert everything() == ([LEFT[0]], [f"uploads/{STRANGER}"])


def test_files_older_than_that_go(disk: Path) -> None:
    put(*LEFT[:3])
    for key, hours in zip(LEFT, (49, 47, 1), strict=False):
        at = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(disk / "media" / key, (at, at))

    code, lines, _ = ran("--delete")
    assert (code, lines[-1]) == (0, "1 files left over, deleted.")
    assert kept() == sorted(LEFT[1:3])
    ran("--delete", "--older", "12h")
    assert kept() == [LEFT[2]]
    ran("--delete", "--older", "1d")
    assert kept() == [LEFT[2]]


def test_a_line_says_which_and_since_when(disk: Path) -> None:
    put(LEFT[0])
    os.utime(disk / "media" / LEFT[0], (0, 0))

    assert ran() == (1, [f"{LEFT[0]} (1970-01-01 00:00)", "1 files left over."], [])


@pytest.mark.usefixtures("place")
def test_more_than_fit_into_one_statement_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "BATCH", 3)
    pictures_of_each_kind()
    put(*LEFT)

    assert found() == sorted(LEFT)


@pytest.mark.usefixtures("place")
def test_rows_without_a_file_are_reported_and_stay() -> None:
    image = pictures_of_each_kind()
    gone = [image.file, files.named(image.file, 320, files.Format.WEBP)]
    for key in gone:
        storages.public().delete(key)

    code, lines, errors = ran("--older", "0m", "--delete")

    assert (code, lines) == (1, ["0 files left over."])
    assert sorted(errors) == sorted(f"{key} is not there, but a picture has it" for key in gone)
    assert ProductImage.objects.get() == image


@pytest.mark.usefixtures("place")
def test_an_upload_that_lapsed_is_left_over_once_its_row_is_gone() -> None:
    product, owner = shop()
    offer = uploads.create(product, filename="x", mime="image/png", size=1, user=owner)
    put_away(offer.upload.key)
    assert found() == []

    ImageUpload.objects.all().delete()

    assert found() == [offer.upload.key]


@pytest.mark.usefixtures("disk")
def test_an_empty_place_has_nothing_left_over() -> None:
    assert ran() == (0, ["0 files left over."], [])


@pytest.mark.parametrize("text", ["2", "d", "2w", "-1d", "1.5h", "999999d", "2d "])
def test_an_age_has_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(CommandError, match="2d, 12h or 30m"):
        call_command("media_orphans", f"--older={text}")
