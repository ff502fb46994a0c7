"""Every field of the query type, for every kind of caller."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schema.authorization.rules import Cell, Rule
from schema.authorization.table import rule_of
from tests.client import call as ask
from tests.factories import make_category
from tests.schema.authorization.cast import callers
from tests.schema.authorization.test_nodes import nothing_like
from tests.schema.authorization.world import World, make_world
from tests.schema.trying import GRAPHQL
from tests.schema.whole_inputs import collection

FIELDS = GRAPHQL.query_type.fields if GRAPHQL.query_type else {}
Ask = tuple[str, dict[str, Any], dict[str, Any]]


@pytest.fixture
def world() -> World:
    return make_world()


def by_id(name: str, rest: str = "{ id }") -> Callable[[World], Ask]:
    field = name[0].lower() + name[1:]
    document = f"query($id: ID!) {{ {field}(id: $id) {rest} }}"
    return lambda world: (document, {"id": world.id(name)}, {"id": nothing_like(name)})


# Each way to ask for something of the world's, and the same way to ask for what does not exist.
WAYS: dict[str, Callable[[World], Ask]] = {
    "product": by_id("Product"),
    "product/by slug": lambda world: (
        "query($slug: String!) { product(slug: $slug) { id } }",
        {"slug": world.rows["Product"].slug},
        {"slug": "none"},
    ),
    "variant": by_id("Variant"),
    "variant/by sku": lambda world: (
        "query($sku: String!) { variant(sku: $sku) { id } }",
        {"sku": world.rows["Variant"].sku},
        {"sku": "none"},
    ),
    "order": by_id("Order"),
    "order/by number": lambda world: (
        "query($number: String!) { order(number: $number) { id } }",
        {"number": world.rows["Order"].number},
        {"number": "0000-0000-0000"},
    ),
    "order/with a wrong token": lambda world: (
        'query($number: String!) { order(number: $number, accessToken: "no") { id } }',
        {"number": world.rows["Order"].number},
        {"number": "0000-0000-0000"},
    ),
    "cart": lambda world: (
        "query($cart: String!) { cart(token: $cart) { id } }",
        {"cart": world.cart_token},
        {"cart": "x" * 43},
    ),
    "products": lambda world: (
        (
            "query($ids: [ID!]) { products(filter: { ids: $ids }) { totalCount nodes { id }"
            " facets { kind values { count } } } }"
        ),
        {"ids": [world.id("Product")]},
        {"ids": [nothing_like("Product")]},
    ),
    "products/searched": lambda world: (
        "query($search: String) { products(search: $search) { totalCount nodes { id } } }",
        {"search": world.rows["Variant"].sku},
        {"search": "nothing-has-this"},
    ),
    "reviews": lambda world: (
        (
            "query($id: ID, $status: [ReviewStatus!]) { reviews(filter: { productId: $id,"
            " status: $status }) { totalCount nodes { id } } }"
        ),
        {"id": world.id("Product of review"), "status": ["PENDING"]},
        {"id": nothing_like("Product"), "status": ["PENDING"]},
    ),
}
PUBLIC = {
    "categories": "{ categories { id } }",
    "category": "query($category: ID) { category(id: $category) { id } }",
    "collections": "{ collections { nodes { id } } }",
    "collection": "query($collection: ID) { collection(id: $collection) { id } }",
    "shop": "{ shop { name } }",
}
GUARDED = {
    "users": "{ users { nodes { id email } } }",
    "orders": "{ orders { nodes { id email } } }",
    "paymentHealth": "{ paymentHealth { flaggedOrders } }",
}
ELSEWHERE = {"node", "nodes", "me"}


def rule_for(way: str) -> Rule:
    rule = rule_of(FIELDS[way.partition("/")[0]], None)
    assert rule
    return rule


def test_every_root_field_is_tried() -> None:
    tried = {way.partition("/")[0] for way in WAYS} | PUBLIC.keys() | GUARDED.keys() | ELSEWHERE
    assert tried == set(FIELDS)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_somebodys(way: str, world: World) -> None:
    name, rule = way.partition("/")[0], rule_for(way)
    world.rows["Product of review"] = world.rows["Review"].product
    document, wanted, nothing = WAYS[way](world)
    owner = world.maker if rule.staff_owned else world.owner

    for actor, caller in callers(rule, owner):
        found = ask(document, user=caller, **wanted)
        none = ask(document, user=caller, **nothing)
        if rule.cell(actor) is Cell.YES:
            assert found.data != none.data, actor
        else:
            assert rule.cell(actor) is Cell.HIDDEN
            assert json.dumps(found.body) == json.dumps(none.body), (name, actor)


@pytest.mark.parametrize("field", PUBLIC)
def test_what_is_for_everybody(field: str, world: World) -> None:
    rule = rule_for(field)
    variables = {"category": make_category(), "collection": collection()}
    given = {name: world.rows.setdefault(name, row) for name, row in variables.items()}
    sent = {name: world.id(name) for name in given if f"${name}" in PUBLIC[field]}

    answers = [ask(PUBLIC[field], user=who, **sent).data for _, who in callers(rule, world.owner)]

    assert rule.is_public
    assert all(answer == answers[0] and answer[field] for answer in answers)


@pytest.mark.parametrize("field", GUARDED)
def test_what_only_staff_may_ask(field: str, world: World) -> None:
    rule = rule_for(field)

    for actor, caller in callers(rule, world.owner):
        answer = ask(GUARDED[field], user=caller)
        if rule.cell(actor) is Cell.YES:
            assert answer.data[field]
        else:
            assert answer.body["data"] is None
            assert answer.codes == [rule.cell(actor).value], actor


def test_everybody_is_themselves(world: World) -> None:
    rule = rule_for("me")

    for actor, caller in callers(rule, world.owner):
        me = ask("{ me { email } }", user=caller).data["me"]
        assert me == (
            None if rule.cell(actor) is Cell.NULL or not caller else {"email": caller.email}
        )


def test_a_token_opens_what_it_is_for_and_nothing_else(world: World) -> None:
    document = "query($n: String!, $t: String!) { order(number: $n, accessToken: $t) { id } }"
    number = world.rows["Order"].number

    own = ask(document, n=number, t=world.access_token).data["order"]
    other = ask(document, n="0000-0000-0000", t=world.access_token).data["order"]

    assert own == {"id": world.id("Order")}
    assert other is None
