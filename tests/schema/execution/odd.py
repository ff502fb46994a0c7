"""A schema of resolvers that misbehave in each way that graphql-core has an answer to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry
from django.utils.functional import SimpleLazyObject
from graphql import GraphQLError, Undefined
from strawberry.permission import BasePermission

from schema.execution.plans import PlannedSchema
from schema.money import SCALARS


class Broken(Exception):
    name = "an exception that has the field's name"

    def __str__(self) -> str:
        return "broken"


class Texty:
    def __str__(self) -> str:
        return "texty"


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = 1


class Kind(str, Enum):  # noqa: UP042  # the ones that are equal to their text are meant
    A = "a"


strawberry.enum(Kind)


@strawberry.interface
class Pet:
    name: str | None


@strawberry.type
class Cat(Pet):
    lives: int = 9


@strawberry.type
class Dog(Pet):
    good: bool = True


@strawberry.interface
class Told:
    """Says itself what its values are, one by one."""

    name: str | None

    @classmethod
    def resolve_type(cls, value: Any, *_: Any) -> str:
        return str(value.kind)


@strawberry.type
class First(Told):
    kind: strawberry.Private[str] = "First"

    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> bool:
        return getattr(value, "name", "") != "refused"


@strawberry.type
class Second(Told):
    kind: strawberry.Private[str] = "Second"

    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> bool:
        return True


@dataclass
class Thing:
    """No type of the schema; stands for one where only attributes are read."""

    name: Any = "thing"


class ReadsPath(BasePermission):
    message = "not at this place"

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return info.path.as_list()[-1] != "closed"


def fail() -> Any:
    raise Broken


def refuse() -> Any:
    raise GraphQLError("no", extensions={"code": "FORBIDDEN"})


async def wait() -> str:
    return "waited"


def walk() -> Iterator[str]:
    yield "one"
    yield "two"


def cast_cat() -> Any:
    return strawberry.cast(Cat, Thing("was a thing"))


NAN = float("nan")
# What a resolver gives back, by the name that a document asks for.
VALUES: dict[str, Callable[[], Any]] = {
    "null": lambda: None,
    "undefined": lambda: Undefined,
    "unset": lambda: strawberry.UNSET,
    "raises": fail,
    "refuses": refuse,
    "exception": Broken,
    "error": lambda: GraphQLError("as a value"),
    "coroutine": wait,
    "generator": walk,
    "text": lambda: "text",
    "half": lambda: "\ud800",
    "lazy": lambda: SimpleLazyObject(lambda: "lazy"),
    "lazyNumber": lambda: SimpleLazyObject(lambda: 5),
    "texty": Texty,
    "zero": lambda: 0,
    "one": lambda: 1,
    "true": lambda: True,
    "large": lambda: 2**31,
    "least": lambda: -(2**31),
    "float": lambda: 1.5,
    "whole": lambda: 1.0,
    "nan": lambda: NAN,
    "infinite": lambda: float("inf"),
    "decimal": lambda: Decimal("1.50"),
    "red": lambda: Colour.RED,
    "redText": lambda: "red",
    "blue": lambda: Colour.BLUE,
    "kind": lambda: Kind.A,
    "kindText": lambda: "a",
    "unhashable": lambda: {"a": []},
    "bytes": lambda: b"bytes",
    "list": lambda: ["a", None, "b"],
    "empty": list,
    "numbers": lambda: (1, "2", True, 2**40),
    "broken": lambda: ["a", Broken(), "b"],
    "set": lambda: {"only"},
    "dict": lambda: {"key": "value"},
    "range": lambda: range(3),
    "cat": lambda: Cat(name="Tom"),
    "dog": lambda: Dog(name="Rex"),
    "nameless": lambda: Cat(name=None),
    "thing": Thing,
    "cast": cast_cat,
    "pets": lambda: [Cat(name="Tom"), Dog(name="Rex"), None, cast_cat(), Thing(), Cat(name="2")],
    "castCat": lambda: [Cat(name="Tom"), strawberry.cast(Dog, Cat(name="Rex")), Cat(name="2")],
    "lazyBroken": lambda: SimpleLazyObject(Broken),
    "cats": lambda: [Cat(name="Tom"), Cat(name=None)],
    "class": lambda: Cat,
    "first": lambda: First(name="1"),
    "mixed": lambda: [First(name="1"), First(name="2", kind="Second"), First(name="refused")],
    "unknown": lambda: First(name="1", kind="Nobody"),
    "foreign": lambda: First(name="1", kind="Cat"),
    "itself": lambda: First(name="1", kind="Told"),
}
Of = Annotated[str, strawberry.argument(name="of")]


def given(of: Of) -> Any:
    return VALUES[of]()


def kept(words: list[str], more: str | None = strawberry.UNSET, least: int = 3) -> str:
    """Spoils what it was given, for whoever is given the same."""
    words.append("spoilt")
    return f"{words} {'unset' if more is strawberry.UNSET else more!r} {least}"


@strawberry.type
class Row:
    value: strawberry.Private[Any]
    text: str
    number: int
    kept: str = strawberry.field(resolver=kept)

    @strawberry.field
    def own(self) -> str:
        return self.value  # type: ignore[no-any-return]  # whatever it is

    @strawberry.field
    def where(self, info: strawberry.Info) -> str:
        return "/".join(map(str, info.path.as_list()))

    @strawberry.field(permission_classes=[ReadsPath])
    def closed(self) -> str:
        return "behind a door"

    @strawberry.field(permission_classes=[ReadsPath])
    def open(self) -> str:
        return "open"


def rows(of: Of) -> Any:
    value = given(of)
    return [Row(value=1, text="a", number=1), Row(value=value, text=value, number=value)]


def seen(info: strawberry.Info) -> str:
    nodes = [getattr(one, "name", "") for one in info.selected_fields]
    return f"{info.query} {info.field_name} {nodes} {info.path} {sorted(info.variable_values)}"


@strawberry.type
class Query:
    text: str | None = strawberry.field(resolver=given)
    needed_text: str = strawberry.field(resolver=given)
    number: int | None = strawberry.field(resolver=given)
    needed_number: int = strawberry.field(resolver=given)
    part: float | None = strawberry.field(resolver=given)
    truth: bool | None = strawberry.field(resolver=given)
    amount: Decimal | None = strawberry.field(resolver=given)
    needed_amount: Decimal = strawberry.field(resolver=given)
    id: strawberry.ID | None = strawberry.field(resolver=given)
    colour: Colour | None = strawberry.field(resolver=given)
    kind: Kind | None = strawberry.field(resolver=given)
    texts: list[str | None] | None = strawberry.field(resolver=given)
    needed_texts: list[str] = strawberry.field(resolver=given)
    numbers: list[int | None] | None = strawberry.field(resolver=given)
    colours: list[Colour | None] | None = strawberry.field(resolver=given)
    cat: Cat | None = strawberry.field(resolver=given)
    needed_cat: Cat = strawberry.field(resolver=given)
    cats: list[Cat] | None = strawberry.field(resolver=given)
    pet: Pet | None = strawberry.field(resolver=given)
    pets: list[Pet | None] | None = strawberry.field(resolver=given)
    needed_pets: list[Pet] | None = strawberry.field(resolver=given)
    either: Annotated[Cat | Dog, strawberry.union("Either")] | None = strawberry.field(
        resolver=given
    )
    told: Told | None = strawberry.field(resolver=given)
    all_told: list[Told | None] | None = strawberry.field(resolver=given)
    rows: list[Row | None] = strawberry.field(resolver=rows)
    seen: str = strawberry.field(resolver=seen)
    kept: str = strawberry.field(resolver=kept)

    @strawberry.field
    async def slow(self) -> str:
        return "slow"

    @strawberry.field
    def again(self) -> "Query":
        return Query()


schema = PlannedSchema(query=Query, types=[Cat, Dog, First, Second], scalar_overrides=SCALARS)
schema.process_errors = lambda *_: None  # type: ignore[method-assign]
