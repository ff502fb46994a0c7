"""What is bought together: counted from purchases, kept in a table, shown while public."""

from collections.abc import Iterable

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from catalog import reviews, together
from catalog.models import BoughtTogether, Product
from shop import jobs
from tests.catalog.races import at_once
from tests.factories import make_product, make_user


def buyers(count: int, products: Iterable[Product]) -> None:
    """So many users who have paid for all of the products."""
    bought = [product.pk for product in products]
    for _ in range(count):
        reviews.record_purchase(make_user(), bought)


def beside(product: Product, limit: int = 24) -> list[Product]:
    return list(together.bought_with([product.pk], limit))


def test_the_most_bought_together_come_first() -> None:
    lamp, bulb, shade, chair = (make_product() for _ in range(4))
    buyers(3, [lamp, bulb])
    buyers(2, [lamp, shade])
    buyers(4, [chair, bulb])

    together.recount()

    assert beside(lamp) == [bulb, shade]
    assert beside(bulb) == [chair, lamp]
    assert beside(lamp, 1) == [bulb]
    kept = BoughtTogether.objects.filter(product=bulb).values_list("other", "buyers")
    assert set(kept) == {(chair.pk, 4), (lamp.pk, 3)}


def test_it_is_counted_every_night() -> None:
    assert jobs.sweeps()["catalog.together.recount"] == "20 3 * * *"


def test_one_buyer_alone_tells_nobody_what_they_bought() -> None:
    lamp, bulb = make_product(), make_product()
    buyers(1, [lamp, bulb])

    together.recount()

    assert beside(lamp) == []


def test_only_what_is_public_is_shown() -> None:
    lamp, bulb, shade = make_product(), make_product(), make_product()
    buyers(3, [lamp, bulb])
    buyers(2, [lamp, shade])
    together.recount()

    Product.objects.filter(pk=bulb.pk).update(status="DRAFT")

    assert beside(lamp) == [shade]


def test_a_recount_replaces_what_was_counted_before() -> None:
    lamp, bulb = make_product(), make_product()
    BoughtTogether.objects.create(product=lamp, other=make_product(), buyers=9)
    buyers(2, [lamp, bulb])

    together.recount()
    together.recount()

    assert beside(lamp) == [bulb]
    assert BoughtTogether.objects.count() == 2


def test_only_the_best_are_kept_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "KEPT", 2)
    monkeypatch.setattr(together, "BATCH", 3)
    products = [make_product() for _ in range(5)]
    buyers(2, products)

    together.recount()

    assert all(len(beside(product)) == 2 for product in products)
    assert beside(products[0]) == [products[4], products[3]]


def test_a_product_that_went_while_it_was_counted_is_left_out() -> None:
    lamp, bulb, shade = make_product(), make_product(), make_product()
    ids = [lamp.pk, bulb.pk, shade.pk]
    pairs = [(lamp.pk, bulb.pk, 3), (lamp.pk, shade.pk, 2), (bulb.pk, lamp.pk, 3)]
    bulb.delete()

    together.write(ids, pairs)

    assert beside(lamp) == [shade]
    assert BoughtTogether.objects.count() == 1


def test_many_products_are_read_by_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    products = [make_product() for _ in range(6)]
    buyers(2, products)
    together.recount()

    with django_assert_num_queries(1):
        rows = list(together.bought_with([product.pk for product in products], 3))

    assert len(rows) == 18


@pytest.mark.parametrize("others", [0, 1])
def test_the_database_refuses_a_pair_twice_and_of_one(others: int) -> None:
    lamp, bulb = make_product(), make_product()
    BoughtTogether.objects.create(product=lamp, other=bulb, buyers=2)

    with pytest.raises(IntegrityError), transaction.atomic():
        BoughtTogether.objects.create(product=lamp, other=[lamp, bulb][others], buyers=2)


@pytest.mark.transactional
def test_two_counts_at_once_leave_one_table() -> None:
    products = [make_product() for _ in range(6)]
    buyers(2, products)

    at_once(*[together.recount] * 4)

    assert BoughtTogether.objects.count() == 6 * 5
