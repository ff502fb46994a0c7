"""Relations of many rows by one statement.

Rows that were read together know each other as peers. The first of them that is asked for a
relation loads it for all, so that a list costs one statement a level however long it is, on
`nodes`, `edges` and mutations alike, and only for what a query selects.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from django.db.models import Model, Prefetch, QuerySet, prefetch_related_objects

from shop.prepared import Prepared

M = TypeVar("M", bound=Model)
T = TypeVar("T")

PEERS = "_peers"
LOADED = "_loaded"


def together(rows: Iterable[M]) -> list[M]:
    """Make peers of rows that were read together."""
    peers = list(rows)
    for row in peers:
        row.__dict__[PEERS] = peers
    return peers


def peers_of(row: M) -> list[M]:
    return getattr(row, PEERS, None) or [row]


def load(row: M, key: Hashable, read: Callable[[list[M]], dict[Any, T]], empty: T) -> T:
    """What `read` finds for the row, read for all its peers at the first call with this key.

    Args:
        read: from peers to what belongs to each, by primary key.
        empty: for a row that `read` found nothing for.
    """
    loaded: dict[Hashable, dict[Any, T]] = row.__dict__.setdefault(LOADED, {})
    if key not in loaded:
        peers = peers_of(row)
        keep(peers, key, read(peers))
    return loaded[key].get(row.pk, empty)


def keep(peers: Iterable[Model], key: Hashable, found: dict[Any, Any]) -> None:
    """Let `load` find with this key what was read on the way to something else."""
    for peer in peers:
        peer.__dict__.setdefault(LOADED, {})[key] = found


def many(row: Model, relation: str, rows: QuerySet[Any]) -> list[Any]:
    """The related rows of a to-many relation, narrowed and ordered by `rows`."""

    def read(peers: list[Model]) -> dict[Any, list[Any]]:
        target = f"_many_{relation}"
        for peer in peers:
            peer.__dict__.pop(target, None)
        prefetch_related_objects(peers, Prefetch(relation, rows, to_attr=target))
        found = {peer.pk: getattr(peer, target) for peer in peers}
        # Several rows for one child, where peers share it: each must know its peers.
        together(child for children in found.values() for child in children)
        return found

    return load(row, relation, read, [])


def found(ask: Prepared, limit: int | None = None, **values: Any) -> list[Any]:
    """The rows of a prepared read, as peers; those that were read beside them are peers as well."""
    rows, beside = ask.found(limit, **values)
    for others in beside:
        together(others)
    return together(rows)


def children(row: Model, key: Hashable, by: str, ask: Prepared) -> list[Any]:
    """As `many`, by a prepared read that takes the keys of the peers as `owners`.

    Args:
        by: the attribute of a child that holds its owner's key.
    """

    def read(peers: list[Model]) -> dict[Any, list[Any]]:
        of_owner: dict[Any, list[Any]] = {}
        for child in found(ask, owners={peer.pk for peer in peers}):
            of_owner.setdefault(getattr(child, by), []).append(child)
        return of_owner

    return load(row, key, read, [])


def one(row: Model, relation: str, rows: QuerySet[Any]) -> Any:
    """The related row of a to-one relation, or None when there is none among `rows`."""
    column = row._meta.get_field(relation).attname  # type: ignore[union-attr]

    def read(peers: list[Model]) -> dict[Any, Any]:
        wanted = {getattr(peer, column) for peer in peers} - {None}
        by_pk = (
            {found.pk: found for found in together(rows.filter(pk__in=wanted))} if wanted else {}
        )
        return {peer.pk: by_pk.get(getattr(peer, column)) for peer in peers}

    return load(row, relation, read, None)
