"""A selection as a function: from a value to its part of the answer, as graphql-core completes it.

Each function takes the value and the run, and raises when the answer is not a plain one: then
graphql-core answers instead, so that every error is told in its words, at its path, with what it
makes null. Whether a value may be null is asked where it is known not to be the usual one.
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from sys import float_info
from types import GeneratorType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.pyutils import Path
from graphql.type import GraphQLBoolean
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from schema.execution.asked import NOTHING, Asked
from schema.execution.reading import Bail, Field, Get, InList, Operation, Run, Unsupported, settled

Complete = Callable[[Any, Run], Any]
Fields = dict[str, list[FieldNode]]

# Of these a value of just that class is its own serialization; numbers where they are in range.
EXACT = {GraphQLString: str, GraphQLBoolean: bool}
RANGES: dict[Any, Any] = {
    GraphQLInt: (int, -(2**31), 2**31 - 1),
    GraphQLFloat: (float, -float_info.max, float_info.max),
}
# What one document may grow to: fragments that name each other double with every line.
MOST_FIELDS = 3_000


class Compiler:
    """Compiles one operation for one set of values of the variables in its directives."""

    def __init__(self, operation: Operation, conditions: dict[str, Any]) -> None:
        self.operation = operation
        self.variables = conditions
        self.fields = 0

    def root(self) -> Complete:
        core, definition = self.operation.core, self.operation.definition
        query = core.query_type
        fields = collect_fields(
            core, self.operation.fragments, self.variables, query, definition.selection_set
        )
        parts = self.parts(query, fields, None)
        return lambda source, run: {key: part(source, run) for key, part in parts}

    def parts(
        self, parent: GraphQLObjectType, fields: Fields, path: Any
    ) -> tuple[tuple[str, Complete], ...]:
        """For each key of the answer the function from the parent to its value."""
        self.fields += len(fields)
        if self.fields > MOST_FIELDS:
            raise Unsupported
        return tuple((key, self.part(parent, key, nodes, path)) for key, nodes in fields.items())

    def part(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], path: Any
    ) -> Complete:
        name = nodes[0].name.value
        if name == "__typename":
            return lambda source, run: parent.name
        if name.startswith("__"):
            raise Unsupported
        here = InList(parent.name) if isinstance(path, InList) else Path(path, key, parent.name)
        kind = parent.fields[name].type
        field = Field(self.operation, parent, nodes, here, lambda: self.asked(kind, nodes))
        get, finish = field.get(), self.complete(kind, nodes, field)
        if field.is_usual and field.is_django:
            finish = settling(finish)
        if get is None:
            read = field.read()
            return lambda source, run: finish(read(source, run), run)
        return joined(get, finish, kind)

    # ── values, by the kind of their type ────────────────────────────────────────────────────
    def complete(self, kind: Any, nodes: list[FieldNode], field: Field) -> Complete:
        null = not isinstance(kind, GraphQLNonNull)
        kind = kind if null else kind.of_type
        if isinstance(kind, GraphQLList):
            return list_of(self.complete(kind.of_type, nodes, field), null=null)
        if is_leaf_type(kind):
            return leaf(kind, null=null)
        if is_object_type(kind):
            return self.object(kind, nodes, field, null=null)
        if is_abstract_type(kind):
            return self.abstract(kind, nodes, field, null=null)
        raise Unsupported

    def object(
        self, kind: GraphQLObjectType, nodes: list[FieldNode], field: Field, *, null: bool
    ) -> Complete:
        parts = self.parts(kind, self.sub_fields(kind, nodes), below(field))
        is_one, by_class = kind.is_type_of, is_told_by_class(kind)
        known: set[type] = set()

        def completed(value: Any, run: Run) -> Any:
            if type(value) not in known:
                if not is_ordinary(value):
                    return nothing(value, null=null)
                if is_one is not None and not is_one(value, field.raw_info(run)):
                    raise Bail
                if is_one is None or (by_class and is_of_its_class(value)):
                    known.add(type(value))
            elif by_class and TYPE_CAST_ATTRIBUTE in value.__dict__:
                raise Bail  # `strawberry.cast` marks one object among others of its class
            return {key: part(value, run) for key, part in parts}

        return completed

    def abstract(self, kind: Any, nodes: list[FieldNode], field: Field, *, null: bool) -> Complete:
        """By the type that the schema finds for a value; once for a class where that decides."""
        possible = self.operation.core.get_possible_types(kind)
        by_type = {one.name: self.object(one, nodes, field, null=False) for one in possible}
        by_class = is_told_by_class(kind) and all(map(is_told_by_class, possible))
        known: dict[type, Complete] = {}

        def completed(value: Any, run: Run) -> Any:
            finish = known.get(type(value))
            if finish is None:
                if not is_ordinary(value):
                    return nothing(value, null=null)
                finish = by_type[kind.resolve_type(value, field.raw_info(run), kind)]
                if by_class and is_of_its_class(value):
                    known[type(value)] = finish
            return finish(value, run)

        return completed

    # ── what is selected ─────────────────────────────────────────────────────────────────────
    def sub_fields(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        core, fragments = self.operation.core, self.operation.fragments
        return collect_sub_fields(core, fragments, self.variables, kind, nodes)

    def asked(self, kind: Any, nodes: list[FieldNode]) -> Asked:
        """The names below a field, over all types that its value may have."""
        while isinstance(kind, GraphQLNonNull | GraphQLList):
            kind = kind.of_type
        if is_leaf_type(kind):
            return NOTHING
        kinds = [kind] if is_object_type(kind) else self.operation.core.get_possible_types(kind)
        found = NOTHING
        for one in kinds:
            found |= self.asked_of(one, self.sub_fields(one, nodes))
        return found

    def asked_of(self, kind: GraphQLObjectType, fields: Fields) -> Asked:
        found = NOTHING
        for nodes in fields.values():
            name = nodes[0].name.value
            asked = self.asked(kind.fields[name].type, nodes) if name in kind.fields else NOTHING
            found |= Asked({name: asked})
        return found


def below(field: Field) -> Any:
    """The path of what is selected of a field's value."""
    kind = field.core.type
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        if isinstance(kind, GraphQLList):
            return InList("")
        kind = kind.of_type
    return field.path


