"""A selection as a function: from a value to its part of the answer, as graphql-core completes it.

Each function takes the value and the run, and raises when the answer is not a plain one: then
graphql-core answers instead, so that every error is told in its words, at its path, with what it
makes null. Whether a value may be null is asked where it is known not to be the usual one.
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from types import GeneratorType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.pyutils import Path
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from schema.execution.asked import NOTHING, Asked
from schema.execution.reading import Bail, Field, InList, Operation, Run, Unsupported, settled
from schema.execution.writing import PLAIN, Complete, Names

Fields = dict[str, list[FieldNode]]

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
        names = Names()
        return names.function(self.selection(query, fields, None, names))

    def selection(self, parent: GraphQLObjectType, fields: Fields, path: Any, names: Names) -> str:
        """The part of the answer that is selected of a parent."""
        self.fields += len(fields)
        if self.fields > MOST_FIELDS:
            raise Unsupported
        parts = (
            f"{key!r}: {self.part(parent, key, nodes, path, names)}"
            for key, nodes in fields.items()
        )
        return f"{{{', '.join(parts)}}}"

    def part(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], path: Any, names: Names
    ) -> str:
        """One field of a parent, read and completed."""
        name = nodes[0].name.value
        if name == "__typename":
            return repr(parent.name)
        if name.startswith("__"):
            raise Unsupported
        here = InList(parent.name) if isinstance(path, InList) else Path(path, key, parent.name)
        kind = parent.fields[name].type
        field = Field(self.operation, parent, nodes, here, lambda: self.asked(kind, nodes))
        finish = self.complete(kind, nodes, field)
        if field.is_settled and not field.is_one_object:
            finish = settling(finish)
        read, finished = field.written(names), names.of(finish)
        plain = PLAIN.get(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)
        if plain is None:
            return f"{finished}({read}, run)"
        return f"(v if {plain.format(read)} else {finished}(v, run))"

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
        names, known = Names(), set[type]()
        selected = self.selection(kind, self.sub_fields(kind, nodes), below(field), names)
        is_fit = f"type(value) in {names.of(known)}"
        if is_told_by_class(kind):  # `strawberry.cast` marks one object among others of its class
            is_fit += f" and {TYPE_CAST_ATTRIBUTE!r} not in value.__dict__"
        look = names.of(looking(kind, field, known, null=null))
        return names.function(f"{selected} if {is_fit} or {look}(value, run) else None")

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


def looking(
    kind: GraphQLObjectType, field: Field, known: set[type], *, null: bool
) -> Callable[[Any, Run], bool]:
    """Whether a value is an object of the kind; false where it is null. The class gets known."""
    is_one, by_class = kind.is_type_of, is_told_by_class(kind)
    is_settled = field.is_settled and field.is_one_object

    def look(value: Any, run: Run) -> bool:
        if is_settled:
            settled(value)
        if not is_ordinary(value):
            nothing(value, null=null)
            return False
        if is_one is not None and not is_one(value, field.raw_info(run)):
            raise Bail
        if value.__class__ is type(value) and (
            is_one is None or (by_class and hasattr(value, "__dict__"))
        ):
            known.add(type(value))
        return True

    return look


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


def settling(finish: Complete) -> Complete:
    return lambda value, run: finish(settled(value), run)


@lru_cache(maxsize=256)  # the same for all fields of a kind
def leaf(kind: Any, *, null: bool) -> Complete:
    serialized = serializing(kind, null=null)
    if kind in PLAIN:
        names = Names()
        slow = names.of(serialized)
        return names.function(f"v if {PLAIN[kind].format('value')} else {slow}(v, run)")
    if isinstance(kind, GraphQLEnumType):
        return by_value(kind, serialized)
    return serialized


def serializing(kind: Any, *, null: bool) -> Complete:
    serialize = kind.serialize

    def serialized(value: Any, run: Run) -> Any:
        if type(value) not in ORDINARY and not is_ordinary(value):
            return nothing(value, null=null)
        found = serialize(value)
        if type(found) not in ORDINARY and not is_ordinary(found):
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
