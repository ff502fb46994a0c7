"""How the server ends: it finishes what it has begun, takes nothing new, and waits for nobody
for ever; and a worker that dies is replaced."""

import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from checkout.sandbox import Sandbox
from tests.checkout import paying
from tests.faults.acts import ACTS, AT_STRIPE
from tests.faults.serving import Production, accepts, ask, documented, mutation
from users import tokens

stripe = paying.stripe
GRACE = "--workers-kill-timeout 30"


def comes(true: Callable[[], bool], *, seconds: float = 30) -> bool:
    """Whether it becomes so in that time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.transactional
@pytest.mark.long
def test_a_server_that_is_told_to_stop_finishes_what_it_has_begun(stripe: Sandbox) -> None:
    act = ACTS["session"](stripe)
    token = tokens.access_token(act.by) if act.by else ""
    server = Production(stripe)
    with server, ThreadPoolExecutor(2) as others:
        stripe.faults.fail("POST", AT_STRIPE["session"], "freeze")
        document = mutation(act.name, act.selection)
        asked = others.submit(ask, server, document, token=token, **act.input)
        stripe.faults.reached()

        stopped = others.submit(server.terminate)
        refuses = comes(lambda: not accepts(server))
        under_way = not (asked.done() or stopped.done())
        stripe.faults.lift()

        status, body = asked.result()
        code, _ = stopped.result()

    assert refuses
    assert under_way
    assert (status, body["data"][act.name]["errors"]) == (200, [])
    assert code == 0
    assert act.left() == act.wanted


class Hasty(Production):
    """As documented, but for the time that it gives to what is under way."""

    def command(self) -> list[str]:
        return [part.replace(GRACE, "--workers-kill-timeout 1") for part in super().command()]


@pytest.mark.transactional
@pytest.mark.long
def test_a_client_that_never_ends_does_not_keep_the_server_from_ending() -> None:
    assert GRACE in documented(80)
    with Hasty() as server, socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(b"POST /graphql/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
        assert ask(server, "{ shop { name } }")[0] == 200

        code, seconds = server.terminate()

    assert code == 0
    assert seconds < 20


@pytest.mark.transactional
@pytest.mark.long
def test_a_worker_that_is_killed_is_replaced() -> None:
    with Production(workers=2) as server:
        before = server.workers()

        os.kill(before[0], signal.SIGKILL)

        assert comes(lambda: len({*server.workers()} - {*before}) == 1)
        assert comes(lambda: before[0] not in server.workers())
        assert all(ask(server, "{ shop { name } }")[0] == 200 for _ in range(4))
        assert server.process
        assert server.process.poll() is None
        server.kill()  # the new one may be too young to hear that it shall stop
