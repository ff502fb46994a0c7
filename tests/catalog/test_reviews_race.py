"""Reviews written at once: one for each author, and all of them in the columns."""

from functools import partial

import pytest
from django.db import transaction

from catalog import reviews
from catalog.models import Review
from tests.catalog.races import at_once
from tests.factories import make_product, make_user
from users.models import User

pytestmark = pytest.mark.transactional


def test_one_author_at_once_has_one_review() -> None:
    product, author = make_product(), make_user()

    at_once(
        *(
            lambda stars=stars: reviews.upsert(author, product, rating=stars, texts={})
            for stars in (1, 2, 3, 4, 5, 1, 2, 3)
        )
    )

    review = Review.objects.get()
    product.refresh_from_db()
    assert (product.rating_count, product.rating_sum) == (1, review.rating)
    assert product.histogram == [int(stars == review.rating) for stars in range(1, 6)]


def test_eight_authors_at_once_all_count() -> None:
    product, authors = make_product(), [make_user() for _ in range(8)]

    at_once(
        *(lambda who=author: reviews.upsert(who, product, rating=3, texts={}) for author in authors)
    )

    product.refresh_from_db()
    assert (product.rating_count, product.rating_sum) == (8, 24)
    assert product.histogram == [0, 0, 8, 0, 0]


def test_a_review_beside_its_purchase_is_verified_whichever_comes_first() -> None:
    product = make_product()
    authors = [make_user() for _ in range(8)]

    def buy(author: User) -> None:
        with transaction.atomic():  # as an order that is marked paid does
            reviews.record_purchase(author, [product.pk])

    def say(author: User) -> None:
        reviews.upsert(author, product, rating=5, texts={})

    acts = [partial(act, author) for author in authors for act in (buy, say)]
    at_once(*acts)

    assert Review.objects.filter(verified=True).count() == len(authors)
