"""Requests with a key, and what the table keeps of them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from schema.models import KeptAnswer
from tests.schema.trying import document_of, respond, token_of
from tests.schema.whole_inputs import INPUTS
from users.models import User

HEADER = "Idempotency-Key"


@dataclass
class Request:
    """What is sent again and again."""

    document: str
    input: Any
    token: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        self.key = self.key or str(uuid4())

    def send(self) -> Any:
        return respond(self.document, {"input": self.input}, self.token, {HEADER: self.key})


def request(name: str, input: dict[str, Any], user: User | None = None, key: str = "") -> Request:
    return Request(document_of(name, 2), input, token_of(user), key)


def whole(what: str) -> Request:
    """The mutation with an input that is taken, and who may send it."""
    user, input = INPUTS[what]()
    return request(what.partition("/")[0], input, user)


def payload(response: Any) -> dict[str, Any]:
    body = response.json()
    assert "errors" not in body, body["errors"]
    (found,) = body["data"].values()
    return dict(found)


def codes(response: Any) -> list[str]:
    errors = response.json().get("errors", [])
    return [error["extensions"]["code"] for error in errors]


def kept() -> int:
    """How many keys are used up."""
    return KeptAnswer.objects.exclude(answer=None).count()
