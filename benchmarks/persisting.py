"""A document that is registered, so that it can be called by its hash."""

from benchmarks import questions
from benchmarks.catalogue import Shop, connected


def register(shop: Shop) -> str:
    from schema.answers import persisted
    from schema.root import schema

    with connected(shop.database):
        found = persisted.register({"list": questions.LIST}, schema._schema)  # noqa: SLF001
    return found["list"]
