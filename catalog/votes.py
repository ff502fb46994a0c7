"""Votes on reviews: whether somebody else's opinion was of help."""

from django.db import transaction

from catalog import columns
from catalog.models import Review, ReviewVote
from shop.errors import Refused
from users.models import User


@transaction.atomic
def vote(user: User, review: Review, *, helpful: bool | None) -> Review:
    """Keep what the user thinks of the review, in place of what they thought before.

    The review's row is locked first, so that of two votes at once the later counts the earlier,
    and one user twice at once still has one vote.

    Args:
        helpful: None takes the vote back.

    Raises:
        Refused: at `review_id`, NOT_FOUND when the review is gone, NOT_ALLOWED for one's own.
    """
    row = Review.objects.select_for_update(no_key=True).filter(pk=review.pk).first()
    if row is None:
        raise Refused("NOT_FOUND", "There is no such review.", "review_id")
    if row.author_id == user.pk:
        raise Refused("NOT_ALLOWED", "Nobody votes for their own review.", "review_id")
    if helpful is None:
        row.votes.filter(user=user).delete()
    else:
        ReviewVote.objects.update_or_create(review=row, user=user, defaults={"helpful": helpful})
    columns.put_right(columns.wrong_columns([row], [columns.helpful]))
    return row
