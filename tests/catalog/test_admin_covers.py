"""The picture of a category or a collection on its page in the admin."""

from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog import categories, collections, pictures
from catalog.models import Category, CategoryImage, Collection, CollectionImage
from shop import storages
from shop.storages.disk import Disk
from tests.admin_pages import (
    errors,
    filled,
    make_boss,
    messages,
    page,
    shown,
    signed_in,
    statements,
)
from tests.factories import make_product, make_staff

pytestmark = pytest.mark.usefixtures("disk")
SHELVES = ["catalog.category", "catalog.collection"]
on_both = pytest.mark.parametrize("model", SHELVES)


def picture(colour: str = "red") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (700, 350), colour).save(data, "PNG")
    return SimpleUploadedFile("shelf.png", data.getvalue(), "image/png")


def no_picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("shelf.png", b"<svg/>", "image/png")


def made(model: str, **fields: Any) -> Category | Collection:
    kind: Any = categories if model == "catalog.category" else collections
    shelf: Category | Collection = kind.create(name="Lamps", **fields)
    return shelf


def again(shelf: Category | Collection) -> Any:
    """The shelf as it is now."""
    return type(shelf).objects.get(pk=shelf.pk)


def stored() -> set[str]:
    return {each.key for each in storages.public().walk()}


@pytest.fixture
def client() -> Client:
    return signed_in(make_boss())


@on_both
def test_a_new_one_is_made_with_its_picture(model: str, client: Client) -> None:
    add = page(model, "add")
    fields = {"name": "Lamps", "picture": picture(), "picture_alt": "A red lamp"}

    response = client.post(add, filled(client, add, **fields))

    shelf: Any = (Category if model == "catalog.category" else Collection).objects.get()
    assert response.status_code == 302
    assert (shelf.name, shelf.image.alt, shelf.image.width) == ("Lamps", "A red lamp", 700)
    assert shelf.image.file in stored()
    small = shelf.image.file.replace(".png", "-320.webp")
    assert small in shown(client.get(page(model)))
    assert small in shown(client.get(page(model, "change", shelf.pk)))


@on_both
def test_a_picture_is_put_in_the_place_of_another(
    model: str, client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf = made(model, image=picture(), image_alt="A red lamp")
    url, old = page(model, "change", shelf.pk), stored()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, filled(client, url, name="Lights", picture=picture("blue")))

    now = again(shelf)
    assert (now.name, now.image.alt) == ("Lights", "A red lamp")
    assert now.image.file in stored()
    assert not old & stored()


@on_both
def test_what_it_shows_is_said_anew_and_the_files_stay(model: str, client: Client) -> None:
    shelf: Any = made(model, image=picture(), image_alt="A red lamp")
    url, files = page(model, "change", shelf.pk), stored()

    client.post(url, filled(client, url, picture_alt="A table lamp"))

    now = again(shelf)
    assert (now.image.alt, now.image.file) == ("A table lamp", shelf.image.file)
    assert stored() == files


@on_both
def test_a_picture_is_taken_away(
    model: str, client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shelf = made(model, image=picture())
    url = page(model, "change", shelf.pk)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, filled(client, url) | {"picture-clear": "on"})

    assert not CategoryImage.objects.exists()
    assert not CollectionImage.objects.exists()
    assert stored() == set()


@on_both
def test_what_is_no_picture_is_refused_at_its_field_and_nothing_is_changed(
    model: str, client: Client
) -> None:
    shelf: Any = made(model, image=picture())
    url, files = page(model, "change", shelf.pk), stored()

    refused = client.post(url, filled(client, url, name="Lights", picture=no_picture()))

    assert errors(refused) == {"picture": [str(pictures.unsupported())]}
    assert 'value="Lights"' in shown(refused)
    assert shelf.image.file in shown(refused)
    assert (again(shelf).name, again(shelf).image.file) == ("Lamps", shelf.image.file)
    assert stored() == files


