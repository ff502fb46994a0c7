"""Categories by their names from the top down, collections by name; new ones are made."""

from collections.abc import Iterable, Iterator, Sequence

from catalog import categories, collections, slugs
from catalog.models import Category, Collection

LONGEST = 100
Path = tuple[str, ...]


def key_of(names: Iterable[str]) -> Path:
    """Alike for paths whose names differ only in case or in signs."""
    return tuple(slugs.of(name) for name in names)


class Tree:
    """The categories as they are at this moment, read in one statement."""

    def __init__(self) -> None:
        self.rows = {row.pk: row for row in Category.objects.order_by("pk")}
        self.by_key: dict[Path, Category] = {}
        for row in self.rows.values():
            self.by_key.setdefault(key_of(self.names(row)), row)

    def names(self, row: Category | None) -> list[str]:
        """From the top down; none for no category."""
        if row is None:
            return []
        return [*(self.rows[pk].name for pk in row.ancestor_ids if pk in self.rows), row.name]

    def ready(self, names: Sequence[str]) -> Category | None:
        """The category of that path, made with all above it where it is new."""
        if not names:
            return None
        if found := self.by_key.get(key_of(names)):
            return found
        made = categories.create(name=names[-1], parent=self.ready(names[:-1]))
        self.by_key[key_of(names)] = self.rows[made.pk] = made
        return made


def category_refusals(names: Sequence[str]) -> Iterator[str]:
    """What no path can be."""
    if len(names) > categories.DEEPEST:
        yield f"The tree has at most {categories.DEEPEST} levels."
    yield from length_refusals(names)


def length_refusals(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if len(name) > LONGEST:
            yield f"At most {LONGEST} characters: {name[:40]}…"


def ready_collections(names: Iterable[str]) -> dict[str, Collection]:
    """The collections by their keys, `slugs.of` of the names; new ones are made, all locked.

    Of several that are called alike the first is meant.
    """
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(slugs.of(name), name)
    if not wanted:
        return {}
    found: dict[str, Collection] = {}
    for row in Collection.objects.order_by("pk"):
        found.setdefault(slugs.of(row.name), row)
    for key in sorted(wanted.keys() - found.keys()):
        found[key] = collections.create(name=wanted[key])
    locked = {row.pk: row for row in collections.locked(found[key] for key in wanted)}
    return {key: locked[found[key].pk] for key in wanted}
