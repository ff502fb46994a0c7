"""The parts of links that name things: letters of any script, and nobody else's."""

import hashlib
import re
import secrets
from typing import Protocol

from django.db import IntegrityError, models, transaction
from django.utils.text import slugify

NUMBERED = 9
DECIMAL_SIGN = re.compile(r"(?<=\d)[.,](?=\d)")


class Sluggable(Protocol):
    pk: int
    slug: str

    def save(self) -> None: ...


def of(text: str, *, longest: int = 100) -> str:
    """The text as a slug; the same for the same text.

    Letters and digits of every script stay, and 1.5 is not 15. A text without any ("★")
    becomes a short code.
    """
    slug = slugify(DECIMAL_SIGN.sub("-", text), allow_unicode=True)[:longest].strip("-_")
    return slug or hashlib.sha256(text.encode()).hexdigest()[:8]


def save(row: Sluggable, text: str) -> None:
    """Save the row under a slug made of the text, with a suffix when that one is taken.

    Who loses a race for a slug takes a random suffix, for the next number would be raced for
    as well.
    """
    wanted = of(text)
    row.slug = free(rows_of(row), wanted)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        if not rows_of(row).filter(slug=row.slug).exists():
            raise
        row.slug = with_random(wanted)
        row.save()


def rows_of(row: Sluggable) -> "models.QuerySet[models.Model]":
    """The others that the row must not share its slug with."""
    model: type[models.Model] = type(row)  # type: ignore[assignment]
    return model._default_manager.exclude(pk=row.pk)  # noqa: SLF001


def free(others: "models.QuerySet[models.Model]", slug: str) -> str:
    """The slug itself, or with the first free of the small numbers, or with a random suffix."""
    candidates = [slug, *(f"{slug}-{number}" for number in range(2, NUMBERED + 1))]
    taken = set(others.filter(slug__in=candidates).values_list("slug", flat=True))
    left = [candidate for candidate in candidates if candidate not in taken]
    return left[0] if left else with_random(slug)


def with_random(slug: str) -> str:
    return f"{slug}-{secrets.token_hex(4)}"
