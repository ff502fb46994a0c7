"""Documents that together select every field that a query can reach."""

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    visit,
)

NEEDED = {"options": "[]"}  # what a field cannot do without, besides the root's


class Ways:
    """How to come to each type from the root, and one selection of all of its fields there.

    `roots` are the arguments of the fields of the root, by their names: with them something is
    found. What has only an interface for its type comes last, since it is one of many.
    """

    def __init__(self, schema: GraphQLSchema, roots: dict[str, str]) -> None:
        self.schema, self.roots = schema, roots
        self.found: dict[str, str] = {}  # type → text with `%s` for what is selected of it
        self.walk()

    def documents(self) -> list[str]:
        made = []
        for name, way in self.found.items():
            steps = self.steps(self.schema.type_map[name])
            parts = [f"f{at}: {text}{self.little(one)}" for at, (text, one) in enumerate(steps)]
            made.append(f"{{ {way % ' '.join(['__typename', *parts])} }}")
        return made

    def walk(self) -> None:
        assert self.schema.query_type is not None
        self.found[self.schema.query_type.name] = "%s"
        waiting: list[Any] = [self.schema.query_type]
        later: list[Any] = []
        while waiting or later:
            last = not waiting
            kind = (later if last else waiting).pop(0)
            for text, one in self.steps(kind):
                below = get_named_type(one.type)
                if is_leaf_type(below) or below.name in self.found:
                    continue
                if is_abstract_type(below) and not last:
                    later.append(kind)
                    continue
                self.found[below.name] = self.found[kind.name] % f"{text} {{ %s }}"
                waiting += [below, *self.narrowed(below)]

    def narrowed(self, kind: Any) -> list[Any]:
        """The types that an interface was found to stand for."""
        new = []
        for one in self.schema.get_possible_types(kind) if is_abstract_type(kind) else ():
            if one.name not in self.found:
                self.found[one.name] = self.found[kind.name] % f"... on {one.name} {{ %s }}"
                new.append(one)
        return new

    def steps(self, kind: Any) -> list[tuple[str, GraphQLField]]:
        """The fields below a type, as they are asked for."""
        given = self.roots if kind is self.schema.query_type else {}
        fields = getattr(kind, "fields", {})
        return [(called(name, one, given.get(name)), one) for name, one in fields.items()]

    def little(self, one: GraphQLField) -> str:
        """As much of a field's value as shows what it is."""
        below = get_named_type(one.type)
        if is_leaf_type(below):
            return ""
        leaves = [text for text, of in self.steps(below) if is_leaf_type(get_named_type(of.type))]
        return f" {{ {' '.join(['__typename', *leaves[:2]])} }}"


def called(name: str, one: GraphQLField, arguments: str | None) -> str:
    needed = [
        f"{key}: {NEEDED.get(key, '1')}"
        for key, argument in one.args.items()
        if isinstance(argument.type, GraphQLNonNull)
    ]
    text = ", ".join(needed) if arguments is None else arguments
    return f"{name}({text})" if text else name


class Selected(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.pairs: set[tuple[str, str]] = set()

    def enter_field(self, node: Any, *_: Any) -> None:
        parent = self.types.get_parent_type()
        assert parent is not None
        self.pairs.add((parent.name, node.name.value))


def selected(schema: GraphQLSchema, document: str) -> set[tuple[str, str]]:
    """Type and field of all that a document selects."""
    types = TypeInfo(schema)
    found = Selected(types)
    visit(parse(document), TypeInfoVisitor(types, found))
    return found.pairs


def reachable(schema: GraphQLSchema) -> set[tuple[str, str]]:
    """Type and field of all that a query can select."""
    seen: set[str] = set()
    waiting: list[Any] = [schema.query_type]
    while waiting:
        kind = waiting.pop()
        if kind.name in seen or is_leaf_type(kind):
            continue
        seen.add(kind.name)
        waiting += [get_named_type(one.type) for one in kind.fields.values()]
        waiting += schema.get_possible_types(kind) if is_abstract_type(kind) else []
    kinds: list[Any] = [schema.type_map[name] for name in seen]
    return {(kind.name, name) for kind in kinds for name in kind.fields}
