"""What users keep for later: each product once, and not without end."""

import pytest
from django.db import IntegrityError, transaction

from catalog import wishlists
from catalog.models import Product, WishlistItem
from shop.errors import Refused
from tests.catalog.races import at_once
from tests.factories import make_product, make_user


def test_a_wish_is_kept_once_and_keeps_its_place() -> None:
    user, first, second = make_user(), make_product(), make_product()

    for product in (first, second, first):
        wishlists.add(user, product)

    listed = WishlistItem.objects.filter(user=user).order_by("created_at")
    assert [item.product for item in listed] == [first, second]


def test_what_is_taken_off_the_list_is_gone_from_ones_own_alone() -> None:
    user, other, product = make_user(), make_user(), make_product()
    wishlists.add(user, product)
    wishlists.add(other, product)

    for _ in range(2):
        wishlists.remove(user, product)

    assert [item.user for item in WishlistItem.objects.all()] == [other]


def test_one_too_many_is_refused_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishlists, "MOST", 2)
    user, listed = make_user(), [make_product(), make_product()]
    for product in listed:
        wishlists.add(user, product)

    with pytest.raises(Refused) as caught:
        wishlists.add(user, make_product())
    wishlists.add(user, listed[0])  # was there before

    assert (caught.value.code, caught.value.path) == ("OUT_OF_RANGE", ("product_id",))
    assert WishlistItem.objects.count() == 2


def test_a_product_that_is_gone_is_not_found() -> None:
    product = make_product()
    Product.objects.all().delete()

    with pytest.raises(Refused) as caught:
        wishlists.add(make_user(), product)

    assert (caught.value.code, caught.value.path) == ("NOT_FOUND", ("product_id",))


def test_the_database_refuses_a_second_wish() -> None:
    user, product = make_user(), make_product()
    wishlists.add(user, product)

    with pytest.raises(IntegrityError), transaction.atomic():
        WishlistItem.objects.create(user=user, product=product)


@pytest.mark.transactional
def test_wishes_at_once_never_pass_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishlists, "MOST", 3)
    user, products = make_user(), [make_product() for _ in range(8)]

    def add(product: Product) -> bool:
        try:
            wishlists.add(user, product)
        except Refused:
            return False
        return True

    won = at_once(*(lambda one=product: add(one) for product in products))

    assert won.count(True) == WishlistItem.objects.count() == 3


@pytest.mark.transactional
def test_one_wish_at_once_is_one_wish() -> None:
    user, product = make_user(), make_product()

    at_once(*[lambda: wishlists.add(user, product)] * 8)

    assert WishlistItem.objects.count() == 1
