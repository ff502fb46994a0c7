"""What every test finds."""

import gc

import pytest

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
