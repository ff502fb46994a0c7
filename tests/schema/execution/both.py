"""One request, answered by graphql-core and by a plan: what each says and what it costs."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from schema.execution.plans import Plan
from schema.root import schema

REQUEST_ID = re.compile(rb'"requestId": ?"[0-9a-f]{32}"')
CLIENT = Client()
READS = ("SELECT ", "(SELECT ", "WITH ", "SET ")


@dataclass(frozen=True)
class Asked:
    """A request's body, and who sends it."""

    document: str
    variables: dict[str, Any] | None = None
    token: str = ""


@dataclass(frozen=True)
class Told:
    """The whole answer but the request's id, and the statements that it took."""

    status: int
    body: bytes
    statements: list[str]


@contextmanager
def planning(planned: bool) -> Iterator[None]:
    before = schema.planned
    schema.planned = planned
    try:
        yield
    finally:
        schema.planned = before


def tell(asked: Asked, *, planned: bool) -> Told:
    headers = {"Authorization": f"Bearer {asked.token}"} if asked.token else {}
    body = json.dumps({"query": asked.document, "variables": asked.variables})
    reset_queries()  # the log has an end
    with planning(planned), CaptureQueriesContext(connection) as taken:
        answer = CLIENT.post("/graphql/", body, content_type="application/json", headers=headers)
    statements = [each["sql"] for each in taken.captured_queries]
    return Told(answer.status_code, REQUEST_ID.sub(b'"requestId":0', answer.content), statements)


def plan_of(asked: Asked) -> Plan | None:
    return schema.plans.find((asked.document, None))


def compared(asked: Asked) -> bool:
    """Whether a plan answered. Fails when its answer differs, or takes more statements.

    A document that goes wrong gets its plan here as well, which it would get after an answer
    without errors; not one that is not valid.
    """
    core = tell(asked, planned=False)
    if "data" not in json.loads(core.body):
        return False
    schema.plans.met((asked.document, None))
    plan = plan_of(asked)
    assert plan is not None, asked
    plan.failures = plan.resting = 0
    before = plan.answered
    planned = tell(asked, planned=True)
    assert (planned.status, planned.body) == (core.status, core.body), asked
    by_plan = plan.answered > before
    assert by_plan == ("errors" not in json.loads(core.body)), asked
    assert all(one.startswith(READS) for one in core.statements), asked
    assert len(planned.statements) <= len(core.statements) or not by_plan, asked
    return by_plan