# ── what is not a plain value ────────────────────────────────────────────────────────────────
ORDINARY: set[type] = set()
NO_VALUES = (Exception, GeneratorType)  # graphql-core's Undefined is an exception, too


def is_ordinary(value: Any) -> bool:
    """Whether graphql-core, too, would take it for a value: no error and nothing to wait for."""
    if type(value) in ORDINARY:
        return True
    if value is None or isinstance(value, NO_VALUES):
        return False
    if optimized_is_awaitable(value):
        return False
    if value.__class__ is type(value):
        ORDINARY.add(type(value))
    return True


def is_of_its_class(value: Any) -> bool:
    """Not for one that stands for another, as Django's lazy objects do."""
    return value.__class__ is type(value) and hasattr(value, "__dict__")


def nothing(value: Any, *, null: bool) -> None:
    """The answer for what is not ordinary, where that is plain null."""
    if not null or value is not None:
        raise Bail


def is_told_by_class(kind: Any) -> bool:
    """Whether the framework looks at no more of a value than its class (and for a cast)."""
    definition = (kind.extensions or {}).get("strawberry-definition")
    if is_object_type(kind):
        own = getattr(definition, "is_type_of", kind)
        frameworks = own is None or getattr(own, "__module__", "") == "strawberry_django.type"
        return frameworks and kind.is_type_of is not None
    return getattr(definition, "resolve_type", kind) is None


# ── lists and leaves ─────────────────────────────────────────────────────────────────────────
def list_of(finish: Complete, *, null: bool) -> Complete:
    def completed(values: Any, run: Run) -> Any:
        if type(values) is list or type(values) is tuple:
            return [finish(value, run) for value in values]
        return nothing(values, null=null)

    return completed


def joined(get: Get, finish: Complete, kind: Any) -> Complete:
    """Reading and completing in one call, as most fields are leaves that need no more."""
    exact = EXACT.get(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)
    if exact is None:
        return lambda source, run: finish(get(source), run)
    return lambda source, run: value if type(value := get(source)) is exact else finish(value, run)


def settling(finish: Complete) -> Complete:
    return lambda value, run: finish(settled(value), run)


@lru_cache(maxsize=256)  # the same for all fields of a kind
def leaf(kind: Any, *, null: bool) -> Complete:
    serialized = serializing(kind, null=null)
    if kind in EXACT:
        exact = EXACT[kind]
        return lambda value, run: value if type(value) is exact else serialized(value, run)
    if kind in RANGES:
        number, least, most = RANGES[kind]
        return lambda value, run: (
            value if type(value) is number and least <= value <= most else serialized(value, run)
        )
    if isinstance(kind, GraphQLEnumType):
        return by_value(kind, serialized)
    return serialized


def serializing(kind: Any, *, null: bool) -> Complete:
    serialize = kind.serialize

    def serialized(value: Any, run: Run) -> Any:
        if not is_ordinary(value):
            return nothing(value, null=null)
        found = serialize(value)
        if not is_ordinary(found):
            raise Bail
        return found

    return serialized


def by_value(kind: Any, serialized: Complete) -> Complete:
    """An enumeration's values are few and are the same each time."""
    own = getattr(kind, "wrapped_cls", str)
    kinds = {str, own} if is_enum(own) else {str}
    known: dict[Any, Any] = {}

    def completed(value: Any, run: Run) -> Any:
        if type(value) not in kinds:
            return serialized(value, run)
        if value not in known:
            known[value] = serialized(value, run)
        return known[value]

    return completed


def is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)
