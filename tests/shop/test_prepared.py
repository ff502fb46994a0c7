"""Prepared reads: the same rows as the ORM's, compiled once, with nothing lost but time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Q, QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Category, Product, ProductImage, Review, Variant
from catalog.querysets import NOW
from checkout.models import Cart
from shop import prepared, statements
from shop.prepared import PK, WHOLE, Among, Columns, Prepared, Slot, Statements
from tests.assortment import add_review_and_picture, make_assortment
from tests.factories import make_category, make_product, make_variant

NAME = Columns(frozenset({"name"}))


@pytest.fixture(autouse=True)
def none_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements of this test alone."""
    monkeypatch.setattr(prepared, "STATEMENTS", Statements())


def with_key(columns: Columns = WHOLE, **values: Any) -> Prepared:
    rows = Product.objects.filter(pk=Slot("key", PK))
    return Prepared("by key", lambda: rows, columns, values)


@pytest.mark.parametrize("model", [Product, Variant, Category, ProductImage, Review, Cart])
def test_a_whole_row_holds_what_the_orm_reads(model: Any) -> None:
    for product in make_assortment(3).products:
        add_review_and_picture(product)
    Cart.objects.create(
        token_digest="x", codes=["SUMMER"], shipping_address={"city": "Ås"},
        expires_at=timezone.now(),
    )  # fmt: skip

    found = Prepared("all", lambda: model.objects.order_by("pk")).read()

    own = list(model.objects.order_by("pk"))
    assert own
    assert found == own
    for row, like in zip(found, own, strict=True):
        assert type(row) is model
        assert not row.get_deferred_fields()
        assert {f.name: getattr(row, f.attname) for f in model._meta.concrete_fields} == {
            f.name: getattr(like, f.attname) for f in model._meta.concrete_fields
        }
        assert not row._state.adding


def test_a_column_that_was_not_read_is_read_when_it_is_asked_for(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product(description="Bright.")

    with django_assert_num_queries(1):
        (row,) = with_key(NAME, key=product.pk).read()
        assert row.name == product.name
    with django_assert_num_queries(1):
        assert row.description == "Bright."


def test_a_row_that_was_read_in_part_is_saved_in_part() -> None:
    product = make_product(description="Bright.")
    (row,) = with_key(NAME, key=product.pk).read()
    Product.objects.filter(pk=product.pk).update(description="Brighter.")

    row.name = "Torch"
    row.save()

    product.refresh_from_db()
    assert (product.name, product.description) == ("Torch", "Brighter.")


def test_a_shape_is_built_once_and_its_values_are_told_each_time() -> None:
    products, built = [make_product() for _ in range(3)], []

    def build() -> QuerySet[Product]:
        built.append(1)
        return Product.objects.filter(pk=Slot("key", PK))

    found = [Prepared("once", build, NAME, {"key": one.pk}).read() for one in products]

    assert found == [[one] for one in products]
    assert len(built) == 1


def test_what_is_public_is_asked_at_the_instant_of_the_read() -> None:
    product = make_product(published_at=timezone.now() + timedelta(hours=1))

    def public() -> list[Any]:
        told = {"now": timezone.now()}
        return Prepared("public", lambda: Product.objects.public(NOW), NAME, told).read()

    def publish(at: datetime) -> None:
        Product.objects.filter(pk=product.pk).update(published_at=at)

    assert public() == []
    for _ in range(8):  # PostgreSQL keeps a plan from the sixth time on
        publish(timezone.now())  # later than the instant of the last read
        assert public() == [product]
        publish(timezone.now() + timedelta(hours=1))
        assert public() == []


def test_columns_of_one_read_are_no_others() -> None:
    product = make_product(description="Bright.")

    (few,) = with_key(NAME, key=product.pk).read()
    (whole,) = with_key(key=product.pk).read()

    assert "description" not in few.__dict__
    assert "description" in whole.__dict__


@pytest.mark.parametrize("count", [0, 1, 3])
def test_among_takes_any_number_of_keys(count: int) -> None:
    products = [make_product() for _ in range(4)]
    ask = Prepared("some", lambda: Product.objects.filter(Among("pk", "keys")).order_by("pk"))

    assert ask.read(keys=[one.pk for one in products[:count]]) == products[:count]
    assert ask.read(keys={products[3].pk}) == [products[3]]


def test_rows_beside_others_are_each_one_row(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    lamps, rugs = make_category("Lamps"), make_category("Rugs")
    for category in (lamps, lamps, rugs, None):
        make_product(category=category)
    columns = Columns(frozenset({"name"}), beside=(("category", NAME),))
    ask = Prepared("beside", lambda: Product.objects.order_by("pk"), columns)

    with django_assert_num_queries(1):
        rows, (categories,) = ask.found()
        shown = [row.category and row.category.name for row in rows]

    assert shown == ["Lamps", "Lamps", "Rugs", None]
    assert categories == [lamps, rugs]
    assert rows[0].category is rows[1].category


def test_rows_beside_rows_beside_others() -> None:
    variant = make_variant(product=make_product(category=make_category("Lamps")))
    deep = Columns(beside=(("product", Columns(NAME.own, beside=(("category", NAME),))),))

    (row,) = Prepared("deep", lambda: Variant.objects.filter(pk=Slot("key", PK)), deep).read(
        key=variant.pk
    )

    assert row == variant
    assert (row.product.name, row.product.category.name) == (variant.product.name, "Lamps")


def test_annotations_are_read_beside_the_columns() -> None:
    product = make_product(sales_count=9)
    rows = Product.objects.annotate(
        more=models.ExpressionWrapper(Q(sales_count__gt=8), models.BooleanField())
    )

    (row,) = Prepared("more", lambda: rows, Columns(NAME.own, more=("more",))).read()

    assert (row.name, row.more) == (product.name, True)


def test_nothing_is_asked_of_the_database_where_nothing_can_be_found(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_product()
    ask = Prepared("none", Product.objects.none)

    with django_assert_num_queries(0):
        assert ask.read() == []
        assert ask.found(5) == ([], [])


def test_no_more_rows_than_wanted() -> None:
    for _ in range(3):
        make_product()

    ask = Prepared("limited", lambda: Product.objects.order_by("pk"), NAME)

    assert [len(ask.read(limit)) for limit in (0, 1, 2, 9)] == [0, 1, 2, 3]


def test_only_the_latest_shapes_are_kept_of_those_that_came_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statements, "MOST_STATEMENTS", 3)
    built: list[int] = []

    def read(shape: int) -> None:
        Prepared(shape, lambda: built.append(shape) or Product.objects.all()).read()  # type: ignore[func-returns-value]

    for shape in (1, 2, 3, 1, 4, 2, 1, 4, 4, 1, 2, 3):
        read(shape)

    assert built == [1, 2, 3, 4, 4, 3]


def test_a_statement_that_is_too_large_is_not_kept() -> None:
    built: list[int] = []

    def build() -> QuerySet[Product]:
        built.append(1)
        return Product.objects.filter(name="x" * statements.LARGEST)

    for _ in range(2):
        assert Prepared("large", build).read() == []

    assert len(built) == 2


def test_whoever_watches_the_connection_sees_prepared_reads() -> None:
    product, seen = make_product(), []

    def watch(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(watch):
        with_key(NAME, key=product.pk).read()

    ((sql, parameters),) = seen
    assert sql.startswith("SELECT")
    assert list(parameters) == [product.pk]
