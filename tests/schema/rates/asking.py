"""Mutations as they come from different networks, and the answers to them."""

import json
from typing import Any

from django.test import Client

from schema.http import media
from tests.schema.trying import document_of, token_of
from tests.schema.whole_inputs import INPUTS

HOME, CAFE = "198.51.100.7", "203.0.113.9"
Response = Any


def ask(
    document: str,
    variables: dict[str, Any] | None = None,
    *,
    token: str = "",
    network: str = HOME,
    accept: str = media.GRAPHQL,
    environ: dict[str, Any] | None = None,
    **headers: str,
) -> Response:
    return Client(REMOTE_ADDR=network, **(environ or {})).post(
        "/graphql/",
        json.dumps({"query": document, "variables": variables or {}}),
        content_type="application/json",
        headers={"Accept": accept}
        | ({"Authorization": f"Bearer {token}"} if token else {})
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )


def mutate(name: str, input: dict[str, Any], **options: Any) -> Response:
    return ask(document_of(name, 1), {"input": input}, **options)


def whole(name: str, **options: Any) -> Response:
    """The mutation with an input that is taken, from somebody who may send it."""
    user, input = INPUTS[name]()
    return mutate(name, input, token=token_of(user), **options)


def sign_in(email: str, password: str, network: str = HOME, **options: Any) -> Response:
    return mutate("tokenCreate", {"email": email, "password": password}, network=network, **options)


def codes(response: Response) -> list[str]:
    """The codes of the top-level errors."""
    return [one["extensions"]["code"] for one in response.json().get("errors", [])]


def refusals(response: Response) -> list[str]:
    """The codes of what the mutations refused."""
    payloads = response.json()["data"].values()
    return [one["code"] for payload in payloads for one in payload["errors"]]


def is_limited(response: Response) -> bool:
    return codes(response) == ["RATE_LIMITED"] and "data" not in response.json()


def is_signed_in(response: Response) -> bool:
    return not codes(response) and not refusals(response)
