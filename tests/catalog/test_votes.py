"""One vote for each user and review, and a count that is what the votes say."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from catalog import columns, reviews, votes
from catalog.models import Review, ReviewVote
from shop.errors import Refused
from tests.catalog.races import at_once
from tests.factories import make_product, make_user


def make_review() -> Review:
    return reviews.upsert(make_user(), make_product(), rating=4, texts={})


def helpful(review: Review) -> int:
    review.refresh_from_db()
    return review.helpful_count


def differences(*, fix: bool = False) -> list[str]:
    """What a recount finds wrong with reviews."""
    return [line for line in columns.recount(fix=fix) if line.startswith("review")]


def refused(act: Callable[[], object]) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code, caught.value.path


def test_votes_count_while_they_say_helpful() -> None:
    review, first, second = make_review(), make_user(), make_user()

    assert votes.vote(first, review, helpful=True).helpful_count == 1
    votes.vote(second, review, helpful=True)
    assert helpful(review) == 2
    votes.vote(first, review, helpful=False)
    assert helpful(review) == 1
    votes.vote(second, review, helpful=None)
    assert helpful(review) == 0
    assert ReviewVote.objects.count() == 1


def test_a_vote_changes_nothing_else_of_the_review() -> None:
    review = make_review()
    before = Review.objects.values().get()

    votes.vote(make_user(), review, helpful=True)

    assert Review.objects.values().get() == before | {"helpful_count": 1}


def test_nobody_votes_for_their_own() -> None:
    review = make_review()

    act = lambda: votes.vote(review.author, review, helpful=True)  # noqa: E731

    assert refused(act) == ("NOT_ALLOWED", ("review_id",))
    assert not ReviewVote.objects.exists()


def test_a_review_that_is_gone_is_not_found() -> None:
    review = make_review()
    Review.objects.all().delete()

    act = lambda: votes.vote(make_user(), review, helpful=True)  # noqa: E731

    assert refused(act) == ("NOT_FOUND", ("review_id",))


def test_votes_outlive_accounts_and_reviews_outlive_edits() -> None:
    review, voter = make_review(), make_user()
    votes.vote(voter, review, helpful=True)

    voter.delete()
    reviews.upsert(review.author, review.product, rating=1, texts={"body": "On second thoughts."})

    assert helpful(review) == 1
    assert differences() == []


def test_the_database_refuses_a_second_vote() -> None:
    review, voter = make_review(), make_user()
    votes.vote(voter, review, helpful=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewVote.objects.create(review=review, user=voter, helpful=True)


def test_a_recount_finds_a_wrong_count_and_puts_it_right() -> None:
    review = make_review()
    votes.vote(make_user(), review, helpful=True)
    Review.objects.update(helpful_count=7)

    found = differences(fix=True)

    assert found == [f"review {review.pk}: helpful_count is 7, not 1"]
    assert helpful(review) == 1


@pytest.mark.transactional
def test_eight_voters_at_once_all_count() -> None:
    review, voters = make_review(), [make_user() for _ in range(8)]

    at_once(*(lambda who=voter: votes.vote(who, review, helpful=True) for voter in voters))

    assert helpful(review) == 8


@pytest.mark.transactional
def test_one_voter_at_once_has_one_vote() -> None:
    review, voter = make_review(), make_user()

    at_once(
        *(
            lambda yes=yes: votes.vote(voter, review, helpful=yes)
            for yes in (True, False, True, False, True, False, True, False)
        )
    )

    assert ReviewVote.objects.count() == 1
    assert helpful(review) == int(ReviewVote.objects.get().helpful)
