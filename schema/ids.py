"""Global ids: opaque outside, a type's name and a key inside; whatever a client may send."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet

from schema.errors import Denied
from shop.errors import Refused
from users.models import User

M = TypeVar("M", bound=Model)

MAX_KEY = 2**63 - 1
# Types whose name is not their model's, and those whose key is not the row counter.
NAMES = {"ProductImage": "Image"}
KEYS = {"Order": "number"}
# How `node` reaches the rows of a type: filled by the modules that declare the types.
Visible = Callable[[User | None], QuerySet[Model]]
NODES: dict[str, Visible] = {}


def type_name(model: type[Model]) -> str:
    return NAMES.get(model.__name__, model.__name__)


def of(row: Model) -> str:
    """The row's global id."""
    name = type_name(type(row))
    return pack(name, str(getattr(row, KEYS.get(name, "pk"))))


def pack(name: str, key: str) -> str:
    return b64encode(f"{name}:{key}".encode()).decode()


def unpack(id: str) -> tuple[str, str] | None:
    """Type name and key, or None for what is no id of ours."""
    try:
        name, _, key = b64decode(id, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, key) if name and key else None


def key_of(name: str, id: str) -> str | None:
    """The key in a global id of that type, fit for a query; None for any other id."""
    found = unpack(id)
    if found is None or found[0] != name or len(found[1]) > 20 or not found[1].isascii():
        return None
    if name in KEYS:
        return found[1] if found[1].replace("-", "").isalnum() else None
    return found[1] if found[1].isdigit() and int(found[1]) <= MAX_KEY else None


def only_one(**keys: str | None) -> dict[str, str]:
    """The one of the keys that was given. Raises Denied: BAD_REQUEST unless exactly one was."""
    given = {name: value for name, value in keys.items() if value is not None}
    if len(given) != 1:
        raise Denied("BAD_REQUEST", f"Give one of {' and '.join(keys)}.")
    return given


def find(rows: QuerySet[M], id: str) -> M | None:
    """The row with that global id among `rows`, or None."""
    name = type_name(rows.model)
    key = key_of(name, id)
    return None if key is None else rows.filter(**{KEYS.get(name, "pk"): key}).first()


def get(rows: QuerySet[M], id: str, *path: str | int) -> M:
    """The row with that global id among `rows`.

    Raises:
        Refused: NOT_FOUND at `path`; the same for a row that exists but is not among `rows`.
    """
    row = find(rows, id)
    if row is None:
        raise not_found(type_name(rows.model), *path)
    return row


def get_all(rows: QuerySet[M], ids: list[str], *path: str) -> list[M]:
    """The rows with those global ids, in that order, by one statement.

    Raises:
        Refused: NOT_FOUND at the first id that leads to none of `rows`.
    """
    name = type_name(rows.model)
    keys = [key_of(name, id) for id in ids]
    attribute = KEYS.get(name, "pk")
    wanted = [key for key in keys if key is not None]
    by_key = {
        str(getattr(row, attribute)): row for row in rows.filter(**{f"{attribute}__in": wanted})
    }
    for at, key in enumerate(keys):
        if key is None or str(int(key) if name not in KEYS else key) not in by_key:
            raise not_found(name, *path, at)
    return [by_key[str(int(key) if name not in KEYS else key)] for key in keys if key is not None]


def not_found(name: str, *path: str | int) -> Refused:
    return Refused("NOT_FOUND", f"There is no such {name.lower()}.", *path)
