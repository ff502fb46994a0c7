"""Statements that PostgreSQL keeps: told as others are, and the same rows as the ORM's."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from catalog.querysets import NOW
from shop import prepared
from shop.prepared import Columns, Prepared, Statements
from tests.factories import make_product

NAME = Columns(frozenset({"name"}))
OFTEN = 8  # psycopg has a statement kept from the sixth time on

HOW_PLANNED = """
SELECT generic_plans, custom_plans FROM pg_prepared_statements
WHERE statement LIKE '%%catalog_product%%' AND statement LIKE '%%LIMIT 2'
"""


@pytest.fixture(autouse=True)
def none_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements of this test alone."""
    monkeypatch.setattr(prepared, "STATEMENTS", Statements())


def public(rows: QuerySet[Product]) -> Prepared:
    return Prepared("public", lambda: rows.order_by("-pk"), NAME, {"now": timezone.now()})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no plans")
def test_a_list_that_comes_again_is_not_planned_again() -> None:
    make_product()
    ask = public(Product.objects.public(NOW))
    for _ in range(OFTEN):
        ask.read(2)

    with connection.cursor() as cursor:
        cursor.execute(HOW_PLANNED)
        ((kept, new),) = cursor.fetchall()

    assert kept > 0
    assert new == 0


def test_signs_in_what_is_fixed_are_what_they_were() -> None:
    fits = make_product(name="100% wool")
    make_product(name="100 wool")
    ask = public(Product.objects.public(NOW).filter(name__contains="0% w"))

    found = [ask.read() for _ in range(OFTEN)]

    assert found == [[fits]] * OFTEN


def test_each_is_told_to_who_counts_statements() -> None:
    make_product()
    ask = public(Product.objects.public(NOW))

    with CaptureQueriesContext(connection) as told:
        for _ in range(OFTEN):
            ask.read(2)

    texts: list[Any] = [one["sql"] for one in told.captured_queries]
    assert len(texts) == OFTEN
    assert all("catalog_product" in text for text in texts)
