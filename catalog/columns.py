"""The read columns: what lists show of other rows, kept on the row that is listed.

For each kind of column one function says what the rows must hold. `refresh` writes that in the
transaction of the cause; `recount` proves or repairs it for the whole catalogue.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from catalog import listings, shown, stamp, words
from catalog.models import Product, ProductImage, Review, ReviewVote, StockMovement, Variant

Columns = dict[str, Any]
Kind = Callable[[Sequence[Product]], dict[int, Columns]]

BATCH = 200


def in_stock(products: Sequence[Product]) -> dict[int, Columns]:
    """Whether one of the variants can be bought."""
    ids = [product.pk for product in products]
    free = Variant.objects.live().filter(Q(track_stock=False) | Q(stock__gt=F("reserved")))
    found = set(free.filter(product__in=ids).values_list("product_id", flat=True))
    return {pk: {"in_stock": pk in found} for pk in ids}


def prices(products: Sequence[Product]) -> dict[int, Columns]:
    """The range over the variants, and the former price of the cheapest.

    A product whose variants are all archived keeps what it cost.
    """
    ids = [product.pk for product in products]
    by_product: dict[int, list[tuple[int, int | None]]] = {}
    live = Variant.objects.live().filter(product__in=ids).order_by("price_minor", "position", "pk")
    for pk, price, former in live.values_list("product_id", "price_minor", "compare_at_minor"):
        by_product.setdefault(pk, []).append((price, former))
    return {
        pk: {
            "price_min_minor": found[0][0],
            "price_max_minor": found[-1][0],
            "compare_at_minor": found[0][1],
        }
        for pk, found in by_product.items()
    }


def main_image(products: Sequence[Product]) -> dict[int, Columns]:
    """The first picture; blank without one."""
    first: dict[int, ProductImage] = {}
    ids = [product.pk for product in products]
    for image in ProductImage.objects.filter(product__in=ids).order_by("position", "pk"):
        first.setdefault(image.product_id, image)
    return {pk: image_columns(first.get(pk)) for pk in ids}


def image_columns(image: ProductImage | None) -> Columns:
    return {
        "image_id": image.pk if image else None,
        "image_key": image.file if image else "",
        "image_alt": image.alt if image else "",
        "image_width": image.width if image else 0,
        "image_height": image.height if image else 0,
        "image_placeholder": image.placeholder if image else "",
    }


def ratings(products: Sequence[Product]) -> dict[int, Columns]:
    """Sum, count, average and histogram of the published reviews."""
    histograms = {product.pk: [0, 0, 0, 0, 0] for product in products}
    published = Review.objects.filter(status=Review.Status.PUBLISHED, product__in=histograms)
    counted = published.order_by().values_list("product_id", "rating").annotate(n=Count("pk"))
    for pk, rating, count in counted:
        histograms[pk][rating - 1] = count
    return {pk: rating_columns(histogram) for pk, histogram in histograms.items()}


def rating_columns(histogram: list[int]) -> Columns:
    total = sum(stars * count for stars, count in enumerate(histogram, start=1))
    count = sum(histogram)
    return {
        "rating_sum": total,
        "rating_count": count,
        "rating_average": total / count if count else 0.0,
        "histogram": histogram,
    }


def texts(products: Sequence[Product]) -> dict[int, Columns]:
    """The brand's name, and the words to search through where there is no full-text search."""
    ids = [product.pk for product in products]
    rows = Product.objects.filter(pk__in=ids).values_list(
        "pk", "name", "brand__name", "description"
    )
    return {
        pk: {
            "brand_name": brand or "",
            "search_text": "\n".join((name, brand or "", description)).casefold(),
        }
        for pk, name, brand, description in rows
    }


def sales(products: Sequence[Product]) -> dict[int, Columns]:
    """Units sold less units returned; nothing about products some of whose units nobody counted."""
    ids = [product.pk for product in products]
    kinds = [StockMovement.Kind.SALE, StockMovement.Kind.RETURN]
    moves = StockMovement.objects.filter(kind__in=kinds, variant__product__in=ids).order_by()
    counted = moves.values_list("variant__product").annotate(
        units=-Sum("delta_stock"), uncounted=Count("pk", filter=Q(delta_stock=0))
    )
    found = {pk: (units, uncounted) for pk, units, uncounted in counted}
    known = {pk: found.get(pk, (0, 0)) for pk in ids}
    return {pk: {"sales_count": units} for pk, (units, uncounted) in known.items() if not uncounted}


def lock(ids: Iterable[int]) -> list[Product]:
    """Those products for this transaction to change, by id."""
    rows = Product.objects.filter(pk__in=set(ids))
    return list(rows.select_for_update(no_key=True).order_by("pk"))


