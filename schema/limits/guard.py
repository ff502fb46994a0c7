"""Counts on the parsed document, before validation, whose rules expand what fragments repeat.

A fragment is looked at once, however often it is spread, and nothing here calls itself: the work
grows with the length of the document and with nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
)

from schema.errors import Denied

SATURATED = 1_000_000  # from here on it does not matter how many more there are
INTROSPECTION = {"__schema", "__type", "__typename"}

Definition = OperationDefinitionNode | FragmentDefinitionNode


@dataclass
class Part:
    """What a definition asks for: by itself, or with all that its fragments add."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    roots: int = 0  # fields of its first level
    introspects: bool = True  # and nothing else
    directives: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)  # name, fields above it


def check(document: DocumentNode) -> None:
    """Raises Denied: LIMIT_EXCEEDED for the first limit that the document does not keep."""
    parts = [(one, part_of(one)) for one in document.definitions if isinstance(one, Definition)]
    fragments = {
        one.name.value: part for one, part in parts if isinstance(one, FragmentDefinitionNode)
    }
    operations = [(one, part) for one, part in parts if isinstance(one, OperationDefinitionNode)]
    hold("fragments", len(parts) - len(operations))
    hold("spreads", sum(len(part.spreads) for _, part in parts))
    hold("directives", sum(part.directives for _, part in parts))
    whole = expanded(fragments)
    for operation, part in operations:
        check_operation(operation, together(part, whole))


def check_operation(operation: OperationDefinitionNode, whole: Part) -> None:
    hold("introspection depth" if whole.introspects else "depth", whole.depth)
    hold("aliases", whole.aliases)
    hold("fields", whole.fields)
    if operation.operation is OperationType.MUTATION:
        hold("mutations", whole.roots)


SENTENCES = {
    "fragments": "The document has more than {} fragments.",
    "spreads": "The document spreads fragments more than {} times.",
    "directives": "The document has more than {} directives.",
    "depth": "The document is more than {} fields deep.",
    "introspection depth": "The document is more than {} fields deep.",
    "aliases": "The document has more than {} aliases, those of fragments at each use.",
    "fields": "The document has more than {} fields, those of fragments at each use.",
    "mutations": "The document has more than {} mutations.",
}


def hold(limit: str, found: int) -> None:
    most = settings.GRAPHQL_LIMITS[limit]
    if found > most:
        raise Denied("LIMIT_EXCEEDED", SENTENCES[limit].format(most))


# ── one definition by itself ─────────────────────────────────────────────────────────────────
def part_of(definition: Definition) -> Part:
    part = Part(directives=len(definition.directives))
    for variable in definition.variable_definitions or ():
        part.directives += len(variable.directives)
    waiting = list(selected(definition, 1))
    while waiting:
        node, depth = waiting.pop()
        part.directives += len(node.directives)
        if isinstance(node, FragmentSpreadNode):
            part.spreads.append((node.name.value, depth - 1))
        elif isinstance(node, FieldNode):
            add_field(part, node, depth)
            waiting += selected(node, depth + 1)
        else:
            waiting += selected(node, depth)
    return part


def selected(node: Any, depth: int) -> Iterator[tuple[Any, int]]:
    """What is selected right below a node, and how many fields deep it stands."""
    if node.selection_set is not None:
        for one in node.selection_set.selections:
            yield one, depth


def add_field(part: Part, node: FieldNode, depth: int) -> None:
    part.fields += 1
    part.aliases += node.alias is not None
    part.depth = max(part.depth, depth)
    if depth == 1:
        part.roots += 1
        part.introspects = part.introspects and node.name.value in INTROSPECTION


# ── with what the fragments add ──────────────────────────────────────────────────────────────
def expanded(fragments: dict[str, Part]) -> dict[str, Part]:
    """Each fragment with all that those it spreads add."""
    whole: dict[str, Part] = {}
    for name in innermost_first(fragments):
        whole[name] = together(fragments[name], whole)
    return whole


def together(part: Part, whole: dict[str, Part]) -> Part:
    """A part with what its spreads add; of one that is not known validation tells."""
    made = Part(part.fields, part.aliases, part.depth, part.roots, part.introspects)
    for name, above in part.spreads:
        inner = whole.get(name, Part())
        made.fields = min(made.fields + inner.fields, SATURATED)
        made.aliases = min(made.aliases + inner.aliases, SATURATED)
        made.depth = max(made.depth, min(above + inner.depth, SATURATED))
        if above == 0:
            made.roots = min(made.roots + inner.roots, SATURATED)
            made.introspects = made.introspects and inner.introspects
    return made


def innermost_first(fragments: dict[str, Part]) -> list[str]:
    """The names, each after those that it spreads.

    Of fragments that spread each other in a circle one comes too early, and is counted for
    nothing where it closes the circle: validation refuses them all.
    """
    done: dict[str, None] = {}
    begun: set[str] = set()
    waiting = list(fragments)
    while waiting:
        name = waiting[-1]
        inner = () if name in begun else (one for one, _ in fragments[name].spreads)
        begun.add(name)
        new = [one for one in inner if one in fragments and one not in begun]
        if new:
            waiting += new
        else:
            done[waiting.pop()] = None
    return list(done)
