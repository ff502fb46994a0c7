"""What is bought together, counted at night from who has paid for what.

Counting while a page is read would cost as much as there are purchases: a product that half the
customers bought takes all of theirs to count. So the best few of each product are kept in a table.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from catalog import columns, stamp
from catalog.models import BoughtTogether, Product, Purchase
from catalog.querysets import ProductQuerySet
from shop import jobs

KEPT = 24  # others of each product, some of which may be hidden when they are read
# One buyer in common would tell what the author of a verified review bought besides.
LEAST_BUYERS = 2
BATCH = 50

Pair = tuple[int, int, int]


@jobs.sweep("20 3 * * *")
def recount() -> None:
    """Count anew for every product, part by part; the sums of the last night stand meanwhile."""
    last = 0
    while ids := next_ids(last):
        write(ids, best_pairs(ids))
        last = ids[-1]


def next_ids(after: int) -> list[int]:
    rows = Product.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def best_pairs(ids: Sequence[int]) -> list[Pair]:
    """Product, other and how many bought both: of each product the others bought most."""
    bought = Purchase.objects.filter(product__in=ids)
    pairs = bought.annotate(other=F("user__purchases__product")).filter(~Q(other=F("product")))
    counted = pairs.order_by().values("product", "other").annotate(buyers=Count("pk"))
    place = Window(RowNumber(), partition_by=F("product"), order_by=["-buyers", "-other"])
    best = counted.filter(buyers__gte=LEAST_BUYERS).annotate(place=place).filter(place__lte=KEPT)
    return list(best.values_list("product", "other", "buyers"))


@transaction.atomic
def write(ids: Sequence[int], pairs: Sequence[Pair]) -> None:
    """Put the pairs in place of what was kept of those products.

    All products that occur are locked: one that goes meanwhile is left out, and of two counts at
    once the later replaces the earlier.
    """
    there = {row.pk for row in columns.lock({*ids, *(other for _, other, _ in pairs)})}
    kept = BoughtTogether.objects.filter(product__in=ids)
    new = {pair for pair in pairs if {pair[0], pair[1]} <= there}
    if new == set(kept.values_list("product", "other", "buyers")):
        return
    kept.delete()
    BoughtTogether.objects.bulk_create(
        BoughtTogether(product_id=product, other_id=other, buyers=buyers)
        for product, other, buyers in pairs
        if (product, other, buyers) in new
    )
    stamp.move()


def bought_with(ids: Iterable[int], limit: int) -> ProductQuerySet:
    """For each of the products the public ones bought with it, `limit` at most, the most first.

    One statement; `beside` on each row is the id of the product that it was bought with.
    """
    pairs = Product.objects.public().annotate(
        beside=F("bought_with__product"), buyers=F("bought_with__buyers")
    )
    place = Window(RowNumber(), partition_by=F("beside"), order_by=["-buyers", "-pk"])
    best = pairs.filter(beside__in=set(ids)).annotate(place=place).filter(place__lte=limit)
    return best.order_by("-buyers", "-pk")
