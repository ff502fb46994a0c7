"""A recount finds every column that is wrong, and puts it right when it is asked to."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from catalog import columns, products, reviews, stock
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import Product, ProductImage, Variant
from catalog.products import ProductDraft
from tests.factories import make_user


def full_product() -> Product:
    """One with something in every read column."""
    sizes = [
        VariantDraft(
            sku=size, price=Decimal(10 + n), stock=5, options=[Named("Size", size)],
            compare_at_price=Decimal(20),
        )
        for n, size in enumerate("SML")
    ]  # fmt: skip
    made = products.create(ProductDraft(name="Shirt", variants=sizes, brand="Glow"), owner=None)
    row = made.variants.order_by("position")[0]
    stock.hold({row.pk: 3}, order_number="A1")
    stock.sell(lambda: {row.pk: 3}, order_number="A1")
    stock.hold({row.pk: 1}, order_number="B2")
    reviews.upsert(make_user(), made, rating=4, texts={})
    ProductImage.objects.create(
        product=made, file="products/1/x.jpg", width=9, height=8, bytes=7, mime="image/jpeg",
        checksum="x", alt="Front",
    )  # fmt: skip
    return columns.refresh([made.pk], columns.main_image)[0]


def test_all_columns_are_right_after_all_that_happens() -> None:
    full_product()

    assert columns.differences() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_min_minor": 1},
        {"price_max_minor": 99_999},
        {"compare_at_minor": None},
        {"in_stock": False},
        {"brand_name": "Gloom"},
        {"search_text": ""},
        {"image_id": None},
        {"image_key": ""},
        {"image_alt": "Back"},
        {"image_width": 1},
        {"image_height": 1},
        {"rating_sum": 5},
        {"rating_average": 4.1},
        {"histogram": [0, 0, 0, 0, 1]},
        {"sales_count": 4},
    ],
)
def test_a_wrong_column_is_named_and_put_right(wrong: dict[str, Any]) -> None:
    product = full_product()
    right = {name: getattr(product, name) for name in wrong}
    Product.objects.filter(pk=product.pk).update(**wrong)

    found = columns.differences()

    assert [line.split(" is ")[0] for line in found] == [
        f"product {product.pk}: {next(iter(wrong))}"
    ]
    assert columns.recount(fix=True) == found
    product.refresh_from_db()
    assert {name: getattr(product, name) for name in wrong} == right
    assert columns.differences() == []


@pytest.mark.parametrize("wrong", [{"stock": 7}, {"reserved": 2}])
def test_units_are_what_the_movements_add_up_to(wrong: dict[str, int]) -> None:
    product = full_product()
    rows = Variant.objects.filter(product=product, sku="S")
    rows.update(**wrong)

    found = columns.recount(fix=True)

    assert [line.split(" is ")[0].split(": ")[1] for line in found] == list(wrong)
    assert list(rows.values_list("stock", "reserved")) == [(2, 1)]


def test_a_refresh_writes_only_what_differs() -> None:
    product = full_product()
    before = product.updated_at

    columns.refresh([product.pk], *columns.EVERYTHING)

    product.refresh_from_db()
    assert product.updated_at == before


def test_the_command_tells_and_fails_until_it_is_fixed() -> None:
    product = full_product()
    Product.objects.filter(pk=product.pk).update(brand_name="Gloom")
    out, err = StringIO(), StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("recount", stdout=out, stderr=err)
    assert ended.value.code == 1
    assert "brand_name is 'Gloom', not 'Glow'" in out.getvalue()
    assert "1 columns differ" in err.getvalue()

    call_command("recount", "--fix", stdout=out)
    call_command("recount", stdout=out)
    assert out.getvalue().endswith("All columns are right.\n")


def test_parts_are_counted_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "BATCH", 1)
    for name in "ab":
        draft = VariantDraft(sku=name, price=Decimal(1))
        products.create(ProductDraft(name=name, variants=[draft]), owner=None)
    Product.objects.update(brand_name="Gloom")

    assert len(columns.recount(fix=True)) == 2
    assert columns.differences() == []
