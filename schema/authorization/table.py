"""The rules as they stand in a built schema, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from schema.authorization.rules import KEY, OF_TYPE, Actor, Rule, after_calling

HEAD = """\
# Who may do what

Made by `python manage.py authorization_table` from the rules that stand beside the fields; the
tests meet every cell with a caller of its kind. Do not write here.

- **user**: signed in, with nothing of the kind; **other user**: with something of the kind, but
  not this; **staff**: without any permission; **staff with permission**: with the one named. Of
  what nobody owns, the owner's column is that of a user.
- **not found**: the answer is exactly the one for what does not exist. **NOT_ALLOWED**: a refusal
  in the payload's `errors`. **UNAUTHENTICATED**, **FORBIDDEN**: a top-level error of that code.
- **as its object**: whoever reached the object that the field stands on. Cells about what is on
  sale or published for some are those of a draft, or of a review before it is published.
"""


class Undeclared(TypeError):
    """Fields that nobody has said a rule for. The schema is not built with them."""


@dataclass(frozen=True)
class Line:
    """One field, and its rule; None when there is none."""

    type: str
    field: str
    rule: Rule | None

    @property
    def name(self) -> str:
        return f"{self.type}.{self.field}"


def lines(schema: GraphQLSchema) -> Iterator[Line]:
    """Every field of every object type: the operations first, then the types by name."""
    roots = [kind for kind in (schema.query_type, schema.mutation_type) if kind]
    others = [
        kind
        for name, kind in sorted(schema.type_map.items())
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__") and kind not in roots
    ]
    for kind in roots:
        for name, field in sorted(kind.fields.items()):
            yield Line(kind.name, name, rule_of(field, None))
    for kind in others:
        for name, field in kind.fields.items():
            yield Line(kind.name, name, rule_of(field, rule_of_type(kind)))


def rule_of_type(kind: GraphQLObjectType) -> Rule | None:
    """Of all its fields; a base class's, such as that of all payloads, if it has none itself."""
    definition = kind.extensions.get("strawberry-definition")
    return getattr(definition.origin, OF_TYPE, None) if definition else None


def rule_of(field: GraphQLField, otherwise: Rule | None) -> Rule | None:
    own = field.extensions.get("strawberry-definition")
    if own is None:
        return None
    return after_calling(own.metadata.get(KEY, otherwise), own.permission_classes)


def refuse_undeclared(schema: GraphQLSchema) -> None:
    """Raises Undeclared, unless every field has a rule."""
    if lost := [line.name for line in lines(schema) if line.rule is None]:
        raise Undeclared(f"Say who may reach these, see schema/authorization: {', '.join(lost)}")


def markdown(schema: GraphQLSchema) -> str:
    """The whole table, a section for each type."""
    sections: dict[str, list[str]] = {}
    for line in lines(schema):
        if line.rule is not None:
            sections.setdefault(line.type, []).append(row(line.field, line.rule))
    heads = " | ".join(["field", "who", *(actor.value for actor in Actor)])
    top = f"| {heads} |\n|{'---|' * (2 + len(Actor))}\n"
    parts = [f"\n## {name}\n\n{top}" + "".join(rows) for name, rows in sections.items()]
    return HEAD + "".join(parts)


def row(field: str, rule: Rule) -> str:
    cells = [f"`{field}`", rule.words, *(rule.cell(actor).value for actor in Actor)]
    return f"| {' | '.join(cells)} |\n"
