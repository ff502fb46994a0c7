"""What the API shows of pictures, and the picture of a category or a collection."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog import categories, collections, images
from catalog.models import Category, CategoryImage, Collection, CollectionImage, ProductImage
from schema import ids
from shop import storages
from tests.client import call, mutate, refusals
from tests.factories import make_category, make_product, make_staff
from tests.schema.sending import picture, send
from users.models import User

pytestmark = pytest.mark.usefixtures("disk")
SHELVES = ["category", "collection"]
on_both = pytest.mark.parametrize("shelf", SHELVES)
ON_PICTURE = """fragment Shown on Picture { alt width height placeholder url
    small: url(width: 320) own: url(width: 320, format: ORIGINAL) webp: url(format: WEBP) }"""


@pytest.fixture
def merchant() -> User:
    verbs = ("add", "change", "view")
    rights = [f"catalog.{verb}_{shelf}" for verb in verbs for shelf in SHELVES]
    return make_staff("catalog.change_product", *rights)


def change(
    shelf: str, user: User, file: SimpleUploadedFile | None = None, **input: Any
) -> dict[str, Any]:
    """The payload of making the shelf, or of changing it when there is an id."""
    name = f"{shelf}{'Update' if 'id' in input else 'Create'}"
    selection = f"{shelf} {{ id name image {{ alt width url }} }}"
    if file is None:
        return mutate(name, input, selection, user=user)
    return send(name, input | {"image": None}, selection, user=user, files={"image": file})


def made(shelf: str, user: User, **input: Any) -> str:
    file = picture()
    payload = change(shelf, user, file, name="Lamps", imageAlt="A red lamp", **input)
    return str(payload[shelf]["id"])


def stored() -> set[str]:
    return {each.key for each in storages.public().walk()}


# ── what is shown ───────────────────────────────────────────────────────────────────────────


def test_one_fragment_shows_the_pictures_of_all(merchant: User) -> None:
    product = make_product(category=categories.create(name="Lamps", image=picture()))
    images.attach(product, [picture("blue")], user=merchant, alt="Front")
    collections.create(name="New", products=[product], image=picture("green"))
    document = f"""query($id: ID!) {{ node(id: $id) {{ ... on Product {{
        image {{ ...Shown __typename }} images {{ ...Shown }}
        category {{ image {{ ...Shown __typename }} }}
        collections {{ image {{ ...Shown }} }} }} }} }} {ON_PICTURE}"""

    found = call(document, id=ids.of(product)).data["node"]

    row, below = ProductImage.objects.get(), CollectionImage.objects.get()
    stem = f"/media/{row.file.removesuffix('.jpg')}"
    assert found["images"] == [{
        "alt": "Front", "width": 700, "height": 350, "placeholder": row.placeholder,
        "url": f"{stem}.jpg", "small": f"{stem}-320.webp", "own": f"{stem}-320.jpg",
        "webp": f"{stem}.webp",
    }]  # fmt: skip
    assert found["image"] == found["images"][0] | {"__typename": "Image"}
    assert found["category"]["image"]["__typename"] == "CoverImage"
    assert found["collections"][0]["image"]["url"] == f"/media/{below.file}"


def test_every_address_that_can_be_asked_for_has_its_file(merchant: User) -> None:
    product = make_product()
    images.attach(product, [picture(width=1500)], user=merchant)
    asked = [
        f"u{width}{format}: url(width: {width}, format: {format})"
        for width in (1, 320, 321, 640, 900, 1280, 1281, 1500, 9000)
        for format in ("WEBP", "ORIGINAL")
    ]
    document = f"""query($id: ID!) {{ node(id: $id) {{
        ... on Product {{ image {{ {" ".join(asked)} }} }} }} }}"""

    found = call(document, id=ids.of(product)).data["node"]["image"]

    assert {url.removeprefix("/media/") for url in found.values()} == stored()


def test_without_a_picture_there_is_none(merchant: User) -> None:
    product = make_product(category=make_category())
    document = """query($id: ID!) { node(id: $id) { ... on Product {
        image { url } images { url } category { image { url } } } } }"""

    found = call(document, id=ids.of(product)).data["node"]

    assert found == {"image": None, "images": [], "category": {"image": None}}


def statements(document: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call(document).data
    return len(captured)


def fill(count: int) -> None:
    said = {"width": 700, "height": 350, "bytes": 1, "mime": "image/jpeg", "checksum": "x"}
    for at in range(count):
        category = make_category(f"Lamps {at}")
        CategoryImage.objects.create(category=category, file=f"categories/{at}.jpg", **said)
        collection = Collection.objects.create(name=f"Gifts {at}", slug=f"gifts-{at}")
        CollectionImage.objects.create(collection=collection, file=f"collections/{at}.jpg", **said)


@pytest.mark.parametrize("list_of", ["categories {", "collections(first: 50) { nodes {"])
def test_fifty_pictures_are_one_statement_more(list_of: str) -> None:
    fill(50)
    closing = "}" * list_of.count("{")

    plain = statements(f"{{ {list_of} name {closing} }}")
    shown = statements(f"{{ {list_of} name image {{ url placeholder }} {closing} }}")

    assert shown == plain + 1


# ── the picture of a category or a collection ───────────────────────────────────────────────


@on_both
def test_it_is_made_with_a_picture(shelf: str, merchant: User) -> None:
    payload = change(shelf, merchant, picture(), name="Lamps", imageAlt=" A red lamp ")

    image = payload[shelf]["image"]
    assert payload["errors"] == []
    assert image == {"alt": "A red lamp", "width": 700, "url": image["url"]}
    assert image["url"].removeprefix("/media/") in stored()


@on_both
def test_a_picture_left_out_stays_and_null_takes_it_away(
    shelf: str,
    merchant: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    id = made(shelf, merchant)
    files = stored()

    renamed = change(shelf, merchant, id=id, name="Lights")
    assert renamed[shelf]["image"]["alt"] == "A red lamp"
    assert stored() == files

    with django_capture_on_commit_callbacks(execute=True):
        bare = change(shelf, merchant, id=id, image=None)
    assert bare[shelf] == {"id": id, "name": "Lights", "image": None}
    assert stored() == set()


@on_both
def test_what_it_shows_left_out_stays_and_null_empties_it(shelf: str, merchant: User) -> None:
    id = made(shelf, merchant)

    said = change(shelf, merchant, id=id, imageAlt="A table lamp")
    replaced = change(shelf, merchant, picture("blue"), id=id)
    emptied = change(shelf, merchant, id=id, imageAlt=None)

    assert said[shelf]["image"]["alt"] == "A table lamp"
    assert replaced[shelf]["image"]["alt"] == "A table lamp"
    assert replaced[shelf]["image"]["url"] != said[shelf]["image"]["url"]
    assert emptied[shelf]["image"] == replaced[shelf]["image"] | {"alt": ""}


@on_both
def test_a_picture_is_replaced_and_its_files_go(
    shelf: str,
    merchant: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    id = made(shelf, merchant)
    files = stored()

    with django_capture_on_commit_callbacks(execute=True):
        change(shelf, merchant, picture("blue"), id=id, imageAlt="A blue lamp")

    assert len(stored()) == len(files)
    assert not stored() & files


@on_both
def test_what_is_no_picture_is_refused_and_leaves_no_trace(shelf: str, merchant: User) -> None:
    id = made(shelf, merchant)
    files = stored()
    html = SimpleUploadedFile("x.jpg", b"<html>", "image/jpeg")

    new = change(shelf, merchant, html, name="Lights")
    changed = change(shelf, merchant, html, id=id, name="Lights")
    wordy = change(shelf, merchant, picture("blue"), id=id, name="Lights", imageAlt="x" * 301)

    assert refusals(new) == refusals(changed) == [("UNSUPPORTED_FILE", ["image"])]
    assert refusals(wordy) == [("TOO_LONG", ["imageAlt"])]
    assert new[shelf] is changed[shelf] is wordy[shelf] is None
    rows: Any = Category if shelf == "category" else Collection
    assert list(rows.objects.values_list("name", flat=True)) == ["Lamps"]
    assert stored() == files


@on_both
def test_a_refused_name_leaves_no_file(shelf: str, merchant: User) -> None:
    payload = change(shelf, merchant, picture(), name=" ")

    assert refusals(payload) == [("REQUIRED", ["name"])]
    assert stored() == set()


@on_both
def test_who_may_not_change_it_stores_nothing(shelf: str) -> None:
    document = f"""mutation($input: {shelf.title()}CreateInput!) {{
        {shelf}Create(input: $input) {{ {shelf} {{ id }} }} }}"""
    stranger = make_staff("catalog.change_product")

    answer = call(document, input={"name": "Lamps", "image": None}, user=stranger)

    assert answer.codes == ["FORBIDDEN"]
    assert stored() == set()
