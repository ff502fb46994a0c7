"""What requests by chance have brought to light, each by itself."""

import json
from typing import Any

import pytest
from django.test import Client

JSON = "application/json"


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_an_empty_document_is_refused_and_no_failure_of_ours(method: str) -> None:
    send: Any = getattr(Client(), method)
    body = json.dumps({"query": ""})

    answer = send("/graphql/", body, content_type=JSON) if method == "post" else send(
        "/graphql/", {"query": ""}
    )  # fmt: skip

    assert answer.status_code == 400
    if method != "head":
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
