"""Documents made by chance, from a seed: what a client may write over a schema, right or wrong.

All are valid by GraphQL's rules, or nearly so; the values in them often are not.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

BOOLEAN = GraphQLNonNull(GraphQLBoolean)
DEEPEST = 6
WIDEST = 5
MOST_NODES = 16
MOST_DIRECTIVES = 5  # of one document, as the shop allows
NUMBERS = [0, 1, 2, 2, 3, 5, 20, 100, 101, -1, 2**31 - 1]
SCALARS: dict[str, list[Any]] = {
    "Int": NUMBERS,
    "Float": [0, 3.5, 4, -1.5],
    "Boolean": [True, False],
    "Decimal": ["0", "19.90", "100", "-5", "x", "1e3"],
    "DateTime": ["2020-01-01T00:00:00Z", "2035-01-01T00:00:00+02:00", "yesterday"],
}


@dataclass
class Writer:
    """Writes one document."""

    schema: GraphQLSchema
    random: Random
    words: dict[str, list[str]]
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    kinds: dict[str, tuple[str, Any]] = field(default_factory=dict)
    count: int = 0
    directives: int = 0

    def document(self) -> tuple[str, dict[str, Any]]:
        query = self.schema.query_type
        assert query is not None
        selection = self.selection(query, 1)
        head = f"query Made({', '.join(self.definitions)})" if self.definitions else "query Made"
        return " ".join([head, selection, *self.fragments]), self.variables

    def others(self) -> dict[str, Any]:
        """Other values for the variables of the document; some are left out, some are null."""
        made = {}
        for variable, (name, kind) in self.kinds.items():
            if self.chance(0.9 if isinstance(kind, GraphQLNonNull) else 0.6):
                made[variable] = self.value(name, kind)
        return made

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    # ── what is selected ─────────────────────────────────────────────────────────────────────
    def selection(self, kind: Any, depth: int) -> str:
        wide = self.random.randint(1, 2 if depth == 1 else WIDEST)
        parts = [self.part(kind, depth) for _ in range(wide)]
        return (
            "{ "
            + " ".join([*parts, "kind: __typename" if self.chance(0.2) else "__typename"])
            + " }"
        )

    def part(self, kind: Any, depth: int) -> str:
        roll = self.random.random()
        if roll < 0.12:
            return self.inline(kind, depth)
        if roll < 0.2:
            return self.spread(kind, depth)
        return self.field(kind, depth)

    def inline(self, kind: Any, depth: int) -> str:
        on = f" on {self.condition(kind).name}" if self.chance(0.7) else ""
        below = self.schema.type_map[on[4:]] if on else kind
        return f"...{on}{self.directive()} {self.selection(below, depth + 1)}"

    def spread(self, kind: Any, depth: int) -> str:
        on = self.condition(kind)
        selection = self.selection(on, depth + 1)
        name = f"Part{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {on.name} {selection}")
        twice = f" ...{name}" if self.chance(0.3) else ""
        return f"...{name}{self.directive()}{twice}"

    def condition(self, kind: Any) -> Any:
        """A type that a value of the kind may have."""
        if is_abstract_type(kind):
            possible = [kind, *self.schema.get_possible_types(kind)]
        else:
            possible = [kind, *getattr(kind, "interfaces", ())]
        return self.random.choice(possible)

    def field(self, kind: Any, depth: int) -> str:
        self.count += 1
        fields = list(getattr(kind, "fields", {}).items())
        full = depth >= DEEPEST or self.count > MOST_NODES
        leaves = [each for each in fields if is_leaf_type(get_named_type(each[1].type))]
        choice = leaves if full else fields
        if not choice:
            return "__typename"
        name, chosen = self.random.choice(choice)
        arguments = self.arguments(chosen)
        alias = f"a{self.count}: " if arguments or self.chance(0.3) else ""
        below = get_named_type(chosen.type)
        selection = "" if is_leaf_type(below) else " " + self.selection(below, depth + 1)
        if selection and not alias:
            alias = f"b{self.count}: "  # the same name twice would have to be the same below
        return f"{alias}{name}{arguments}{self.directive()}{selection}"

    def directive(self) -> str:
        if self.directives == MOST_DIRECTIVES or not self.chance(0.15):
            return ""
        self.directives += 1
        name = self.random.choice(["skip", "include"])
        if self.chance(0.5):
            return f" @{name}(if: {self.random.choice(['true', 'false'])})"
        return f" @{name}(if: {self.variable('if', BOOLEAN, self.chance(0.5))})"

    # ── arguments ────────────────────────────────────────────────────────────────────────────
    def arguments(self, of: GraphQLField) -> str:
        pages = {"first", "last"} & of.args.keys()
        drop = self.random.choice(sorted(pages)) if pages else ""
        given = []
        for name, argument in of.args.items():
            needed = isinstance(argument.type, GraphQLNonNull)
            if needed or (name != drop and self.chance(0.35)) or (self.chance(0.03)):
                given.append(f"{name}: {self.argument(name, argument)}")
        return f"({', '.join(given)})" if given else ""

    def argument(self, name: str, argument: GraphQLArgument) -> str:
        value = self.value(name, argument.type)
        if self.chance(0.4):
            return self.variable(name, argument.type, value)
        return self.literal(value, argument.type)

    def variable(self, argument: str, kind: Any, value: Any) -> str:
        """A variable that is given, null, absent, or has a default."""
        name = f"v{len(self.definitions)}"
        needed = isinstance(kind, GraphQLNonNull)
        default = ""
        if self.chance(0.2):
            other = self.value(argument, kind)
            if other is not None or not needed:
                default = f" = {self.literal(other, kind)}"
        self.definitions.append(f"${name}: {kind}{default}")
        self.kinds[name] = argument, kind
        if needed or self.chance(0.75):
            self.variables[name] = value
        elif self.chance(0.5):
            self.variables[name] = None
        return f"${name}"

    def value(self, name: str, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self.value(name, kind.of_type)
        if self.chance(0.05):
            return None
        if isinstance(kind, GraphQLList):
            return [self.value(name, kind.of_type) for _ in range(self.random.randint(0, 3))]
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self.value(key, one.type)
                for key, one in kind.fields.items()
                if isinstance(one.type, GraphQLNonNull) or self.chance(0.2)
            }
        if kind.name in SCALARS:
            return self.random.choice(SCALARS[kind.name])
        pool = self.words.get("id" if kind.name == "ID" else name) or self.words["slug"]
        return self.random.choice(pool)

    def literal(self, value: Any, kind: Any) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self.literal(value, kind.of_type)
        if value is None:
            return "null"
        if isinstance(kind, GraphQLList):
            return "[" + ", ".join(self.literal(each, kind.of_type) for each in value) + "]"
        if isinstance(kind, GraphQLEnumType):
            return str(value)
        if isinstance(kind, GraphQLInputObjectType):
            parts = (
                f"{key}: {self.literal(one, kind.fields[key].type)}" for key, one in value.items()
            )
            return "{" + ", ".join(parts) + "}"
        return json.dumps(value)
