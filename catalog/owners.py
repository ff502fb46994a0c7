"""Who may change a product: staff with the permission, and the member who made it."""

from catalog.models import Product
from shop.errors import Refused
from users.models import User


def may_edit(user: User, product: Product) -> bool:
    """Whether the user may change the product, its variants and its pictures; not its stock."""
    return may(user, product, "catalog.change_product")


def may_delete(user: User, product: Product) -> bool:
    return may(user, product, "catalog.delete_product")


def may(user: User, product: Product, permission: str) -> bool:
    own = product.owner_id == user.pk
    return user.is_active and user.is_staff and (own or user.has_perm(permission))


def refuse_others(user: User, product: Product, *path: str) -> None:
    """Raises Refused: NOT_ALLOWED at `path`, for somebody who may not edit the product."""
    if not may_edit(user, product):
        message = "This is for who made the product, or needs the permission to change products."
        raise Refused("NOT_ALLOWED", message, *path)
