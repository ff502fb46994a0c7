"""The one picture of a category or a collection: put, replaced, described, taken away."""

from types import ModuleType
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog import categories, collections, covers, files
from catalog.models import Category, CategoryImage, Collection, CollectionImage
from tests.catalog.picturing import drawn, file, kept, opened, refused
from tests.catalog.races import at_once

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture(params=[categories, collections], ids=["category", "collection"])
def shelves(request: pytest.FixtureRequest) -> Any:
    """The module of either kind."""
    return request.param


def picture_of(shelf: Any) -> CategoryImage | CollectionImage | None:
    """As the database has it."""
    kind, own = covers.of(shelf)
    row: CategoryImage | CollectionImage | None = kind.objects.filter(**own).first()
    return row


def no_rows() -> bool:
    kinds = (Category, Collection, CategoryImage, CollectionImage)
    return not any(kind.objects.exists() for kind in kinds)


def lamps(shelves: ModuleType, **more: Any) -> Any:
    return shelves.create(name="Lamps", image=file(drawn(700, 20)), image_alt=" A lamp ", **more)


def files_of(shelf: Any) -> list[str]:
    row = picture_of(shelf)
    return sorted(files.keys(row.file, row.width)) if row else []


def test_a_shelf_is_made_with_its_picture(shelves: ModuleType) -> None:
    shelf = lamps(shelves)

    row = picture_of(shelf)
    assert row is not None
    assert (row.alt, row.width, row.height, row.mime) == ("A lamp", 700, 20, "image/jpeg")
    assert row.file.startswith(f"{shelves.FOLDER}/")
    assert kept() == files_of(shelf)
    assert opened(files.named(row.file, 320, files.Format.WEBP)).width == 320


def test_a_shelf_is_made_without_a_picture(shelves: ModuleType) -> None:
    shelf = shelves.create(name="Lamps", image_alt="Of nothing")

    assert picture_of(shelf) is None
    assert kept() == []


def test_a_shelf_gets_its_picture_later(shelves: ModuleType) -> None:
    shelf = shelves.create(name="Lamps")

    shelves.update(shelf, {"image": file(drawn()), "image_alt": "A lamp"})

    row = picture_of(shelf)
    assert row is not None
    assert row.alt == "A lamp"
    assert kept() == files_of(shelf)