@transaction.atomic(savepoint=False)
def refresh(ids: Iterable[int], *kinds: Kind) -> list[Product]:
    """Lock the products and bring those kinds of columns up to date; the rows as they are then.

    The rows are read after the lock is there, so that of two causes at once the later sees
    what the earlier did. The catalogue's stamp moves: also a cause that leaves the columns as
    they were is something that can be seen.
    """
    rows = lock(ids)
    if rows:
        stamp.move()
    wrong = list(wrong_columns(rows, kinds))
    put_right(wrong, updated_at=timezone.now())
    return rows


@dataclass(frozen=True)
class Difference:
    """A column that does not hold what its cause says."""

    row: Any
    column: str
    right: Any

    def __str__(self) -> str:
        stored = getattr(self.row, self.column)
        name = type(self.row).__name__.lower()
        return f"{name} {self.row.pk}: {self.column} is {stored!r:.60}, not {self.right!r:.60}"


def wrong_columns(
    rows: Sequence[Any], kinds: Iterable[Callable[..., dict[int, Columns]]]
) -> Iterator[Difference]:
    by_pk = {row.pk: row for row in rows}
    for kind in kinds:
        for pk, values in kind(rows).items():
            for column, right in values.items():
                if getattr(by_pk[pk], column) != right:
                    yield Difference(by_pk[pk], column, right)


def put_right(wrong: Iterable[Difference], **also: Any) -> None:
    """Write what the columns must hold, and `also` beside it where something was wrong."""
    changed: dict[int, Any] = {}
    names = set(also)
    for difference in wrong:
        row = changed.setdefault(difference.row.pk, difference.row)
        names.add(difference.column)
        for name, value in {**also, difference.column: difference.right}.items():
            setattr(row, name, value)
    if changed:
        model = type(next(iter(changed.values())))
        model.objects.bulk_update(changed.values(), names, batch_size=100)
        if "search_text" in names:
            words.learn(text for row in changed.values() for text in (row.name, row.brand_name))
        stamp.move()


EVERYTHING: tuple[Kind, ...] = (in_stock, prices, main_image, ratings, texts, sales)


def differences() -> list[str]:
    """What is wrong anywhere, as sentences; empty when all columns are right."""
    return recount(fix=False)


def recount(*, fix: bool) -> list[str]:
    """Compare every read column, and every variant's units, with their causes; or repair them.

    Each part of the catalogue is locked while it is looked at, so that sales that go on
    meanwhile are not taken for differences.
    """
    found: list[str] = []
    last = 0
    while ids := next_ids(last):
        found += recount_part(ids, fix=fix)
        last = ids[-1]
    return found


def next_ids(after: int) -> list[int]:
    rows = Product.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def recount_part(ids: list[int], *, fix: bool) -> list[str]:
    variants = Variant.objects.filter(product__in=ids).select_for_update(no_key=True)
    found = settle(list(variants.order_by("pk")), [units], fix=fix)
    found += settle(lock(ids), EVERYTHING, fix=fix)
    found += listings.settle(ids, fix=fix)
    found += shown.settle(ids, fix=fix)
    reviews = Review.objects.filter(product__in=ids).select_for_update(no_key=True)
    return found + settle(list(reviews.order_by("pk")), [helpful], fix=fix)


def settle(
    rows: Sequence[Any], kinds: Iterable[Callable[..., dict[int, Columns]]], *, fix: bool
) -> list[str]:
    """The differences of locked rows, as sentences; put right when that is wanted."""
    wrong = list(wrong_columns(rows, kinds))
    lines = [str(difference) for difference in wrong]
    if fix:
        put_right(wrong)
    return lines


def units(variants: Sequence[Variant]) -> dict[int, Columns]:
    """What the movements of the variants add up to."""
    ids = [variant.pk for variant in variants]
    moves = StockMovement.objects.filter(variant__in=ids).order_by().values_list("variant")
    sums = moves.annotate(stock=Sum("delta_stock"), reserved=Sum("delta_reserved"))
    found = {pk: (stock, reserved) for pk, stock, reserved in sums}
    known = {pk: found.get(pk, (0, 0)) for pk in ids}
    return {pk: {"stock": stock, "reserved": reserved} for pk, (stock, reserved) in known.items()}


def helpful(reviews: Sequence[Review]) -> dict[int, Columns]:
    """How many found each review of help."""
    ids = [review.pk for review in reviews]
    votes = ReviewVote.objects.filter(review__in=ids, helpful=True).order_by()
    found = dict(votes.values_list("review").annotate(n=Count("pk")))
    return {pk: {"helpful_count": found.get(pk, 0)} for pk in ids}
