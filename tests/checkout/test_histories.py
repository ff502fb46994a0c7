"""Whatever people, banks, networks and time do, the books end as reckoned.

HISTORIES says how many are drawn, HISTORY_SEED with which number they begin:
`HISTORIES=1 HISTORY_SEED=17 pytest tests/checkout/test_histories.py` plays one again.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db.models import Sum

from catalog.models import StockMovement, Variant
from checkout.models import (
    Dispute,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    RefundLine,
    StripeEvent,
)
from checkout.sandbox import Sandbox
from tests.checkout import paying
from tests.checkout.acts import SHELF
from tests.checkout.buying import check_books
from tests.checkout.histories import History
from tests.checkout.reckoning import Account

stripe = paying.stripe
FIRST = int(os.environ.get("HISTORY_SEED", "1"))
TIMES = ("created_at", "updated_at", "hold_until")
SEEDS = range(FIRST, FIRST + int(os.environ.get("HISTORIES", "12")))


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_the_books_end_as_reckoned(seed: int, stripe: Sandbox, settings: Any) -> None:
    settings.STRIPE_RETRIES = 0  # each fault shall be felt
    history = History(seed, stripe)

    history.run()
    history.end()
    found = {account.number: state_of(order) for order, account in history.orders}
    wrong = [one for pair in history.orders for one in faults(history, *pair)]
    wrong += stock_faults(history)
    before = everything()
    StripeEvent.objects.all().delete()
    history.end()

    lines = "\n".join(history.log)
    assert not wrong, f"seed {seed}: {wrong}\n{found}\n{lines}"
    assert everything() == before, f"seed {seed}: told twice, it changed\n{lines}"
    check_books()


def state_of(order: Order) -> tuple[str, str, str, str]:
    order.refresh_from_db()
    return order.status, order.payment_status, order.stock_state, order.review_flag


def faults(history: History, order: Order, account: Account) -> Iterator[str]:
    """How shop, Stripe and model differ about an order."""
    status, payment_status, stock_state, flag = state_of(order)
    unsent = order.refunds.filter(state="FAILED", provider_id="")
    account.refused = sum(unsent.values_list("amount_minor", flat=True))
    if account.refused and not account.disputed and not account.dashboard:
        yield f"{order}: refused {account.refused} for no reason"
    left = order.refunds.exclude(state="FAILED")
    lines = order.lines.aggregate(refunded=Sum("refunded"), restocked=Sum("restocked"))
    by_rows = RefundLine.objects.filter(refund__in=left).aggregate(n=Sum("quantity"))["n"] or 0
    events = order.events.filter(type=OrderEvent.Type.PAID).count()
    mails = [one for one in mail.outbox if one.subject == f"Your order {order.number} is paid"]
    pairs: dict[str, tuple[object, object]] = {
        "status": (status, one_of(account.statuses, status)),
        "payment": (payment_status, account.payment_status(status)),
        "stock": (stock_state, one_of(account.stock_states(status), stock_state)),
        "refunded": (order.refunded_minor, account.back),
        "refunds": (sum(left.values_list("amount_minor", flat=True)), account.given),
        "at Stripe": (history.balance(account), account.balance),
        "units given back": (lines["refunded"], by_rows),
        "payments booked": (events * account.total, account.paid),
        "mails": (len(mails), min(1, account.paid)),
        "flags": ([one for one in account.flags(status) if one not in flag], []),
        "due": (bool(flag) or not account.is_due(status), True),
    }
    for name, (got, wanted) in pairs.items():
        if got != wanted:
            yield f"{order} {name}: {got}, reckoned {wanted}"


def one_of(states: set[str], found: str) -> str:
    return found if found in states else " or ".join(sorted(states))


def stock_faults(history: History) -> Iterator[str]:
    """How the shelf differs from what was sold, held and brought back."""
    for variant in history.variants:
        variant.refresh_from_db()
        own = [(order, account) for order, account in history.orders if holds(order, variant)]
        gone = sum(account.off_shelf(order.status) for order, account in own)
        held = sum(account.reserved(order.status) for order, account in own)
        wanted = (SHELF - gone - history.bought[variant.pk], held)
        if (variant.stock, variant.reserved) != wanted:
            yield f"{variant.sku}: {variant.stock} {variant.reserved}, reckoned {wanted}"


def holds(order: Order, variant: Variant) -> bool:
    return order.lines.filter(variant=variant).exists()


def everything() -> list[Any]:
    """All rows that matter, but for when they were touched."""
    return [
        [
            {k: v for k, v in row.items() if k not in TIMES}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (Order, OrderLine, Payment, Refund, Dispute, OrderEvent, StockMovement)
    ] + [len(mail.outbox)]
