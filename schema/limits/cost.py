"""What an answer may come to at most: the values it can hold, and what is hard to find out.

A document is read once, into a small sum in which only the page sizes that are variables are
left open; so the check of a document that comes again costs some microseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.execute import get_field_def

from schema import pages
from schema.errors import Denied
from schema.limits import weights

SATURATED = 10**9

Variables = Mapping[str, Any]
Size = Callable[[Variables], int]


@dataclass(frozen=True)
class Sum:
    """A cost: values, products of a size and a cost that depend on the variables, and statements.

    Statements are not multiplied: rows that were read together are asked for more together.
    """

    values: int = 0
    open: tuple[tuple[Size, "Sum"], ...] = ()
    statements: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            min(self.values + other.values, SATURATED),
            self.open + other.open,
            self.statements + other.statements,
        )

    def times(self, size: int | Size) -> "Sum":
        if not callable(size) and not self.open:
            return Sum(min(self.values * size, SATURATED), (), self.statements)
        factor = size if callable(size) else lambda variables: size
        return Sum(0, ((factor, Sum(self.values, self.open)),), self.statements)

    def of(self, variables: Variables) -> int:
        total = self.values + self.statements
        for size, inner in self.open:
            total += size(variables) * inner.of(variables)
        return min(total, SATURATED)


@dataclass(frozen=True)
class Estimate:
    """What one operation of a document costs at most."""

    sum: Sum
    defaults: Variables  # of the variables

    def cost(self, variables: Variables | None) -> int:
        """With these variables as the client sent them."""
        if not self.sum.open:
            return self.sum.of({})
        return self.sum.of({**self.defaults, **(variables or {})})

    def told(self, variables: Variables | None) -> dict[str, Any]:
        """What the answer's `extensions` say of it."""
        requested = self.cost(variables)
        return {"cost": {"requested": requested, "limit": settings.GRAPHQL_LIMITS["cost"]}}


def is_dear(told: Mapping[str, Any]) -> bool:
    """Whether more was requested than the limit allows."""
    return bool(told["cost"]["requested"] > told["cost"]["limit"])


def refuse_dear(told: Mapping[str, Any]) -> None:
    """Raises Denied: LIMIT_EXCEEDED when more was requested than the limit allows."""
    if is_dear(told):
        raise Denied(
            "LIMIT_EXCEEDED",
            "The request may cost {requested}, and at most {limit} is allowed: ask for smaller"
            " pages or for fewer fields.".format(**told["cost"]),
        )


