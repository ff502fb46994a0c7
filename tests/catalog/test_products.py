"""Products with all that belongs to them: made, changed, gone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from catalog import collections, columns, owners, products, stock
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import (
    Attribute,
    AttributeValue,
    Brand,
    Product,
    StockMovement,
    Variant,
    VariantOption,
)
from catalog.products import ProductDraft
from shop.errors import ShopError
from tests.catalog.races import at_once
from tests.factories import make_category, make_staff, make_user, make_variant
from users.models import User

Status = Product.Status


def variant(sku: str = "L-1", *options: tuple[str, str], **fields: Any) -> VariantDraft:
    named = [Named(*option) for option in options]
    usual: dict[str, Any] = {"sku": sku, "price": Decimal("19.90"), "options": named}
    return VariantDraft(**usual | fields)


def draft(*variants: VariantDraft, **fields: Any) -> ProductDraft:
    return ProductDraft(**{"name": "Lamp", "variants": variants or [variant()]} | fields)


def make(*variants: VariantDraft, owner: User | None = None, **fields: Any) -> Product:
    return products.create(draft(*variants, **fields), owner=owner)


def refused(act: Callable[[], object]) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


SMALL_RED = variant("R-S", ("Colour", "Red"), ("Size", "S"), price=Decimal(10), stock=3)
LARGE_BLUE = variant("B-L", ("size", "L"), ("Colour", "Blue"), price=Decimal(12))


def test_a_simple_product_is_made_at_once() -> None:
    owner, category = make_staff(), make_category()
    summer = collections.create(name="Summer")

    product = make(
        variant(stock=4, compare_at_price=Decimal("29.90"), weight_grams=700, barcode="123"),
        owner=owner,
        brand="Essence",
        category=category,
        collections=[summer],
        description="Gives *light*.",
        attributes=[Named("Material", "Oak"), Named("Material", "Brass"), Named("material", "OAK")],
    )

    assert (product.slug, product.status, product.published_at) == ("lamp", Status.DRAFT, None)
    assert (product.owner, product.category, product.brand_name) == (owner, category, "Essence")
    assert (product.price_min_minor, product.price_max_minor) == (1990, 1990)
    assert (product.compare_at_minor, product.currency, product.in_stock) == (2990, "EUR", True)
    assert list(product.collections.all()) == [summer]
    described = product.described_by.values_list("value__attribute__name", "value__value")
    assert list(described) == [("Material", "Oak"), ("Material", "Brass")]
    lamp = product.variants.get()
    assert (lamp.sku, lamp.name, lamp.stock, lamp.weight_g) == ("L-1", "", 4, 700)
    movement = lamp.movements.get()
    assert (movement.kind, movement.delta_stock, movement.actor) == ("RECEIVE", 4, owner)
    assert columns.differences() == []


def test_variants_choose_in_the_order_of_the_first() -> None:
    product = make(SMALL_RED, LARGE_BLUE)

    red, blue = product.variants.order_by("position")
    assert (red.name, blue.name) == ("Red / S", "Blue / L")
    order = list(blue.chosen.values_list("attribute__name", "value__value"))
    assert order == [("Colour", "Blue"), ("Size", "L")]
    assert (product.price_min_minor, product.price_max_minor) == (1000, 1200)
    assert columns.differences() == []


def test_names_and_values_are_found_again_whatever_their_case() -> None:
    make(SMALL_RED, brand="Essence")

    make(variant("R-S2", ("COLOUR", "red"), ("Size", "S")), brand="essence")

    assert Attribute.objects.count() == 2
    assert AttributeValue.objects.count() == 2
    assert Brand.objects.count() == 1


def test_an_active_product_is_shown_at_once_or_when_it_is_said() -> None:
    later = timezone.now() + timedelta(days=1)

    assert make(status=Status.ACTIVE).is_public
    assert not make(variant("2"), status=Status.ACTIVE, published_at=later).is_public
    assert not make(variant("3")).is_public


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": " "}, [("REQUIRED", ("name",))]),
        ({"name": "x" * 201}, [("TOO_LONG", ("name",))]),
        ({"description": "x" * 20_001}, [("TOO_LONG", ("description",))]),
        ({"brand": "x" * 101}, [("TOO_LONG", ("brand",))]),
        ({"tax_class": "x" * 51}, [("TOO_LONG", ("tax_class",))]),
        ({"seo_title": "x" * 201}, [("TOO_LONG", ("seo_title",))]),
        ({"seo_description": "x" * 501}, [("TOO_LONG", ("seo_description",))]),
        ({"attributes": [Named("Material", " ")]}, [("REQUIRED", ("attributes", "0", "value"))]),
        (
            {"attributes": [Named("A", "b"), Named("x" * 101, "b")]},
            [("TOO_LONG", ("attributes", "1", "name"))],
        ),
        ({"variants": []}, [("REQUIRED", ("variants",))]),
        ({"variants": [variant(" ")]}, [("REQUIRED", ("variants", "0", "sku"))]),
        ({"variants": [variant("x" * 65)]}, [("TOO_LONG", ("variants", "0", "sku"))]),
        ({"variants": [variant(name="x" * 201)]}, [("TOO_LONG", ("variants", "0", "name"))]),
        (
            {"variants": [variant(price=Decimal("-0.01"))]},
            [("OUT_OF_RANGE", ("variants", "0", "price"))],
        ),
        (
            {"variants": [variant(price=Decimal("0.001"))]},
            [("INVALID", ("variants", "0", "price"))],
        ),
        (
            {"variants": [variant(price=Decimal(10**20))]},
            [("OUT_OF_RANGE", ("variants", "0", "price"))],
        ),
        (
            {"variants": [variant(compare_at_price=Decimal("19.90"))]},
            [("OUT_OF_RANGE", ("variants", "0", "compare_at_price"))],
        ),
        ({"variants": [variant(stock=-1)]}, [("OUT_OF_RANGE", ("variants", "0", "stock"))]),
        ({"variants": [variant(stock=2**31)]}, [("OUT_OF_RANGE", ("variants", "0", "stock"))]),
        (
            {"variants": [variant(weight_grams=-1)]},
            [("OUT_OF_RANGE", ("variants", "0", "weight_grams"))],
        ),
        (
            {"variants": [variant("A"), variant("B")]},
            [("REQUIRED", ("variants", str(at), "options")) for at in (0, 1)],
        ),
        (
            {"variants": [SMALL_RED, variant("B", ("Colour", "Blue"))]},
            [("INVALID", ("variants", "1", "options"))],
        ),
        (
            {"variants": [SMALL_RED, variant("B", ("Size", "s"), ("Colour", "RED"))]},
            [("ALREADY_EXISTS", ("variants", "1", "options"))],
        ),
        (
            {"variants": [variant("A", ("Size", "S"), ("size", "M"))]},
            [("INVALID", ("variants", "0", "options", "1", "name"))],
        ),
        (
            {"variants": [variant("A", ("Size", ""))]},
            [("REQUIRED", ("variants", "0", "options", "0", "value"))],
        ),
        (
            {"variants": [variant("A", *((f"Name {n}", "x") for n in range(11)))]},
            [("OUT_OF_RANGE", ("variants", "0", "options"))],
        ),
        (
            {"variants": [SMALL_RED, variant("r-s", ("Size", "L"), ("Colour", "Red"))]},
            [("ALREADY_EXISTS", ("variants", "1", "sku"))],
        ),
        (
            {"name": "", "variants": [variant("", price=Decimal(-1), stock=-1)]},
            [
                ("REQUIRED", ("name",)),
                ("OUT_OF_RANGE", ("variants", "0", "price")),
                ("REQUIRED", ("variants", "0", "sku")),
                ("OUT_OF_RANGE", ("variants", "0", "stock")),
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    fields: dict[str, Any], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert refused(lambda: make(**fields)) == expected

    for model in (Product, Variant, Brand, Attribute, AttributeValue, StockMovement):
        assert not model._default_manager.exists()


def test_a_sku_is_taken_regardless_of_case_until_it_is_archived() -> None:
    lamp = make_variant(sku="L-1")

    assert refused(lambda: make(variant("l-1"))) == [("ALREADY_EXISTS", ("variants", "0", "sku"))]
    Variant.objects.filter(pk=lamp.pk).update(archived_at=timezone.now())
    assert make(variant("l-1")).variants.get().sku == "l-1"


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_prices_follow_the_shops_currency(settings: Settings, currency: str) -> None:
    settings.SHOP_CURRENCY = currency
    price = {"JPY": Decimal(1990), "KWD": Decimal("1.990")}[currency]

    product = make(variant(price=price))

    assert (product.price_min_minor, product.price.amount) == (1990, price)
    assert refused(lambda: make(variant("2", price=Decimal("1.999")))) == [
        ("INVALID", ("variants", "0", "price"))
    ]


def test_statements_do_not_grow_with_the_variants() -> None:
    def cost(count: int) -> int:
        rows = [variant(f"{count}-{n}", ("Size", f"{count} {n}"), stock=1) for n in range(count)]
        with CaptureQueriesContext(connection) as asked:
            make(*rows, attributes=[Named(f"P{n}", "x") for n in range(count)])
        return len(asked)

    cost(1)
    assert cost(2) == cost(40) <= 36


def test_an_update_changes_what_is_given_and_nothing_else() -> None:
    editor = make_staff("catalog.change_product")
    category, summer = make_category(), collections.create(name="Summer")
    product = make(brand="Essence", description="Old.", attributes=[Named("Material", "Oak")])

    updated = products.update(
        product,
        {
            "name": "Lantern",
            "brand": "Glow",
            "category": category,
            "collections": [summer],
            "status": Status.ACTIVE,
            "attributes": [Named("Style", "Old")],
        },
        user=editor,
    )

    assert (updated.name, updated.slug, updated.description) == ("Lantern", "lamp", "Old.")
    assert (updated.brand_name, updated.category, updated.is_public) == ("Glow", category, True)
    assert [pair.value.value for pair in updated.described_by.all()] == ["Old"]
    assert list(updated.collections.all()) == [summer]
    assert columns.differences() == []


def test_null_empties() -> None:
    editor = make_staff("catalog.change_product")
    product = make(
        brand="Essence",
        description="Old.",
        category=make_category(),
        status=Status.ACTIVE,
        attributes=[Named("Material", "Oak")],
        collections=[collections.create(name="Summer")],
    )
    emptied = dict.fromkeys(
        ["brand", "description", "category", "published_at", "attributes", "collections"]
    )

    updated = products.update(product, emptied, user=editor)

    assert (updated.brand, updated.description, updated.category) == (None, "", None)
    assert (updated.published_at, updated.is_public) == (None, False)
    assert not updated.described_by.exists()
    assert not updated.collections.exists()
    assert columns.differences() == []


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"name": None}, "REQUIRED", "name"),
        ({"name": "x" * 201}, "TOO_LONG", "name"),
        ({"slug": None}, "REQUIRED", "slug"),
        ({"slug": " "}, "REQUIRED", "slug"),
        ({"status": None}, "REQUIRED", "status"),
        ({"brand": "x" * 101}, "TOO_LONG", "brand"),
        ({"attributes": [Named("", "x")]}, "REQUIRED", "attributes"),
    ],
)
def test_an_unfit_change_leaves_no_trace(changes: dict[str, Any], code: str, place: str) -> None:
    editor, product = make_staff("catalog.change_product"), make(brand="Essence")
    changes = {"description": "New."} | changes

    found = refused(lambda: products.update(product, changes, user=editor))

    assert [(code_, path[0]) for code_, path in found] == [(code, place)]
    product.refresh_from_db()
    assert (product.name, product.description, product.brand_name) == ("Lamp", "", "Essence")
    assert Brand.objects.count() == 1


def test_the_owner_and_those_with_the_permission_may() -> None:
    owner, stranger, customer = make_staff(), make_staff(), make_user()
    editor, remover = make_staff("catalog.change_product"), make_staff("catalog.delete_product")
    product = make(owner=owner)

    may_edit = [owners.may_edit(who, product) for who in (owner, editor, remover, stranger)]
    may_delete = [owners.may_delete(who, product) for who in (owner, editor, remover, stranger)]
    assert may_edit == [True, True, False, False]
    assert may_delete == [True, False, True, False]
    assert refused(lambda: products.update(product, {"name": "x"}, user=stranger)) == [
        ("NOT_ALLOWED", ("id",))
    ]
    assert refused(lambda: products.delete(product, user=editor)) == [("NOT_ALLOWED", ("id",))]
    owner.is_staff = False
    assert not owners.may_edit(owner, product)
    assert not owners.may_edit(customer, product)


def test_what_nobody_ordered_is_really_deleted() -> None:
    owner = make_staff()
    product = make(SMALL_RED, owner=owner)
    stock.adjust([stock.StockChange(product.variants.get().pk, 1)], actor=owner)

    products.delete(product, user=owner)

    for model in (Product, Variant, VariantOption, StockMovement):
        assert not model._default_manager.exists()


def test_what_was_ever_ordered_is_archived() -> None:
    owner, category = make_staff(), make_category()
    product = make(SMALL_RED, owner=owner, category=category, status=Status.ACTIVE)
    lamp = product.variants.get()
    stock.hold({lamp.pk: 1}, order_number="A1")
    stock.release("A1")

    products.delete(product, user=owner)

    product.refresh_from_db()
    lamp.refresh_from_db()
    assert (product.status, product.category, product.in_stock) == (Status.ARCHIVED, None, False)
    assert (lamp.archived_at is not None, product.price_min_minor) == (True, 1000)
    assert refused(lambda: products.update(product, {"status": Status.ACTIVE}, user=owner)) == [
        ("INVALID_STATE", ("status",))
    ]
    assert make(variant("R-S")).pk
    assert columns.differences() == []


@pytest.mark.transactional
def test_of_products_with_one_sku_at_once_one_is_made() -> None:
    def make_one() -> list[tuple[str, tuple[str, ...]]]:
        try:
            make(
                variant("B", ("Size", "S")),
                variant("A", ("Size", "M")),
                attributes=[Named("Style", "New"), Named("Material", "Oak")],
            )
        except ShopError as refusal:
            return [(each.code, each.path) for each in refusal.each()]
        return []

    answers = at_once(*[make_one] * 4)

    lost = [("ALREADY_EXISTS", ("variants", str(at), "sku")) for at in (0, 1)]
    assert sorted(answers) == [[], lost, lost, lost]
    assert Product.objects.count() == 1
