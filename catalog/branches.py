"""Parts of the category tree: categories with all that are below them."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import CharField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from catalog import counts
from catalog.models import Category, Product


def within(slugs: Iterable[str]) -> QuerySet[Category]:
    """The categories with those slugs and all that are below them."""
    above = (
        Category.objects.filter(slug__in=slugs)
        .annotate(whole=ExpressionWrapper(OuterRef("path"), output_field=CharField()))
        .filter(whole__startswith=F("path"))
    )
    return Category.objects.filter(Exists(above))


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
