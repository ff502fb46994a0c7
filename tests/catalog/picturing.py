"""Pictures for tests, and what became of them in whatever place the files are."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Product
from shop import storages
from shop.errors import ShopError
from tests.factories import make_product, make_staff
from users.models import User

MOST = 50_000_000  # bytes, more than any file of the tests


def drawn(width: int = 40, height: int = 30, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is `colour`."""
    mode, colour = options.pop("mode", "RGB"), options.pop("colour", "blue")
    image = Image.new("RGB", (width, height), "red")
    image.paste(colour, (width // 2, 0, width, height))
    out = BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def file(data: bytes, name: str = "x.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def shop() -> tuple[Product, User]:
    owner = make_staff()
    return make_product(owner=owner), owner


def refused(act: Callable[[], object]) -> list[tuple[str, tuple[str, ...]]]:
    """Code and path of each refusal."""
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


def files_in(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def kept() -> list[str]:
    """The keys of all public files."""
    return sorted(stored.key for stored in storages.public().walk())


def waiting() -> list[str]:
    """The keys of all that was sent and not looked at yet."""
    return sorted(stored.key for stored in storages.private().walk())


def data_of(key: str) -> bytes:
    return storages.public().fetch(key, MOST)


def opened(key: str) -> Image.Image:
    return decoded(data_of(key))


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image
