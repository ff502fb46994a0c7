"""Every way through the schema to what not everybody may see, walked by every kind of caller."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from graphql import (
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from catalog import models
from schema import ids
from schema.authorization.rules import Cell
from schema.authorization.table import lines, rule_of_type
from schema.context import Context
from schema.root import schema
from tests.factories import make_staff
from tests.schema.authorization.cast import somebody, with_belongings
from tests.schema.authorization.test_nodes import type_named
from tests.schema.authorization.world import (
    DRAFT,
    OWNERS,
    SECRET,
    World,
    kind_of,
    make_world,
    owner_key,
)
from tests.schema.trying import GRAPHQL
from tests.schema.whole_inputs import boss
from users import tokens
from users.models import User

Path = tuple[str, ...]
LONGEST = 6  # fields from the query down; with seven come the same types by further detours
MOST_FIELDS = 400  # of one document
RULES = {line.name: line.rule for line in lines(GRAPHQL)}
TYPES = {name: rule_of_type(type_named(name)) for name in OWNERS}
# Facets are counted for one list at a time; the lists below others are of several.
LEFT_OUT = {"edges", "facets"}
PERMISSIONS = ["checkout.view_order", "users.view_user", "catalog.change_product"]


@pytest.fixture(scope="module")
def roads() -> dict[str, list[Path]]:
    """By root field all ways down from it, each type once on a way."""
    assert GRAPHQL.query_type
    found: dict[str, list[Path]] = {}
    for path in ways_from(GRAPHQL.query_type, (), frozenset()):
        found.setdefault(path[0], []).append(path)
    return found


def ways_from(kind: Any, path: Path, passed: frozenset[str]) -> Iterator[Path]:
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if not is_object_type(inner) or inner.name in passed or name in LEFT_OUT:
            continue
        if path and any(map(is_required_argument, field.args.values())):
            continue
        yield (*path, name)
        if len(path) + 1 < LONGEST:
            yield from ways_from(inner, (*path, name), passed | {inner.name})


def documents(root: str, asked: str, paths: list[Path]) -> Iterator[str]:
    """As many documents as it takes to go all of the ways."""
    tree: dict[str, Any] = {}
    for path in paths:
        at = tree
        for step in path:
            at = at.setdefault(step, {})
        if size(GRAPHQL.query_type, tree) > MOST_FIELDS:
            yield f"{{ {asked} {written(root_type(root), tree[root])} }}"
            tree = {}
    if tree:
        yield f"{{ {asked} {written(root_type(root), tree[root])} }}"


def root_type(root: str) -> Any:
    assert GRAPHQL.query_type
    return get_named_type(GRAPHQL.query_type.fields[root].type)


def leaves(kind: Any) -> list[str]:
    names = [
        name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))
    ]
    return ["__typename", *names]


def size(kind: Any, tree: dict[str, Any]) -> int:
    below = (size(get_named_type(kind.fields[name].type), sub) for name, sub in tree.items())
    return len(leaves(kind)) + sum(below)


def written(kind: Any, tree: dict[str, Any]) -> str:
    parts = leaves(kind)
    for name, sub in tree.items():
        field = kind.fields[name]
        page = "(first: 2)" if "first" in field.args else ""
        parts.append(f"{name}{page} {written(get_named_type(field.type), sub)}")
    return f"{{ {' '.join(parts)} }}"


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from objects_in(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects_in(item)


class Walk:
    """What one caller was shown, each object judged by the rule of its type."""

    def __init__(self, caller: User | None, seen: set[str]) -> None:
        self.caller, self.seen = caller, seen
        request = HttpRequest()
        if caller:
            request.META["HTTP_AUTHORIZATION"] = f"Bearer {tokens.access_token(caller)}"
        self.request, self.text = request, ""

    def go(self, document: str) -> None:
        answer = schema.execute_sync(document, context_value=Context(self.request))
        codes = {(error.extensions or {}).get("code") for error in answer.errors or []}
        assert codes <= {"UNAUTHENTICATED", "FORBIDDEN"}, (answer.errors, document)
        self.text += repr(answer.data)
        for shown in objects_in(answer.data):
            self.judge(shown)

    def judge(self, shown: dict[str, Any]) -> None:
        name = shown.get("__typename", "")
        if name in OWNERS:
            self.judge_row(name, shown)
        for field, value in shown.items():
            if value not in (None, [], ""):
                self.seen.add(f"{name}.{field}")

    def judge_row(self, name: str, shown: dict[str, Any]) -> None:
        rule = TYPES[name]
        row = ids.find(table_of(name)._base_manager.all(), shown["id"])
        assert rule
        assert row
        owner = owner_key(name, row)
        actor = kind_of(self.caller, rule, owner)
        assert is_public(name, row) or rule.cell(actor) is Cell.YES, (actor, shown)
        for field in shown.keys() - {"__typename"}:
            own = RULES[f"{name}.{field}"]
            assert own
            if own.cell(kind_of(self.caller, own, owner)) is Cell.NULL:
                assert shown[field] is None, (actor, field)


def table_of(name: str) -> Any:
    kind = type_named(name).extensions["strawberry-definition"].origin
    return kind.__strawberry_django_definition__.model


def is_public(name: str, row: Any) -> bool:
    """Whether everybody may see it now."""
    if name == "Review":
        return models.Review.objects.published().filter(pk=row.pk).exists()
    if name not in ("Product", "Variant", "Image"):
        return False
    product = row if name == "Product" else row.product
    live = getattr(row, "archived_at", None) is None
    return live and models.Product.objects.public().filter(pk=product.pk).exists()


def questions(world: World) -> dict[str, str]:
    """How each root field is asked; `node` and `nodes` have tests of their own."""
    by_id = {name: f'{name.lower()}(id: "{world.id(name)}")' for name in ("Product", "Variant")}
    category, collection = models.Category.objects.get(), models.Collection.objects.get()
    return {
        "product": by_id["Product"],
        "variant": by_id["Variant"],
        "order": f'order(id: "{world.id("Order")}")',
        "cart": f'cart(token: "{world.cart_token}")',
        "category": f'category(id: "{ids.of(category)}")',
        "collection": f'collection(id: "{ids.of(collection)}")',
        "categories": "categories",
        "collections": "collections(first: 2)",
        "products": 'products(first: 2, filter: { category: "lamps" })',
        "reviews": "reviews(first: 2)",
        "users": 'users(first: 2, search: "wanda")',
        "orders": "orders(first: 2)",
        "me": "me",
        "shop": "shop",
        "paymentHealth": "paymentHealth",
    }


def on_shelves(world: World) -> None:
    """The draft and a product on sale, with a published review, side by side in every list."""
    category = models.Category.objects.create(name="Lamps", slug="lamps")
    models.Category.objects.update(path=f"/{category.pk}/")
    collection = models.Collection.objects.create(name="Gifts", slug="gifts")
    products = [world.rows["Product"], world.rows["OrderLine"].variant.product]
    for position, product in enumerate(products):
        models.CollectionProduct.objects.create(
            collection=collection, product=product, position=position
        )
    models.Product.objects.filter(pk__in=[one.pk for one in products]).update(category=category)
    models.Review.objects.create(product=products[1], author=world.owner, rating=5, title="Good")


@pytest.mark.long
@pytest.mark.usefixtures("dear")
def test_nobody_meets_on_any_way_what_is_not_for_them(roads: dict[str, list[Path]]) -> None:
    strangers = [None, somebody(), with_belongings(somebody())]
    world = make_world()
    on_shelves(world)
    asked = questions(world)
    assert asked.keys() == roads.keys()
    staff = [somebody(is_staff=True), *(make_staff(one) for one in PERMISSIONS)]
    seen: set[str] = set()

    for caller in [*strangers, world.owner, world.maker, *staff, boss()]:
        walk = Walk(caller, seen)
        for root, question in asked.items():
            for document in documents(root, question, roads[root]):
                walk.go(document)
        if caller in strangers:
            assert SECRET not in walk.text
            assert DRAFT not in walk.text
            assert world.owner.email not in walk.text
        if caller in (staff[0], staff[3]):
            assert SECRET not in walk.text
            assert world.owner.email not in walk.text

    assert not unseen(seen)


# Of the first three the world has none, and they hold nothing about a person; a return is come
# to by its order alone, or by `node`.
EMPTY = {"Alert.belowPrice", "Order.discounts", "OrderLine.options", "Return.order"}


def unseen(seen: set[str]) -> set[str]:
    """Ways from what is somebody's that led nobody to anything: they were not tried."""
    return {
        f"{name}.{field}"
        for name in OWNERS.keys() - {"Product", "Variant", "Image"}
        for field, kind in fields_of(name)
        if is_object_type(get_named_type(kind.type)) and f"{name}.{field}" not in seen | EMPTY
    }


def fields_of(name: str) -> list[tuple[str, Any]]:
    return [
        (field, one)
        for field, one in type_named(name).fields.items()
        if not any(map(is_required_argument, one.args.values()))
    ]
