"""What a crash can leave behind: files without a row; and, as never, rows without a file."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from catalog import files, uploads
from catalog.models import PICTURES, ImageUpload
from shop import storages
from shop.storages import Stored

BATCH = 500
# What a picture's file is called (see `catalog.files.stored` and `named`); whatever else somebody
# keeps in the same place is none of ours.
NAME = re.compile(r"((?:products/\d+|categories|collections)/[0-9a-f]{32})(-\d+)?\.(jpg|png|webp)")


def left_over(*, before: datetime) -> Iterator[tuple[storages.Files, Stored]]:
    """Files written before that moment that no row speaks of, each with its storage."""
    for storage, known in ((storages.public(), of_pictures), (storages.private(), of_uploads)):
        old = (stored for stored in storage.walk() if stored.written_at < before)
        while part := list(islice(old, BATCH)):
            spoken_of = known({stored.key for stored in part})
            yield from ((storage, stored) for stored in part if stored.key not in spoken_of)


def of_pictures(keys: set[str]) -> set[str]:
    """Those of the keys that belong to a picture, and those that are no picture's in kind."""
    named = {key: match[1] for key in keys if (match := NAME.fullmatch(key))}
    full = [f"{stem}.{end}" for stem in set(named.values()) for end in files.EXTENSIONS.values()]
    found: set[str] = keys - named.keys()
    for kind in PICTURES:
        rows = kind.objects.filter(file__in=full).values_list("file", "width")
        found |= {key for file, width in rows for key in files.keys(file, width)}
    return found


def of_uploads(keys: set[str]) -> set[str]:
    """Those of the keys that somebody may still complete, and those that are no upload's."""
    ids = {
        key: id
        for key in keys
        if key.startswith("uploads/") and uploads.is_uuid(id := key.removeprefix("uploads/"))
    }
    rows = ImageUpload.objects.filter(pk__in=ids.values(), completed_at=None)
    return (keys - ids.keys()) | {upload.key for upload in rows}


def without_file() -> Iterator[str]:
    """The keys that rows speak of and no file has."""
    rows = list(spoken_of())  # first: the files of a row that comes meanwhile are there before it
    there = {stored.key for stored in storages.public().walk()}
    yield from (key for key in rows if key not in there)


def spoken_of() -> Iterable[str]:
    for kind in PICTURES:
        for file, width in kind.objects.values_list("file", "width").iterator():
            yield from files.keys(file, width)
