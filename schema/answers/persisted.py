"""Documents that are called by their hash (GraphQL over HTTP, appendix A).

They are public operations: whoever knows the hash may run them, as far as anybody may.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from graphql import GraphQLError, GraphQLSchema, validate

from schema import limits
from schema.models import PersistedDocument

MOST_AT_HAND = 512
LONGEST = 100_000  # characters of one document
PREFIX = "sha256:"
HASH = re.compile("[0-9a-f]{64}")


class Refused(Exception):
    """A document cannot be registered; says which and why."""


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def find(document_id: str) -> str | None:
    """The document of that hash, with or without `sha256:` before it; None without one."""
    digest = document_id.removeprefix(PREFIX).lower()
    if not HASH.fullmatch(digest):
        return None
    try:
        return _text(digest)
    except PersistedDocument.DoesNotExist:
        return None


@lru_cache(MOST_AT_HAND)
def _text(digest: str) -> str:
    """Kept for good, for a hash has one text; that there is none may change, and raises."""
    return PersistedDocument.objects.get(pk=digest).text


def register(found: Mapping[str, str], schema: GraphQLSchema) -> dict[str, str]:
    """Have the documents called by their hashes: all of them, or none.

    Args:
        found: where each comes from, and its text.

    Returns:
        The hash of each, by where it comes from.

    Raises:
        Refused: for the first that is none, or not one of this schema.
    """
    for place, text in found.items():
        refuse_wrong(place, text, schema)
    hashes = {place: hash_of(text) for place, text in found.items()}
    PersistedDocument.objects.bulk_create(
        [PersistedDocument(hash=hashes[place], text=text) for place, text in found.items()],
        ignore_conflicts=True,
    )
    return hashes


def refuse_wrong(place: str, text: str, schema: GraphQLSchema) -> None:
    if len(text) > LONGEST:
        raise Refused(f"{place}: longer than {LONGEST} characters.")
    try:
        document = limits.parsed(text)
        limits.check(document)
        errors = validate(schema, document)
    except GraphQLError as error:
        errors = [error]
    if errors:
        raise Refused(f"{place}: {errors[0].message}")


def in_folder(folder: Path) -> dict[str, str]:
    """The documents of all *.graphql files, and of *.json files that have them by their hashes.

    Raises:
        Refused: for a file that cannot be read, or a hash that is another text's.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".graphql", ".json"):
            continue
        try:
            text = path.read_bytes().decode()
            found |= dict(listed(path, text)) if path.suffix == ".json" else {str(path): text}
        except (OSError, ValueError) as error:
            raise Refused(f"{path}: {error}") from None
    return found


def listed(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """The documents of a list as the tools of clients write it: {"<hash>": "<document>"}."""
    listed = json.loads(text)
    if not isinstance(listed, dict):
        raise Refused(f"{path}: holds no object of documents by their hashes.")
    for digest, document in listed.items():
        if not isinstance(document, str) or hash_of(document) != digest.removeprefix(PREFIX):
            raise Refused(f"{path}: {digest} is not the SHA-256 of its document.")
        yield f"{path}: {digest}", document
