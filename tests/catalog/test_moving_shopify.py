"""Moving over from Shopify: its product export as Shopify writes it."""

import csv
from pathlib import Path

import pytest

from catalog.attributes import Named
from catalog.models import Product, Variant
from catalog.moving import plan, run
from tests.catalog.moving import SHOPIFY, Row, bring_in, export, recounts, whole_shop

Status = Product.Status

TEMPLATE = "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Price,Compare-at price,Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),Requires shipping,Product image URL,Gift card"  # noqa: E501


def altered(folder: Path, **cells: str) -> Path:
    """The sample's mug with other cells, named like Variant_Price."""
    with SHOPIFY.open(encoding="utf-8-sig", newline="") as file:
        mug = next(row for row in csv.DictReader(file) if row["Handle"] == "clay-mug")
    mug |= {title.replace("_", " "): cell for title, cell in cells.items()}
    return sheet(folder, mug)


def sheet(folder: Path, row: Row) -> Path:
    path = folder / "products.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(row))
        out.writeheader()
        out.writerow(row)
    return path


def test_a_whole_export_comes_over() -> None:
    said = bring_in(SHOPIFY)

    assert (said.failed, said.err) == (False, "")
    assert "4 new, 0 changed, 0 as they were, 0 refused." in said.out
    shirt = Product.objects.get(slug="linen-shirt")
    assert shirt.name == "Linen Shirt"
    assert shirt.description == (
        "Woven in Portugal, washed & soft.\n\n- 100% linen\n- Mother-of-pearl buttons\n\n"
        "Wash at 30 °C.\nIron damp."
    )
    assert shirt.brand_name == "Maré & Filhos"
    assert shirt.category
    assert shirt.category.name == "Shirts"
    assert len(shirt.category.ancestor_ids) == 3
    assert plan.described_by(shirt) == [
        Named("Tag", "linen"), Named("Tag", "summer"), Named("Tag", "Made in Portugal"),
        Named("Type", "Shirts"),
    ]  # fmt: skip
    assert (shirt.seo_title, shirt.seo_description) == ("Linen shirt", "A shirt for hot days.")
    assert Product.objects.public().filter(pk=shirt.pk).exists()
    recounts()


def test_variants_come_over_with_options_prices_and_units() -> None:
    bring_in(SHOPIFY)

    rows = Variant.objects.filter(product__slug="linen-shirt")
    names = ("sku", "name", "price_minor", "compare_at_minor", "stock", "weight_g", "barcode")
    assert list(rows.values_list(*names)) == [
        ("LS-SAND-S", "Sand / S", 5900, 7500, 12, 180, "5601234567890"),
        ("LS-SAND-M", "Sand / M", 5900, 7500, 7, 180, ""),
        ("LS-NIGHT-M", "Night, deep / M", 6250, None, 0, 180, ""),
    ]
    assert plan.chosen(rows[2]) == [Named("Color", "Night, deep"), Named("Size", "M")]


def test_what_has_no_options_in_shopify_has_none_here() -> None:
    bring_in(SHOPIFY)

    mug = Variant.objects.get(sku="MUG-1")
    assert (mug.price_minor, mug.stock, mug.track_stock, mug.name) == (1800, 40, True, "")
    assert not mug.chosen.exists()
    assert mug.product.category
    assert mug.product.category.name == "Kitchen"  # its type, for it was uncategorised
    assert mug.product.description == 'Thrown by hand.\nHolds 300 ml, "give or take".'


def test_what_shopify_does_not_show_is_not_shown_here() -> None:
    bring_in(SHOPIFY)

    by_slug = dict(Product.objects.values_list("slug", "status"))
    assert by_slug == {
        "linen-shirt": Status.ACTIVE,
        "clay-mug": Status.ACTIVE,
        "care-guide": Status.DRAFT,
        "winter-coat": Status.DRAFT,
    }


def test_units_that_nobody_counts_there_are_not_counted_here() -> None:
    bring_in(SHOPIFY)

    guide, coat = (
        Variant.objects.get(product__slug=slug) for slug in ("care-guide", "winter-coat")
    )
    assert (guide.sku, guide.track_stock, guide.requires_shipping) == ("CARE-GUIDE", False, False)
    assert coat.track_stock is False


