"""Who sees what of the catalogue."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Product, Review, Variant
from tests.factories import make_product, make_staff, make_user, make_variant

HIDDEN: dict[str, dict[str, Any]] = {
    "draft": {"status": "DRAFT"},
    "archived": {"status": "ARCHIVED"},
    "future": {"published_at": timezone.now() + timedelta(days=999)},
    "undecided": {"published_at": None},
}


@pytest.mark.parametrize("how", HIDDEN)
def test_only_staff_sees_what_is_not_public(how: str) -> None:
    product = make_product(**HIDDEN[how])
    variant = make_variant(product=product)

    for viewer, seen in ((None, False), (make_user(), False), (make_staff(), True)):
        assert Product.objects.visible_to(viewer).filter(pk=product.pk).exists() is seen
        assert Variant.objects.visible_to(viewer).filter(pk=variant.pk).exists() is seen
    assert not product.is_public


def test_everybody_sees_what_is_public() -> None:
    variant = make_variant()

    for viewer in (None, make_user(), make_staff()):
        assert Product.objects.visible_to(viewer).filter(pk=variant.product_id).exists()
        assert Variant.objects.visible_to(viewer).filter(pk=variant.pk).exists()


def test_nobody_sees_archived_variants() -> None:
    variant = make_variant(archived_at=timezone.now())

    for viewer in (None, make_user(), make_staff()):
        assert not Variant.objects.visible_to(viewer).filter(pk=variant.pk).exists()


def test_reviews_are_seen_by_status_author_and_product() -> None:
    author, other, staff = make_user(), make_user(), make_staff()
    shown, hidden = make_product(), make_product(status="DRAFT")
    published = Review.objects.create(product=shown, author=author, rating=5)
    pending = Review.objects.create(product=shown, author=other, rating=4, status="PENDING")
    of_hidden = Review.objects.create(product=hidden, author=author, rating=3)

    def seen(viewer: object) -> set[Review]:
        return set(Review.objects.visible_to(viewer))  # type: ignore[arg-type]

    assert seen(None) == {published}
    assert seen(make_user()) == {published}
    assert seen(author) == {published, of_hidden}
    assert seen(other) == {published, pending}
    assert seen(staff) == {published, pending, of_hidden}
