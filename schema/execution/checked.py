"""Documents that were found valid are neither parsed nor validated again, mutations above all.

The framework has extensions for that, whose caches count documents and not their size: a hundred
of the longest that a body may hold would take gigabytes.
"""

from collections import OrderedDict
from collections.abc import Iterator
from sys import getsizeof
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from graphql import DocumentNode
from strawberry.extensions import SchemaExtension

LONGEST = 4_096  # bytes of text; parsed it takes about a hundred times as many
MOST = 64


class Valid:
    """The documents that one schema found valid lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, DocumentNode] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, query: str) -> DocumentNode | None:
        with self._lock:
            if query in self._known:
                self._known.move_to_end(query)
            return self._known.get(query)

    def keep(self, query: str, document: DocumentNode) -> None:
        if getsizeof(query) > LONGEST:
            return
        with self._lock:
            self._known[query] = document
            while len(self._known) > MOST:
                self._known.popitem(last=False)


# By schema: what is valid in one is not in another, which may have more rules as well.
VALID: WeakKeyDictionary[Any, Valid] = WeakKeyDictionary()


class Checked(SchemaExtension):
    """Hands a document that is known over to the execution, as one without errors."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        self.valid = VALID.setdefault(context.schema, Valid())
        self.found = self.valid.find(context.query) if context.query else None
        if self.found is not None:
            context.graphql_document = self.found
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if self.found is not None:
            context.pre_execution_errors = []
        yield
        errors, document = context.pre_execution_errors, context.graphql_document
        if self.found is None and not errors and context.query and document is not None:
            self.valid.keep(context.query, document)
