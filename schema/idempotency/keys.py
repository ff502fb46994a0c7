"""A caller's key, and what is kept in its place: names and seals that cannot be traced back."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.files.base import File
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from users import tokens

HEADER = "Idempotency-Key"


@dataclass(frozen=True)
class Seal:
    """What one of the shop's secrets makes of a caller's key.

    Whoever has the table and the secret, but not the key, reads nothing in it.
    """

    secret: str
    whose: str  # the caller and the key

    @property
    def name(self) -> str:
        """What the record is found by, in hex."""
        return self._made_for("name").hex()

    def print_of(self, content: str) -> str:
        """The same for the same content, in hex; of use only to who has the key.

        Without the key in it, a password in an input could be guessed from it.
        """
        return self._made_for("content", content).hex()

    def close(self, text: str) -> bytes:
        return self._box().encrypt(text.encode())

    def open(self, closed: bytes) -> str:
        return self._box().decrypt(closed).decode()

    def _box(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._made_for("answer")))

    def _made_for(self, purpose: str, content: str = "") -> bytes:
        salt = f"schema.idempotency.{purpose}"
        value = f"{self.whose}\n{content}".encode(errors="surrogatepass")
        return salted_hmac(salt, value, secret=self.secret, algorithm="sha256").digest()


@dataclass(frozen=True)
class Asked:
    """A request with a key: the seals, that of the present secret first, and what it says."""

    seals: tuple[Seal, ...]
    content: str

    @property
    def seal(self) -> Seal:
        return self.seals[0]


def asked(
    key: str, request: HttpRequest, query: str, name: str | None, variables: Mapping[str, Any]
) -> Asked:
    """The request as it is kept, for the caller whom the bearer token was made out to.

    The token may have been ended meanwhile: by the very call that is repeated. Callers without
    one have nothing but the key to show.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    subject = tokens.subject_of(token.strip()) if scheme.lower() == "bearer" else None
    whose = f"{'anonymous' if subject is None else f'user {subject}'}\n{key}"
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    content = json.dumps([query, name, variables], sort_keys=True, default=_told)
    return Asked(tuple(Seal(secret, whose) for secret in secrets), content)


def given(request: HttpRequest) -> str | None:
    """The header's key in its usual form; None without the header.

    Raises:
        ValueError: when it is no UUID. The draft writes it in quotes; both ways are taken.
    """
    text = request.headers.get(HEADER)
    return None if text is None else str(UUID(text.strip().strip('"')))


def _told(value: Any) -> Any:
    """A file by its name, kind and content; what else comes is not JSON."""
    if not isinstance(value, File):
        raise TypeError(f"{type(value).__name__} stands in the variables")
    value.seek(0)
    digest = file_digest(value, "sha256").hexdigest()
    value.seek(0)
    return [value.name, getattr(value, "content_type", ""), digest]
