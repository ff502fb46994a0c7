"""Collections keep the merchant's order."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from catalog import collections, products
from catalog.drafts import VariantDraft
from catalog.models import Collection, Product
from catalog.products import ProductDraft
from shop.errors import ShopError
from tests.catalog.races import at_once
from tests.factories import make_product


def names(collection: Collection) -> list[str]:
    return [place.product.name for place in collection.places.select_related("product")]


def three() -> list[Product]:
    return [make_product(name=name) for name in ("a", "b", "c")]


def refused(act: Callable[[], object]) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


def test_products_stand_in_the_order_given() -> None:
    a, b, c = three()

    summer = collections.create(name="Summer", products=[c, a, b, a])

    assert (summer.slug, names(summer)) == ("summer", ["c", "a", "b"])


def test_products_are_replaced_added_and_removed() -> None:
    a, b, c = three()
    summer = collections.create(name="Summer", products=[a, b])

    collections.update(summer, {"products": [c, a]})
    assert names(summer) == ["c", "a"]
    collections.update(summer, {"add_products": [a, b], "remove_products": [c]})
    assert names(summer) == ["a", "b"]
    collections.update(summer, {"products": None})
    assert names(summer) == []


def test_a_blank_name_changes_nothing() -> None:
    a, b, _ = three()
    summer = collections.create(name="Summer", products=[a])

    assert refused(lambda: collections.update(summer, {"name": " ", "products": [b]})) == [
        ("REQUIRED", ("name",))
    ]
    assert refused(lambda: collections.update(summer, {"slug": ""})) == [("REQUIRED", ("slug",))]
    assert refused(lambda: collections.create(name="x" * 101)) == [("TOO_LONG", ("name",))]
    assert names(summer) == ["a"]
    assert Collection.objects.count() == 1


def test_what_is_gone_is_not_found() -> None:
    a, b, _ = three()
    summer = collections.create(name="Summer", products=[a])
    Product.objects.filter(pk=b.pk).delete()

    assert refused(lambda: collections.update(summer, {"products": [b]})) == [
        ("NOT_FOUND", ("product_ids",))
    ]
    assert names(summer) == ["a"]
    collections.delete(summer)
    assert refused(lambda: collections.update(summer, {"name": "x"})) == [("NOT_FOUND", ("id",))]


def test_deleting_a_collection_keeps_its_products() -> None:
    a, *_ = three()

    collections.delete(collections.create(name="Summer", products=[a]))

    assert Product.objects.filter(pk=a.pk).exists()


@pytest.mark.transactional
def test_products_made_at_once_stand_one_behind_the_other() -> None:
    summer = collections.create(name="Summer")

    def make(number: int) -> Product:
        variant = VariantDraft(sku=f"{number}", price=Decimal(1))
        draft = ProductDraft(name=f"{number}", variants=[variant], collections=[summer])
        return products.create(draft, owner=None)

    at_once(*(lambda number=number: make(number) for number in range(6)))

    assert sorted(summer.places.values_list("position", flat=True)) == list(range(6))
