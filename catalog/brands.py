"""Who makes things."""

from collections.abc import Iterator

from catalog import slugs
from catalog.models import Brand
from shop.errors import Refused, ShopError

LONGEST = 100


def named(name: str) -> Brand | None:
    """The brand of that name, made when it is new; None for a blank name.

    Names that differ only in case or in signs are the same brand.
    """
    name = name.strip()
    if not name:
        return None
    return Brand.objects.get_or_create(slug=slugs.of(name), defaults={"name": name})[0]


def refusals(name: str, *path: str) -> Iterator[ShopError]:
    """What no brand can be called."""
    if len(name.strip()) > LONGEST:
        yield Refused("TOO_LONG", f"At most {LONGEST} characters.", *path)
