"""Random histories of purchases through the API, played against a model.

LIVES says how many are drawn, HISTORY_SEED with which number they begin; each block of them is
a test of its own: `LIVES=8 HISTORY_SEED=17 pytest tests/machine` plays one block again.
"""

import os
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from checkout.sandbox import Sandbox
from tests.checkout import paying
from tests.machine.machine import Machine

stripe = paying.stripe
BLOCK, STEPS = 8, 30
LIVES = int(os.environ.get("LIVES", "16"))
FIRST = int(os.environ.get("HISTORY_SEED", "1"))
PLAYED = settings(
    max_examples=BLOCK,
    stateful_step_count=STEPS,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("number", range(FIRST, FIRST + -(-LIVES // BLOCK)))
def test_no_history_breaks_an_invariant(
    number: int, stripe: Sandbox, record_property: Callable[[str, object], None]
) -> None:
    moves: Counter[str] = Counter()
    kind = type("Played", (Machine,), {"stripe": stripe, "moves": moves})

    run_state_machine_as_test(seed(number)(kind), settings=PLAYED)

    record_property("moves", dict(moves))
    assert moves["histories"] >= BLOCK
