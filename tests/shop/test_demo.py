"""The demo shop: every state, reached by the shop's own functions, and the same every time."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Category, Product, Review
from checkout.models import Discount, Order, ShippingZone
from shop.management.commands.demo import is_in_use
from shop.management.demo import accounts, assortment, shelves
from tests.factories import make_product
from users.models import User


def load(**options: object) -> None:
    call_command("demo", "--force", "--no-pictures", stdout=StringIO(), **options)


def counts() -> list[int]:
    return [model.objects.count() for model in (Product, Category, Order, User, Discount)]


@pytest.mark.long
def test_it_fills_the_shop_and_loading_it_again_only_adds_what_is_missing() -> None:
    load()

    assert Product.objects.public().count() >= 60
    assert Category.objects.count() >= 12
    assert max(len(row.ancestor_ids) for row in Category.objects.all()) == 2
    states = set(Order.objects.values_list("status", flat=True))
    assert states == set(Order.Status.values)
    assert Order.objects.exclude(review_flag="").exists()
    assert (ShippingZone.objects.count(), Discount.objects.count()) == (2, 3)
    call_command("recount", stdout=StringIO())  # fails when a read column or a stock is off

    before = counts(), list(Order.objects.order_by("pk").values_list("number", "status"))
    load()
    assert (counts(), list(Order.objects.order_by("pk").values_list("number", "status"))) == before

    load(products=150)
    assert Product.objects.count() == 150
    call_command("recount", stdout=StringIO())


def test_it_keeps_out_of_a_real_shop() -> None:
    with pytest.raises(CommandError):
        call_command("demo")


def test_it_says_what_it_needs_before_it_begins(settings: Any) -> None:
    settings.BANK_ACCOUNT = ""

    with pytest.raises(CommandError, match="BANK_ACCOUNT"):
        load()
    assert not Product.objects.exists()


def test_once_means_until_it_is_complete() -> None:
    assert not is_in_use()

    product = make_product()
    assert is_in_use()  # somebody's own shop

    accounts.load()
    assert not is_in_use()  # a demo that was broken off before its last step

    Review.objects.create(product=product, author=User.objects.all()[0], rating=5)
    assert is_in_use()


def test_each_category_is_drawn_by_something_that_is_sold_in_it() -> None:
    goods = assortment.load()
    shelves.load_categories(goods.categories)

    drawn = dict(shelves.covers_of(goods))

    assert set(drawn) == set(Category.objects.all())
    for category, (name, *_) in drawn.items():
        product = next(row for row in goods.products if name.endswith(f"/{row.slug}"))
        assert category.slug in [shelf.slug for shelf in goods.path(product.category)]
