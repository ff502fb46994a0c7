"""Searches are counted from the table of words: exactly, whatever has happened to a product."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import columns, vectors
from catalog.models import Product, SearchEntry, Variant
from tests.client import call
from tests.factories import make_product, make_staff
from users.models import User

kept = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="The words are kept by PostgreSQL alone."
)
COUNT = """query($words: String!, $filter: ProductFilter) {
    products(first: 1, search: $words, filter: $filter) { totalCount } }"""


def count(words: str, user: User | None = None, **filter: Any) -> int:
    answer = call(COUNT, user=user, words=words, filter=filter)
    return int(answer.data["products"]["totalCount"])


@pytest.fixture
def lamps(monkeypatch: pytest.MonkeyPatch) -> list[Product]:
    """Six lamps, which are more than are ranked."""
    monkeypatch.setattr(vectors, "RANKED", 3)
    made = [make_product(name=f"Lamp {n}", description="") for n in range(6)]
    columns.refresh([one.pk for one in made], *columns.EVERYTHING)
    return made


def drafted(rows: Any) -> None:
    rows.update(status="DRAFT")


def announced(rows: Any) -> None:
    rows.update(published_at=timezone.now() + timedelta(days=1))


def taken_back(rows: Any) -> None:
    rows.update(published_at=None)


def drafted_and_renamed(rows: Any) -> None:
    rows.update(status="DRAFT", description="Another text.")


def deleted(rows: Any) -> None:
    rows.get().delete()


HIDING = (drafted, announced, taken_back, drafted_and_renamed, deleted)


@pytest.mark.parametrize("hide", HIDING, ids=lambda one: one.__name__)
def test_what_is_hidden_is_counted_for_staff_alone(
    lamps: list[Product], hide: Callable[[Any], None]
) -> None:
    assert count("lamp") == 6

    hide(Product.objects.filter(pk=lamps[2].pk))

    assert count("lamp") == 5
    assert count("lamp", make_staff()) == 5 + (hide is not deleted)
    assert [line for line in columns.differences() if "searches" in line] == []


def test_what_is_shown_again_counts_again(lamps: list[Product]) -> None:
    rows = Product.objects.filter(pk=lamps[0].pk)
    hour = rows.get().published_at
    rows.update(status="ARCHIVED", published_at=None)
    assert count("lamp") == 5

    rows.update(status="ACTIVE", published_at=hour)

    assert count("lamp") == 6


def test_a_filter_and_an_excluded_word_narrow_the_count(lamps: list[Product]) -> None:
    Product.objects.filter(pk=lamps[0].pk).update(in_stock=False)
    Product.objects.exclude(pk=lamps[0].pk).update(in_stock=True)

    assert count("lamp", inStock=False) == 1
    assert count("lamp -5") == 5


def test_a_product_that_its_sku_leads_to_is_counted_once(lamps: list[Product]) -> None:
    other = make_product(name="Chair", description="")
    for product, sku in ((other, "lamp-chair"), (lamps[0], "lamp-zero")):
        Variant.objects.create(product=product, sku=sku, price_minor=100, options_key=sku)

    assert count("lamp") == 7


@kept
def test_a_count_reads_the_words_alone(lamps: list[Product]) -> None:
    with CaptureQueriesContext(connection) as statements:
        count("lamp")

    counting = [one["sql"] for one in statements if "COUNT(" in one["sql"]]
    assert len(counting) == 1
    assert "catalog_product" not in counting[0]


@kept
@pytest.mark.parametrize("stale", [None, timezone.now()])
def test_a_wrong_hour_is_named_and_put_right(lamps: list[Product], stale: Any) -> None:
    SearchEntry.objects.filter(pk=lamps[1].pk).update(shown_from=stale)
    line = f"product {lamps[1].pk}: searches count it as shown at the wrong time"

    assert columns.differences() == [line]
    assert columns.recount(fix=True) == [line]
    assert columns.differences() == []
    assert count("lamp") == 6
