"""Lists that are kept in every order: right after all that happens, and read in index order."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog import categories, collections, columns, listings, products, sorting
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.filters import Narrowing
from catalog.models import (
    AttributeValue,
    Category,
    Collection,
    CollectionProduct,
    Listing,
    Product,
    Variant,
    VariantOption,
)
from catalog.products import ProductDraft
from schema.keysets import Keyset
from tests.assortment import make_assortment
from tests.catalog.races import at_once
from tests.catalog.test_filters import CASES
from tests.factories import make_category, make_product, make_staff, make_variant

Kind = Listing.Kind
kept = pytest.mark.skipif(not listings.are_kept(), reason="Lists are kept by PostgreSQL alone.")

KEPT: dict[str, tuple[dict[str, Any], Kind]] = {
    "collection": ({"collection": ["C1"]}, Kind.COLLECTION),
    "attribute": ({"attributes": [("Material", "OAK")]}, Kind.ATTRIBUTE),
    "option": ({"options": [("Colour", "red")]}, Kind.OPTION),
    "options": ({"options": [("colour", "red"), ("size", "s"), ("size", "m")]}, Kind.OPTION),
    "two options": ({"options": [("colour", "red"), ("size", "s")]}, Kind.OPTION),
    "branch": ({"category": ["home"]}, Kind.BRANCH),
    "nested branches": ({"category": ["home", "lamps"]}, Kind.BRANCH),
    "several": (
        {"category": ["home"], "attributes": [("material", "oak")], "in_stock": True},
        Kind.ATTRIBUTE,
    ),
}
SORTS = {name: one for name, one in sorting.SORTS.items() if one.column in listings.COLUMNS}


def keys_of(rows: Any) -> list[int]:
    return sorted(rows.values_list("pk", flat=True))


def listed(narrowing: Narrowing, rows: Any) -> list[int]:
    """What stands in any of the lists to be sorted."""
    return sorted({pk for narrow in narrowing.lists for pk in keys_of(narrow(rows))})


@pytest.mark.parametrize("case", KEPT)
def test_a_kept_list_is_what_the_filter_finds(case: str) -> None:
    make_assortment(60)
    data, kind = KEPT[case]
    narrowing = Narrowing.of(data)

    found = listings.holding(narrowing.meant)
    assert found is not None
    assert found.kind == kind
    for rows in (Product.objects.public(), Product.objects.all()):
        assert listed(narrowing, rows) == keys_of(narrowing.apply(rows)) != []


@pytest.mark.parametrize("case", CASES)
def test_other_filters_find_the_same_to_be_sorted(case: str) -> None:
    make_assortment(40)
    narrowing = Narrowing.of(CASES[case][0])

    rows = Product.objects.public()
    assert listed(narrowing, rows) == keys_of(narrowing.apply(rows))


APART: dict[str, tuple[dict[str, Any], int]] = {
    "branches": ({"category": ["home", "lamps", "garden"]}, 2),
    "collections": ({"collection": ["c0", "c1", "c2"]}, 3),
    "values": ({"attributes": [("material", "oak"), ("material", "wool")]}, 2),
    "options": (
        {"options": [("colour", "red"), ("colour", "blue"), ("size", "s"), ("size", "m")]}, 2,
    ),
    "values in a branch": (
        {"category": ["home"], "attributes": [("material", "oak"), ("material", "wool")]}, 1,
    ),
}  # fmt: skip


@kept
@pytest.mark.parametrize("case", APART)
def test_what_no_list_holds_is_in_several(case: str) -> None:
    make_assortment(60)
    data, number = APART[case]
    narrowing = Narrowing.of(data)

    assert len(narrowing.lists) == number
    assert listings.holding(narrowing.meant) is None or number == 1
    assert listed(narrowing, Product.objects.all()) == keys_of(
        narrowing.apply(Product.objects.all())
    )


@kept
def test_a_page_is_not_put_together_from_any_number_of_lists() -> None:
    many = [categories.create(name=f"C{n}").slug for n in range(listings.MOST_PARTS + 1)]

    assert len(Narrowing.of({"category": many[1:]}).lists) == listings.MOST_PARTS
    assert len(Narrowing.of({"category": many}).lists) == 1


# ── in order ────────────────────────────────────────────────────────────────────────────────
@kept
@pytest.mark.parametrize("name", SORTS)
def test_a_kept_list_is_read_in_the_order_of_an_index(name: str) -> None:
    make_assortment(5)
    sort = SORTS[name]
    keyset = Keyset(sort.name, sort.column, sort.kind, descending=sort.descending)
    rows = listings.of(Product.objects.public(), Kind.COLLECTION, 1)

    with transaction.atomic(), connection.cursor() as cursor:
        # So few rows are sorted faster; what is asked here is whether an index can answer.
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off")
        plan = keyset.ordered(rows)[:5].explain()

    (index,) = (one.name for one in Listing._meta.indexes if sort.column in one.fields)
    assert "Sort" not in plan
    assert f"using {index} on catalog_listing" in plan


# ── right after all that happens ────────────────────────────────────────────────────────────
def lists_of(product: Product) -> set[tuple[int, int]]:
    return set(Listing.objects.filter(product=product).values_list("kind", "owner"))


def full_product() -> Product:
    """In a category under another, a collection, with an attribute and two sizes."""
    below = make_category("Desk lamps", make_category("Lamps"))
    chosen = collections.create(name="Chosen")
    sizes = [
        VariantDraft(sku=size, price=Decimal(10), options=[Named("Size", size)]) for size in "SM"
    ]
    draft = ProductDraft(
        name="Lamp", variants=sizes, category=below, attributes=[Named("Material", "Oak")],
        collections=[chosen],
    )  # fmt: skip
    return products.create(draft, owner=None)


def right() -> bool:
    return columns.differences() == []


@kept
def test_a_product_is_listed_under_all_that_it_belongs_to() -> None:
    product = full_product()
    below = Category.objects.get(name="Desk lamps")

    values = VariantOption.objects.filter(variant__product=product).values_list("value", flat=True)
    assert lists_of(product) == {
        (Kind.BRANCH, below.pk),
        (Kind.BRANCH, below.parent_id),
        (Kind.COLLECTION, Collection.objects.get().pk),
        (Kind.ATTRIBUTE, product.described_by.get().value_id),
        *((Kind.OPTION, value) for value in values),
    }
    assert right()


# Ways to change something that lists depend on.
def changed_name(product: Product) -> None:
    products.update(product, {"name": "Other"}, user=make_staff("catalog.change_product"))


def changed_price(product: Product) -> None:
    variants_of = Variant.objects.filter(product=product)
    variants_of.update(price_minor=77)
    columns.refresh([product.pk], columns.prices)


def changed_stars(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(rating_sum=4, rating_count=1, rating_average=4)


def changed_sales(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(sales_count=9)


def changed_date(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))


def moved_product(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(category=make_category("Rugs"))


def moved_out(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(category=None)


def moved_branch(product: Product) -> None:
    lamps = Category.objects.get(name="Lamps")
    categories.update(lamps, {"parent": make_category("Home")})


def left_collection(product: Product) -> None:
    collections.update(Collection.objects.get(), {"products": [make_product()]})


def other_collection(product: Product) -> None:
    other = Collection.objects.create(name="Other", slug="other")
    CollectionProduct.objects.filter(product=product).update(collection=other)


def other_attributes(product: Product) -> None:
    changes = {"attributes": [Named("Material", "Ash"), Named("Line", "Tall")]}
    products.update(product, changes, user=make_staff("catalog.change_product"))


def other_value(product: Product) -> None:
    size = VariantOption.objects.get(variant__sku="S")
    large = AttributeValue.objects.create(attribute_id=size.attribute_id, value="L", slug="l")
    VariantOption.objects.filter(pk=size.pk).update(value=large)


def archived_variant(product: Product) -> None:
    Variant.objects.filter(sku="S").update(archived_at=timezone.now())


def deleted_options(product: Product) -> None:
    VariantOption.objects.filter(variant__sku="S").delete()


def deleted_product(product: Product) -> None:
    product.delete()


HAPPENINGS = (
    changed_name, changed_price, changed_stars, changed_sales, changed_date, moved_product,
    moved_out, moved_branch, left_collection, other_collection, other_attributes, other_value,
    archived_variant, deleted_options, deleted_product,
)  # fmt: skip


def all_listings() -> list[Any]:
    return list(Listing.objects.order_by("product", "kind", "owner").values_list())


@kept
@pytest.mark.parametrize("happens", HAPPENINGS, ids=lambda one: one.__name__)
def test_lists_follow_all_that_happens(happens: Callable[[Product], None]) -> None:
    product = full_product()
    before = all_listings()

    happens(product)

    assert all_listings() != before
    assert wrong() == []


def wrong() -> list[str]:
    """What a recount says of the lists, for changes that are none of the read columns' causes."""
    return [line for line in columns.differences() if "its place in" in line]


