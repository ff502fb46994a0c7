"""How a field gets its value: an attribute, a function of its parent, or the whole resolver.

The first two are what makes a plan fast. They are taken only where they are what the framework
itself would do in more steps; anything else goes through the field's own resolver, permissions,
extensions and conversions included.
"""

import inspect
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Any

import strawberry
from django.db.models import QuerySet
from django.db.models.manager import BaseManager
from django.db.models.query_utils import DeferredAttribute
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    VariableNode,
    is_object_type,
)
from graphql.execution.values import get_argument_values
from strawberry import relay
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry_django.fields.field import StrawberryDjangoField
from strawberry_django.relay.utils import resolve_model_id

from schema.execution.asked import Asked, PlannedInfo
from schema.execution.writing import Names

Get = Callable[[Any], Any]

# Values that nobody can change: what was read from a document once is good for each row.
LASTING = (type(None), bool, int, float, str, Decimal, datetime, Enum)
ROWS = (QuerySet, BaseManager)
SETTLED: set[type] = set()
RELAYS_ID: Any = relay.Node._id  # noqa: SLF001  # how `id` is made


class Unsupported(Exception):
    """The document is left to graphql-core for good."""


class Bail(Exception):
    """This answer is left to graphql-core: it may hold an error."""


class Run:
    """One execution of a plan: what differs from the last one."""

    __slots__ = ("arguments", "context", "converted", "infos", "operation", "raw", "variables")

    def __init__(self, operation: "Operation", variables: dict[str, Any], context: Any) -> None:
        self.operation = operation
        self.variables = variables
        self.context = context
        self.raw: dict[Field, GraphQLResolveInfo] = {}
        self.infos: dict[Field, Any] = {}
        self.arguments: dict[Field, dict[str, Any]] = {}
        self.converted: dict[Field, dict[str, Any]] = {}


class Operation:
    """What all fields of a plan share: the schemas and the parsed document."""

    def __init__(self, schema: Any, definition: Any, fragments: dict[str, Any]) -> None:
        self.strawberry = schema
        self.core = schema._schema  # noqa: SLF001  # as graphql-core's own execution is given it
        self.definition = definition
        self.fragments = fragments


class InList:
    """The path of a field below a list: a plan does not count, so nobody may look at it."""

    def __init__(self, typename: str) -> None:
        self.typename = typename

    def unknown(self, *_: Any) -> Any:
        raise Bail

    __getattr__ = __getitem__ = __iter__ = __len__ = __repr__ = unknown


