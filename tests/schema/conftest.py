"""What every test of the API may ask for."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.checkout.paying import stripe

__all__ = ["media", "stripe"]


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """Where the files of this test alone are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path
