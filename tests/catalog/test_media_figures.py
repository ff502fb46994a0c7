"""What pictures add to a page of products: nothing at the bucket, nothing at the database."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog import categories, images, pictures
from tests import storing
from tests.catalog.faults import Line, line
from tests.catalog.picturing import drawn, file, kept
from tests.client import call
from tests.factories import make_variant

PAGE = 24
PLAIN = "{ products(first: 24) { nodes { name price { amount } } } }"
MAIN = """{ products(first: 24) { nodes { name price { amount }
    image { url(width: 320) full: url width height placeholder alt } } } }"""
ALL = """{ products(first: 24) { nodes { name price { amount }
    images { url small: url(width: 320) } } } }"""
SHELVES = "{ categories { name } }"
COVERS = "{ categories { name image { url(width: 320) placeholder } } }"


@pytest.fixture
def counted(s3: str, settings: Settings) -> Iterator[Line]:
    """The line to a bucket of its own, which counts what is asked."""
    made = storing.new_bucket(s3)
    with line(s3) as between:
        settings.STORAGES = storing.in_bucket(made, between.address) | {
            "staticfiles": settings.STORAGES["staticfiles"]
        }
        yield between


def statements(document: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call(document).data
    return len(captured)


def fill() -> None:
    """A page of products with two pictures each, and two categories with one."""
    looks = [pictures.made_of(drawn(330, 20, colour=colour)) for colour in ("blue", "green")]
    for _ in range(PAGE):
        product = make_variant().product
        images.add(product, [images.stored(product, each, [], alt="A lamp") for each in looks])
    for name in ("Desk lamps", "Floor lamps"):
        categories.create(name=name, image=file(drawn(330, 20)), image_alt=name)


def test_the_pictures_of_a_page_ask_nothing_of_the_bucket_and_of_the_database(
    counted: Line,
) -> None:
    fill()
    plain, asked = statements(PLAIN), counted.asked

    assert statements(MAIN) == plain == 1
    assert statements(ALL) == plain + 1
    assert statements(COVERS) == statements(SHELVES) + 1
    assert counted.asked == asked > PAGE * 2  # each picture has been sent through there


@pytest.mark.usefixtures("counted")
def test_what_a_page_says_of_its_pictures_is_there() -> None:
    fill()

    shown = call(MAIN).data["products"]["nodes"] + call(COVERS).data["categories"]

    assert len(shown) == PAGE + 2
    assert {len(each["image"]["placeholder"]) for each in shown} == {28}
    narrow = [each["image"]["url"] for each in shown]
    assert len(set(narrow)) == PAGE + 2
    assert {url.partition("/media/")[2] for url in narrow} <= set(kept())
