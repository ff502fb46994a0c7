"""Variants come, change and go; a product keeps at least one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog import columns, products, stock, variants
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import Product, StockMovement, Variant
from catalog.products import ProductDraft
from shop.errors import ShopError
from tests.catalog.races import at_once
from tests.factories import make_staff
from users.models import User


def sized(sku: str, size: str, **fields: Any) -> VariantDraft:
    usual: dict[str, Any] = {"sku": sku, "price": Decimal(10), "stock": 2}
    return VariantDraft(**usual | {"options": [Named("Size", size)]} | fields)


def shirt(*drafts: VariantDraft) -> tuple[Product, list[Variant], User]:
    owner = make_staff()
    drafts = drafts or (sized("S", "Small"), sized("M", "Medium"))
    product = products.create(ProductDraft(name="Shirt", variants=drafts), owner=owner)
    return product, list(product.variants.order_by("position")), owner


def refused(act: Callable[[], object]) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


def test_a_further_variant_stands_last_and_counts() -> None:
    product, _, owner = shirt()

    large = variants.create(product, sized("L", "Large", price=Decimal(15)), user=owner)

    assert (large.name, large.position, large.options_key != "") == ("Large", 2, True)
    assert large.movements.get().delta_stock == 2
    product.refresh_from_db()
    assert product.price_max_minor == 1500
    assert columns.differences() == []


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"size": "small"}, "ALREADY_EXISTS", ("options",)),
        ({"options": []}, "REQUIRED", ("options",)),
        ({"options": [Named("Colour", "Red")]}, "INVALID", ("options",)),
        ({"sku": "s"}, "ALREADY_EXISTS", ("sku",)),
        ({"price": Decimal(-1)}, "OUT_OF_RANGE", ("price",)),
        ({"options": [Named("Size", "")]}, "REQUIRED", ("options", "0", "value")),
    ],
)
def test_an_unfit_variant_leaves_no_trace(
    fields: dict[str, Any], code: str, place: tuple[str, ...]
) -> None:
    product, _, owner = shirt()
    draft = sized(**({"sku": "L", "size": "Large"} | fields))

    assert refused(lambda: variants.create(product, draft, user=owner)) == [
        (code, ("variant", *place))
    ]
    assert Variant.objects.count() == StockMovement.objects.count() == 2


def test_a_simple_product_gets_options_before_it_gets_a_second_variant() -> None:
    product, (only,), owner = shirt(sized("S", "", options=[]))
    second = sized("M", "Medium")
    assert refused(lambda: variants.create(product, second, user=owner)) == [
        ("INVALID", ("variant", "options"))
    ]

    variants.update(only, {"options": [Named("Size", "Small")]}, user=owner)
    variants.create(product, second, user=owner)

    assert [row.name for row in product.variants.order_by("position")] == ["Small", "Medium"]


def test_an_update_changes_what_is_given_and_nothing_else() -> None:
    product, (small, _), owner = shirt()

    row = variants.update(
        small, {"price": Decimal(8), "compare_at_price": Decimal(12), "barcode": "1"}, user=owner
    )

    assert (row.price_minor, row.compare_at_minor, row.barcode) == (800, 1200, "1")
    assert (row.sku, row.name, row.stock) == ("S", "Small", 2)
    product.refresh_from_db()
    assert (product.price_min_minor, product.compare_at_minor) == (800, 1200)
    assert columns.differences() == []


def test_a_name_made_of_options_follows_them_and_another_stays() -> None:
    _, (small, medium), owner = shirt()
    variants.update(medium, {"name": "The usual"}, user=owner)

    renamed = variants.update(small, {"options": [Named("Size", "Tiny")]}, user=owner)
    kept = variants.update(medium, {"options": [Named("Size", "Middle")]}, user=owner)

    assert (renamed.name, kept.name) == ("Tiny", "The usual")
    assert variants.update(medium, {"name": None}, user=owner).name == "Middle"


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"sku": None}, "REQUIRED", "sku"),
        ({"sku": "m"}, "ALREADY_EXISTS", "sku"),
        ({"sku": "x" * 65}, "TOO_LONG", "sku"),
        ({"price": None}, "REQUIRED", "price"),
        ({"price": Decimal("0.001")}, "INVALID", "price"),
        ({"compare_at_price": Decimal(10)}, "OUT_OF_RANGE", "compare_at_price"),
        ({"options": None}, "REQUIRED", "options"),
        ({"options": [Named("size", "MEDIUM")]}, "ALREADY_EXISTS", "options"),
        ({"options": [Named("Colour", "Red")]}, "INVALID", "options"),
        ({"track_stock": None}, "REQUIRED", "track_stock"),
        ({"requires_shipping": None}, "REQUIRED", "requires_shipping"),
        ({"weight_grams": -1}, "OUT_OF_RANGE", "weight_grams"),
        ({"position": -1}, "OUT_OF_RANGE", "position"),
        ({"position": None}, "REQUIRED", "position"),
    ],
)
def test_an_unfit_change_leaves_no_trace(changes: dict[str, Any], code: str, place: str) -> None:
    _, (small, _), owner = shirt()
    changes = {"barcode": "new"} | changes

    assert refused(lambda: variants.update(small, changes, user=owner)) == [(code, (place,))]
    small.refresh_from_db()
    assert (small.sku, small.barcode, small.name) == ("S", "", "Small")
    assert small.chosen.get().value.value == "Small"


def test_a_price_above_the_former_one_is_refused_where_it_was_given() -> None:
    _, (small, _), owner = shirt(sized("S", "S", compare_at_price=Decimal(11)), sized("M", "M"))

    assert refused(lambda: variants.update(small, {"price": Decimal(11)}, user=owner)) == [
        ("OUT_OF_RANGE", ("price",))
    ]


def test_a_variant_moves_among_its_siblings() -> None:
    product, (small, medium), owner = shirt()
    variants.create(product, sized("L", "Large"), user=owner)

    variants.update(medium, {"position": 0}, user=owner)
    variants.update(small, {"position": 99}, user=owner)

    assert [row.sku for row in product.variants.order_by("position")] == ["M", "L", "S"]


def test_without_counting_it_is_always_in_stock() -> None:
    product, (small, medium), owner = shirt(sized("S", "S", stock=0), sized("M", "M", stock=0))
    assert not product.in_stock

    variants.update(small, {"track_stock": False}, user=owner)

    assert Product.objects.get(pk=product.pk).in_stock
    assert not medium.in_stock


def test_an_unordered_variant_is_deleted_an_ordered_one_archived() -> None:
    product, (small, medium), owner = shirt()
    large = variants.create(product, sized("L", "Large", price=Decimal(99)), user=owner)
    stock.hold({small.pk: 1}, order_number="A1")

    variants.delete(large, user=owner)
    variants.delete(small, user=owner)

    product.refresh_from_db()
    assert not Variant.objects.filter(pk=large.pk).exists()
    assert list(product.variants.live()) == [medium]
    assert product.price_max_minor == 1000
    stock.sell(lambda: {small.pk: 1}, order_number="A1")
    assert columns.differences() == []


def test_the_last_variant_stays() -> None:
    product, (small, medium), owner = shirt()
    variants.delete(small, user=owner)

    assert refused(lambda: variants.delete(medium, user=owner)) == [("INVALID_STATE", ("id",))]
    assert refused(lambda: variants.delete(small, user=owner)) == [("NOT_FOUND", ("id",))]
    assert list(product.variants.all()) == [medium]


def test_only_those_who_may_change_the_product_may() -> None:
    product, (small, _), _ = shirt()
    stranger, editor = make_staff(), make_staff("catalog.change_product")

    assert refused(lambda: variants.create(product, sized("L", "L"), user=stranger)) == [
        ("NOT_ALLOWED", ("product_id",))
    ]
    for act in (
        lambda: variants.update(small, {"name": "x"}, user=stranger),
        lambda: variants.delete(small, user=stranger),
    ):
        assert refused(act) == [("NOT_ALLOWED", ("id",))]
    assert variants.update(small, {"name": "x"}, user=editor).name == "x"


@pytest.mark.transactional
def test_two_deletions_at_once_leave_one_variant() -> None:
    for round_ in range(4):
        product, rows, owner = shirt(sized(f"S{round_}", "S"), sized(f"M{round_}", "M"))

        def remove(row: Variant, who: User) -> bool:
            try:
                variants.delete(row, user=who)
            except ShopError:
                return False
            return True

        won = at_once(*(lambda row=row, who=owner: remove(row, who) for row in rows))

        assert sorted(won) == [False, True]
        assert product.variants.count() == 1


@pytest.mark.transactional
def test_a_variant_held_while_it_is_deleted_keeps_its_books() -> None:
    for round_ in range(4):
        _, rows, owner = shirt(sized(f"S{round_}", "S"), sized(f"M{round_}", "M"))
        number = f"R{round_}"

        def hold(row: Variant, number: str) -> bool:
            try:
                stock.hold({row.pk: 1}, order_number=number)
            except ShopError:
                return False
            return True

        def remove(row: Variant, who: User) -> bool:
            variants.delete(row, user=who)
            return True

        held, _ = at_once(
            lambda row=rows[0], number=number: hold(row, number),  # type: ignore[misc]
            lambda row=rows[0], who=owner: remove(row, who),  # type: ignore[misc]
        )

        kept = Variant.objects.filter(pk=rows[0].pk).first()
        assert (kept is not None) == held
        assert kept is None or (kept.reserved, kept.archived_at is not None) == (1, True)
    assert columns.differences() == []
