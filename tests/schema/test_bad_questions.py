"""Wrong values for every argument of every query: told so, or nothing found, and never a break."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLArgument, get_named_type, is_interface_type, is_object_type

from catalog import collections
from checkout.models import Order
from tests.checkout.buying import place
from tests.factories import make_variant
from tests.schema.hostile import packed, with_value
from tests.schema.test_bad_input import drawn
from tests.schema.trying import GRAPHQL, post, selection, undone
from tests.schema.whole_inputs import boss, collection, image, picture, review
from users import tokens
from users.models import User

# How to get to an object of each type whose fields take arguments.
WAYS = {
    "Query": "%s",
    "Product": 'product(slug: "lamp") { %s }',
    "Image": 'product(slug: "lamp") { images { %s } }',
    "Picture": 'product(slug: "lamp") { images { ... on Picture { %s } } }',
    "CoverImage": 'collection(slug: "gifts") { image { %s } }',
    "Category": "categories { %s }",
    "Collection": 'collection(slug: "gifts") { %s }',
    "User": "me { %s }",
}
WANTED = [{"name": "Wood", "values": ["Oak"]}]
# What stands in an argument at first, for its own fields to be made wrong one by one.
WHOLE: dict[str, Any] = {
    "ProductFilter": {
        "category": ["lamps"], "collection": ["gifts"], "brand": ["Nordlys"], "minPrice": "1",
        "maxPrice": "99", "inStock": True, "minRating": 1.0, "attributes": WANTED,
        "options": WANTED, "status": ["ACTIVE"], "ids": [packed("Product:1")],
        "updatedFrom": "2026-01-01T00:00:00Z",
    },
    "OrderFilter": {
        "status": ["CONFIRMED"], "paymentStatus": ["PAID"], "fulfilmentStatus": ["FULFILLED"],
        "search": "ada", "placedFrom": "2026-01-01T00:00:00Z",
    },
    "ReviewFilter": {"status": ["PUBLISHED"], "productId": packed("Product:1")},
    "SelectedOptionInput": [{"name": "Colour", "value": "Red"}],
    "ID": [packed("Product:1")],
}  # fmt: skip
REFUSALS = {"BAD_REQUEST", "LIMIT_EXCEEDED", "VALIDATION_FAILED"}


def asked() -> Iterator[tuple[str, str, str, GraphQLArgument]]:
    """Every argument of every field that can be read."""
    for type in GRAPHQL.type_map.values():
        is_read = is_object_type(type) or is_interface_type(type)
        if not is_read or type.name == "Mutation" or type.name.startswith("__"):
            continue
        for name, field in type.fields.items():  # type: ignore[attr-defined]
            for argument, about in field.args.items():
                yield type.name, name, argument, about


@pytest.fixture
def staff() -> User:
    """Somebody who may see all, with something of each kind to see."""
    user, variant = boss(), make_variant()
    variant.product.slug = "lamp"
    variant.product.save()
    image(variant.product)
    review()
    collections.update(collection(), {"image": picture()})
    place({variant: 1}, user=user)
    return user


def document_of(type: str, field: str, argument: str, kind: Any) -> str:
    """A query with that one argument as a variable; `order` gets the number its token needs."""
    more = f' number: "{Order.objects.get().number}"' if argument == "accessToken" else ""
    found = GRAPHQL.type_map[type].fields[field].type  # type: ignore[attr-defined]
    shown = selection(found, 2 if "Connection" in str(found) else 1)
    inner = f"{field}({argument}: $input{more}){shown}"
    return f"query($input: {kind}) {{ {WAYS[type] % inner} }}"


def test_wrong_arguments_are_refused_or_find_nothing(staff: User) -> None:
    token = tokens.access_token(staff)

    for type, field, name, argument in asked():
        where = f"{type}.{field}.{name}"
        document = document_of(type, field, name, argument.type)
        whole = WHOLE.get(get_named_type(argument.type).name)
        for path, value, _ in drawn(where, argument.type, whole):
            with undone() as written:
                answer = post(document, {"input": with_value(whole, path, value)}, token)
            seen = (where, path, ascii(value)[:200], answer.body)
            assert answer.status < 500, seen
            assert set(answer.codes) <= REFUSALS, seen
            assert not written, seen


def cursors(real: str) -> Iterator[str]:
    name, value, pk = json.loads(urlsafe_b64decode(real))
    texts = ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", "\0"]
    values: list[Any] = [
        None,
        True,
        10**400,
        1e999,
        float("nan"),
        2**63,
        -1,
        [],
        {},
        "\ud800",
        *texts,
        "x" * 9_000,
    ]
    for odd in values:
        yield written([name, odd, pk])
    for odd in (None, True, 2**63, -(2**63), 10**400, 1.5, "1", [], -1):
        yield written([name, value, odd])
    for odd in (
        [],
        {},
        [name],
        [name, value],
        [name, value, pk, pk],
        ["other", value, pk],
        None,
        7,
    ):
        yield written(odd)
    yield from ("", " ", "=", "é", "x", "\u0661", real[:-5], real + "=", "[" * 50_000)
    yield urlsafe_b64encode(b"[" * 50_000).decode()
    yield urlsafe_b64encode(b"\xff\xfe").decode()


def written(cursor: Any) -> str:
    return urlsafe_b64encode(json.dumps(cursor).encode()).decode()


LISTS = [(type, field) for type, field, argument, _ in asked() if argument == "after"]


@pytest.mark.parametrize(("type", "field"), LISTS)
def test_cursors_of_ones_own_making_break_nothing(staff: User, type: str, field: str) -> None:
    token = tokens.access_token(staff)
    shown = "{ nodes { __typename } pageInfo { endCursor } }"
    whole = "query($after: String) { %s }" % (WAYS[type] % f"{field}(after: $after) {shown}")
    first = post(whole, {}, token)
    found = [*find(first.body, "endCursor")]
    real = found[0] if found and found[0] else written(["newest", "2026-01-01T00:00:00+00:00", 1])

    for cursor in cursors(real):
        answer = post(whole, {"after": cursor}, token)
        assert answer.status == 200, (cursor[:100], answer.body)
        assert set(answer.codes) <= {"BAD_REQUEST"}, (cursor[:100], answer.body)


def find(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == name else find(inner, name)
    if isinstance(value, list):
        for inner in value:
            yield from find(inner, name)
