"""Parts of the category tree: categories with all that are below them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_

from django.db.models import CharField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from catalog import counts, listings
from catalog.models import Category, Product


def within(slugs: Iterable[str]) -> QuerySet[Category]:
    """The categories with those slugs and all that are below them."""
    above = (
        Category.objects.filter(slug__in=slugs)
        .annotate(whole=ExpressionWrapper(OuterRef("path"), output_field=CharField()))
        .filter(whole__startswith=F("path"))
    )
    return Category.objects.filter(Exists(above))


class Branch(list[int]):
    """Ids of categories; `top` is the one that all of them are or are below, None without one.

    `parts` are branches that have one each, and together the same ids.
    """

    top: int | None = None
    parts: Sequence["Branch"] = ()

    @classmethod
    def of(cls, slugs: Iterable[str]) -> "Branch":
        """All that the slugs mean, by one statement."""
        found = list(within(slugs).order_by("path").values_list("path", "pk"))
        branch = cls(sorted(pk for _, pk in found))
        branch.parts = [*cls.apart(found)]
        if len(branch.parts) == 1:
            branch.top = branch.parts[0].top
        return branch

    @classmethod
    def apart(cls, found: Iterable[tuple[str, int]]) -> Iterator["Branch"]:
        """The branches that these paths and ids, sorted by path, fall into."""
        part, start = cls(), ""
        for path, pk in found:
            if part and path.startswith(start):
                part.append(pk)
                continue
            if part:
                yield part
            part, start = cls([pk]), path
            part.top = pk
        if part:
            yield part


def listed(rows: QuerySet[Product], category: Category) -> QuerySet[Product]:
    """Those of the rows that stand in the category or below it, to be sorted."""
    if listings.are_kept():
        return listings.of(rows, listings.Kind.BRANCH, category.pk)
    return rows.filter(category__in=under(category))


def under(category: Category) -> list[int]:
    """Ids of the category and of all that are below it."""
    rows = Category.objects.filter(path__startswith=category.path).order_by("pk")
    return counts.remembered(
        ("under", category.path), lambda: list(rows.values_list("pk", flat=True))
    )


def numbers(rows: QuerySet[Product], paths: Iterable[str]) -> dict[str, int]:
    """How many of the rows stand in each category under one of the paths, by its own path."""
    wanted = reduce(or_, (Q(path__startswith=path) for path in paths))
    known = dict(Category.objects.filter(wanted).order_by().values_list("pk", "path"))
    counted = rows.filter(category__in=list(known)).order_by().values_list("category")
    return {known[pk]: count for pk, count in counted.annotate(n=Count("pk"))}