def estimate_of(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Estimate:
    """Of the operation of that name, or of the only one; kept with the document.

    The document is valid, and has passed the guard.
    """
    # graphql-core leaves the nodes of a document open for attributes of others.
    kept: dict[str | None, Estimate] = vars(document).setdefault("estimates", {})
    if name not in kept:
        operation = next(
            one
            for one in document.definitions
            if isinstance(one, OperationDefinitionNode)
            and (name is None or (one.name is not None and one.name.value == name))
        )
        kept[name] = Reader(schema, document).estimate(operation)
    return kept[name]


class Reader:
    """Reads what the operations of one document cost; a fragment is read once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self.read: dict[tuple[str, Place], Sum] = {}

    def estimate(self, operation: OperationDefinitionNode) -> Estimate:
        defaults = {
            one.variable.name.value: literal(one.default_value)
            for one in operation.variable_definitions or ()
            if one.default_value is not None
        }
        root = self.schema.get_root_type(operation.operation)
        return Estimate(self.selected(operation, root, ONE), defaults)

    def selected(self, node: Any, parent: Any, place: "Place") -> Sum:
        """What is selected of one object."""
        total = Sum()
        for one in node.selection_set.selections:
            if isinstance(one, FieldNode):
                total += self.field(one, parent, place)
            elif isinstance(one, FragmentSpreadNode):
                total += self.spread(one.name.value, place)
            else:
                on = one.type_condition
                inner = self.schema.type_map[on.name.value] if on else parent
                total += self.selected(one, inner, place)
        return total

    def spread(self, name: str, place: "Place") -> Sum:
        if (name, place) not in self.read:
            fragment = self.fragments[name]
            on = self.schema.type_map[fragment.type_condition.name.value]
            self.read[name, place] = self.selected(fragment, on, place)
        return self.read[name, place]

    def field(self, node: FieldNode, parent: Any, place: "Place") -> Sum:
        name = node.name.value
        core = get_field_def(self.schema, parent, node)
        own = Sum(weights.value(name), statements=weights.statements(parent, name))
        kind = get_named_type(core.type)
        if is_leaf_type(kind):
            return own
        if name.startswith("__"):
            return own + Sum(self.selected(node, kind, ONE).of({}) // weights.OF_INTROSPECTION)
        if is_list(core.type):
            return own + self.list(node, parent, core, place)
        size = size_of(core, node)
        if size is None:
            return own + self.selected(node, kind, Place(place.many))
        read = weights.of_page(kind, many=place.many) + search_of(node)
        return own + Sum(statements=read) + self.selected(node, kind, Place(place.many, size))

    def list(self, node: FieldNode, parent: Any, core: GraphQLField, place: "Place") -> Sum:
        name = node.name.value
        is_page = place.page is not None and name in ("edges", "nodes")
        size = place.page if is_page else size_of(core, node)
        if size is None:
            size = weights.length_of(parent, name)
        each, entry = weights.sought(parent, name)
        inner = self.selected(node, get_named_type(core.type), MANY) + Sum(entry)
        return Sum(each) + inner.times(size)


@dataclass(frozen=True)
class Place:
    """Where an object stands: among many others or alone; how long the list is, if it is a page."""

    many: bool
    page: int | Size | None = None


ONE, MANY = Place(many=False), Place(many=True)


def is_list(kind: Any) -> bool:
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


# ── how many ─────────────────────────────────────────────────────────────────────────────────
def size_of(core: GraphQLField, node: FieldNode) -> int | Size | None:
    """How many entries the arguments of a field ask for; None where they do not tell."""
    given = {one.name.value: one.value for one in node.arguments}
    if "first" in core.args:
        usual = core.args["first"].default_value
        usual = usual if isinstance(usual, int) else pages.USUAL
        return page_size([given[one] for one in ("first", "last") if one in given], usual)
    if "ids" in core.args:
        return list_size(given["ids"])
    return None


def search_of(node: FieldNode) -> int:
    searches = any(one.name.value == "search" for one in node.arguments)
    return weights.OF_A_SEARCH if searches else 0


def page_size(given: list[Any], usual: int) -> int | Size:
    """The larger one of `first` and `last`, which are not taken together."""

    def size(variables: Variables) -> int:
        found = [at_most_a_page(value_in(one, variables)) for one in given]
        return max((one for one in found if one is not None), default=usual)

    return size if any(isinstance(one, VariableNode) for one in given) else size({})


def list_size(given: Any) -> int | Size:
    if not isinstance(given, VariableNode):
        return len(given.values) if isinstance(given, ListValueNode) else 1

    def size(variables: Variables) -> int:
        found = variables.get(given.name.value)
        return min(len(found), pages.MOST) if isinstance(found, list) else 1

    return size


def value_in(node: Any, variables: Variables) -> Any:
    return variables.get(node.name.value) if isinstance(node, VariableNode) else literal(node)


def literal(node: Any) -> Any:
    """A number or a list of any things; None for all else, which is no size."""
    if isinstance(node, IntValueNode):
        return int(node.value[:12])
    return list(node.values) if isinstance(node, ListValueNode) else None


def at_most_a_page(value: object) -> int | None:
    """The size of a page; of more than is allowed nothing is read, so it costs no more."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows one kind of numbers, and GraphQL takes 5.0 for an Int
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return max(0, min(value, pages.MOST))
