"""What a list of products is narrowed by."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.filters import InvalidFilter, Narrowing, ProductFilterSet
from catalog.models import Product, VariantOption
from tests.assortment import make_assortment
from tests.factories import make_product

Fits = Callable[[Product], bool]


def found(data: dict[str, Any]) -> set[int]:
    rows = Narrowing.of(data).apply(Product.objects.public())
    return set(rows.values_list("pk", flat=True))


def path_of(product: Product) -> str:
    return product.category.path if product.category else ""


def offers(product: Product, **wanted: set[str]) -> bool:
    """Whether one variant on sale has one of the values for each name."""
    for variant in product.variants.filter(archived_at=None):
        rows = VariantOption.objects.filter(variant=variant)
        chosen = dict(rows.values_list("attribute__slug", "value__slug"))
        if all(chosen.get(name) in values for name, values in wanted.items()):
            return True
    return False


def describes(product: Product, *slugs: str) -> bool:
    return product.described_by.filter(value__slug__in=slugs).exists()


def in_collections(product: Product, *slugs: str) -> bool:
    return product.collections.filter(slug__in=slugs).exists()


CASES: dict[str, tuple[dict[str, Any], Fits]] = {
    "nothing": ({}, lambda p: True),
    "empty": ({"category": [], "options": [], "ids": []}, lambda p: True),
    "brand": ({"brand": ["essence"]}, lambda p: p.brand_name == "Essence"),
    "brands": (
        {"brand": ["Essence", "Kjær & Søn"]},
        lambda p: p.brand_name in {"Essence", "Kjær & Søn"},
    ),
    "collection": ({"collection": ["C1"]}, lambda p: in_collections(p, "c1")),
    "collections": ({"collection": ["c1", "c2"]}, lambda p: in_collections(p, "c1", "c2")),
    "price from": ({"min_price": Decimal("10.00")}, lambda p: p.price_min_minor >= 1000),
    "price up to": ({"max_price": Decimal("10.00")}, lambda p: p.price_min_minor <= 1000),
    "finer price": ({"min_price": Decimal("5.001")}, lambda p: p.price_min_minor > 500),
    "min above max": ({"min_price": Decimal(90), "max_price": Decimal(1)}, lambda p: False),
    "huge price": ({"min_price": Decimal("9" * 29)}, lambda p: False),
    "negative price": ({"min_price": Decimal(-5)}, lambda p: True),
    "in stock": ({"in_stock": True}, lambda p: p.in_stock),
    "out of stock": ({"in_stock": False}, lambda p: not p.in_stock),
    "rating": ({"min_rating": 3.5}, lambda p: p.rating_average >= 3.5),
    "attribute": ({"attributes": [("Material", "OAK")]}, lambda p: describes(p, "oak")),
    "values of one": (
        {"attributes": [("material", "oak"), ("material", "wool")]},
        lambda p: describes(p, "oak", "wool"),
    ),
    "two attributes": (
        {"attributes": [("material", "oak"), ("colour", "red")]},
        lambda p: False,  # colour is an option here and describes nothing
    ),
    "option": ({"options": [("Colour", "red")]}, lambda p: offers(p, colour={"red"})),
    "options": (
        {"options": [("colour", "red"), ("colour", "blue"), ("size", "m")]},
        lambda p: offers(p, colour={"red", "blue"}, size={"m"}),
    ),
    "status": ({"status": ["DRAFT"]}, lambda p: False),
    "strange keys": ({"ids": ["none", "9" * 25, "²"]}, lambda p: False),
    "no such slug": ({"brand": ["!!!"], "category": ["*"]}, lambda p: False),
    "all at once": (
        {
            "category": ["home"],
            "brand": ["essence", "nordlys"],
            "in_stock": True,
            "max_price": Decimal(15),
            "options": [("size", "s"), ("size", "m")],
        },
        lambda p: (
            home(p)
            and p.brand_name in {"Essence", "Nordlys"}
            and p.in_stock
            and p.price_min_minor <= 1500
            and offers(p, size={"s", "m"})
        ),
    ),
}


def home(product: Product) -> bool:
    """Whether it stands under the top category `home`."""
    row = product.category
    while row is not None and row.parent is not None:
        row = row.parent
    return row is not None and row.slug == "home"


def test_each_filter_finds_what_fits_and_nothing_else() -> None:
    assortment = make_assortment(60)

    for case, (data, fits) in CASES.items():
        assert found(data) == {one.pk for one in assortment.products if fits(one)}, case


def test_the_cases_are_no_empty_talk() -> None:
    products = make_assortment(60).products
    for name in ("brand", "collections", "options", "all at once", "rating", "values of one"):
        fitting = [one for one in products if CASES[name][1](one)]

        assert 0 < len(fitting) < len(products), name


def test_a_category_holds_what_is_below_it() -> None:
    assortment = make_assortment(60)

    for slug in ("home", "Lamps", "desk-lamps"):
        path = assortment.categories[slug.lower()].path
        below = {one.pk for one in assortment.products if path_of(one).startswith(path)}
        assert found({"category": [slug]}) == below
        assert below


def test_options_must_meet_in_one_variant() -> None:
    assortment = make_assortment(60)
    apart = [
        one
        for one in assortment.products
        if offers(one, colour={"red"})
        and offers(one, size={"s"})
        and not offers(one, colour={"red"}, size={"s"})
    ]

    assert apart
    assert not found({"options": [("colour", "red"), ("size", "s")]}) & {p.pk for p in apart}


def test_archived_variants_offer_nothing() -> None:
    assortment = make_assortment(60)
    before = found({"options": [("colour", "red")]})
    product = next(one for one in assortment.products if one.pk in before)

    product.variants.update(archived_at=timezone.now())

    assert product.pk not in found({"options": [("colour", "red")]})


def test_changed_since() -> None:
    old, new = make_product(), make_product()
    then = datetime(2020, 1, 1, tzinfo=UTC)
    Product.objects.filter(pk=old.pk).update(updated_at=then)

    assert found({"updated_from": datetime(2020, 1, 2, tzinfo=UTC)}) == {new.pk}
    assert found({"updated_from": then}) == {old.pk, new.pk}


def test_slugs_that_no_name_makes_are_found_as_they_are() -> None:
    assortment = make_assortment(5)
    category = assortment.categories["home"]
    type(category).objects.filter(pk=category.pk).update(slug="Home--Sweet_")

    assert found({"category": ["Home--Sweet_"]}) == {
        one.pk for one in assortment.products if path_of(one).startswith(category.path)
    }


@pytest.mark.parametrize("data", [{"min_rating": 1e308}, {"min_price": "much"}])
def test_what_cannot_be_read_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidFilter):
        Narrowing.of(data)


def test_a_query_string_is_read_as_well() -> None:
    assortment = make_assortment(60)
    data = QueryDict("brand=essence&brand=nordlys&options=size:m&in_stock=true&min_price=5")

    listed = ProductFilterSet(data, queryset=Product.objects.public()).qs

    assert {one.pk for one in listed} == {
        one.pk
        for one in assortment.products
        if one.brand_name in {"Essence", "Nordlys"} and offers(one, size={"m"}) and one.in_stock
    }


def test_all_filters_are_one_statement_and_one_for_the_ids_of_each_kind(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_assortment(70)
    narrowing = Narrowing.of(CASES["all at once"][0] | {"attributes": [("material", "oak")]})

    with django_assert_num_queries(4 + 1):
        list(narrowing.apply(Product.objects.public()))
