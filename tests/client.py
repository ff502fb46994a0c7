"""The API as a client sees it: HTTP in, JSON out."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from schema.http import media
from users import tokens
from users.models import User

# Mutations whose input is not named after them.
INPUTS = {
    "cartCreate": "CartInput",
    "wishlistAdd": "WishlistInput",
    "wishlistRemove": "WishlistInput",
}


@dataclass
class Answer:
    status: int
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The data; a top-level error beside or instead of it fails the test."""
        assert "errors" not in self.body, self.body["errors"]
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def message(self) -> str:
        """What the first top-level error says."""
        return str(self.body["errors"][0]["message"])

    @property
    def codes(self) -> list[str]:
        """The codes of the top-level errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]


def post(document: str, variables: dict[str, Any], headers: dict[str, str]) -> Answer:
    response = Client().post(
        "/graphql/",
        json.dumps({"query": document, "variables": variables}),
        content_type="application/json",
        headers={"Accept": media.GRAPHQL} | headers,  # under which a refused document has 400
    )
    return Answer(response.status_code, response.json())


def call(document: str, *, user: User | None = None, token: str = "", **variables: Any) -> Answer:
    """POST a document; signed in as `user`, or with a bearer token as it stands."""
    token = token or (tokens.access_token(user) if user else "")
    return post(document, variables, {"Authorization": f"Bearer {token}"} if token else {})


def mutate(name: str, input: dict[str, Any], selection: str, **options: Any) -> dict[str, Any]:
    """The payload of one mutation, with its errors (code, path, message) beside the selection."""
    kind = INPUTS.get(name) or f"{name[0].upper()}{name[1:]}Input"
    document = (
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection}"
        " errors { __typename code path message } } }"
    )
    payload: dict[str, Any] = call(document, input=input, **options).data[name]
    return payload


def refusals(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Code and path of each refusal in a payload."""
    return [(error["code"], error["path"]) for error in payload["errors"]]
