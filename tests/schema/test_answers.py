"""Answers from memory: the very same as without it, and never of what has changed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type
from pytest_django import Settings

from catalog import counts, products, stamp
from catalog.models import Product
from checkout.quotes import Wish
from schema.answers import given, public, shelf
from schema.answers.door import LONGEST
from schema.answers.shelf import Kept, Shelf
from schema.http import media
from schema.root import schema
from tests.catalog.races import at_once
from tests.checkout.carting import guest_cart
from tests.factories import make_product, make_staff, make_user, make_variant
from tests.schema.doors import Counted, Street
from users import tokens

NAMES = "{ products { nodes { name inStock } totalCount } }"


@pytest.fixture
def street() -> Street:
    make_variant()
    return Street()


def renamed(product: Product, name: str) -> None:
    products.update(product, {"name": name}, user=make_user(is_staff=True, is_superuser=True))


def names(street: Street) -> list[str]:
    return [node["name"] for node in street.post(NAMES).data["products"]["nodes"]]


# ── the same ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("accept", ["*/*", media.GRAPHQL])
def test_an_answer_from_memory_is_the_same_to_the_byte(street: Street, accept: str) -> None:
    headers = {"Accept": accept}
    computed = street.post(NAMES, past=True, headers=headers)
    first, again = (street.post(NAMES, headers=headers) for _ in range(2))

    assert street.django.asked == 1
    assert first.lasting == again.lasting == computed.lasting
    assert len({one.headers["X-Request-ID"] for one in (computed, first, again)}) == 3
    assert again.headers["Cache-Control"] == "no-store"
    assert again.headers["Content-Length"] == str(len(again.body))


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Accept": media.GRAPHQL}},
        {"headers": {"Host": "localhost"}},
        {"headers": {"X-Forwarded-Proto": "https"}},
        {"secure": True},
    ],
)
def test_what_an_answer_can_depend_on_tells_answers_apart(
    street: Street, sent: dict[str, Any]
) -> None:
    street.post(NAMES)
    answer = street.post(NAMES, **sent)

    assert street.django.asked == 2
    assert answer.lasting == street.post(NAMES, past=True, **sent).lasting


def asked_with(street: Street, **headers: str) -> None:
    for name, said in headers.items():
        assert street.post(NAMES, headers={name.replace("_", "-"): said}).status in (200, 301, 400)


def test_headers_of_any_length_take_no_place(street: Street) -> None:
    for number in range(3):
        asked_with(street, Host=f"localhost:{str(number).rjust(300, '0')}")
    assert len(street.door.shelf) == 0

    for said in ("https, " + "x" * 9000, "https", "https,http"):
        asked_with(street, X_Forwarded_Proto=said)
    assert len(street.door.shelf) == 1


def test_a_proxy_that_says_http_is_told_from_one_that_says_nothing(street: Street) -> None:
    """Where both come by HTTPS the former is not: Django sends it there, or says less."""
    street.post(NAMES, secure=True)
    street.post(NAMES, secure=True, headers={"X-Forwarded-Proto": "http"})

    assert street.django.asked == 2


def test_the_scheme_tells_answers_apart_for_one_and_the_same_host(street: Street) -> None:
    host = {"Host": "localhost"}
    street.post(NAMES, headers=host)
    answer = street.post(NAMES, headers=host, secure=True)

    assert "Strict-Transport-Security" in answer.headers
    assert street.django.asked == 2


def test_a_host_that_is_not_the_shops_is_refused_also_for_what_is_kept(street: Street) -> None:
    street.post(NAMES)

    assert street.post(NAMES, headers={"Host": "elsewhere.example.com"}).status == 400


# ── what is kept ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "document",
    [
        "{ shop { name } }",
        '{ product(slug: "nothing") { id } }',
        "query A { __typename categories { id } }",
        "{ products { ...page } } fragment page on ProductConnection { totalCount }",
        "{ reviews { nodes { author } } }",
    ],
)
def test_answers_that_are_the_same_for_everybody_are_kept(street: Street, document: str) -> None:
    first = street.post(document)

    assert "errors" not in json.loads(first.body)
    assert street.post(document).lasting == first.lasting
    assert street.django.asked == 1


@pytest.mark.parametrize(
    "document",
    [
        "{ me { email } }",
        "{ shop { name } me { email } }",
        "{ products { nodes { variants { available } } } }",
        "{ products { ...p } } fragment p on ProductConnection { nodes { variants { n: stock } } }",
        '{ cart(token: "x") { id } }',
        '{ order(number: "X", accessToken: "y") { number } }',
        '{ node(id: "x") { ... on Order { number } } }',
        "{ __schema { types { name } } }",
        "mutation { __typename }",
        "{ nope }",
        "{",
        "{ products(first: 1000) { totalCount } }",
        '{ shop { name } variant(sku: "a", id: "b") { name } }',
        'mutation { tokenRevoke(input: {refreshToken: "x"}) { errors { code } } }',
    ],
)
def test_nothing_personal_exact_or_wrong_is_kept(street: Street, document: str) -> None:
    for _ in range(3):
        street.post(document)

    assert street.django.asked == 3


def test_who_signs_in_is_answered_by_django(street: Street) -> None:
    hidden = make_product(name="Not yet", status="DRAFT")
    street.post(NAMES)
    bearer = f"Bearer {tokens.access_token(make_staff())}"

    seen = street.post(NAMES, headers={"Authorization": bearer})

    assert hidden.name in seen.body.decode()
    assert hidden.name not in street.post(NAMES).body.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Authorization": "Bearer nonsense"}},
        {"headers": {"Cookie": "a=b"}},
        {"path": "/graphql/?a=b"},
        {"path": "/graphql"},
        {"content_type": "application/json; charset=utf-16"},
    ],
)
def test_what_is_asked_in_another_way_is_not_kept(street: Street, sent: dict[str, Any]) -> None:
    street.post(NAMES)
    street.post(NAMES, **sent)
    street.post(NAMES, **sent)

    assert street.django.asked == 3


def test_a_long_question_is_answered_and_not_kept(street: Street) -> None:
    long = f"{{ shop {{ name }} }} #{'x' * LONGEST}"

    assert [street.post(long).status for _ in range(2)] == [200, 200]
    assert street.django.asked == 2


def test_a_guests_cart_is_never_kept(street: Street) -> None:
    _, token = guest_cart(Wish(make_variant(stock=5).pk, 2))
    asked = f'{{ cart(token: "{token}") {{ id lines {{ quantity }} }} }}'

    assert [street.post(asked).data["cart"]["lines"] for _ in range(2)] == [[{"quantity": 2}]] * 2
    assert street.django.asked == 2


def test_an_answer_that_became_another_on_its_way_out_is_not_kept() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        given.give(environ, given.Given(b"{}", ""))
        start_response("503 Service Unavailable", [("X-Request-ID", "1")])
        return [b"Later."]

    shelf = Shelf()

    shown = Street(app, shelf).post(NAMES)

    assert (shown.status, shown.body, len(shelf)) == (503, b"Later.", 0)


def test_without_its_database_the_stamp_stops_nothing() -> None:
    """The door steps aside: what then happens is for Django to say."""

    def refuse(*_: Any) -> Any:
        raise DatabaseError("no such luck")

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    with connection.execute_wrapper(refuse):
        shown = Street(app).send(b"the whole body")

    assert (shown.status, shown.body) == (200, b"the whole body")


# ── what has changed ────────────────────────────────────────────────────────────────────────
@pytest.mark.transactional
def test_who_changes_something_sees_it_at_once(street: Street) -> None:
    lamp = Product.objects.get()
    before = names(street)

    renamed(lamp, "Halo")

    assert (before, names(street)) == ([lamp.name], ["Halo"])


@pytest.mark.transactional
def test_what_changes_while_an_answer_is_computed_leaves_nothing_old() -> None:
    lamp = make_variant().product
    changes = [lambda: renamed(lamp, "Halo")]

    def change() -> None:
        while changes:
            at_once(changes.pop())

    street = Street(Counted(meanwhile=change))
    overtaken = names(street)

    assert overtaken == [lamp.name]
    assert names(street) == names(street) == ["Halo"]
    assert street.django.asked == 2


@pytest.mark.transactional
def test_readers_and_writers_at_once_leave_nothing_old(street: Street) -> None:
    lamp = Product.objects.get()

    def write() -> None:
        for at in range(15):
            renamed(lamp, f"Halo {at}")
            assert names(street) == [f"Halo {at}"]

    def read() -> None:
        for _ in range(60):
            street.post(NAMES)

    at_once(write, read, read)

    assert names(street) == ["Halo 14"]


def test_no_answer_gets_old_whatever_the_stamp_says() -> None:
    now = 0.0
    street = Street(shelf=Shelf(clock=lambda: now))
    lamp = make_variant().product
    names(street)
    Product.objects.filter(pk=lamp.pk).update(name="Halo")  # and nobody told the stamp

    now = shelf.OLDEST - 0.1
    kept = names(street)
    now = shelf.OLDEST

    assert (kept, names(street)) == ([lamp.name], ["Halo"])


def test_an_answer_and_the_counts_in_it_stay_within_half_a_minute_together() -> None:
    """Also a count that was made from another: as that of the hits of a search."""
    assert shelf.OLDEST + 2 * counts.KEPT + stamp.POLL < 30


@pytest.mark.transactional
def test_the_count_of_a_search_is_right_after_half_a_minute_whatever_it_was_made_from(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.GRAPHQL_ANSWER_CACHE = True
    now = 1000.0
    monkeypatch.setattr(counts, "monotonic", lambda: now)
    street = Street(shelf=Shelf(clock=lambda: now))
    lamp = make_variant(product=make_product(name="Lantern")).product

    def count(name: str) -> int:
        document = f'query {name} {{ products(search: "lantern") {{ totalCount }} }}'
        return int(street.post(document).data["products"]["totalCount"])

    street.post('{ products(search: "lantern") { nodes { name } } }')  # its hits are kept
    Product.objects.filter(pk=lamp.pk).update(name="Rug", search_text="rug")  # the stamp is lost
    now += counts.KEPT - 0.1
    count("A")  # made from those hits, and kept
    now += counts.KEPT - 0.2
    count("B")  # an answer with that count
    now = 1030.0

    assert count("B") == 0


# ── bounds ──────────────────────────────────────────────────────────────────────────────────
def kept(body: bytes = b"") -> Kept:
    return Kept("200 OK", [], body, "", stamp=1, since=0.0)


def put(shelf: Shelf, *keys: int, size: int = 1) -> None:
    for key in keys:
        shelf.keep(key, kept(), size=size)


def there(shelf: Shelf) -> list[int]:
    return [key for key in range(10) if shelf.find(key, 1)]


def test_the_longest_unused_goes_first() -> None:
    few = Shelf(most=3, clock=lambda: 0.0)
    put(few, 1, 2, 3)
    few.find(1, 1)
    put(few, 4, 4)

    assert there(few) == [1, 3, 4]


def test_a_stream_of_ever_new_questions_drives_out_nothing() -> None:
    few = Shelf(most=3, clock=lambda: 0.0)
    put(few, 1, 2, 3)
    put(few, *range(10, 60))

    assert there(few) == [1, 2, 3]


def test_what_is_kept_already_is_replaced_where_there_is_no_room() -> None:
    few = Shelf(most=1, clock=lambda: 0.0)
    put(few, 1)
    few.keep(1, replace(kept(), stamp=2), size=1)

    assert few.find(1, 2)


def test_the_bytes_are_bounded_and_what_is_replaced_counts_no_more() -> None:
    small = Shelf(most_bytes=10, clock=lambda: 0.0)
    put(small, 1, 1, 2, size=4)
    assert (there(small), small.bytes) == ([1, 2], 8)

    put(small, 3, 3, size=4)
    assert (there(small), small.bytes) == ([2, 3], 8)


def test_what_is_too_large_has_no_place() -> None:
    one = Shelf(clock=lambda: 0.0)
    put(one, 1, size=shelf.LARGEST + 1)

    assert (there(one), one.bytes) == ([], 0)


# ── the tables ──────────────────────────────────────────────────────────────────────────────
CORE = schema._schema


def reachable() -> set[str]:
    """The types that a kept field leads to, and what an interface among them stands for."""
    found, next_ones = {"Query"}, ["Query"]
    while next_ones:
        for name in leads_to(next_ones.pop()):
            if name not in found:
                found.add(name)
                next_ones.append(name)
    return found


def leads_to(name: str) -> Iterator[str]:
    kind = CORE.type_map[name]
    if isinstance(kind, GraphQLInterfaceType):
        yield from (one.name for one in CORE.get_possible_types(kind))
    if isinstance(kind, GraphQLObjectType):
        yield from (one.name for one in kind.interfaces)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        yield from (
            get_named_type(kind.fields[field].type).name
            for field in public.KEPT.get(name, ())
            if field in kind.fields
        )


def test_every_field_that_can_be_reached_is_said_to_be_kept_or_not() -> None:
    unsaid, gone = [], []
    for name in reachable() - public.PERSONAL:
        kind = CORE.type_map[name]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            nothing: frozenset[str] = frozenset()
            known = public.KEPT.get(name, nothing), public.NOT_KEPT.get(name, nothing)
            assert not known[0] & known[1]
            unsaid += [f"{name}.{field}" for field in kind.fields.keys() - known[0] - known[1]]
            gone += [f"{name}.{field}" for field in (known[0] | known[1]) - kind.fields.keys()]

    assert (unsaid, gone) == ([], [])


def test_the_tables_name_no_type_that_cannot_be_reached() -> None:
    named = public.KEPT.keys() | public.NOT_KEPT.keys() | public.PERSONAL

    assert named <= reachable()
    assert not public.KEPT.keys() & public.PERSONAL