def test_another_picture_takes_its_place(
    shelves: ModuleType, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf = lamps(shelves)
    first = files_of(shelf)

    with django_capture_on_commit_callbacks() as after_commit:
        shelves.update(shelf, {"image": file(drawn(kind="PNG"))})
    second = files_of(shelf)
    assert kept() == sorted(first + second)
    for job in after_commit:
        job()

    row = picture_of(shelf)
    assert row is not None
    assert (row.mime, row.alt) == ("image/png", "A lamp")  # a text left out stays
    assert kept() == second


def test_the_same_picture_again_stays(
    shelves: ModuleType, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf = lamps(shelves)

    with django_capture_on_commit_callbacks(execute=True):
        shelves.update(shelf, {"image": file(drawn(700, 20))})

    assert len(kept()) == 6
    assert kept() == files_of(shelf)


def test_the_picture_is_taken_away(
    shelves: ModuleType, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf = lamps(shelves)

    with django_capture_on_commit_callbacks() as after_commit:
        shelves.update(shelf, {"image": None})
    assert len(kept()) == 6
    for job in after_commit:
        job()

    assert picture_of(shelf) is None
    assert kept() == []


@pytest.mark.parametrize(("alt", "expected"), [(" New ", "New"), (None, ""), ("", "")])
def test_the_text_changes_alone(shelves: ModuleType, alt: str | None, expected: str) -> None:
    shelf = lamps(shelves)
    before = files_of(shelf)

    shelves.update(shelf, {"image_alt": alt})

    row = picture_of(shelf)
    assert row is not None
    assert row.alt == expected
    assert kept() == files_of(shelf) == before


def test_a_text_without_a_picture_is_let_pass(shelves: ModuleType) -> None:
    shelf = shelves.create(name="Lamps")

    shelves.update(shelf, {"image_alt": "Of nothing"})

    assert picture_of(shelf) is None


def test_what_is_left_out_stays(shelves: ModuleType) -> None:
    shelf = lamps(shelves)
    before = files_of(shelf)

    shelves.update(shelf, {"name": "Lights"})

    row = picture_of(shelf)
    assert row is not None
    assert row.alt == "A lamp"
    assert kept() == files_of(shelf) == before


def test_the_picture_of_one_shelf_is_none_of_another_s(
    shelves: ModuleType, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf, other = lamps(shelves), lamps(shelves)

    with django_capture_on_commit_callbacks(execute=True):
        shelves.update(shelf, {"image": None})

    assert kept() == files_of(other)
    assert len(kept()) == 6


def test_files_go_with_their_shelf_once_it_is_committed(
    shelves: ModuleType, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf = lamps(shelves)

    with django_capture_on_commit_callbacks() as after_commit:
        shelves.delete(shelf)
    assert len(kept()) == 6
    for job in after_commit:
        job()

    assert kept() == []
    assert no_rows()


def test_a_category_that_cannot_go_keeps_its_picture(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    category = lamps(categories)
    categories.create(name="Floor lamps", parent=category)

    with django_capture_on_commit_callbacks(execute=True):
        assert refused(lambda: categories.delete(category)) == [("INVALID_STATE", ("id",))]

    assert len(kept()) == 6
    assert kept() == files_of(category)


UNFIT: list[tuple[dict[str, Any], tuple[str, tuple[str, ...]]]] = [
    ({"image": b"<svg/>"}, ("UNSUPPORTED_FILE", ("image",))),
    ({"image": drawn() + bytes(10_000_000)}, ("FILE_TOO_LARGE", ("image",))),
    ({"image_alt": "x" * 301}, ("TOO_LONG", ("image_alt",))),
    ({"name": ""}, ("REQUIRED", ("name",))),
    ({"name": "x" * 101}, ("TOO_LONG", ("name",))),
]


@pytest.mark.parametrize(("said", "refusal"), UNFIT)
def test_a_refusal_leaves_no_shelf_and_no_file(
    shelves: ModuleType, said: dict[str, Any], refusal: tuple[str, tuple[str, ...]]
) -> None:
    values = {"name": "Lamps", "image": drawn()} | said
    values["image"] = file(values["image"])

    assert refused(lambda: shelves.create(**values)) == [refusal]
    assert no_rows()
    assert kept() == []


@pytest.mark.parametrize(("said", "refusal"), UNFIT)
def test_a_refused_change_leaves_the_picture_that_was(
    shelves: ModuleType,
    said: dict[str, Any],
    refusal: tuple[str, tuple[str, ...]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    shelf = lamps(shelves)
    before = picture_of(shelf), kept()
    changes = {"name": "Lights", "image": drawn(kind="PNG")} | said
    changes["image"] = file(changes["image"])

    with django_capture_on_commit_callbacks(execute=True):
        assert refused(lambda: shelves.update(shelf, changes)) == [refusal]

    assert (picture_of(shelf), kept()) == before
    shelf.refresh_from_db()
    assert shelf.name == "Lamps"


def test_a_shelf_that_is_gone_keeps_no_files(shelves: ModuleType) -> None:
    shelf = shelves.create(name="Lamps")
    type(shelf).objects.all().delete()

    assert refused(lambda: shelves.update(shelf, {"image": file(drawn())})) == [
        ("NOT_FOUND", ("id",))
    ]
    assert kept() == []
    assert no_rows()


@pytest.mark.parametrize("sent", ["x.jpg", 7])
def test_a_text_in_place_of_a_file_is_refused(shelves: ModuleType, sent: object) -> None:
    assert refused(lambda: shelves.create(name="Lamps", image=sent)) == [
        ("UNSUPPORTED_FILE", ("image",))
    ]


@pytest.mark.transactional
def test_of_several_pictures_put_at_once_one_stays(shelves: ModuleType) -> None:
    shelf = lamps(shelves)
    colours = ("green", "blue", "white", "black")
    data = {colour: drawn(colour=colour) for colour in colours}

    def put(colour: str) -> None:
        shelves.update(shelf, {"image": file(data[colour]), "image_alt": colour})

    at_once(*[lambda colour=colour: put(colour) for colour in colours])

    row = picture_of(shelf)
    assert row is not None
    assert kept() == files_of(shelf)
    assert len(kept()) == 2
