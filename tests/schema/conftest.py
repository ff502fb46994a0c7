"""What every test of the API may ask for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from checkout.sandbox import Sandbox
from tests.checkout.paying import stripe

__all__ = ["media", "stripe"]


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """Where the files of this test alone are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def dear(settings: Settings) -> None:
    """Documents that go many ways at once may cost what they cost."""
    settings.GRAPHQL_LIMITS = settings.GRAPHQL_LIMITS | {"cost": 10**9}


@pytest.fixture
def forget(request: pytest.FixtureRequest, what: str) -> Callable[[], None]:
    """Makes Stripe forget its idempotency keys: what is taken back here uses them again."""
    if not what.startswith("checkoutSession"):
        return lambda: None
    sandbox: Sandbox = request.getfixturevalue("stripe")
    return sandbox.books.records.clear
