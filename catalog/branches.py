"""Parts of the category tree: categories with all that are below them."""

from collections.abc import Iterable
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
    """Ids of categories; `top` is the one that all of them are or are below, None without one."""

    top: int | None = None

    @classmethod
    def of(cls, slugs: Iterable[str]) -> "Branch":
        """All that the slugs mean, by one statement."""
        found = list(within(slugs).order_by("path").values_list("path", "pk"))
        branch = cls(sorted(pk for _, pk in found))
        if found and all(path.startswith(found[0][0]) for path, _ in found):
            branch.top = found[0][1]
        return branch


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
