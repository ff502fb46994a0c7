"""The one picture of a category or a collection.

`changes` are those of the category or collection: `image` (a file, a picture that was read from
one, or None to take the picture away) and `image_alt` are what is looked at here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from catalog import checks, files, pictures
from catalog.models import Category, CategoryImage, Collection, CollectionImage

Shelf = Category | Collection


@contextmanager
def stored(folder: str, changes: Mapping[str, Any]) -> Iterator[dict[str, Any] | None]:
    """The columns of the new picture, its files stored; they go again when anything fails.

    Raises:
        ShopError: FILE_TOO_LARGE or UNSUPPORTED_FILE at `image`; TOO_LONG at `image_alt`;
            STORAGE_UNAVAILABLE.
    """
    checks.fields(CategoryImage(alt=alt_of(changes)), alt="image_alt")
    image = changes.get("image")
    if image is None:
        yield None
        return
    with files.written_or_gone() as written:
        yield files.stored(pictures.read(image, "image"), folder, written)


def put(shelf: Shelf, changes: Mapping[str, Any], said: dict[str, Any] | None) -> None:
    """Give it the picture that was stored, or do what else is asked; the shelf is locked."""
    kind, own = of(shelf)
    there = kind.objects.filter(**own)
    if "image" in changes:
        former = there.first()
        forget(shelf)
        there.delete()
        if said is not None:
            kind.objects.create(**own, **said, alt=alt_of(changes, former.alt if former else ""))
    elif "image_alt" in changes:
        there.update(alt=alt_of(changes))


def forget(shelf: Shelf) -> None:
    """Have the files go with a shelf that this transaction deletes."""
    kind, own = of(shelf)
    files.forget(kind.objects.filter(**own))


def of(shelf: Shelf) -> tuple[Any, dict[str, Shelf]]:
    """The table of its picture, and what leads to the row."""
    if isinstance(shelf, Category):
        return CategoryImage, {"category": shelf}
    return CollectionImage, {"collection": shelf}


def alt_of(changes: Mapping[str, Any], former: str = "") -> str:
    """What is said of the picture: left out it stays, None empties it."""
    return (changes.get("image_alt", former) or "").strip()
