"""Statements that are compiled once, with slots for the values that are told at each run."""

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Func, QuerySet, Value

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

    def bound(self, value: Any) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(value, connection=connection)


class KeysSlot(Slot):
    """A slot for any number of primary keys, as one parameter."""

    def __init__(self, name: str) -> None:
        super().__init__(name, PK)

    def bound(self, value: Iterable[int]) -> Any:
        keys = list(value)
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


class Statement:
    """A queryset of tuples with slots, compiled."""

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
        parameters = [
            one.bound(values[one.name]) if isinstance(one, Slot) else one for one in self.parameters
        ]
        with connection.cursor() as cursor:
            if limit is None:
                cursor.execute(self.sql, parameters)
            else:
                cursor.execute(f"{self.sql} LIMIT %s", [*parameters, limit])
            fetched: Fetched = cursor.fetchall()
        return [*self.converted(fetched)] if self.converters else fetched

    @property
    def size(self) -> int:
        return len(self.sql) + sum(len(one) for one in self.parameters if isinstance(one, str))

    def converted(self, fetched: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        for row in map(list, fetched):
            for at, (converters, expression) in self.converters.items():
                for convert in converters:
                    row[at] = convert(row[at], expression, connection)
            yield tuple(row)


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