# ── proven and put right ────────────────────────────────────────────────────────────────────
@kept
@pytest.mark.parametrize("how", ["missing", "too many", "stale"])
def test_a_wrong_list_is_named_and_put_right(how: str) -> None:
    product = full_product()
    place = Listing.objects.filter(product=product, kind=Kind.COLLECTION)
    before, owner = all_listings(), place.get().owner
    if how == "missing":
        place.delete()
    elif how == "stale":
        place.update(price_min_minor=1)
    else:
        owner = 10**9
        Listing.objects.create(**(place.values().get() | {"owner": owner}))

    line = f"product {product.pk}: its place in collection {owner} is wrong"
    assert columns.differences() == [line]
    assert columns.recount(fix=True) == [line]
    assert right()
    assert all_listings() == before


@kept
@pytest.mark.transactional
def test_nobody_changes_a_product_while_it_is_being_listed() -> None:
    """Else its list would keep the price that it had before."""
    product, collection = make_variant().product, Collection.objects.create(name="C", slug="c")

    def lock() -> Product:
        with transaction.atomic():
            rows = Product.objects.select_for_update(nowait=True, no_key=True)
            return rows.get(pk=product.pk)

    with transaction.atomic():
        CollectionProduct.objects.create(collection=collection, product=product)
        with pytest.raises(DatabaseError, match="could not obtain lock"):
            at_once(lock)
