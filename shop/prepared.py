"""Querysets that are compiled once, and rows that hold just the columns that were read.

Most of what a short read costs in Python is building a queryset, compiling it to SQL and making
whole instances. Here the SQL of a shape is kept: at each run the values are put into its slots,
and what the cursor fetches becomes light rows. These are instances of their model; a column
that was not read is deferred, as with `only()`. So who forgets one has a slow answer, not a
wrong one. Reads of the default database, through Django's own cursor.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import QuerySet
from django.db.models.base import ModelState

from shop.statements import (
    PK,
    Among,
    Fetched,
    KeysSlot,
    Now,
    Slot,
    Statement,
    Statements,
)

__all__ = [
    "PK", "WHOLE", "Among", "Columns", "KeysSlot", "Now", "Prepared", "Slot", "Statements",
    "columns_of", "is_prepared", "light",
]  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """What is read of a row: of its own columns, of the queryset's annotations, of other rows.

    A row carries them on (`columns_of`), for whatever is to be read from it later.
    """

    own: frozenset[str] | None = None  # the key is read anyhow; None: all columns
    more: tuple[str, ...] = ()  # annotations
    beside: tuple[tuple[str, "Columns"], ...] = ()  # what foreign keys lead to, by joins
    below: tuple[tuple[str, "Columns"], ...] = ()  # of what is read later, by the relation
    cursors: bool = True  # whether a row of a page has to tell its place

    def of(self, relation: str) -> "Columns":
        """Of the rows of a relation; all of them where nothing was said."""
        return dict(self.below).get(relation, WHOLE)

    def names(self, model: type[models.Model]) -> list[str]:
        """The columns of the model and the annotations, in an order that is always the same."""
        keys = {model._meta.get_field(name).attname for name, _ in self.beside}  # type: ignore[union-attr]
        found = [
            one.attname
            for one in model._meta.concrete_fields
            if self.own is None or one.primary_key or one.attname in self.own | keys
        ]
        return [*found, *self.more]


WHOLE = Columns()
COLUMNS = "_columns"


def columns_of(row: models.Model) -> Columns:
    """What the row was read with; WHOLE for one that came in another way."""
    found: Columns = row.__dict__.get(COLUMNS, WHOLE)
    return found


def is_prepared(row: models.Model) -> bool:
    """Whether the row came by a prepared read."""
    return COLUMNS in row.__dict__


class ReadState(ModelState):
    """The state of a row that was read: the same for all of them until something is written."""

    db = DEFAULT_DB_ALIAS
    adding = False


def light(
    model: type[models.Model], values: dict[str, Any], beside: dict[str, Any] | None = None
) -> Any:
    """A row that holds these columns; the others are read when they are asked for.

    As `Model.from_db` makes one, without its signals and its loop over all fields.

    Args:
        beside: rows that foreign keys lead to, by the keys' names.
    """
    state = values["_state"] = ReadState()
    if beside is not None:
        state.fields_cache = beside
    row = model.__new__(model)
    row.__dict__ = values
    return row


# Rows that were made already, by the layout of their kind and by their keys.
Known = dict["Layout", dict[Any, Any]]
Make = Callable[[Sequence[Any], Known], Any]


class Layout:
    """The places in a fetched row of one model's columns, and of those of the rows beside it."""

    def __init__(self, model: Any, columns: Columns, start: int = 0, path: str = "") -> None:
        self.model, self.start, self.columns = model, start, columns
        self.names = columns.names(model)
        self.key = start + self.names.index(model._meta.pk.attname)
        self.paths = [f"{path}{name}" for name in self.names]
        self.end = start + len(self.names)
        self.beside: list[tuple[str, Layout]] = []
        for name, other in columns.beside:
            target = model._meta.get_field(name).related_model
            at = Layout(target, other, start + len(self.paths), f"{path}{name}__")
            self.beside.append((name, at))
            self.paths += at.paths

    def maker(self) -> Make:
        """From a fetched row, and the rows beside others that were made already, to a row."""
        model, own = self.model, self.reader()
        beside = [(name, at, at.key, at.maker()) for name, at in self.beside]

        def make(values: Sequence[Any], known: Known) -> Any:
            if not beside:
                return light(model, own(values))
            others: dict[str, Any] = {}
            for name, at, place, other in beside:
                key, there = values[place], known[at]
                if key not in there:
                    there[key] = None if key is None else other(values, known)
                others[name] = there[key]
            return light(model, own(values), others)

        return make

    def reader(self) -> Callable[[Sequence[Any]], dict[str, Any]]:
        """From a fetched row to the columns of the model by their names.

        Written as an expression, which takes a third of the time of putting them together.
        """
        parts = (f"{name!r}: row[{at}]" for at, name in enumerate(self.names, self.start))
        text = f"lambda row: {{{', '.join(parts)}, {COLUMNS!r}: columns}}"
        made: Callable[[Sequence[Any]], dict[str, Any]] = eval(text, {"columns": self.columns})  # noqa: S307  # names of columns alone
        return made


Found = tuple[list[Any], list[list[Any]]]


class RowStatement(Statement):
    """A queryset of rows, of which the columns are read."""

    def __init__(self, rows: QuerySet[Any], columns: Columns) -> None:
        layout = Layout(rows.model, columns)
        super().__init__(rows.values_list(*layout.paths))
        # What is searched for decides how it is best found; keys and places do not.
        self.is_planned = not any(
            isinstance(one, Slot) and type(one.output_field) is models.TextField
            for one in self.parameters
        )
        self.make = layout.maker()

    def read(self, values: Mapping[str, Any], limit: int | None) -> Found:
        """The rows, and of each kind of rows beside them those that there are, each once."""
        known: Known = defaultdict(dict)
        rows = [self.make(row, known) for row in self.fetch(values, limit)]
        return rows, [list(filter(None, there.values())) for there in known.values()]


STATEMENTS = Statements()


@dataclass(frozen=True)
class Prepared:
    """A read that is built and compiled the first time only.

    Args:
        shape: what tells the queryset from all others, the columns apart. Whatever `build`
            depends on is in it, or is a slot.
        build: makes the queryset, with slots for what differs from run to run.
        values: by the names of the slots.
    """

    shape: Hashable
    build: Callable[[], QuerySet[Any]]
    columns: Columns = WHOLE
    values: Mapping[str, Any] = field(default_factory=dict)

    def read(self, limit: int | None = None, **more: Any) -> list[Any]:
        """The rows, at most `limit`; `more` are values known by now."""
        return self.found(limit, **more)[0]

    def found(self, limit: int | None = None, **more: Any) -> Found:
        """As `read`, and the rows that were read beside them."""
        statement = STATEMENTS.find(
            (self.shape, self.columns), lambda: RowStatement(self.build(), self.columns)
        )
        return statement.read({**self.values, **more}, limit)

    def narrowed(
        self, shape: Hashable, narrow: Callable[[QuerySet[Any]], QuerySet[Any]], **values: Any
    ) -> "Prepared":
        """Of these rows those that `narrow` leaves; `shape` tells it from others."""
        return replace(
            self,
            shape=(self.shape, shape),
            build=lambda: narrow(self.build()),
            values={**self.values, **values},
        )

    def tuples(
        self, shape: Hashable, take: Callable[[QuerySet[Any]], QuerySet[Any, Any]], **values: Any
    ) -> Fetched:
        """What `take` reads of these rows: the tuples of its `values_list`."""
        statement = STATEMENTS.find(
            (self.shape, shape, "tuples"), lambda: Statement(take(self.build()))
        )
        return statement.fetch({**self.values, **values}, None)