@on_both
def test_a_too_large_file_is_refused_at_its_field(model: str, client: Client) -> None:
    add = page(model, "add")
    large = SimpleUploadedFile("x.png", bytes(pictures.MOST_BYTES + 1), "image/png")

    refused = client.post(add, filled(client, add, name="Lamps", picture=large))

    assert errors(refused) == {"picture": [str(pictures.too_large())]}
    assert not Category.objects.exists()
    assert not Collection.objects.exists()


@on_both
def test_beside_another_refusal_no_picture_is_stored(model: str, client: Client) -> None:
    add = page(model, "add")

    refused = client.post(add, filled(client, add, name=" ", picture=picture()))

    assert list(errors(refused)) == ["name"]
    assert stored() == set()


def test_what_the_domain_refuses_takes_the_picture_with_it(client: Client) -> None:
    lamps = categories.create(name="Lamps")
    desk = categories.create(name="Desk lamps", parent=lamps)
    url = page("catalog.category", "change", lamps.pk)

    refused = client.post(url, filled(client, url, parent=desk.pk, picture=picture()))

    assert errors(refused) == {"parent": ["A category cannot stand under itself."]}
    assert not CategoryImage.objects.exists()
    assert stored() == set()


def test_a_wrong_row_below_takes_the_picture_with_it(client: Client) -> None:
    gone, add = make_product(), page("catalog.collection", "add")
    rows = {"places__TOTAL_FORMS": "1", "places__0__product": gone.pk}
    input = filled(client, add, name="Gifts", picture=picture(), **rows)
    gone.delete()

    client.post(add, input)

    assert not Collection.objects.exists()
    assert stored() == set()


class Watching(Disk):
    """Notes of each file whether it was written within a transaction."""

    within: ClassVar[list[bool]] = []

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        self.within.append(connection.in_atomic_block)
        return super().save(name, content, max_length)


@on_both
@pytest.mark.transactional
def test_no_row_is_locked_while_the_files_are_written(
    model: str, client: Client, settings: Settings
) -> None:
    watching = {"BACKEND": f"{__name__}.Watching"}
    settings.STORAGES = settings.STORAGES | {"default": watching}
    Watching.within.clear()
    add = page(model, "add")

    client.post(add, filled(client, add, name="Lamps", picture=picture()))

    files = 2 * len([320, 640, 700])  # of each width as PNG and as WebP
    assert Watching.within == [False] * files


@on_both
def test_a_storage_that_fails_is_told_and_the_rest_is_kept(
    model: str, client: Client, disk: Path
) -> None:
    disk.joinpath("media").write_text("a file where the folder should be")
    add = page(model, "add")

    response = client.post(add, filled(client, add, name="Lamps", picture=picture()), follow=True)

    told = "The picture was not stored: Files cannot be stored at the moment."
    assert messages(response)[-1].startswith(told)
    assert 'value="Lamps"' in shown(response)
    assert not CategoryImage.objects.exists()
    assert not CollectionImage.objects.exists()


@on_both
def test_who_may_only_look_sees_the_picture_and_changes_nothing(model: str) -> None:
    shelf: Any = made(model, image=picture(), image_alt="A red lamp")
    app, _, name = model.partition(".")
    looking = signed_in(make_staff(f"{app}.view_{name}"))
    url = page(model, "change", shelf.pk)

    html = shown(looking.get(url))
    refused = looking.post(url, {"name": "Lights", "picture": picture("blue")})

    assert shelf.image.file.replace(".png", "-320.webp") in html
    assert "A red lamp" in html
    assert 'type="file"' not in html
    assert refused.status_code == 403
    assert again(shelf).image.file == shelf.image.file


@on_both
def test_a_list_with_pictures_costs_no_more_statements(model: str, client: Client) -> None:
    made(model)
    few = statements(client, page(model))
    for _ in range(3):
        made(model, image=picture())

    assert statements(client, page(model)) == few
