"""What is asked of a server that is killed meanwhile, and what must have come of it in the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Variant
from checkout.models import Order, Refund
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout import paying
from tests.checkout.states import arrived, sent
from tests.checkout.test_returns import approved
from tests.factories import make_staff, make_user, make_variant
from users.models import User

STAFF = ("view_order", "process_order", "refund_order")
STAGES = ("status", "payment_status", "stock_state")


@dataclass
class Act:
    """One mutation, and a look at what it leaves."""

    name: str
    selection: str
    input: dict[str, Any]
    by: User | None
    left: Callable[[], object]  # what there is of it now
    wanted: object
    events: list[dict[str, Any]] = field(default_factory=list)  # sent in the mutation's place
    # What a repeat is told when the first request had gone so far that the rest goes by itself.
    done_before: frozenset[str] = frozenset()


def staff() -> User:
    return make_staff(*[f"checkout.{name}" for name in STAFF])


def stages(order: Order) -> tuple[str, ...]:
    order.refresh_from_db()
    return tuple(getattr(order, name) for name in STAGES)


def place(stripe: Sandbox) -> Act:
    """Without a key in the input: the one in the header must do."""
    variant = make_variant(stock=5, price=1990)
    lines = [{"variantId": ids.of(variant), "quantity": 2}]
    cart = {"lines": lines, "email": "guest@example.com"}
    found = Order.objects.filter(lines__variant=variant)

    def left() -> object:
        row = Variant.objects.get(pk=variant.pk)
        return list(found.values_list("total_minor", flat=True)), row.stock, row.reserved

    wish = {"cart": cart, "paymentMethod": "BANK_TRANSFER"}
    return Act("orderPlace", "order { number }", wish, None, left, ([3980], 5, 2))


def open_session(stripe: Sandbox) -> Act:
    buyer = make_user()
    order = paying.order(2, user=buyer)
    sessions = stripe.books.all

    def left() -> object:
        mine = [
            one
            for one in sessions("checkout.session")
            if one["client_reference_id"] == order.number
        ]
        return len(mine), paying.attempts(order)

    wish = {"orderId": ids.of(order)}
    return Act("checkoutSessionCreate", "session { id }", wish, buyer, left, (1, ["OPEN"]))


def hear_of_payment(stripe: Sandbox) -> Act:
    order = paying.order(2)
    stripe.pay(paying.opened(order).id)
    events = [one for one in stripe.books.events if order.number in str(one)]
    return Act("", "", {}, None, lambda: stages(order), paying.PAID, events)


def refund(stripe: Sandbox) -> Act:
    order = paying.bought(stripe, 2)
    wish = {"orderId": ids.of(order), "amount": "15.00"}
    return Act(
        "orderRefund", "order { number }", wish, staff(), given_back(order), [("DONE", 1500)]
    )


def receive(stripe: Sandbox) -> Act:
    order = arrived(sent(paying.bought(stripe, 3)))
    found, line = approved(order, 2), order.lines.get()

    def left() -> object:
        found.refresh_from_db()
        line.refresh_from_db()
        return found.state, line.restocked, given_back(order)()

    wish = {"returnId": ids.of(found), "restock": True, "refund": True}
    wanted = ("RECEIVED", 2, [("DONE", 3980)])
    done = frozenset({"INVALID_STATE"})
    return Act("returnReceive", "return { id }", wish, staff(), left, wanted, done_before=done)


def cancel(stripe: Sandbox) -> Act:
    """The payment page is open, and must be closed over there first."""
    buyer = make_user()
    order = paying.order(2, user=buyer)
    session = paying.opened(order)

    def left() -> object:
        return *stages(order), stripe.books.find("checkout.session", session.id)["status"]

    wish, wanted = {"orderId": ids.of(order)}, ("CANCELLED", "UNPAID", "RELEASED", "expired")
    return Act("orderCancel", "order { status }", wish, buyer, left, wanted)


def given_back(order: Order) -> Callable[[], object]:
    rows = Refund.objects.filter(order=order)
    return lambda: list(rows.values_list("state", "amount_minor"))


ACTS: dict[str, Callable[[Sandbox], Act]] = {
    "order": place,
    "session": open_session,
    "webhook": hear_of_payment,
    "refund": refund,
    "return": receive,
    "cancel": cancel,
}
# What Stripe is asked for meanwhile, by the act; the request is held there while the shop dies.
AT_STRIPE = {
    "session": "/v1/checkout/sessions",
    "refund": "/v1/refunds",
    "return": "/v1/refunds",
    "cancel": "/v1/checkout/sessions",
}