def test_what_could_not_come_along_is_told() -> None:
    notes = [line for line in bring_in(SHOPIFY).out.splitlines() if line.startswith("note")]

    assert notes[1].startswith(
        "note: line 1: Columns that mean nothing here: Option1 Linked To, Option2 Linked To, "
    )
    assert [notes[0], *notes[2:]] == [
        "note: line 1: 4 pictures are left out: name their folder to take them along.",
        "note: line 9, Variant Compare At Price: 0.00 is not above the price; left out.",
        "note: line 9, Variant Inventory Qty: -2 is what was oversold; here it is 0.",
        "note: line 13, Variant SKU: There is none; CARE-GUIDE it is.",
        "note: line 14, Variant Inventory Policy: Sold without stock there, not counted here.",
    ]


def test_a_second_run_changes_nothing() -> None:
    bring_in(SHOPIFY)
    before = whole_shop()

    said = bring_in(SHOPIFY)

    assert "0 new, 0 changed, 4 as they were, 0 refused." in said.out
    assert whole_shop() == before


def test_what_came_from_shopify_moves_on_as_our_own(tmp_path: Path) -> None:
    bring_in(SHOPIFY)
    first = export(tmp_path / "own.csv")
    before = whole_shop()

    assert run.kind_of(tmp_path / "own.csv") == "own"
    assert not bring_in(tmp_path / "own.csv").failed
    assert whole_shop() == before

    Product.objects.all().delete()
    bring_in(tmp_path / "own.csv")
    assert export(tmp_path / "again.csv") == first


def test_the_newer_template_is_read_as_well(tmp_path: Path) -> None:
    row = dict.fromkeys(TEMPLATE.split(","), "") | {
        "Title": "Mug", "URL handle": "mug", "SKU": "M", "Price": "18.00", "Status": "Active",
        "Published on online store": "TRUE", "Option1 name": "Size", "Option1 value": "L",
        "Inventory tracker": "shopify", "Inventory quantity": "5", "Requires shipping": "TRUE",
        "Continue selling when out of stock": "DENY", "Weight value (grams)": "453.592",
    }  # fmt: skip

    said = bring_in(sheet(tmp_path, row))

    assert said.err == ""
    mug = Variant.objects.get()
    assert (mug.sku, mug.name, mug.price_minor, mug.stock) == ("M", "L", 1800, 5)
    assert (mug.weight_g, mug.track_stock) == (454, True)
    assert mug.product.status == Status.ACTIVE


def test_an_export_of_several_locations_leaves_stocks_alone(tmp_path: Path) -> None:
    bring_in(SHOPIFY)
    with SHOPIFY.open(encoding="utf-8-sig", newline="") as file:
        mug = next(row for row in csv.DictReader(file) if row["Handle"] == "clay-mug")
    del mug["Variant Inventory Qty"]

    bring_in(sheet(tmp_path, mug | {"Variant Price": "20"}))

    row = Variant.objects.get(sku="MUG-1")
    assert (row.price_minor, row.stock) == (2000, 40)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"Variant_Price": ""}, "line 2, Variant Price: It cannot be empty."),
        ({"Variant_Price": "1,0"}, "line 2, Variant Price: '1,0' is not an amount such as 19.90."),
        ({"Title": ""}, "line 2, Title: It cannot be empty."),
        ({"Gift_Card": "true"}, "line 2, Gift Card: This shop sells no gift cards."),
        ({"Published": "maybe"}, "line 2, Published: 'maybe' is neither yes nor no."),
        ({"Status": "x"}, "line 2, Status: 'x' is none of active, draft, archived, unlisted."),
        ({"Handle": ""}, "line 2, Handle: It belongs to no product."),
        ({"Option1_Name": "", "Option1_Value": "L"}, "line 2, Option1 Value: A name is needed."),
        ({"Body_(HTML)": "x" * 20_001}, "line 2, Body (HTML): At most 20000 characters."),
    ],
)  # fmt: skip
def test_bad_rows_are_told_by_shopifys_own_titles(
    tmp_path: Path, cells: Row, sentence: str
) -> None:
    said = bring_in(altered(tmp_path, **cells))

    assert said.err.splitlines() == [sentence]
    assert said.failed
    assert not Product.objects.exists()


def test_unlisted_goods_become_drafts(tmp_path: Path) -> None:
    said = bring_in(altered(tmp_path, Status="unlisted", Variant_Taxable="false"))

    assert Product.objects.get().status == Status.DRAFT
    assert "Unlisted products do not exist here" in said.out
    assert "It was free of tax" in said.out


def test_made_up_skus_are_the_same_each_time_and_short_enough(tmp_path: Path) -> None:
    handle = "a-very-long-handle-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on"
    path = altered(tmp_path, Handle=handle, Variant_SKU="")
    bring_in(path)

    said = bring_in(path)

    assert "1 as they were" in said.out
    assert len(Variant.objects.get().sku) == 64
