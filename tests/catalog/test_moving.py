"""Moving in and out by the shop's own CSV."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.core.management.base import OutputWrapper
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import categories, collections, products, stock, variants
from catalog.attributes import Named
from catalog.models import Attribute, Category, Collection, Product, StockMovement, Variant
from catalog.moving import plan, run
from catalog.moving.goods import Goods, GoodsVariant
from catalog.moving.progress import Bar
from catalog.stock import StockChange
from shop.errors import ShopError
from tests.assortment import make_assortment
from tests.catalog.moving import Row, bring_in, export, lamp, recounts, sheet, whole_shop
from tests.catalog.races import at_once
from tests.factories import make_product, make_staff, make_variant

Status = Product.Status

SHIRTS: list[Row] = [
    {"handle": "shirt", "title": "Shirt", "description": "Line one\nline two", "brand": "Kjær"}
    | {"category": "Wear > Shirts", "collections": "Summer; Sale\\; cheap", "status": "active"}
    | {"attributes": "Material: Wool; Ratio: 1\\:2", "published_at": "2026-01-31T09:00+01:00"}
    | {"option1_name": "Colour", "option1_value": "Red", "option2_name": "Size"}
    | {"option2_value": "M", "sku": "S-R-M", "price": "20", "compare_at_price": "25.50"}
    | {"stock": "4", "weight_grams": "180", "barcode": "0012", "seo_title": "A shirt"},
    {"handle": "shirt", "option1_value": "Blue", "option2_value": "M", "sku": "S-B-M"}
    | {"price": "21.00", "track_stock": "no", "requires_shipping": "no"},
]


def test_a_product_comes_in_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    said = bring_in(sheet(tmp_path, *SHIRTS))

    assert not said.failed
    assert "1 new, 0 changed, 0 as they were, 0 refused." in said.out
    shirt = Product.objects.get()
    assert (shirt.slug, shirt.name, shirt.description) == ("shirt", "Shirt", "Line one\nline two")
    assert shirt.brand
    assert (shirt.brand.name, shirt.brand_name) == ("Kjær", "Kjær")
    assert shirt.category
    assert [shirt.category.name, shirt.category.parent.name] == ["Shirts", "Wear"]  # type: ignore[union-attr]
    assert {one.name for one in shirt.collections.all()} == {"Summer", "Sale; cheap"}
    assert plan.described_by(shirt) == [Named("Material", "Wool"), Named("Ratio", "1:2")]
    assert shirt.status == Status.ACTIVE
    assert shirt.published_at == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert (shirt.seo_title, shirt.currency) == ("A shirt", "EUR")
    assert (shirt.price_min_minor, shirt.price_max_minor) == (2000, 2100)
    red, blue = shirt.variants.all()
    assert [plan.chosen(row) for row in (red, blue)] == [
        [Named("Colour", "Red"), Named("Size", "M")],
        [Named("Colour", "Blue"), Named("Size", "M")],
    ]
    assert (red.sku, red.name, red.compare_at_minor, red.stock) == ("S-R-M", "Red / M", 2550, 4)
    assert (red.weight_g, red.barcode, red.track_stock) == (180, "0012", True)
    assert (blue.stock, blue.track_stock, blue.requires_shipping) == (0, False, False)
    recounts()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = sheet(tmp_path, *SHIRTS, lamp(status="active", stock="3"))
    bring_in(path)
    before = whole_shop()

    said = bring_in(path)

    assert "0 new, 0 changed, 2 as they were, 0 refused." in said.out
    assert whole_shop() == before


def test_what_goes_out_comes_in_the_same_and_goes_out_the_same(tmp_path: Path) -> None:
    make_assortment(12)
    bring_in(sheet(tmp_path, *SHIRTS))
    Product.objects.filter(slug="shirt").update(tax_class="books", description='"q", ä\r\n=1+1')
    categories.create(name="A > B \\ C")
    Product.objects.filter(slug="shirt").update(category=Category.objects.get(name="A > B \\ C"))
    first = export(tmp_path / "first.csv")
    before = whole_shop()

    said = bring_in(tmp_path / "first.csv")
    assert not said.failed
    assert " 0 changed" in said.out
    assert whole_shop() == before

    Product.objects.all().delete()
    for model in (Collection, Attribute):
        model.objects.all().delete()
    Category.objects.order_by("-path").first().delete()  # type: ignore[union-attr]

    said = bring_in(tmp_path / "first.csv")
    assert (said.failed, said.err) == (False, "")
    assert export(tmp_path / "second.csv") == first
    recounts()


def test_a_price_list_needs_handle_and_sku_alone(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, *SHIRTS))
    before = Product.objects.get()

    said = bring_in(sheet(tmp_path, {"handle": "shirt", "sku": "s-b-m", "price": "5.00"}))

    assert "1 changed" in said.out
    shirt = Product.objects.get()
    assert (shirt.price_min_minor, shirt.price_max_minor) == (500, 2000)
    assert shirt.updated_at > before.updated_at
    assert shirt.category == before.category
    assert shirt.places.count() == 2
    assert shirt.status == Status.ACTIVE
    assert [row.name for row in shirt.variants.all()] == ["Red / M", "Blue / M"]


def test_blank_cells_of_texts_empty_them_and_blank_stock_stays(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, *SHIRTS))

    bring_in(sheet(tmp_path, SHIRTS[0] | {"brand": "", "category": "", "collections": ""}
                   | {"attributes": "", "seo_title": "", "stock": "", "compare_at_price": ""}
                   | {"status": "", "published_at": ""}))  # fmt: skip

    shirt = Product.objects.get()
    assert (shirt.brand, shirt.brand_name, shirt.category, shirt.seo_title) == (None, "", None, "")
    assert not shirt.places.exists()
    assert not shirt.described_by.exists()
    assert shirt.status == Status.ACTIVE
    red = shirt.variants.get(sku="S-R-M")
    assert (red.stock, red.compare_at_minor) == (4, None)
    assert shirt.variants.count() == 2  # what the file does not name stays


def test_stock_is_brought_to_the_number_by_a_movement(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, lamp(stock="4", status="active")))
    row = Variant.objects.get()
    stock.hold({row.pk: 3}, order_number="X")

    bring_in(sheet(tmp_path, lamp(stock="3")))

    row.refresh_from_db()
    assert (row.stock, row.reserved) == (3, 3)
    kinds = list(StockMovement.objects.values_list("kind", "delta_stock", "reason"))
    assert kinds == [("RECEIVE", 4, ""), ("HOLD", 0, ""), ("ADJUST", -1, "Import")]
    assert not Product.objects.get().in_stock
    recounts()


def test_stock_below_the_promised_is_refused(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, lamp(stock="4")))
    stock.hold({Variant.objects.get().pk: 3}, order_number="X")
    before = whole_shop()

    said = bring_in(sheet(tmp_path, lamp(stock="2", price="1.00")))

    assert said.failed
    assert said.err.splitlines() == [
        "line 2, stock: The stock must stay between 3, the reserved, and 2000000000."
    ]
    assert whole_shop() == before


def test_bad_products_stay_out_and_good_ones_go_in(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        lamp(),
        lamp(handle="half", sku="H-1", option1_name="Size", option1_value="S"),
        lamp(handle="half", sku="H-2", option1_value="M", price="cheap"),
        lamp(handle="rug", sku="R-1"),
    )

    said = bring_in(path)

    assert said.failed
    assert said.err.splitlines() == ["line 4, price: 'cheap' is not an amount such as 19.90."]
    assert "2 new, 0 changed, 0 as they were, 1 refused." in said.out
    assert set(Product.objects.values_list("slug", flat=True)) == {"lamp", "rug"}
    assert Variant.objects.count() == 2


def test_a_dry_run_tells_every_bad_row_and_writes_nothing(tmp_path: Path) -> None:
    make_variant(sku="TAKEN")
    before = [*whole_shop(), Category.objects.count()]
    path = sheet(
        tmp_path,
        lamp(category="New"),
        lamp(handle="b", sku="", price="1.999", stock="some", status="gone"),
        lamp(handle="c", sku="taken", weight_grams="-3", track_stock="perhaps"),
        lamp(handle="d", sku="l-1", title="", compare_at_price="1.00"),
        lamp(handle="e", sku="E", published_at="2026-01-31", attributes="Wool; Material: "),
        lamp(handle="f", sku="F", category=" > ".join("123456789A"), brand="B" * 101),
        lamp(handle="g", sku="G1"),
        lamp(handle="g", sku="G2"),
        lamp(handle="", sku="H"),
        lamp(handle="i", sku="", price="", title="I"),
        lamp(handle="j", sku="J", price=""),
        lamp(handle="k", sku="K", stock="-1", collections="c" * 101),
    )

    said = bring_in(path, "--dry-run")

    assert said.failed
    assert said.err.splitlines() == [
        "line 3, price: Amounts in EUR come in steps of 0.01.",
        "line 3, sku: This field cannot be blank.",
        "line 3, status: 'gone' is none of DRAFT, ACTIVE, ARCHIVED.",
        "line 3, stock: 'some' is not a whole number.",
        "line 4, sku: A variant of another product has this SKU.",
        "line 4, track_stock: 'perhaps' is neither yes nor no.",
        "line 4, weight_grams: Ensure this value is greater than or equal to 0.",
        "line 5, compare_at_price: The price to compare with must be above the price.",
        "line 5, title: It cannot be empty.",
        "line 5, sku: Line 2 has the same one.",
        "line 6, attributes: 'Wool' is not Name: Value.",
        "line 6, published_at: A time needs an offset: 2026-01-31T09:00Z.",
        "line 7, brand: At most 100 characters.",
        "line 7, category: The tree has at most 9 levels.",
        "line 8, option1_value: Several variants need options that tell them apart.",
        "line 9, option1_value: Several variants need options that tell them apart.",
        "line 10, handle: It belongs to no product.",
        "line 11, sku: A product has at least one variant.",
        "line 12, price: It cannot be empty.",
        f"line 13, collections: At most 100 characters: {'c' * 40}…",
        "line 13, stock: A stock is between 0 and 2000000000.",
    ]
    assert "1 new, 0 changed, 0 as they were, 9 refused." in said.out
    assert "Nothing was written." in said.out
    assert [*whole_shop(), Category.objects.count()] == before


def test_a_dry_run_and_a_real_one_refuse_alike(tmp_path: Path) -> None:
    path = sheet(tmp_path, lamp(), lamp(handle="b", sku="B", price="-1"))

    dry, real = bring_in(path, "--dry-run"), bring_in(path)

    assert (
        dry.err == real.err == ("line 3, price: The amount must not be negative or that large.\n")
    )
    assert Product.objects.count() == 1


def test_a_row_that_is_cut_off_keeps_its_whole_product_out(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("handle,title,sku,price\nlamp,Lamp,L-1,1\nlamp,,L-2\nrug,Rug,R-1,1\n")

    said = bring_in(path)

    assert said.failed
    assert said.err.splitlines() == [
        "line 2: Line 3 of it cannot be read.",
        "line 3: It has 3 cells; the first line has 4.",
    ]
    assert Product.objects.get().slug == "rug"


def test_options_may_change_places_between_variants(tmp_path: Path) -> None:
    def rows(first: str, second: str) -> Path:
        return sheet(
            tmp_path,
            lamp(sku="A", option1_name="Size", option1_value=first),
            lamp(sku="B", option1_value=second),
        )

    bring_in(rows("S", "M"))

    said = bring_in(rows("M", "S"))

    assert said.err == ""
    named = dict(Variant.objects.values_list("sku", "name"))
    assert named == {"A": "M", "B": "S"}
    assert bring_in(rows("M", "S")).out.startswith("0 new, 0 changed, 1 as they were")


def test_further_variants_join_those_that_are_there(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, *SHIRTS))
    more = {"handle": "shirt", "option1_name": "Size", "option1_value": "L"}
    more |= {"option2_name": "Colour", "option2_value": "Red", "sku": "S-R-L", "price": "22"}

    said = bring_in(sheet(tmp_path, more))
    assert said.err == ""
    clash = bring_in(sheet(tmp_path, more | {"sku": "OTHER"}))

    shirt = Product.objects.get()
    assert [(row.sku, row.name) for row in shirt.variants.all()][-1] == ("S-R-L", "Red / L")
    assert clash.failed
    assert clash.err.splitlines() == ["line 2, option1_value: Another variant offers the same."]


def test_an_attribute_that_was_renamed_here_is_still_the_same(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, *SHIRTS))
    Attribute.objects.filter(slug="colour").update(name="Color")
    export(tmp_path / "out.csv")
    before = whole_shop()

    said = bring_in(tmp_path / "out.csv")

    assert "1 as they were" in said.out
    assert whole_shop() == before


def test_what_is_archived_for_old_orders_stays_at_home(tmp_path: Path) -> None:
    gone = make_variant(sku="GONE")
    stock.hold({gone.pk: 1}, order_number="X")
    products.delete(gone.product, user=make_staff("catalog.delete_product"))
    make_variant(product=make_product(slug="stays"), sku="STAYS")

    written = export(tmp_path / "out.csv").decode()

    assert "STAYS" in written
    assert "GONE" not in written


def test_active_goods_without_a_time_come_out_so_and_not_shown(tmp_path: Path) -> None:
    make_variant(product=make_product(published_at=None), sku="A")
    first = export(tmp_path / "out.csv")
    Product.objects.all().delete()

    bring_in(tmp_path / "out.csv")

    assert not Product.objects.public().exists()
    assert export(tmp_path / "again.csv") == first


def test_new_goods_are_drafts_unless_the_file_shows_them(tmp_path: Path) -> None:
    bring_in(sheet(tmp_path, lamp(status=""), lamp(handle="b", sku="B", status="ACTIVE")))

    assert Product.objects.get(slug="lamp").status == Status.DRAFT
    assert Product.objects.public().get().slug == "b"


def test_collections_are_filled_in_the_order_of_the_file(tmp_path: Path) -> None:
    first = make_variant(sku="FIRST").product
    sale = collections.create(name="Sale", products=[first])
    rows = [lamp(handle=f"p{n}", sku=f"P{n}", collections="sale") for n in (3, 1, 2)]

    bring_in(sheet(tmp_path, *rows))

    assert list(sale.places.values_list("product__slug", flat=True)) == [
        first.slug, "p3", "p1", "p2",
    ]  # fmt: skip
    assert Collection.objects.count() == 1


def test_a_batch_costs_the_same_statements_for_one_and_for_twenty(tmp_path: Path) -> None:
    def statements(names: range) -> int:
        rows = [
            SHIRTS[0] | {"handle": f"p{n}", "sku": f"P{n}", "option1_value": f"c{n}"} for n in names
        ]
        path = sheet(tmp_path, *rows)
        with CaptureQueriesContext(connection) as counted:
            assert bring_in(path).err == ""
        return len(counted)

    statements(range(1))  # makes the shelves

    assert statements(range(1, 2)) == statements(range(2, 22))


def test_a_file_that_is_none_of_ours_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name,price\nLamp,1\n")

    with pytest.raises(CommandError, match="neither handle and sku"):
        bring_in(path)
    with pytest.raises(CommandError, match="no handle"):
        bring_in(path, "--format", "own")
    with pytest.raises(CommandError, match="cannot be read"):
        bring_in(tmp_path / "absent.csv")
    with pytest.raises(CommandError, match="no folder"):
        bring_in(sheet(tmp_path, lamp()), "--pictures", str(tmp_path / "absent"))
    with pytest.raises(CommandError, match="absent"):
        export(tmp_path / "absent" / "x.csv")


def test_one_product_that_fails_late_keeps_only_itself_out(tmp_path: Path) -> None:
    """Somebody takes a SKU between the look and the writing."""
    path = sheet(tmp_path, lamp(), lamp(handle="b", sku="B"), lamp(handle="c", sku="C"))

    found = run.read(path)
    plans = plan.of(found.goods, None)
    make_variant(sku="b", product=make_product(slug="quicker"))
    run.put_in(plans, None, found.report)

    assert found.report.made == 2
    assert [one.wrong for one in found.goods if one.wrong] == [
        [(3, "sku", "A variant of another product has this SKU.")]
    ]
    assert set(Product.objects.values_list("slug", flat=True)) == {"lamp", "c", "quicker"}


@pytest.mark.transactional
def test_imports_at_once_make_each_thing_once(tmp_path: Path) -> None:
    rows = [lamp(handle=f"p{n}", sku=f"P{n}", stock="2") for n in range(30)]
    new = [row | {"collections": "Sale", "brand": "B", "category": "A > B"} for row in rows]
    path = sheet(tmp_path, *new)

    def act() -> int:
        found = run.read(path)
        list(run.bring_in(found, folder=None, dry=False))
        return found.report.made

    made = at_once(act, act, act)

    assert sum(made) == 30
    assert (Variant.objects.count(), StockMovement.objects.count()) == (30, 30)
    assert (Collection.objects.count(), Category.objects.count()) == (1, 2)
    recounts()


@pytest.mark.transactional
def test_stock_that_moves_meanwhile_is_counted_from_where_it_is_then(tmp_path: Path) -> None:
    """Whoever counts after the import finds 8 and not 10; whoever counts before is overtaken."""
    rows = [lamp(handle=f"p{n}", sku=f"P{n}", stock="10") for n in range(40)]
    bring_in(sheet(tmp_path, *rows))
    ids = list(Variant.objects.order_by("-pk").values_list("pk", flat=True))
    path = sheet(tmp_path, *(row | {"stock": "8"} for row in rows))

    def count() -> None:
        for pk in ids:
            with suppress(ShopError):
                stock.adjust([StockChange(pk, -5, expected=10)], actor=None)

    def act() -> None:
        list(run.bring_in(run.read(path), folder=None, dry=False))

    at_once(act, count)

    assert set(Variant.objects.values_list("stock", flat=True)) == {8}
    recounts()


def test_variants_made_by_hand_are_matched_by_sku(tmp_path: Path) -> None:
    staff = make_staff("catalog.change_product")
    row = make_variant(sku="L-1", price=100, product=make_product(slug="lamp"))
    variants.update(row, {"barcode": "9"}, user=staff)
    published = timezone.now() - timedelta(days=3)
    Product.objects.update(published_at=published)

    bring_in(sheet(tmp_path, lamp(status="active")))

    row.refresh_from_db()
    assert (row.price_minor, row.barcode) == (1990, "9")
    assert row.product.published_at == published


def test_large_products_go_in_smaller_batches() -> None:
    one = [GoodsVariant(line=2, sku="", values={})]
    sizes = [1] * 250 + [600, 600, 1500, 1]
    goods = [Goods(slug="", line=2, values={}, variants=one * size) for size in sizes]

    cut = [[len(each.variants) for each in batch] for batch in run.batches(goods)]

    assert cut == [[1] * 200, [1] * 50 + [600], [600], [1500], [1]]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else() -> None:
    terminal, log = Terminal(), StringIO()
    for out in (terminal, log):
        with Bar(4, OutputWrapper(out)) as bar:
            bar.show(1)
            bar.show(4)

    assert terminal.getvalue() == f"\r{'█' * 10}{'░' * 30} 1/4\r{'█' * 40} 4/4\n"
    assert log.getvalue() == ""
