"""Files and buckets that go while somebody looks at them."""

from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG
from typing import Any

import pytest
from django.core.files.base import ContentFile

from shop import storages
from shop.storages import disk as disks

KEYS = ("a", "b", "c")


class Going(type(Path())):  # type: ignore[misc]  # Path itself cannot be a base before Python 3.12
    """A file of the storage goes as soon as it was looked at once."""

    def stat(self, **options: Any) -> Any:
        said = super().stat(**options)
        if S_ISREG(said.st_mode):
            storages.public().delete(self.name)
        return said


@pytest.mark.usefixtures("disk")
def test_a_file_that_goes_while_it_is_looked_at_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        storages.public().save(key, ContentFile(b"x"))
    monkeypatch.setattr(disks, "Path", Going)

    assert sorted(stored.key for stored in storages.public().walk()) == list(KEYS)


@pytest.mark.usefixtures("disk")
def test_files_that_go_before_they_are_looked_at_are_passed_over() -> None:
    for key in KEYS:
        storages.public().save(key, ContentFile(b"x"))
    walk = storages.public().walk()

    first = next(walk).key
    for key in {*KEYS} - {first}:
        storages.public().delete(key)

    assert list(walk) == []


@pytest.mark.parametrize("of", [storages.public, storages.private])
def test_a_bucket_that_is_gone_is_no_file_that_is_absent(
    bucket: Any, of: Callable[[], storages.Files]
) -> None:
    bucket.delete()

    with pytest.raises(OSError, match="NoSuchBucket") as caught:
        of().fetch("a.txt", 9)

    assert not isinstance(caught.value, FileNotFoundError)
