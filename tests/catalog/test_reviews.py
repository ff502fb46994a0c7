"""One review for each author and product, and columns that are what the reviews say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from catalog import columns, reviews
from catalog.models import Product, Purchase, Review
from shop.errors import ShopError
from tests.factories import make_product, make_user

Status = Review.Status


def rated(product: Product) -> tuple[int, int, float, list[int]]:
    product.refresh_from_db()
    return product.rating_sum, product.rating_count, product.rating_average, product.histogram


def refused(act: Callable[[], object]) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


def test_a_first_review_counts() -> None:
    product = make_product()

    review = reviews.upsert(
        make_user(), product, rating=4, texts={"title": " Good ", "body": "Bright."}
    )

    assert (review.title, review.body, review.status) == ("Good", "Bright.", Status.PUBLISHED)
    assert rated(product) == (4, 1, 4.0, [0, 0, 0, 1, 0])


def test_a_second_review_of_the_same_author_replaces_the_first() -> None:
    product, author = make_product(), make_user()
    reviews.upsert(author, product, rating=4, texts={"title": "Good", "body": "Bright."})
    reviews.upsert(make_user(), product, rating=2, texts={})

    again = reviews.upsert(author, product, rating=5, texts={"title": None})

    assert (again.rating, again.title, again.body) == (5, "", "Bright.")
    assert Review.objects.count() == 2
    assert rated(product) == (7, 2, 3.5, [0, 1, 0, 0, 1])


@pytest.mark.parametrize(
    ("rating", "texts", "code", "place"),
    [
        (0, {}, "OUT_OF_RANGE", "rating"),
        (6, {}, "OUT_OF_RANGE", "rating"),
        (-(2**31), {}, "OUT_OF_RANGE", "rating"),
        (5, {"title": "x" * 201}, "TOO_LONG", "title"),
        (5, {"body": "x" * 5001}, "TOO_LONG", "body"),
    ],
)
def test_an_unfit_review_leaves_no_trace(
    rating: int, texts: dict[str, Any], code: str, place: str
) -> None:
    product = make_product()

    act = lambda: reviews.upsert(make_user(), product, rating=rating, texts=texts)  # noqa: E731

    assert refused(act) == [(code, (place,))]
    assert not Review.objects.exists()
    assert rated(product) == (0, 0, 0.0, [0, 0, 0, 0, 0])


def test_deleting_takes_the_stars_back() -> None:
    product, author = make_product(), make_user()
    review = reviews.upsert(author, product, rating=4, texts={})
    reviews.upsert(make_user(), product, rating=1, texts={})

    assert reviews.delete(author, product) == review.pk

    assert rated(product) == (1, 1, 1.0, [1, 0, 0, 0, 0])
    assert refused(lambda: reviews.delete(author, product)) == [("NOT_FOUND", ("product_id",))]


def test_under_moderation_nothing_counts_before_somebody_looked(
    settings: Settings,
) -> None:
    settings.REVIEW_MODERATION = True
    product, author = make_product(), make_user()
    review = reviews.upsert(author, product, rating=4, texts={})
    assert (review.status, rated(product)[1]) == (Status.PENDING, 0)

    reviews.moderate(review, Status.PUBLISHED)
    assert rated(product)[1] == 1

    edited = reviews.upsert(author, product, rating=1, texts={})
    assert (edited.status, rated(product)[1]) == (Status.PENDING, 0)


def test_what_was_rejected_is_not_published_by_an_edit() -> None:
    product, author = make_product(), make_user()
    review = reviews.upsert(author, product, rating=1, texts={})
    assert reviews.moderate(review, Status.REJECTED).status == Status.REJECTED
    assert rated(product)[1] == 0

    edited = reviews.upsert(author, product, rating=1, texts={"body": "Once more."})

    assert (edited.status, rated(product)[1]) == (Status.PENDING, 0)


def test_what_is_gone_cannot_be_moderated() -> None:
    product = make_product()
    review = reviews.upsert(make_user(), product, rating=1, texts={})
    Review.objects.all().delete()

    assert refused(lambda: reviews.moderate(review, Status.REJECTED)) == [("NOT_FOUND", ("id",))]


def test_a_buyer_is_verified_before_and_after_the_review() -> None:
    early, late, product = make_user(), make_user(), make_product()
    first = reviews.upsert(early, product, rating=5, texts={})
    assert not first.verified

    for user in (early, late, late):
        reviews.record_purchase(user, [product.pk, product.pk])

    assert Review.objects.get(author=early).verified
    assert reviews.upsert(late, product, rating=5, texts={}).verified
    assert Purchase.objects.count() == 2


def test_a_product_that_is_gone_is_not_found() -> None:
    product = make_product()
    Product.objects.all().delete()

    assert refused(lambda: reviews.upsert(make_user(), product, rating=5, texts={})) == [
        ("NOT_FOUND", ("product_id",))
    ]


def test_the_database_refuses_a_second_review() -> None:
    product, author = make_product(), make_user()
    Review.objects.create(product=product, author=author, rating=5)

    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(product=product, author=author, rating=5)


def test_columns_are_what_a_recount_finds() -> None:
    product = make_product()
    for stars in (5, 4, 4, 1):
        reviews.upsert(make_user(), product, rating=stars, texts={})

    assert not [line for line in columns.differences() if "search_text" not in line]
