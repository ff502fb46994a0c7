"""Real values into documents made by chance, so that they get past the door."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    Visitor,
    ast_from_value,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
    parse,
    visit,
)

from tests.fuzzing.shapes import KIND

KNOWN = 0.6  # how often a text becomes one that the shop knows
WHOLE = 0.75  # how often a mutation's input begins as one that is taken
KEPT = 0.85  # how often a field of such an input stays as it is
MORE = 0.7  # how often the root's field is asked for more
REFUSALS = "refusals__"  # the name under which each mutation is asked for its refusals


def selections(text: str) -> list[SelectionNode]:
    (operation,) = parse(f"{{ {text} }}").definitions
    return list(operation.selection_set.selections)  # type: ignore[attr-defined]


(ABSTRACT,) = selections(f"{KIND}: __typename")
(ERRORS,) = selections(f"{REFUSALS}: errors {{ {KIND}: __typename code message path }}")


@dataclass(frozen=True)
class Food:
    """What the shop knows: texts by the names of arguments, whole inputs by their mutation."""

    words: dict[str, list[str]]
    inputs: dict[str, list[dict[str, Any]]]


class Feeding(Visitor):
    """Puts them into one document."""

    def __init__(self, types: TypeInfo, food: Food, chance: Random) -> None:
        super().__init__()
        self.types, self.food, self.chance = types, food, chance
        self.names: list[str] = []
        self.depth = 0
        self.taken: set[str] = set()  # texts of an input that is taken, which stay

    def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        self.names.append(node.name.value)
        whole = self.food.inputs.get(self.root_field) if node.name.value == "input" else None
        if not whole or self.chance.random() > WHOLE:
            return None
        input, kind = plain(self.chance.choice(whole)), self.types.get_input_type()
        known: Any = ast_from_value(input, kind)  # type: ignore[arg-type]
        self.taken = {*texts_in(input)}
        return ArgumentNode(name=node.name, value=self.mixed(known, node.value))

    def leave_argument(self, *_: Any) -> None:
        self.names.pop()

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        (first, *_rest) = node.selection_set.selections
        self.root_field = first.name.value  # type: ignore[attr-defined]

    def mixed(self, known: ObjectValueNode, made: ValueNode) -> ObjectValueNode:
        """The input that is taken, with some of what was made by chance in it."""
        own = {one.name.value: one for one in getattr(made, "fields", ())}
        taken = {one.name.value: one for one in known.fields}
        fields = [
            one if name not in own or self.chance.random() < KEPT else own[name]
            for name, one in taken.items()
        ]
        more = [
            one for name, one in own.items() if name not in taken and self.chance.random() > KEPT
        ]
        return ObjectValueNode(fields=tuple(fields + more))

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self.names.append(node.name.value)

    def leave_object_field(self, *_: Any) -> None:
        self.names.pop()

    def enter_string_value(self, node: StringValueNode, *_: Any) -> StringValueNode | None:
        kind = get_named_type(self.types.get_input_type())
        name = "id" if getattr(kind, "name", "") == "ID" else self.names[-1]
        pool = self.food.words.get(name)
        if node.value in self.taken or not pool or self.chance.random() > KNOWN:
            return None
        return StringValueNode(value=self.chance.choice(pool))

    def enter_field(self, *_: Any) -> None:
        self.depth += 1

    def leave_field(self, *_: Any) -> None:
        self.depth -= 1

    def leave_selection_set(
        self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any
    ) -> SelectionSetNode | None:
        """Objects of an interface say what they are, or nobody could tell what they must have.

        The field at the root is asked for more than the few fields that chance has picked.
        """
        kind = self.types.get_parent_type()
        if is_abstract_type(kind):
            return SelectionSetNode(selections=(ABSTRACT, *node.selections))
        if self.depth != 1 or not isinstance(parent, FieldNode):
            return None
        more = [ERRORS] if is_payload(kind) else []
        if self.chance.random() < MORE:
            taken = {name_of(one) for one in node.selections}
            more += selections(self.more(kind, 3, taken))
        return SelectionSetNode(selections=(*node.selections, *more))

    def more(self, kind: Any, depth: int, taken: Container[str]) -> str:
        """Some plain fields of a type, and some of those that lead on."""
        free = [
            (name, get_named_type(one.type))
            for name, one in kind.fields.items()
            if name not in taken and not any(map(is_required_argument, one.args.values()))
        ]
        leaves = [name for name, of in free if is_leaf_type(of)]
        paths = [(name, of) for name, of in free if is_object_type(of) and depth]
        found = self.chance.sample(leaves, min(8, len(leaves)))
        for name, of in self.chance.sample(paths, min(3, len(paths))):
            found.append(f"{name} {{ __typename {self.more(of, depth - 1, ())} }}")
        return " ".join(["__typename", *found])


def name_of(node: Any) -> str:
    return str((getattr(node, "alias", None) or node.name).value) if hasattr(node, "name") else ""


def is_payload(kind: Any) -> bool:
    return str(kind).endswith("Payload") and "errors" in kind.fields


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)
    elif isinstance(value, str):
        yield value


def plain(value: Any) -> Any:
    """The input as a literal can say it: without files."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else None


def fed(document: DocumentNode, schema: GraphQLSchema, food: Food, chance: Random) -> DocumentNode:
    types = TypeInfo(schema)
    return visit(document, TypeInfoVisitor(types, Feeding(types, food, chance)))  # type: ignore[no-any-return]
