"""A caller of each kind that the table of authorization tells apart."""

from collections.abc import Iterator

from django.utils import timezone

from catalog import wishlists
from catalog.models import Review
from checkout import carts
from checkout.quotes import Wish
from schema.authorization.rules import Actor, Rule
from tests.checkout import states
from tests.checkout.buying import ADDRESS
from tests.factories import make_product, make_staff, make_user, make_variant
from users import addresses
from users.models import User


def somebody(*, is_staff: bool = False) -> User:
    return make_user(is_staff=is_staff, email_verified_at=timezone.now())


def with_belongings(user: User) -> User:
    """Something of every kind that a user can have, so that it can be taken for somebody's."""
    variant, product = make_variant(), make_product()
    states.WAYS["cancelled"](user)
    carts.add(None, [Wish(variant.pk, 1)], user=user)
    addresses.create(user, ADDRESS)
    wishlists.add(user, product)
    Review.objects.create(product=product, author=user, rating=1, status="PENDING")
    return user


def callers(rule: Rule, owner: User) -> Iterator[tuple[Actor, User | None]]:
    """Everybody who may come across something of that owner's; staff by each permission alone."""
    yield Actor.ANONYMOUS, None
    yield Actor.USER, somebody()
    yield Actor.OTHER, with_belongings(somebody())
    yield Actor.OWNER, owner
    yield Actor.STAFF, somebody(is_staff=True)
    for permission in rule.permissions or ((),):
        wanted = [permission] if permission else []
        yield Actor.PERMITTED, make_staff(*wanted, *rule.besides, email_verified_at=timezone.now())
