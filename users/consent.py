"""Consent to marketing: given and taken back by the user alone, each change kept with its time."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from shop.errors import Refused, ShopError
from users.models import ConsentChange, User


@transaction.atomic
def say(user: User, *, given: bool) -> None:
    """Note whether the user wants news and offers by mail; to say the same again changes nothing.

    The caller holds the user's row. Who writes such mails sends them to proven addresses alone
    (`email_verified_at`): anybody can register somebody else's.
    """
    if given == (user.marketing_consent_at is not None):
        return
    now = timezone.now()
    user.marketing_consent_at = now if given else None
    user.save(update_fields=["marketing_consent_at"])
    ConsentChange.objects.create(user=user, given=given, at=now)


def wrong_with(changes: Mapping[str, Any]) -> list[ShopError]:
    """What an update says of it that cannot be."""
    if "marketing_consent" in changes and changes["marketing_consent"] is None:
        sentence = "Say yes or no, or leave it out to keep it."
        return [Refused("REQUIRED", sentence, "marketing_consent")]
    return []
