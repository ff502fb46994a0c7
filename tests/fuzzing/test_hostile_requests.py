"""Requests that nobody means, over HTTP: refused or answered, never a failure, and soon.

HOSTILE_REQUESTS and HOSTILE_SEED say how many and from which seed; `make soak` sends 1,000, and
looks at the time and at the server's memory as well.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from checkout.sandbox import Sandbox
from tests.checkout import paying
from tests.checkout.buying import check_books
from tests.fuzzing.hostile_bodies import BODIES
from tests.fuzzing.hostile_documents import DOCUMENTS
from tests.fuzzing.hostile_forms import FORMS
from tests.fuzzing.hostile_http import HTTP
from tests.fuzzing.hostile_values import with_values
from tests.fuzzing.requesting import Answered, Maker, asked, send
from tests.fuzzing.shapes import wrong_errors
from tests.fuzzing.world import WHO, World, make_world
from tests.soak.memory import children, resident
from tests.soak.serving import Server

stripe = paying.stripe
COUNT = int(os.environ.get("HOSTILE_REQUESTS", "150"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
IS_SOAK = COUNT >= 1000
MOST_SECONDS = 2
# Megabytes that the worker may grow by after each class was sent once: what the allocator keeps
# in its arenas moves by about half of it, a leak of one body per request would be far above.
MOST_GROWTH = 60


@dataclass
class Sending:
    """Sends each class in turn, and keeps what was wrong and how long it took."""

    server: Server
    world: World
    found: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)

    def send(self, name: str, maker: Maker, seed: int) -> None:
        chance = Random(f"{seed} {name}")
        who = chance.choice(WHO) if name not in FORMS else "staff"
        request = maker(chance)
        answer = send(self.server.port, request, self.world.token(who, "", 0))
        self.statuses[answer.status] += 1
        self.slowest[name] = max(self.slowest.get(name, 0), answer.seconds)
        if not (answer.status or request.is_broken):
            self.found.append(f"{name}, {who}, seed {seed}: no answer")
        for problem in problems(answer):
            self.found.append(f"{name}, {who}, seed {seed}: {problem}")


def problems(answer: Answered) -> Iterator[str]:
    """What an answer to whatever was sent must not be."""
    if answer.status >= 500:
        yield f"status {answer.status}: {answer.body[:300]!r}"
    if "json" in answer.headers.get("content-type", "") and answer.body:
        yield from wrong_errors(answer.json.get("errors", []), "errors" in answer.json)


@pytest.mark.transactional
@pytest.mark.long
def test_whatever_is_sent_the_server_answers_and_stays_well(stripe: Sandbox) -> None:
    world = make_world(1)
    makers = DOCUMENTS | BODIES | HTTP | FORMS | with_values(world.food(0))
    with Server(stripe) as server:
        sending = Sending(server, world)
        for name, maker in makers.items():
            sending.send(name, maker, SEED)
        before, missing = memory(server), max(0, COUNT - len(makers))
        for at, name in enumerate(Random(SEED).choices([*makers], k=missing)):
            sending.send(name, makers[name], SEED + 1 + at)
        after, last = memory(server), send(server.port, asked("{ shop { currency } }"))

    print(sending.statuses, f"{before:.0f} MB, then {after:.0f} MB")  # with pytest -s
    print(sorted(sending.slowest.items(), key=lambda one: -one[1])[:8])
    assert not sending.found, f"HOSTILE_SEED={SEED}:\n" + "\n".join(sending.found)
    assert last.json == {"data": {"shop": {"currency": "EUR"}}} | extensions(last)
    check_books()
    if IS_SOAK:
        assert max(sending.slowest.values()) < MOST_SECONDS
        assert after - before < MOST_GROWTH


def extensions(answer: Answered) -> dict[str, Any]:
    return {key: value for key, value in json.loads(answer.body).items() if key == "extensions"}


def memory(server: Server) -> float:
    return sum(map(resident, children(server.pid)))
