"""What buyers say. The product's rating columns follow in the same transaction.

The product's row is locked before a review of it is written: of two authors at once the later
counts with the earlier, and one author twice at once still has one review.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from catalog import checks, columns, stamp
from catalog.models import Product, Purchase, Review
from shop.errors import Refused
from users.models import User

Status = Review.Status


@transaction.atomic
def upsert(author: User, product: Product, *, rating: int, texts: Mapping[str, Any]) -> Review:
    """The author's one review of a product, made or changed.

    Args:
        rating: stars, 1 to 5.
        texts: title and body, as far as given; what is left out stays, None empties it.

    Raises:
        ShopError: OUT_OF_RANGE for the rating, TOO_LONG for a text, NOT_FOUND at `product_id`
            when the product is gone.
    """
    if not 1 <= rating <= 5:
        raise Refused("OUT_OF_RANGE", "A rating has 1 to 5 stars.", "rating")
    lock(product, "product_id")
    found = Review.objects.filter(product=product, author=author).first()
    review = found or Review(product=product, author=author)
    review.rating = rating
    for field in {"title", "body"} & texts.keys():
        setattr(review, field, (texts[field] or "").strip())
    checks.fields(review, "title", "body")
    review.status = status_after_edit(found)
    review.verified = Purchase.objects.filter(user=author, product=product).exists()
    review.save()
    columns.refresh([product.pk], columns.ratings)
    return review


def status_after_edit(found: Review | None) -> Review.Status:
    """Published at once, unless somebody looks first; what was rejected is looked at again."""
    rejected = found is not None and found.status != Status.PUBLISHED
    return Status.PENDING if settings.REVIEW_MODERATION or rejected else Status.PUBLISHED


@transaction.atomic
def delete(author: User, product: Product) -> int:
    """Delete the author's own review of a product; the id it had.

    Raises:
        Refused: NOT_FOUND at `product_id`, when there is none.
    """
    lock(product, "product_id")
    review = Review.objects.filter(product=product, author=author).first()
    if review is None:
        raise Refused("NOT_FOUND", "You have not reviewed it.", "product_id")
    was = review.pk
    review.delete()
    columns.refresh([product.pk], columns.ratings)
    return was


@transaction.atomic
def moderate(review: Review, status: Review.Status) -> Review:
    """Publish a review, reject it, or put it back among those to be looked at.

    Raises:
        Refused: NOT_FOUND at `id`, when it is gone meanwhile.
    """
    lock(review.product, "id")
    if not Review.objects.filter(pk=review.pk).update(status=status, updated_at=timezone.now()):
        raise Refused("NOT_FOUND", "There is no such review.", "id")
    columns.refresh([review.product_id], columns.ratings)
    review.refresh_from_db()
    return review


@transaction.atomic
def record_purchase(user: User, product_ids: Iterable[int]) -> None:
    """Remember that the user has paid for the products; what they said of them is verified."""
    ids = sorted(set(product_ids))
    columns.lock(ids)  # a review that is being written is seen, or sees the purchase
    Purchase.objects.bulk_create(
        [Purchase(user=user, product_id=pk) for pk in ids], ignore_conflicts=True
    )
    said = Review.objects.filter(author=user, product__in=ids, verified=False)
    if said.update(verified=True):
        stamp.move()


def lock(product: Product, *path: str) -> None:
    if not columns.lock([product.pk]):
        raise Refused("NOT_FOUND", "There is no such product.", *path)


@receiver(post_save, sender=User)
def move_with_author(
    *, instance: User, created: bool, update_fields: Iterable[str] | None = None, **_: object
) -> None:
    """Authors are called by their names beside what they said; `users` knows of no catalogue."""
    names = {"first_name", "last_name"}
    if created or (update_fields is not None and not names & set(update_fields)):
        return
    # Whoever said nothing is seen by nobody, and may not make all answers anew by a new name.
    if Review.objects.filter(author=instance, status=Status.PUBLISHED).exists():
        stamp.move()
