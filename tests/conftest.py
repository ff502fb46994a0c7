"""What every test finds."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test has the database; `transactional` ones commit for real, as races need it."""
    for item in items:
        real = item.get_closest_marker("transactional") is not None
        item.add_marker(pytest.mark.django_db(transaction=real))
