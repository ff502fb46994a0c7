"""What every test finds."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from catalog import counts
from shop.storages import places
from tests import storing

# The schema and the models are many objects that stay; looking through them again and again
# for garbage would take a good part of the tests' time.
gc.set_threshold(100_000, 50, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test has the database; `transactional` ones commit for real, as races need it.

    The long ones go first, so that no worker is left alone with one of them at the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        real = item.get_closest_marker("transactional") is not None
        item.add_marker(pytest.mark.django_db(transaction=real))


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Each test begins with a database in which nobody has counted anything."""
    counts.forget()


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3's protocol."""
    with storing.moto() as address:
        yield address


@pytest.fixture
def bucket(s3: str, settings: Settings) -> Any:
    """A bucket of its own, in which the shop keeps its files."""
    made = storing.new_bucket(s3)
    settings.STORAGES = storing.in_bucket(made, s3) | {
        "staticfiles": settings.STORAGES["staticfiles"]
    }
    return made


@pytest.fixture
def disk(tmp_path: Path, settings: Settings) -> Path:
    """A folder of its own, in which the shop keeps its files: media/ and private/."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = places.on_disk(tmp_path / "private") | {
        "staticfiles": settings.STORAGES["staticfiles"]
    }
    return tmp_path


@pytest.fixture(params=["disk", "bucket"])
def place(request: pytest.FixtureRequest) -> str:
    """Either of the two places where files can be, one after the other."""
    request.getfixturevalue(request.param)
    return str(request.param)
