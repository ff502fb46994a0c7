"""How long Stripe waits for the webhook's answer, with a Stripe that itself takes its time.

`python -m benchmarks.webhook` on SQLite, and on PostgreSQL where DATABASE_* name a server or one
answers at 127.0.0.1:5432. Each delivery is an event that pays an order: verified, recorded,
asked back for (the sandbox answers after 100 ms), settled, its stock sold, its mail rendered.
The deliveries go over HTTP to one worker of the production server; GRANIAN_BLOCKING_THREADS says
how many requests it takes at once. DELIVERIES=200 is how many are measured each way.
"""

import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import quantiles
from typing import Any

LATENCY = 0.1  # seconds, of each answer of the sandbox
WARM_UP = 10  # deliveries that are not counted
COUNT = int(os.environ.get("DELIVERIES", "200"))  # each way
SIDE_BY_SIDE = 4
TARGET = 300  # ms, for 95 of 100


def main() -> None:
    """Run on each database in a process of its own, as the settings are read but once."""
    name = f"shop_soak_{secrets.token_hex(4)}"
    usual = {key: value for key, value in os.environ.items() if key != "DATABASE_NAME"}
    usual |= {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    for database, variables in (("SQLite", {}), ("PostgreSQL", {"DATABASE_NAME": name})):
        command = [sys.executable, "-m", "benchmarks.webhook", database]
        subprocess.run(command, env=usual | variables, check=True)  # noqa: S603  # our own


def measure(database: str) -> None:
    """Print the times on the database of this process's settings."""
    from checkout.sandbox import Sandbox

    with shop(), Sandbox() as stripe:
        use(stripe)
        from tests.soak.serving import Server

        paid = [paid_event(stripe) for _ in range(WARM_UP + 2 * COUNT)]
        with Server(stripe, settings="benchmarks.served") as server:
            stripe.deliveries.webhook = f"{server.address}/webhooks/stripe/"
            stripe.latency = LATENCY
            for event in paid[:WARM_UP]:
                timed(stripe, event)
            alone = [timed(stripe, event) for event in paid[WARM_UP : WARM_UP + COUNT]]
            with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
                beside = list(threads.map(lambda one: timed(stripe, one), paid[-COUNT:]))
        tell(f"{database}, one by one", alone)
        tell(f"{database}, {SIDE_BY_SIDE} at a time", beside)
        refuse_unpaid(len(paid))


@contextmanager
def shop() -> Iterator[None]:
    """An empty database that goes again."""
    import django
    from django.test.utils import (
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    django.setup()
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # that the server takes a moment
    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)
        teardown_test_environment()


def use(stripe: Any) -> None:
    from django.conf import settings

    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = stripe.key, stripe.address
    settings.STRIPE_WEBHOOK_SECRETS = [stripe.secret]
    settings.STOREFRONT_URL = "https://shop.example.com"


def paid_event(stripe: Any) -> dict[str, Any]:
    """An order of two units, paid at Stripe; the event that tells the shop."""
    from tests.checkout import paying

    session = paying.opened(paying.order())
    stripe.pay(session.id)
    found: dict[str, Any] = stripe.books.events[-1]
    return found


def timed(stripe: Any, event: dict[str, Any]) -> float:
    """Milliseconds until the webhook has answered with 204."""
    begun = time.perf_counter()
    status = stripe.deliveries.post(event)
    taken = (time.perf_counter() - begun) * 1000
    if status != 204:
        raise SystemExit(f"The webhook answered {status}.")
    return taken


def tell(what: str, times: list[float]) -> None:
    cuts = quantiles(times, n=100, method="inclusive")
    p50, p95, p99 = cuts[49], cuts[94], cuts[98]
    mark = "within" if p95 < TARGET else "ABOVE"
    print(
        f"{what}: {len(times)} deliveries, p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"
        f" ({mark} the {TARGET} ms for p95)",
        flush=True,
    )


def refuse_unpaid(count: int) -> None:
    """Times of deliveries that paid nothing would say nothing."""
    from checkout.models import Order

    found = Order.objects.filter(payment_status="PAID", stock_state="SOLD").count()
    if found != count:
        raise SystemExit(f"{found} of {count} orders are paid.")


if __name__ == "__main__":
    measure(*sys.argv[1:]) if sys.argv[1:] else main()
