"""Whatever is under way when the server is killed: sent again, it has happened once.

FAULTS says how often each act is killed at an instant drawn from FAULT_SEED; `make soak` does 20.
"""

import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http.client import HTTPException
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone

from checkout.models import Order, Payment, Refund
from checkout.sandbox import Sandbox
from schema.idempotency.records import ALIVE
from schema.models import KeptAnswer
from tests.checkout import paying
from tests.faults.acts import ACTS, AT_STRIPE, Act
from tests.faults.serving import Production, ask, mutation
from users import tokens

stripe = paying.stripe
FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
LATEST = 0.08  # seconds after the request was sent; most are answered by then
AGE = timedelta(hours=1)


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("name", ACTS)
def test_an_act_whose_server_is_killed_happens_once(name: str, stripe: Sandbox) -> None:
    chance = random.Random(f"{SEED} {name}")
    with Production(stripe) as server:
        for _ in range(FAULTS):
            act = ACTS[name](stripe)
            sending = partial(send, server, stripe, act, key_of(chance))
            warm(server)

            killed_meanwhile(sending, server, lambda: wait(chance.uniform(0, LATEST)))

            sent_again(sending)
            check(stripe, act)


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("name", AT_STRIPE)
def test_what_stripe_does_after_the_server_has_died_happens_once(
    name: str, stripe: Sandbox
) -> None:
    """The worst instant: Stripe has the request, the shop is gone, then Stripe carries it out."""
    chance = random.Random(SEED)
    act = ACTS[name](stripe)
    with Production(stripe) as server:
        sending = partial(send, server, stripe, act, key_of(chance))
        warm(server)
        stripe.faults.fail("POST", AT_STRIPE[name], "freeze")

        killed_meanwhile(sending, server, stripe.faults.reached)

        stripe.faults.lift()
        sent_again(sending)
    check(stripe, act)


def key_of(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def warm(server: Production) -> None:
    """So that the next request is not the one that loads the schema; the columns are right."""
    call_command("recount", "--fix", stdout=StringIO())
    ask(server, "{ shop { name } }")


def send(server: Production, stripe: Sandbox, act: Act, key: str) -> None:
    """The mutation with that key, or the news that stand for it. Raises OSError, HTTPException."""
    if act.events:
        stripe.deliveries.webhook = f"{server.address}/webhooks/stripe/"
        answers = [stripe.deliveries.post(event) for event in act.events]
        if set(answers) != {204}:
            raise ConnectionError(str(answers))
        return
    token = tokens.access_token(act.by) if act.by else ""
    document = mutation(act.name, act.selection)
    status, body = ask(server, document, token=token, key=key, **act.input)
    assert status == 200
    assert "errors" not in body, body
    codes = {error["code"] for error in body["data"][act.name]["errors"]}
    assert codes <= act.done_before, body


def killed_meanwhile(
    sending: Callable[[], None], server: Production, instant: Callable[[], object]
) -> None:
    """Send, kill the server at that instant, and start another one."""

    def lost() -> None:
        with suppress(OSError, HTTPException):
            sending()

    under_way = threading.Thread(target=lost)
    under_way.start()
    instant()
    server.kill()
    under_way.join()
    server.start()


def sent_again(sending: Callable[[], None]) -> None:
    """By who has got no answer, after the time in which the first request may still live."""
    KeptAnswer.objects.filter(answer=None).update(claimed_at=timezone.now() - ALIVE - AGE)
    sending()
    sending()


def check(stripe: Sandbox, act: Act) -> None:
    """It has happened once, when all news have come, twice, and the sweeps have run."""
    paying.deliver(stripe)
    old = timezone.now() - AGE
    Payment.objects.update(created_at=old)
    Refund.objects.update(created_at=old)
    paying.deliver(stripe)
    call_command("housekeeping", stdout=StringIO())
    assert act.left() == act.wanted
    paying.check(stripe)
    call_command("recount", stdout=StringIO())
    charged = [one["payment_intent"] for one in stripe.books.all("charge") if one["paid"]]
    assert len(charged) == len({*charged}) == Order.objects.filter(payments__state="PAID").count()
