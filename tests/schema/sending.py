"""Mutations with files, as a GraphQL multipart request (the specification of Jayden Seric)."""

import json
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from users import tokens
from users.models import User


def picture(colour: str = "red", name: str = "x.jpg", width: int = 700) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (width, 350), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def send(
    name: str,
    input: dict[str, Any],
    selection: str,
    *,
    user: User,
    files: dict[str, SimpleUploadedFile],
) -> dict[str, Any]:
    """The payload of one mutation; `files` go to these places of the input, such as files.0."""
    document = (
        f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{"
        f" {selection} errors {{ code path }} }} }}"
    )
    named = {str(at): file for at, file in enumerate(files.values())}
    places = {str(at): [f"variables.input.{path}"] for at, path in enumerate(files)}
    response = Client().post(
        "/graphql/",
        {
            "operations": json.dumps({"query": document, "variables": {"input": input}}),
            "map": json.dumps(places),
            **named,
        },
        headers={
            "Authorization": f"Bearer {tokens.access_token(user)}",
            "GraphQL-Preflight": "1",
        },
    )
    body = response.json()
    assert "errors" not in body, body["errors"]
    payload: dict[str, Any] = body["data"][name]
    return payload
