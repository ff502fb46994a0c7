"""What users keep for later. A wishlist costs nothing and promises nothing."""

from django.db import transaction

from catalog import columns
from catalog.models import Product, WishlistItem
from shop.errors import Refused
from users.models import User

MOST = 500


@transaction.atomic
def add(user: User, product: Product) -> None:
    """Put the product on the user's list; one that is there already keeps its place.

    The user's row is locked, so that of two additions at once the later counts the earlier;
    the product's, so that it cannot go before this is written.

    Raises:
        Refused: at `product_id`, NOT_FOUND when the product is gone, OUT_OF_RANGE for one too many.
    """
    if User.objects.open().select_for_update(no_key=True).filter(pk=user.pk).first() is None:
        raise Refused("NOT_FOUND", "The account is closed.")
    if not columns.lock([product.pk]):
        raise Refused("NOT_FOUND", "There is no such product.", "product_id")
    listed = WishlistItem.objects.filter(user=user)
    if listed.filter(product=product).exists():
        return
    if listed.count() >= MOST:
        raise Refused("OUT_OF_RANGE", f"A wishlist holds at most {MOST}.", "product_id")
    WishlistItem.objects.create(user=user, product=product)


def remove(user: User, product: Product) -> None:
    """Take the product off the user's list, if it is on it."""
    WishlistItem.objects.filter(user=user, product=product).delete()
