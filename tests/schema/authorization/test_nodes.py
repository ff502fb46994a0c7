"""Every type that `node` leads to, by `node` and `nodes`, for every kind of caller."""

import json
from itertools import permutations
from typing import Any

import pytest
from graphql import GraphQLObjectType

from schema import ids
from schema.authorization.rules import Actor, Cell, Rule
from schema.authorization.table import lines, rule_of_type
from tests.client import Answer
from tests.client import call as ask
from tests.factories import make_category
from tests.schema.authorization.cast import callers
from tests.schema.authorization.world import World, make_world
from tests.schema.trying import GRAPHQL, selection
from tests.schema.whole_inputs import collection

PRIVATE = sorted(ids.NODES.keys() - {"Category", "Collection"})
RULES = {line.name: line.rule for line in lines(GRAPHQL)}


@pytest.fixture
def world() -> World:
    return make_world()


def type_named(name: str) -> Any:
    kind = GRAPHQL.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def rule_of(name: str) -> Rule:
    rule = rule_of_type(type_named(name))
    assert rule
    return rule


def whole(name: str) -> str:
    return f"__typename ... on {name} {selection(type_named(name), 1)}"


def nothing_like(name: str) -> str:
    return ids.pack(name, "0000-0000-0000" if name == "Order" else "999999999")


def as_text(answer: Answer) -> str:
    return json.dumps(answer.body)


@pytest.mark.parametrize("name", PRIVATE)
def test_a_row_by_its_id(name: str, world: World) -> None:
    shown, rule = whole(name), rule_of(name)
    document = (
        f"query($id: ID!) {{ node(id: $id) {{ {shown} }} nodes(ids: [$id, $id]) {{ {shown} }} }}"
    )

    for actor, caller in callers(rule, world.owner_of(name)):
        answer = ask(document, user=caller, id=world.id(name))
        assert rule.cell(actor) in (Cell.YES, Cell.HIDDEN)
        if rule.cell(actor) is Cell.HIDDEN:
            nothing = ask(document, user=caller, id=nothing_like(name))
            assert answer.data == {"node": None, "nodes": [None, None]}, actor
            assert as_text(answer) == as_text(nothing)
            continue
        row = answer.data["node"]
        assert row["id"] == world.id(name), actor
        assert answer.data["nodes"] == [row, row]
        check_fields(name, row, actor)


def check_fields(name: str, row: dict[str, Any], actor: Actor) -> None:
    """What the rules of single fields say of those that are asked for."""
    for field in row.keys() - {"__typename"}:
        rule = RULES[f"{name}.{field}"]
        assert rule is not None
        if rule.cell(actor) is Cell.NULL:
            assert row[field] is None, (actor, field)
        elif rule is not rule_of(name):
            assert row[field] is not None, (actor, field)


@pytest.mark.parametrize("name", ["Category", "Collection"])
def test_a_public_row_by_its_id(name: str) -> None:
    row = make_category() if name == "Category" else collection()

    found = ask("query($id: ID!) { node(id: $id) { id } }", id=ids.of(row)).data["node"]

    assert rule_of(name).is_public
    assert found == {"id": ids.of(row)}


def test_every_type_with_a_row_behind_it_is_tried(world: World) -> None:
    assert world.rows.keys() - {"Cart"} == set(PRIVATE)


def test_mixed_ids_are_each_answered_by_their_own_type(world: World) -> None:
    names = [*PRIVATE, "Category"]
    public = make_category()
    wanted = {name: public if name == "Category" else world.rows[name] for name in names}
    mixed = [ids.of(row) for row in wanted.values()]
    asked = [*mixed, nothing_like("Order"), "junk", "", *reversed(mixed)]

    for rule in {rule_of(name) for name in names}:
        for _, caller in callers(rule, world.owner):
            alone = [
                ask("query($id: ID!) { node(id: $id) { id } }", user=caller, id=id).data["node"]
                for id in mixed
            ]
            found = ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", user=caller, ids=asked)
            assert found.data["nodes"] == [*alone, None, None, None, *reversed(alone)]


def test_aliases_of_one_field_are_each_answered_by_themselves(world: World) -> None:
    document = """query($mine: ID!, $draft: ID!, $none: ID!) {
        a: node(id: $none) { id } b: node(id: $draft) { id } c: node(id: $mine) { id }
        d: product(id: $draft) { id } e: order(id: $mine) { id } f: order(id: $none) { id }
    }"""
    asked: dict[str, Any] = {
        "mine": world.id("Order"),
        "draft": world.id("Product"),
        "none": nothing_like("Order"),
    }

    owner = ask(document, user=world.owner, **asked).data
    guest = ask(document, **asked).data

    mine = {"id": world.id("Order")}
    assert owner == dict.fromkeys("abdf") | {"c": mine, "e": mine}
    assert guest == dict.fromkeys("abcdef")


def test_an_id_never_opens_the_row_of_another_type(world: World) -> None:
    """The same key under another type's name is that type's row, or none."""
    models = [type_named(name).extensions["strawberry-definition"].origin for name in ids.NODES]
    tables = [kind.__strawberry_django_definition__.model for kind in models]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"

    pairs = list(permutations(PRIVATE, 2))
    asked = [ids.pack(name, str(world.rows[other].pk)) for name, other in pairs]
    asked += [ids.pack("Image", "1"), ids.pack("ProductImage", "1"), ids.pack("Cart", "1")]

    assert len(set(tables)) == len(tables)  # two types of one table would need a look at both
    for start in range(0, len(asked), 100):
        part = asked[start : start + 100]
        found = ask(document, user=world.owner, ids=part).data["nodes"]
        for id, row in zip(part, found, strict=True):
            name, _ = ids.unpack(id) or ("", "")
            assert row is None or (row["__typename"] == name and row["id"] == id)
