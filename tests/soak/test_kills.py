"""A server that is killed in the middle of purchases loses nothing and books nothing twice.

PURCHASES, KILLS and KILL_SEED say how many and from which seed; `make soak` runs 200.
"""

import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from checkout.models import Order, Payment, Refund
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout import paying
from tests.checkout.buying import check_books
from tests.factories import make_staff, make_variant
from tests.soak.buyers import Buyer, Street
from tests.soak.serving import Server
from users import tokens

stripe = paying.stripe
PURCHASES = int(os.environ.get("PURCHASES", "6"))
KILLS = int(os.environ.get("KILLS", "2"))
SEED = int(os.environ.get("KILL_SEED", "1"))
AT_ONCE = 4  # buyers
AGE = timedelta(hours=1)


@pytest.mark.transactional
@pytest.mark.long
def test_kills_in_the_middle_of_purchases_cost_nobody_anything(stripe: Sandbox) -> None:
    chance = random.Random(SEED)
    clerk = make_staff("checkout.view_order", "checkout.refund_order")
    variant = make_variant(stock=PURCHASES * 2, price=1990)
    with Server(stripe) as server:
        send_events(stripe, server)
        street = Street(server.address)
        buyers = [
            Buyer(street, stripe, ids.of(variant), random.Random(chance.random()), staff)
            for staff in [lambda: tokens.access_token(clerk)] * PURCHASES
        ]

        kills = bought_under_fire(buyers, server, street, chance)
        stripe.deliveries.stop()  # what has not arrived by now is lost
        look_after_everything()

    assert kills == KILLS
    assert [*wrong(buyers, stripe)] == [], f"KILL_SEED={SEED}"
    check_books()


def send_events(stripe: Sandbox, server: Server) -> None:
    """Each event twice, in no order, and again until it is taken."""
    stripe.deliveries.webhook = f"{server.address}/webhooks/stripe/"
    stripe.deliveries.automatic, stripe.books.webhooks = True, 1
    stripe.deliveries.copies, stripe.deliveries.shuffle = 2, True


def bought_under_fire(
    buyers: list[Buyer], server: Server, street: Street, chance: random.Random
) -> int:
    """All buy, while the server is killed and started; how often it was.

    Each kill comes a moment after a request was sent, so that it hits work and not silence.
    """
    spread = PURCHASES * 3 // max(KILLS, 1)  # the least number of requests there will be
    instants = [(1 + at * spread + chance.randrange(spread)) for at in range(KILLS)]
    delays = [chance.uniform(0, 0.06) for _ in instants]
    done = 0
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        sales = [crowd.submit(buyer) for buyer in buyers]
        for instant, delay in zip(instants, delays, strict=True):
            if not street.wait_for(instant):
                break
            threading.Event().wait(delay)
            server.kill()
            server.start()
            done += 1
        for sale in sales:
            sale.result()
    return done


def look_after_everything() -> None:
    """One housekeeping, with all that is unfinished old enough to be looked at."""
    old = timezone.now() - AGE
    Payment.objects.update(created_at=old)
    Refund.objects.update(created_at=old)
    Order.objects.filter(status="PENDING").update(hold_until=old)
    call_command("housekeeping", stdout=StringIO())


def wrong(buyers: list[Buyer], stripe: Sandbox) -> Iterator[str]:
    """How the books of the shop differ from Stripe's, and from what buyers know."""
    charges = money_at_stripe(stripe)
    for buyer in buyers:
        order = Order.objects.get(number=buyer.number)
        taken, given = charges.pop(order.number, (0, 0))
        booked = sum(paid(order).values_list("amount_minor", flat=True))
        open_ones = order.refunds.exclude(state__in=("DONE", "FAILED")).count()
        pairs: dict[str, tuple[Any, Any]] = {
            "paid": (booked, taken),
            "paid by the buyer": (taken, buyer.paid),
            "refunded": (order.refunded_minor, given),
            "never above": (given <= taken, True),
            "unfinished": (open_ones, 0),
            "refunds agreed": (sorted(keys(order)), sorted(buyer.keys)),
            "is paid": (order.is_paid, taken > 0),
            "goods or a flag": (not taken or bool(order.review_flag) or is_sold(order), True),
            "over": (order.status in ("CONFIRMED", "CANCELLED", "EXPIRED"), True),
        }
        for name, (found, wanted) in pairs.items():
            if found != wanted:
                yield f"{order.number} {name}: {found}, not {wanted}"
    if charges or Order.objects.count() != len(buyers):
        yield f"orders nobody knows: {charges}, {Order.objects.count()} in the shop"


def paid(order: Order) -> Any:
    return order.payments.filter(state="PAID")


def is_sold(order: Order) -> bool:
    return order.status == "CONFIRMED" and order.stock_state == "SOLD"


def keys(order: Order) -> list[str]:
    return list(order.refunds.values_list("idempotency_key", flat=True))


def money_at_stripe(stripe: Sandbox) -> dict[str, tuple[int, int]]:
    """What was taken and what was given back, by order number."""
    found: dict[str, tuple[int, int]] = {}
    for session in stripe.books.all("checkout.session"):
        for charge in stripe.books.all("charge"):
            if charge["payment_intent"] == session["payment_intent"] and charge["paid"]:
                taken, given = found.get(session["client_reference_id"], (0, 0))
                sums = taken + charge["amount_captured"], given + charge["amount_refunded"]
                found[session["client_reference_id"]] = sums
    return found
