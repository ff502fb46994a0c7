"""Who asks: the bearer of a request's token, looked up once and only when it matters."""

from functools import cached_property
from typing import cast
from uuid import uuid4

from django.http import HttpRequest

from schema.errors import Denied, Info
from schema.idempotency import keys
from shop import clients
from users import tokens
from users.models import User


class Context:
    """What resolvers know of the request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.request_id = uuid4().hex
        self.carried_out = False  # whether a mutation was, and not refused
        self.refused: dict[str, set[str]] = {}  # the codes of refusals, by the mutations' names

    @cached_property
    def viewer(self) -> User | None:
        """The owner of the bearer token; None without one. A cookie signs nobody in.

        Raises:
            Denied: UNAUTHENTICATED, for a token that is not (or no longer) good.
        """
        scheme, _, token = self.request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        owner = tokens.owner_of(token.strip()) if scheme.lower() == "bearer" else None
        if owner is None:
            raise Denied("UNAUTHENTICATED", "The bearer token is expired or not valid.")
        return owner

    @cached_property
    def idempotency_key(self) -> str | None:
        """The key of a request that may come again. Raises Denied: BAD_REQUEST for no UUID."""
        try:
            return keys.given(self.request)
        except ValueError:
            raise Denied("BAD_REQUEST", f"The {keys.HEADER} must be a UUID.") from None


def viewer(info: Info) -> User | None:
    return cast("Context", info.context).viewer


def network(info: Info) -> str:
    """Which network asks, as `shop.clients` names it."""
    return clients.network_of(info.context.request.META)


def request_key(info: Info, given: str | None) -> str | None:
    """The input's own idempotency key or, where it was left out, that of the request."""
    return cast("Context", info.context).idempotency_key if given is None else given


def customer(info: Info) -> User:
    """The signed-in caller.

    Raises:
        Denied: UNAUTHENTICATED when there is none.
    """
    user = viewer(info)
    if user is None:
        raise Denied("UNAUTHENTICATED", "Sign in first.")
    return user
