"""Properties and their values, found by name and made when they are new."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import Max

from catalog import slugs
from catalog.models import Attribute, AttributeValue
from shop.errors import Refused, ShopError

LONGEST = 100


class Named(NamedTuple):
    """One value of one attribute, as people write them: Named("Colour", "Red")."""

    name: str
    value: str

    @property
    def key(self) -> tuple[str, str]:
        """Alike for names and values that differ only in case or in signs."""
        return slugs.of(self.name), slugs.of(self.value)


def refusals(pairs: Sequence[Named], *path: str | int) -> Iterator[ShopError]:
    """What no attribute can be called: blank or too long."""
    for at, pair in enumerate(pairs):
        for part, text in zip(("name", "value"), pair, strict=True):
            if not text.strip():
                yield Refused("REQUIRED", f"A {part} is needed.", *path, at, part)
            elif len(text.strip()) > LONGEST:
                yield Refused("TOO_LONG", f"At most {LONGEST} characters.", *path, at, part)


def values(pairs: Iterable[Named]) -> dict[Named, AttributeValue]:
    """The row of each pair, each with its attribute; new names and values are made.

    At most eight statements. Rows are made in the order of their slugs, so that two callers who
    make the same ones wait for each other instead of deadlocking.
    """
    wanted = list(dict.fromkeys(pairs))
    if not wanted:
        return {}
    named = attributes(wanted)
    keys = {pair: (named[pair.key[0]].pk, pair.key[1]) for pair in wanted}
    found = rows(keys.values())
    new: dict[tuple[int, str], str] = {}
    for pair, key in keys.items():
        if key not in found:
            new.setdefault(key, pair.value.strip())
    if new:
        make_values(new)
        found = rows(keys.values())
    return {pair: found[key] for pair, key in keys.items()}


def make_values(new: dict[tuple[int, str], str]) -> None:
    """Insert values, behind those that their attributes have, in the order of their naming."""
    ids = {attribute_id for attribute_id, _ in new}
    known = AttributeValue.objects.filter(attribute__in=ids).order_by()
    last = dict(known.values_list("attribute").annotate(last=Max("position")))
    places = {key: last.get(key[0], -1) + 1 + at for at, key in enumerate(new)}
    AttributeValue.objects.bulk_create(
        [
            AttributeValue(attribute_id=key[0], slug=key[1], value=new[key], position=places[key])
            for key in sorted(new)
        ],
        ignore_conflicts=True,
    )


def attributes(pairs: Sequence[Named]) -> dict[str, Attribute]:
    """The attribute of each name, by its slug."""
    wanted: dict[str, str] = {}
    for pair in pairs:
        wanted.setdefault(pair.key[0], pair.name.strip())
    found = {row.slug: row for row in Attribute.objects.filter(slug__in=wanted)}
    if new := [slug for slug in wanted if slug not in found]:
        last = Attribute.objects.aggregate(last=Max("position"))["last"]
        places = {slug: at for at, slug in enumerate(new, start=0 if last is None else last + 1)}
        Attribute.objects.bulk_create(
            [
                Attribute(slug=slug, name=wanted[slug], position=places[slug])
                for slug in sorted(new)
            ],
            ignore_conflicts=True,
        )
        found = {row.slug: row for row in Attribute.objects.filter(slug__in=wanted)}
    return found


def rows(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], AttributeValue]:
    ids, named = zip(*keys, strict=True)
    found = AttributeValue.objects.filter(attribute__in=set(ids), slug__in=set(named))
    return {(row.attribute_id, row.slug): row for row in found.select_related("attribute")}
