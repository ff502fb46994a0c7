"""What an answer must be: the shape that the document asks for, by the schema's own word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    parse,
)

Path = tuple[str | int, ...]
# Of errors beside or instead of the data; those in payloads are the schema's enum ErrorCode.
CODES = {
    "UNAUTHENTICATED", "FORBIDDEN", "BAD_REQUEST", "VALIDATION_FAILED", "LIMIT_EXCEEDED",
    "RATE_LIMITED", "CONFLICT", "NOT_FOUND",
}  # fmt: skip
KEYS = {"data", "errors", "extensions"}
PARTS_OF_AN_ERROR = {"message", "locations", "path", "extensions"}
KIND = "kind__"  # the name under which the documents ask for the type of an interface's object


def is_decimal(value: Any) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


SCALARS: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "ID": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Int": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "Float": lambda value: type(value) in (int, float),
    "Decimal": is_decimal,
    "DateTime": lambda value: isinstance(value, str) and parse_datetime(value) is not None,
}


@dataclass
class Expected:
    """Looks through the answer to one document."""

    schema: GraphQLSchema
    document: str
    problems: list[str] = field(default_factory=list)

    def look(self, status: int, body: Any) -> list[str]:
        """All that is wrong with the answer."""
        if status >= 500:
            self.problems.append(f"status {status}")
        if not isinstance(body, dict) or not body or body.keys() - KEYS:
            return [*self.problems, f"no GraphQL answer: {str(body)[:200]}"]
        errors = body.get("errors", [])
        self.problems += wrong_errors(errors, "errors" in body)
        if body.get("data") is None:
            return self.problems + ([] if errors else ["no data, and no error says why"])
        self.look_at_data(body["data"], errors)
        return self.problems

    def look_at_data(self, data: Any, errors: list[Any]) -> None:
        parsed = parse(self.document)
        self.fragments = {
            one.name.value: one
            for one in parsed.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        (operation,) = (
            one for one in parsed.definitions if isinstance(one, OperationDefinitionNode)
        )
        root = self.schema.get_root_type(operation.operation)
        self.refused = {tuple(error["path"]) for error in errors if error.get("path")}
        self.fields(root, [operation.selection_set], data, ())

    def wrong(self, path: Path, what: str) -> None:
        self.problems.append(f"{'.'.join(map(str, path)) or 'data'}: {what}")

    def member(self, kind: Any, nodes: list[FieldNode], value: Any, path: Path) -> None:
        if value is None:
            if is_non_null_type(kind):
                self.wrong(path, f"null where {kind} is promised")
            return
        if path in self.refused:
            self.wrong(path, "a value where an error is told of")
        kind = kind.of_type if is_non_null_type(kind) else kind
        if is_list_type(kind):
            self.entries(kind, nodes, value, path)
        elif is_leaf_type(kind):
            self.leaf(kind, value, path)
        else:
            sets = [node.selection_set for node in nodes if node.selection_set]
            self.fields(kind, sets, value, path)

    def entries(self, kind: Any, nodes: list[FieldNode], value: Any, path: Path) -> None:
        if not isinstance(value, list):
            self.wrong(path, f"{value!r:.80} where {kind} is promised")
            return
        for at, each in enumerate(value):
            self.member(kind.of_type, nodes, each, (*path, at))

    def leaf(self, kind: Any, value: Any, path: Path) -> None:
        is_enum = isinstance(kind, GraphQLEnumType)
        if not (value in kind.values if is_enum else SCALARS[kind.name](value)):
            self.wrong(path, f"{value!r:.80} where {kind} is promised")

    def fields(self, kind: Any, sets: list[SelectionSetNode], value: Any, path: Path) -> None:
        if not isinstance(value, dict):
            self.wrong(path, f"{value!r:.80} where an object is promised")
            return
        if is_abstract_type(kind):
            kind = self.schema.get_type(str(value.get(KIND)))
            if kind is None:
                self.wrong(path, "an object of no known type")
                return
        asked: dict[str, list[FieldNode]] = {}
        for node in self.asked(kind, sets):
            asked.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        if list(asked) != list(value):
            self.wrong(path, f"{list(value)} where {list(asked)} is asked for")
            return
        for name, nodes in asked.items():
            self.named(kind, nodes, value[name], (*path, name))

    def named(self, kind: Any, nodes: list[FieldNode], value: Any, path: Path) -> None:
        if nodes[0].name.value != "__typename":
            self.member(kind.fields[nodes[0].name.value].type, nodes, value, path)
        elif value != kind.name:
            self.wrong(path, f"{value!r:.80} where the name of {kind} is promised")

    def asked(self, kind: Any, sets: list[SelectionSetNode]) -> Iterator[FieldNode]:
        """The fields that are asked of an object of that type, in their order."""
        for node in (each for one in sets for each in one.selections):
            if isinstance(node, FieldNode):
                yield node
                continue
            part = (
                node if isinstance(node, InlineFragmentNode) else self.fragments[node.name.value]  # type: ignore[attr-defined]
            )
            if part.type_condition is None or self.is_one(kind, part.type_condition.name.value):
                yield from self.asked(kind, [part.selection_set])

    def is_one(self, kind: Any, name: str) -> bool:
        on: Any = self.schema.get_type(name)
        return on is kind or (is_abstract_type(on) and self.schema.is_sub_type(on, kind))


def wrong_errors(errors: Any, is_given: bool) -> list[str]:
    """What is wrong with the list of errors: each says what, where, and a code that is known."""
    if not isinstance(errors, list) or (is_given and not errors):
        return ["errors are no list, or an empty one"]
    return [f"error {error!r:.300}" for error in errors if not is_error(error)]


def is_error(error: Any) -> bool:
    if not isinstance(error, dict) or error.keys() - PARTS_OF_AN_ERROR:
        return False
    path, places = error.get("path", []), error.get("locations", [])
    return (
        isinstance(error.get("message"), str)
        and error.get("extensions", {}).get("code") in CODES
        and isinstance(path, list)
        and all(type(step) in (str, int) for step in path)
        and all(place.keys() == {"line", "column"} for place in places)
    )
