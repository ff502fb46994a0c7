"""What is kept of a list by its filter has bounds, whatever the filter says."""

from typing import Any

import pytest
from pytest_django import Settings

from catalog import counts
from schema.catalog import columns, tallies
from schema.catalog.lists import LONGEST
from schema.execution.asked import Asked
from tests.client import call
from tests.factories import make_variant

PRODUCTS = """query($filter: ProductFilter) {
    products(filter: $filter) { totalCount facets { name } } }"""


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, Any]:
    """What is kept, with room for three facets."""
    settings.GRAPHQL_ANSWER_CACHE = True
    monkeypatch.setattr(tallies.FACETS, "_most", 3)
    counts.forget()
    return {"counts": counts.COUNTS._found, "facets": tallies.FACETS._found}


def filtered(**filter: Any) -> Any:
    return call(PRODUCTS, filter=filter)


@pytest.mark.parametrize("of", ["category", "collection", "brand", "attributes", "options"])
def test_a_text_is_as_long_as_a_slug_at_most(of: str) -> None:
    def among(text: str) -> list[Any]:
        pairs: list[Any] = [{"name": text, "values": ["a"]}, {"name": "a", "values": [text]}]
        return pairs if of in ("attributes", "options") else [text]

    for entry in among("x" * LONGEST):
        assert filtered(**{of: [entry]}).data["products"]["totalCount"] == 0
    for entry in among("x" * (LONGEST + 1)):
        assert filtered(**{of: [entry]}).codes == ["LIMIT_EXCEEDED"]


@pytest.mark.transactional
def test_prices_between_the_same_two_units_are_kept_once(memory: dict[str, Any]) -> None:
    make_variant()

    for part in range(1, 6):
        assert filtered(minPrice=f"1.000{part}", maxPrice=f"900.000{part}").data
    filtered(minPrice="1.01" + "0" * 9000, maxPrice="900")

    assert {name: len(found) for name, found in memory.items()} == {"counts": 1, "facets": 1}


@pytest.mark.transactional
def test_facets_are_fewer_than_counts_for_they_take_more_room(memory: dict[str, Any]) -> None:
    make_variant()

    for tenths in range(6):
        assert filtered(minRating=tenths / 10).data

    assert {name: len(found) for name, found in memory.items()} == {"counts": 6, "facets": 3}


def test_columns_of_variants_that_lead_to_their_products_are_found_in_as_many_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps, whole, deep = [], columns.all_of_product, 15

    def counted(wanted: Asked) -> Asked:
        steps.append(wanted)
        return whole(wanted)

    monkeypatch.setattr(columns, "all_of_product", counted)
    wanted = Asked({"slug": Asked()})
    for at in range(deep):
        way = columns.TO_VARIANTS[at % len(columns.TO_VARIANTS)]
        wanted = Asked({way: Asked({"product": wanted})})

    found = columns.product(wanted)

    assert found.own == frozenset({"slug"})
    assert len(steps) == deep + 1
