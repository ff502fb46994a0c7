"""The tree of categories. Paths are written here alone; `Category.path` says what they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Value
from django.db.models.functions import Concat, Substr

from catalog import checks, covers, positions, slugs, stamp
from catalog.models import Category
from shop.errors import Refused

# Nine ids of 19 digits still fit the path's column.
DEEPEST = 9


FOLDER = "categories"


def create(
    *,
    name: str,
    slug: str = "",
    description: str = "",
    parent: Category | None = None,
    image: object | None = None,
    image_alt: str = "",
) -> Category:
    """A new category, last among its siblings, perhaps with a picture (an uploaded file).

    Raises:
        ShopError: REQUIRED or TOO_LONG for a text; OUT_OF_RANGE at `parent_id` when the tree
            would get deeper than DEEPEST; what is wrong with the file, at `image`.
    """
    cover = {"image": image, "image_alt": image_alt}
    with covers.stored(FOLDER, cover) as said, transaction.atomic():
        category = added(name=name, slug=slug, description=description, parent=parent)
        covers.put(category, cover, said)
        stamp.move()
    return category


def added(*, name: str, slug: str, description: str, parent: Category | None) -> Category:
    category = Category(name=name.strip(), description=description.strip(), parent=parent)
    checks.fields(category, "name", "description")
    if parent is not None:
        # Whoever moves or deletes the parent waits for this, or this for them.
        parent = locked(parent, "parent_id")
        refuse_too_deep(parent.path, below=1)
    last = Category.objects.filter(parent=parent).aggregate(last=Max("position"))["last"]
    category.position = 0 if last is None else last + 1
    slugs.save(category, slug.strip() or name)
    category.path = f"{parent.path if parent else '/'}{category.pk}/"
    category.save(update_fields=["path"])
    return category


def update(category: Category, changes: Mapping[str, Any]) -> Category:
    """Rename, describe or move a category.

    Args:
        changes: any of name, slug, description, parent (the category becomes the last of its
            new siblings), position (from 0 among its siblings; the others move up), image (an
            uploaded file, or None) and image_alt.

    Raises:
        ShopError: REQUIRED or TOO_LONG for a text; INVALID at `parent_id` for a parent that is
            the category itself or lies under it; OUT_OF_RANGE there for too deep a tree, at
            `position` for a negative one; what is wrong with the file, at `image`.
    """
    with covers.stored(FOLDER, changes) as said, transaction.atomic():
        row = changed(category, changes)
        covers.put(row, changes, said)
        stamp.move()
    return row


def changed(category: Category, changes: Mapping[str, Any]) -> Category:
    if changes.keys() & {"parent", "position"}:
        category = placed(category, changes)
    else:
        category = locked(category, "id")
    for field in {"name", "description"} & changes.keys():
        setattr(category, field, (changes[field] or "").strip())
    checks.fields(category, "name", "description")
    if "slug" in changes:
        if not (changes["slug"] or "").strip():
            raise Refused("REQUIRED", "A slug is needed.", "slug")
        slugs.save(category, changes["slug"])
    else:
        category.save()
    return category


@transaction.atomic
def delete(category: Category) -> None:
    """Delete a category that nothing stands in.

    Raises:
        Refused: INVALID_STATE at `id`, when it has children or products.
    """
    category = locked(category, "id")
    if category.children.exists() or category.products.exists():
        message = "It still has categories or products in it; move them first."
        raise Refused("INVALID_STATE", message, "id")
    covers.forget(category)
    category.delete()
    stamp.move()


def locked(category: Category, *path: str) -> Category:
    """The category as it is now, for this transaction to change or to build on."""
    row = Category.objects.select_for_update(no_key=True).filter(pk=category.pk).first()
    if row is None:
        raise Refused("NOT_FOUND", "There is no such category.", *path)
    return row


def placed(category: Category, changes: Mapping[str, Any]) -> Category:
    """The category under its new parent or at its new place, for the caller to save.

    Every row of the tree is locked: two moves at once, each allowed by itself, could else
    close a circle that hangs on nothing.
    """
    tree = {row.pk: row for row in Category.objects.select_for_update(no_key=True).order_by("pk")}
    row = tree.get(category.pk)
    if row is None:
        raise Refused("NOT_FOUND", "There is no such category.", "id")
    if "parent" in changes:
        move(row, changes["parent"], tree)
    if "position" in changes:
        rearrange(row, changes["position"], tree.values())
    return row


def rearrange(row: Category, position: int | None, tree: Iterable[Category]) -> None:
    if position is None:
        raise Refused("REQUIRED", "A position is needed.", "position")
    siblings = [each for each in tree if each.parent_id == row.parent_id]
    siblings.sort(key=lambda each: (each.position, each.pk))
    Category.objects.bulk_update(positions.moved(siblings, row, position), ["position"])


def move(row: Category, parent: Category | None, tree: Mapping[int, Category]) -> None:
    """Put the row under another parent, and rewrite the paths of all that is under it."""
    over = tree.get(parent.pk) if parent else None
    if parent is not None and over is None:
        raise Refused("NOT_FOUND", "There is no such category.", "parent_id")
    if over is not None and over.path.startswith(row.path):
        message = "A category cannot stand under itself."
        raise Refused("INVALID", message, "parent_id")

    under = [each.path for each in tree.values() if each.path.startswith(row.path)]
    if over is not None:
        refuse_too_deep(over.path, below=max(map(depth, under)) - depth(row.path) + 1)
    old, new = row.path, f"{over.path if over else '/'}{row.pk}/"
    Category.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr("path", len(old) + 1))
    )
    new_parent = over.pk if over else None
    if row.parent_id != new_parent:
        taken = [each.position for each in tree.values() if each.parent_id == new_parent]
        row.position = max(taken, default=-1) + 1
    row.parent, row.path = over, new


def depth(path: str) -> int:
    return path.count("/") - 1


def refuse_too_deep(path: str, *, below: int) -> None:
    if depth(path) + below > DEEPEST:
        message = f"The tree has at most {DEEPEST} levels."
        raise Refused("OUT_OF_RANGE", message, "parent_id")
