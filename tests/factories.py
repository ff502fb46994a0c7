"""The smallest valid object of each kind, as rows."""

from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.utils import timezone

from catalog.models import Category, Product, StockMovement, Variant
from users.models import User

PASSWORD = "correct horse battery"
_numbers = count(1)


def make_user(**fields: Any) -> User:
    """A customer who signs in with PASSWORD."""
    fields = {"email": f"buyer{next(_numbers)}@example.com", "password": PASSWORD} | fields
    return User.objects.create_user(**fields)


def make_staff(*permissions: str, **fields: Any) -> User:
    """Somebody who works here, with the permissions named like "catalog.add_product"."""
    user = make_user(is_staff=True, **fields)
    for name in permissions:
        app, _, codename = name.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def make_category(name: str = "Lamps", parent: Category | None = None) -> Category:
    category = Category.objects.create(name=name, slug=f"category-{next(_numbers)}", parent=parent)
    category.path = f"{parent.path if parent else '/'}{category.pk}/"
    category.save()
    return category


def make_product(**fields: Any) -> Product:
    """A public product without variants."""
    number = next(_numbers)
    return Product.objects.create(
        **{
            "name": f"Lamp {number}",
            "slug": f"lamp-{number}",
            "status": Product.Status.ACTIVE,
            "published_at": timezone.now(),
            "currency": settings.SHOP_CURRENCY,
            "histogram": [0, 0, 0, 0, 0],
        }
        | fields
    )


def make_variant(*, stock: int = 10, price: int = 1000, **fields: Any) -> Variant:
    """A variant of a public product (its own, unless one is given); price in minor units."""
    product = fields.pop("product", None) or make_product()
    number = next(_numbers)
    fields = {"sku": f"LAMP-{number}", "options_key": f"x{number}"} | fields
    variant = Variant.objects.create(product=product, price_minor=price, stock=stock, **fields)
    StockMovement.objects.create(variant=variant, kind="RECEIVE", delta_stock=stock)
    prices = [one.price_minor for one in Variant.objects.filter(product=product)]
    product.price_min_minor, product.price_max_minor = min(prices), max(prices)
    product.in_stock = product.in_stock or variant.in_stock
    product.save()
    return variant