class Field:
    """One field of a selection, with all nodes of the document that ask for it."""

    def __init__(
        self,
        operation: Operation,
        parent: GraphQLObjectType,
        nodes: list[FieldNode],
        path: Any,
        ask: Callable[[], Asked],
    ) -> None:
        self.operation, self.parent, self.nodes = operation, parent, nodes
        self.path, self.ask = path, ask
        self.core: GraphQLField = parent.fields[nodes[0].name.value]
        found = (self.core.extensions or {}).get("strawberry-definition")
        if not isinstance(found, StrawberryField) or found.is_async:
            raise Unsupported
        self.own: StrawberryField = found
        self.takes_variables = any(
            isinstance(argument.value, VariableNode) for argument in nodes[0].arguments
        )
        self.fixed: dict[str, Any] | None = None

    @property
    def is_usual(self) -> bool:
        """Whether no code of others stands between the field and its value."""
        own, config = self.own, self.operation.strawberry.config
        return (
            type(own) in (StrawberryField, StrawberryDjangoField)
            and not own.extensions
            and not own.permission_classes
            and config.default_resolver is getattr
            and config.info_class is strawberry.Info
        )

    @property
    def is_settled(self) -> bool:
        """Whether strawberry-django looks at the value before graphql-core does."""
        return self.is_usual and isinstance(self.own, StrawberryDjangoField)

    @property
    def is_one_object(self) -> bool:
        """Not a list of them, and of one type that is known beforehand."""
        kind = self.core.type
        return is_object_type(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)

    # ── the ways to read ─────────────────────────────────────────────────────────────────────
    def written(self, names: Names) -> str:
        """How the value is read of the parent, as an expression."""
        return (self.shortly(names) if self.is_usual else None) or self.by_resolver(names)

    def shortly(self, names: Names) -> str | None:
        """An attribute, or a function called as the framework calls it; None for what is more."""
        resolver = self.own.base_resolver
        if resolver is None:
            name = attribute_of(self.own)
            return name and f"value.{name}"
        if resolver.wrapped_func == RELAYS_ID and (packed := self.global_id()):
            return f"{names.of(packed)}(value)"
        if not inspect.isfunction(resolver.wrapped_func):
            return None
        return f"{names.of(resolver.wrapped_func)}({', '.join(self.taken(resolver, names))})"

    def taken(self, resolver: StrawberryResolver[Any], names: Names) -> Iterator[str]:
        """What a resolver's function is called with."""
        if resolver.self_parameter:
            yield "value"
        parents = (resolver.parent_parameter, resolver.root_parameter)
        for name in {parent.name for parent in parents if parent}:  # `root` may be both
            yield f"{name}=value"
        if resolver.info_parameter:
            yield f"{resolver.info_parameter.name}={names.of(self.info)}(run)"
        if self.core.args:
            yield f"**{names.of(self.converted)}(run)"

    def by_resolver(self, names: Names) -> str:
        """The framework's own way, whatever it does."""
        if self.core.resolve is None:
            raise Unsupported
        resolve, info, arguments = map(names.of, (self.core.resolve, self.raw_info, self.arguments))
        return f"{resolve}(value, {info}(run), **{arguments}(run))"

    def global_id(self) -> Get | None:
        """`id` of a node whose type keeps the framework's way to make it."""
        origin: Any = self.operation.strawberry.get_type_by_name(self.parent.name).origin
        usual = getattr(origin.resolve_id, "__func__", None) is resolve_model_id
        node: Any = relay.Node
        named = origin.resolve_typename.__func__ is node.resolve_typename.__func__
        if not usual or not named:
            return None
        model: Any = origin.__strawberry_django_definition__.model
        attribute = origin.resolve_id_attr()
        get = attrgetter(model._meta.pk.attname if attribute == "pk" else attribute)
        prefix = f"{self.parent.name}:"

        def packed(source: Any) -> str:
            if not isinstance(source, model):
                raise Bail
            return b2a_base64(f"{prefix}{get(source)}".encode(), newline=False).decode()

        return packed

    # ── what a resolver is given ─────────────────────────────────────────────────────────────
    def raw_info(self, run: Run) -> GraphQLResolveInfo:
        """What graphql-core tells a resolver; the document's nodes have no places here."""
        if self not in run.raw:
            operation = self.operation
            run.raw[self] = GraphQLResolveInfo(
                self.nodes[0].name.value,
                self.nodes,
                self.core.type,
                self.parent,
                self.path,
                operation.core,
                operation.fragments,
                None,
                operation.definition,
                run.variables,
                run.context,
                optimized_is_awaitable,
            )
        return run.raw[self]

    def info(self, run: Run) -> Any:
        if self not in run.infos:
            run.infos[self] = PlannedInfo(
                _raw_info=self.raw_info(run), _field=self.own, asked=self.asked
            )
        return run.infos[self]

    @cached_property
    def asked(self) -> Asked:
        return self.ask()

    def arguments(self, run: Run) -> dict[str, Any]:
        """As graphql-core coerces them."""
        if self in run.arguments:
            return run.arguments[self]
        found = get_argument_values(self.core, self.nodes[0], run.variables)
        if all(isinstance(value, LASTING) for value in found.values()):
            run.arguments[self] = found
        return found

    def converted(self, run: Run) -> dict[str, Any]:
        """As a resolver's function takes them."""
        known = self.fixed if self.fixed is not None else run.converted.get(self)
        if known is not None:
            return known
        schema = self.operation.strawberry
        found = convert_arguments(
            self.arguments(run),
            self.own.arguments,
            config=schema.config,
            scalar_registry=schema.schema_converter.scalar_registry,
        )
        if all(isinstance(value, LASTING) for value in found.values()):
            run.converted[self] = found
            if not self.takes_variables:
                self.fixed = found
        return found


def attribute_of(own: StrawberryField) -> str | None:
    """A plain attribute or column; None for what the framework does more for."""
    if not isinstance(own, StrawberryDjangoField):
        return own.python_name
    definition = own.origin_django_type
    name = own.django_name or own.python_name
    on_model = getattr(definition.model, name, None) if definition else None
    # Of descriptors just these: files and relations have classes of their own.
    if type(on_model) is not DeferredAttribute and type(on_model) is not property:
        return None
    return name


def settled(value: Any) -> Any:
    """What strawberry-django leaves as it is; it calls functions, and narrows lists of rows."""
    if type(value) not in SETTLED:
        if isinstance(value, ROWS) or callable(value):
            raise Bail
        if value.__class__ is type(value):
            SETTLED.add(type(value))
    return value
