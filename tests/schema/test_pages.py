"""Pages and their cursors, and the batches that fill them."""

import json
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Collection, Product, Review
from schema import batch, pages
from schema.errors import Denied
from schema.pages import Keyset, PageArgs
from tests.client import call
from tests.factories import make_product, make_user, make_variant

LIST = """query($sort: ProductSort, $first: Int, $after: String, $last: Int, $before: String) {
  products(sort: $sort, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor } nodes { id name } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def made(*content: Any) -> str:
    return urlsafe_b64encode(json.dumps(list(content)).encode()).decode()


FORGED = [
    "", "x", "é", "====", "bm9wZQ==", made(), made("NEWEST"), made("NEWEST", None, 1),
    made("NEWEST", "yesterday", 1), made("NEWEST", "2026-01-01T00:00:00", 1),
    made("NEWEST", "0001-01-01T00:00:00+00:00", 1), made("NEWEST", 5, 1),
    made("NEWEST", "2026-01-01T00:00:00+00:00", "1"),
    made("NEWEST", "2026-01-01T00:00:00+00:00", True),
    made("NEWEST", "2026-01-01T00:00:00+00:00", 10**400),
    made("NEWEST", "2026-01-01T00:00:00+00:00", 1.5), made(["NEWEST"], {}, []),
    made("PRICE_ASC", 10**30, 1), made("PRICE_ASC", -(2**63), 1), made("PRICE_ASC", "1", 1),
    made("PRICE_ASC", True, 1), made("PRICE_ASC", 1.0, 1), made("PRICE_DESC", 1, 2**63),
    made("RATING", float("nan"), 1), made("RATING", float("inf"), 1), made("RATING", 3, 1),
    made("NAME", "a\0b", 1), made("NAME", "\ud800", 1), made("NAME", None, 1),
    urlsafe_b64encode(b"[" * 50_000).decode(), urlsafe_b64encode(b"\xff\xfe").decode(),
    urlsafe_b64encode(b"9" * 5000).decode(), urlsafe_b64encode(b'{"a":1,"b":2,"c":3}').decode(),
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("end", ["after", "before"])
def test_forged_cursors_are_refused(forged: str, end: str) -> None:
    make_product()

    for sort in ("NEWEST", "PRICE_ASC", "NAME", "RATING"):
        asked: dict[str, Any] = {"sort": sort, end: forged}
        assert call(LIST, **asked).codes == ["BAD_REQUEST"], sort


def test_a_cursor_is_good_for_its_own_order_alone() -> None:
    make_product()
    cursor = call(LIST, sort="PRICE_ASC").data["products"]["edges"][0]["cursor"]

    assert call(LIST, sort="PRICE_ASC", after=cursor).data["products"]["nodes"] == []
    for sort in ("PRICE_DESC", "NEWEST", "NAME", "BEST_SELLING"):
        assert call(LIST, sort=sort, after=cursor).codes == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"first": 101}, "LIMIT_EXCEEDED"), ({"last": 101}, "LIMIT_EXCEEDED"),
        ({"first": 1, "last": 1}, "BAD_REQUEST"), ({"first": -1}, "BAD_REQUEST"),
        ({"last": -1}, "BAD_REQUEST"), ({"first": 2**31}, "VALIDATION_FAILED"),
    ],
)  # fmt: skip
def test_pages_that_cannot_be_are_refused(asked: dict[str, Any], code: str) -> None:
    assert call(LIST, **asked).codes == [code]


def test_twenty_when_nothing_is_asked_for_and_none_when_none_are() -> None:
    for _ in range(22):
        make_product()

    usual = call(LIST).data["products"]
    none = call(LIST, first=0).data["products"]

    assert (len(usual["nodes"]), usual["totalCount"]) == (20, 22)
    assert usual["pageInfo"]["hasNextPage"]
    assert not usual["pageInfo"]["hasPreviousPage"]
    assert (none["nodes"], none["totalCount"]) == ([], 22)
    assert none["pageInfo"] == {
        "hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None,
    }  # fmt: skip


def test_between_two_cursors() -> None:
    for _ in range(6):
        make_product()
    everything = call(LIST, sort="PRICE_ASC").data["products"]
    cursors = [edge["cursor"] for edge in everything["edges"]]

    for end in ("first", "last"):
        asked: dict[str, Any] = {"after": cursors[0], "before": cursors[4], end: 100}
        found = call(LIST, sort="PRICE_ASC", **asked)
        assert found.data["products"]["nodes"] == everything["nodes"][1:4]


def test_rows_that_come_meanwhile_move_no_page() -> None:
    for _ in range(6):
        make_product()
    everything = call(LIST, sort="NEWEST").data["products"]["nodes"]
    cursor = call(LIST, sort="NEWEST", first=3).data["products"]["pageInfo"]["endCursor"]

    make_product()

    rest = call(LIST, sort="NEWEST", after=cursor).data["products"]["nodes"]
    assert rest == everything[3:]


NEWEST = Keyset("newest", "created_at", datetime, descending=True)


def reviewed(*counts: int) -> list[Product]:
    made = [make_product() for _ in counts]
    for product, count in zip(made, counts, strict=True):
        for _ in range(count):
            Review.objects.create(product=product, author=make_user(), rating=3)
    return batch.together(made)


def test_pages_of_many_owners_are_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    owners = reviewed(0, 1, 5)
    args = PageArgs.of(3, None, None, None)

    with django_assert_num_queries(2):
        found = [
            pages.slice_for(one, Review.objects.all(), NEWEST, args, by="product_id")
            for one in owners
        ]
        assert [len(page.rows) for page in found] == [0, 1, 3]
        assert [page.is_more for page in found] == [False, False, True]
        assert [page.count() for page in found] == [0, 1, 5]
    newest = Review.objects.filter(product=owners[2]).order_by("-created_at", "-pk")
    assert found[2].rows == list(newest[:3])


def test_pages_of_many_owners_go_backwards_too() -> None:
    owners = reviewed(5, 4)
    args = PageArgs.of(None, None, 2, None)

    for owner in owners:
        page = pages.slice_for(owner, Review.objects.all(), NEWEST, args, by="product_id")
        ordered = list(Review.objects.filter(product=owner).order_by("-created_at", "-pk"))
        assert page.rows == ordered[-2:]


def test_lists_that_differ_in_their_key_are_read_apart() -> None:
    owner = reviewed(3)[0]
    Review.objects.filter(pk=owner.reviews.first().pk).update(rating=5)  # type: ignore[union-attr]
    args = PageArgs.of(None, None, None, None)

    sizes = [
        len(pages.slice_for(owner, rows, NEWEST, args, by="product_id", key=key).rows)
        for key, rows in (
            ("all", Review.objects.all()),
            ("five", Review.objects.filter(rating=5)),
        )
    ]

    assert sizes == [3, 1]


def test_a_shared_child_knows_its_peers_on_every_way(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    shared = [Collection.objects.create(name=name, slug=name) for name in ("a", "b")]
    owners = batch.together(make_product() for _ in range(4))
    for owner in owners:
        owner.collections.set(shared)

    with django_assert_num_queries(2):
        for owner in owners:
            for child in batch.many(owner, "collections", Collection.objects.all()):
                assert len(batch.many(child, "products", Product.objects.all())) == 4


def test_relations_to_one_are_one_statement_and_none_without_keys(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    variants = batch.together(make_variant() for _ in range(3))
    hidden = variants[1].product
    Product.objects.filter(pk=hidden.pk).update(status="DRAFT")

    with django_assert_num_queries(1):
        found = [batch.one(one, "product", Product.objects.public()) for one in variants]
        assert batch.one(hidden, "brand", Product.objects.none()) is None
    assert [one and one.pk for one in found] == [
        variants[0].product_id, None, variants[2].product_id,
    ]  # fmt: skip


def test_the_limits_are_refused_where_pages_are_made() -> None:
    with pytest.raises(Denied):
        PageArgs.of(pages.MOST + 1, None, None, None)
