"""Documents that schemathesis makes over the whole schema: every answer is what was declared.

CASES and CASES_SEED say how many and from which seed; `make soak` sends 10,000.
"""

import os
import time
from collections import Counter
from random import Random
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from graphql import GraphQLSchema
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from checkout.sandbox import Sandbox
from tests.checkout import paying
from tests.checkout.buying import check_books
from tests.fuzzing.feeding import REFUSALS, Food, fed
from tests.fuzzing.shapes import Expected
from tests.fuzzing.world import World, make_world, order_of_asking
from tests.schema.trying import GRAPHQL, MUTATIONS
from tests.soak.serving import Server

stripe = paying.stripe
QUERIES = GRAPHQL.query_type.fields if GRAPHQL.query_type else {}
CASES = int(os.environ.get("CASES", "300"))
SEED = int(os.environ.get("CASES_SEED", "1"))
EACH = 3 if CASES < 1000 else 8  # cases of each operation in a round
ROUNDS = -(-CASES // (EACH * len({**QUERIES, **MUTATIONS})))

schemathesis.graphql.scalar("Upload", st.just(nodes.Null))
schemathesis.graphql.scalar(
    "Decimal", st.sampled_from(["0", "1.00", "19.90", "-1", "x", "1e9", "0.001"]).map(nodes.String)
)
schemathesis.graphql.scalar(
    "DateTime",
    st.one_of(
        st.datetimes().map(lambda at: f"{at.isoformat()}Z"), st.sampled_from(["", "2030-13-01"])
    ).map(nodes.String),
)


class Asking:
    """Sends what schemathesis makes, and keeps what was wrong with the answers."""

    def __init__(self, address: str, world: World) -> None:
        self.schema: Any = schemathesis.graphql.from_url(f"{address}/graphql/")
        self.types: GraphQLSchema = self.schema.client_schema
        self.schema.hook("flatmap_body")(lambda context, body: self.with_real_values(body))
        found: Any = self.schema.get_all_operations()
        self.operations = [each.ok() for each in found]
        self.world, self.http = world, requests.Session()
        self.food: Food = world.food(0)
        self.found: list[str] = []
        self.seen: Counter[str] = Counter()
        self.slowest = (0.0, "")

    def with_real_values(self, body: Any) -> st.SearchStrategy[Any]:
        def fill(chance: Random) -> Any:
            return fed(body, self.types, self.food, chance)

        return st.builds(fill, st.randoms(use_true_random=True))

    def round(self, at: int, count: int) -> None:
        """So many cases, as many of each operation as the next."""
        self.food = self.world.food(at)
        some = Random(SEED + at).sample(self.operations, len(self.operations))
        for place, operation in enumerate(some):
            most = min(EACH, count - self.seen["cases"])
            if most > 0:
                self.ask(operation, at, most, SEED + 1000 * at + place)

    def ask(self, operation: Any, at: int, most: int, seed: int) -> None:
        name = operation.definition.field_name
        people = order_of_asking(seed)
        tokens = {who: self.world.token(who, name, at) for who in people}

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=most, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy(), who=st.sampled_from(people))
        def send(case: Any, who: str) -> None:
            self.send(case, who, tokens[who])

        send()

    def send(self, case: Any, who: str, token: str) -> None:
        """A question is asked again at once, for then it is answered another way: compiled."""
        self.seen["cases"] += 1
        self.seen[who] += 1
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        for _ in range(2 if case.operation.definition.is_query else 1):
            begun = time.perf_counter()
            answer = case.call(session=self.http, headers=headers)
            self.slowest = max(self.slowest, (time.perf_counter() - begun, case.body))
            self.judge(case, who, answer)

    def judge(self, case: Any, who: str, answer: Any) -> None:
        body = answer.json() if answer.content else None
        problems = Expected(self.types, case.body).look(answer.status_code, body)
        self.seen["taken" if is_taken(body) else "refused"] += 1
        for code in codes_in(body):
            self.seen[code] += 1
        if problems:
            self.found.append(f"{who}: {case.body}\n{problems}")


def codes_in(body: Any) -> list[str]:
    """The codes of an answer, those of its payload among them."""
    payloads = [one for one in (body.get("data") or {}).values() if isinstance(one, dict)]
    codes = [one["code"] for each in payloads for one in each.get(REFUSALS) or []]
    return codes + [one.get("extensions", {}).get("code") for one in body.get("errors", [])]


def is_taken(body: Any) -> bool:
    """Whether something was answered or done that is more than a refusal."""
    return not codes_in(body) and any((body.get("data") or {}).values())


@pytest.mark.transactional
@pytest.mark.long
def test_every_answer_to_what_chance_asks_is_as_declared(stripe: Sandbox) -> None:
    world = make_world(ROUNDS)
    with Server(stripe) as server:
        asking = Asking(server.address, world)
        for at in range(ROUNDS):
            asking.round(at, CASES)

    print(asking.seen, asking.slowest)  # with pytest -s
    assert not asking.found, f"CASES_SEED={SEED}:\n" + "\n".join(asking.found)
    assert asking.seen["cases"] >= CASES
    check_books()
