"""Statements that are compiled once, with slots for the values that are told at each run."""

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar, cast

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Func, QuerySet, Value
from psycopg.sql import Literal

from shop.newcomers import Newcomers

MOST_STATEMENTS = 512
LARGEST = 10_000  # characters of one that is kept, with the texts that are no slots
PK: "Field[Any, Any]" = models.BigAutoField()
INSTANT: "Field[Any, Any]" = models.DateTimeField()

Fetched = list[tuple[Any, ...]]


class Slot(Value):
    """A place in a statement for a value that is told at each run."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(None, output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """Its value as the database takes it."""
        return self.output_field.get_db_prep_value(values[self.name], connection=connection)


class Now(Slot):
    """The present, told as `now`; in a plan that is kept it is what PostgreSQL's clock says.

    How many rows are older the planner knows of its clock and of a value, not of a slot: without
    it the plan would be a bad one, and PostgreSQL, which sees that, would make one each time.
    """

    def __init__(self) -> None:
        super().__init__("now", INSTANT)


class KeysSlot(Slot):
    """A slot for any number of primary keys, as one parameter."""

    def __init__(self, name: str) -> None:
        super().__init__(name, PK)

    def bound(self, values: Mapping[str, Any]) -> Any:
        keys = list(values[self.name])
        return json.dumps(keys) if connection.vendor == "sqlite" else keys


class Among(Func):
    """`column IN (...)` whose statement is the same for one key and for a hundred."""

    conditional = True
    output_field = models.BooleanField()
    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("

    def __init__(self, column: str, slot: str) -> None:
        super().__init__(models.F(column), KeysSlot(slot))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template, joiner = "%(expressions)s))", " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


class Cursor(psycopg.Cursor[Any]):
    """Sends values apart from the text, so that PostgreSQL can keep what comes again.

    Django's own writes them into it. Psycopg alone does not tell, as Django's log of statements
    asks it, what was kept already.
    """

    def _convert_query(self, *asked: Any) -> Any:
        self._query = super()._convert_query(*asked)
        return self._query


class Statement:
    """A queryset of tuples with slots, compiled."""

    is_planned = False  # whether PostgreSQL may keep a plan of it, for whatever is in the slots

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql = ""
        self.parameters: Sequence[Any] = ()
        try:
            self.sql, self.parameters = compiler.as_sql()
        except EmptyResultSet:  # nothing can be found, whatever the values are
            return
        self.converters = compiler.get_converters([one for one, _, _ in compiler.select or ()])

    def fetch(self, values: Mapping[str, Any], limit: int | None) -> Fetched:
        """What the database answers, in the types of the columns."""
        if not self.sql:
            return []
        # The limit is part of the text: a plan for any number of rows would be made for many.
        end = "" if limit is None else f" LIMIT {limit:d}"
        with connection.cursor() as cursor:
            if self.is_planned and connection.vendor == "postgresql":
                cursor.cursor = Cursor(connection.connection)
                sql, parameters = self.to_be_kept
            else:
                sql, parameters = self.sql, self.parameters
            told = [one.bound(values) if isinstance(one, Slot) else one for one in parameters]
            cursor.execute(sql + end, told)
            fetched: Fetched = cursor.fetchall()
        return [*self.converted(fetched)] if self.converters else fetched

    @cached_property
    def to_be_kept(self) -> tuple[str, Sequence[Any]]:
        """The statement with nothing left open but slots, and these.

        A plan that is kept can then use indexes that hold only a part of the rows.
        """
        written = tuple(self.written(one) for one in self.parameters)
        slots = [one for one in self.parameters if isinstance(one, Slot)]
        told = [one for one in slots if not isinstance(one, Now)]
        return doubled(self.sql, "%%") % written, told

    def written(self, parameter: Any) -> str:
        if isinstance(parameter, Now):
            return "statement_timestamp()"
        if isinstance(parameter, Slot):
            return "%s"
        return doubled(Literal(parameter).as_string(connection.connection))

    @property
    def size(self) -> int:
        return len(self.sql) + sum(len(one) for one in self.parameters if isinstance(one, str))

    def converted(self, fetched: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        for row in map(list, fetched):
            for at, (converters, expression) in self.converters.items():
                for convert in converters:
                    row[at] = convert(row[at], expression, connection)
            yield tuple(row)


def doubled(text: str, sign: str = "%") -> str:
    """A text that a step of formatting leaves as it was."""
    return text.replace(sign, sign * 2)


S = TypeVar("S", bound=Statement)


class Statements:
    """Those that were used lately, by their shape.

    When there are enough of them, another is kept the second time its shape comes: a filter's
    plain values are no slots, and each step of a price slider is a shape of its own.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._newcomers = Newcomers(MOST_STATEMENTS)
        self._lock = Lock()

    def find(self, shape: Hashable, make: Callable[[], S]) -> S:
        with self._lock:
            if shape in self._known:
                self._known.move_to_end(shape)
                return cast("S", self._known[shape])
        made = make()
        if made.size > LARGEST:
            return made
        with self._lock:
            if len(self._known) >= MOST_STATEMENTS and not self._newcomers.came_before(shape):
                return made
            self._known[shape] = made
            while len(self._known) > MOST_STATEMENTS:
                self._known.popitem(last=False)
        return made
