"""The counts beside a list, held against counting by hand."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog import facets
from catalog.cells import Cells
from catalog.filters import Narrowing
from catalog.models import Product
from catalog.querysets import NOW
from shop.prepared import Prepared
from tests.assortment import make_assortment

Data = dict[str, Any]

CHOICES: dict[str, Data] = {
    "nothing": {},
    "a category": {"category": ["lamps"]},
    "brands": {"brand": ["essence", "nordlys"]},
    "an option": {"options": [("colour", "red")]},
    "two options": {"options": [("colour", "red"), ("size", "s"), ("size", "m")]},
    "an attribute": {"attributes": [("material", "oak")]},
    "price": {"min_price": Decimal(6), "max_price": Decimal(20)},
    "rating": {"min_rating": 3},
    "in stock": {"in_stock": True},
    "all": {
        "category": ["home"],
        "brand": ["essence", "nordlys"],
        "options": [("size", "s"), ("size", "m")],
        "attributes": [("material", "oak"), ("material", "steel")],
        "max_price": Decimal(20),
        "min_rating": 2,
        "in_stock": False,
    },
}
# How a choice of a facet is written into the filter, in place of what was chosen there.
REPLACED: dict[str, Callable[[Data, str, str], Data]] = {
    "CATEGORY": lambda data, name, value: data | {"category": [value]},
    "BRAND": lambda data, name, value: data | {"brand": [value]},
    "RATING": lambda data, name, value: data | {"min_rating": int(value)},
    "AVAILABILITY": lambda data, name, value: data | {"in_stock": value == "true"},
    "OPTION": lambda data, name, value: data | {"options": swapped(data, "options", name, value)},
    "ATTRIBUTE": lambda data, name, value: (
        data | {"attributes": swapped(data, "attributes", name, value)}
    ),
}
OFFERED = {
    ("CATEGORY", "category"): ("home", "lamps", "desk-lamps", "floor-lamps", "rugs", "garden"),
    ("BRAND", "brand"): ("essence", "nordlys", "kjær-søn"),
    ("RATING", "minRating"): ("4", "3", "2", "1"),
    ("AVAILABILITY", "inStock"): ("true", "false"),
    ("OPTION", "colour"): ("red", "blue", "green"),
    ("OPTION", "size"): ("s", "m", "l"),
    ("ATTRIBUTE", "material"): ("oak", "steel", "wool"),
}


def swapped(data: Data, field: str, name: str, value: str) -> list[tuple[str, str]]:
    return [pair for pair in data.get(field, []) if pair[0] != name] + [(name, value)]


def count(data: Data) -> int:
    return Narrowing.of(data).apply(Product.objects.public()).count()


def counted(data: Data) -> list[facets.Facet]:
    ask = Prepared("public", lambda: Product.objects.public(NOW), values={"now": timezone.now()})
    return facets.of(Cells(ask, Narrowing.of(data)))


def test_each_count_is_what_that_choice_would_give() -> None:
    make_assortment(70)

    for choice, data in CHOICES.items():
        found = {
            (facet.kind, facet.name, value.value): value.count
            for facet in counted(data)
            for value in facet.values
        }
        for (kind, name), values in OFFERED.items():
            for value in values:
                expected = count(REPLACED[kind](data, name, value))
                assert found.get((kind, name, value), 0) == expected, (choice, name, value)


def test_the_price_range_ignores_the_chosen_prices() -> None:
    make_assortment(70)

    for choice in CHOICES.values():
        others = {name: value for name, value in choice.items() if "price" not in name}
        rows = Narrowing.of(others).apply(Product.objects.public())
        prices = rows.values_list("price_min_minor", flat=True)
        ranges = [facet for facet in counted(choice) if facet.kind == "PRICE"]
        assert [(one.min and one.min.minor, one.max and one.max.minor) for one in ranges] == [
            (min(prices), max(prices))
        ]


def test_only_choices_that_give_something_are_offered_and_those_made() -> None:
    make_assortment(70)
    data = {"brand": ["essence"], "options": [("size", "s")], "min_price": Decimal(5000)}

    found = {facet.name: facet for facet in counted(data)}

    assert [(v.value, v.label, v.count, v.selected) for v in found["brand"].values] == [
        ("essence", "Essence", 0, True)
    ]
    assert [(v.value, v.label, v.count, v.selected) for v in found["size"].values] == [
        ("s", "S", 0, True)
    ]
    assert set(found) == {"brand", "size", "price"}


def test_what_is_chosen_is_marked() -> None:
    make_assortment(70)

    marked = {
        (facet.name, value.value)
        for facet in counted(CHOICES["all"])
        for value in facet.values
        if value.selected
    }

    assert marked == {
        ("category", "home"),
        ("brand", "essence"),
        ("brand", "nordlys"),
        ("size", "s"),
        ("size", "m"),
        ("material", "oak"),
        ("material", "steel"),
        ("minRating", "2"),
        ("inStock", "false"),
    }


def test_hidden_products_are_counted_nowhere() -> None:
    make_assortment(0)

    assert counted({}) == []


def test_categories_stand_in_the_order_of_the_tree() -> None:
    assortment = make_assortment(70)
    shown = next(facet for facet in counted({}) if facet.kind == "CATEGORY")
    home, garden = assortment.categories["home"], assortment.categories["garden"]
    type(home).objects.filter(pk=home.pk).update(position=9)

    moved = next(facet for facet in counted({}) if facet.kind == "CATEGORY")

    assert [value.value for value in shown.values][:3] == ["home", "lamps", "desk-lamps"]
    assert next(value.value for value in moved.values) == garden.slug


def test_statements_do_not_grow_with_the_catalogue(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """Five, and one for the ids of each kind of choice."""
    make_assortment(30)
    nothing = {"brand": ["essence"], "options": [("size", "s")], "min_price": Decimal(5000)}

    for data in [*CHOICES.values(), nothing]:
        kinds = {"category", "brand", "options", "attributes"} & set(data)
        with django_assert_max_num_queries(5 + len(kinds)):
            counted(data)
