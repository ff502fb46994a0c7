"""Every state that an order can be in, how it gets there, and what may happen to it then."""

from collections.abc import Callable

from django.utils import timezone

from checkout import endings, fulfilments, orders
from checkout.actions import Action
from checkout.fulfilments import Parcel
from checkout.models import Order
from tests.checkout.buying import CASH, place
from tests.factories import make_staff, make_variant
from users.models import User


def clerk() -> User:
    return make_staff("checkout.view_order", "checkout.process_order")


def paid(order: Order) -> Order:
    return orders.mark_paid(order.pk, reference="B-1", actor=clerk())


def sent(order: Order, units: int | None = None) -> Order:
    lines = None if units is None else [(order.lines.get().pk, units)]
    return fulfilments.fulfil(order.pk, lines, parcel=Parcel(), actor=clerk())


def arrived(order: Order) -> Order:
    return fulfilments.deliver(order.pk, fulfilment_id=None, actor=clerk())


def cancelled(order: Order) -> Order:
    return endings.cancel(order.pk, actor=clerk(), by_staff=True)


def expired(order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(hold_until=timezone.now())
    endings.expire(order.pk)
    order.refresh_from_db()
    return order


# How an order gets into each state that it can be in; each order has one line of two units.
WAYS: dict[str, Callable[[User | None], Order]] = {
    "awaiting transfer": lambda user: place({make_variant(): 2}, user=user),
    "cash on delivery": lambda user: place({make_variant(): 2}, user=user, method=CASH),
    "paid": lambda user: paid(WAYS["awaiting transfer"](user)),
    "cash, partly sent": lambda user: sent(WAYS["cash on delivery"](user), 1),
    "cash, partly arrived": lambda user: arrived(WAYS["cash, partly sent"](user)),
    "cash, one of two arrived": lambda user: sent(WAYS["cash, partly arrived"](user), 1),
    "cash, sent": lambda user: sent(WAYS["cash on delivery"](user)),
    "cash, arrived": lambda user: arrived(WAYS["cash, sent"](user)),
    "paid, partly sent": lambda user: sent(WAYS["paid"](user), 1),
    "paid, sent": lambda user: sent(WAYS["paid"](user)),
    "completed": lambda user: arrived(WAYS["paid, sent"](user)),
    "cancelled": lambda user: cancelled(WAYS["awaiting transfer"](user)),
    "cancelled when paid": lambda user: cancelled(WAYS["paid"](user)),
    "paid when cancelled": lambda user: paid(WAYS["cancelled"](user)),
    "expired": lambda user: expired(WAYS["awaiting transfer"](user)),
    "paid when expired": lambda user: paid(WAYS["expired"](user)),
}
PAY, CANCEL, SEND, ARRIVE = Action.MARK_PAID, Action.CANCEL, Action.FULFIL, Action.DELIVER
# What staff may do, and what comes of it: status, payment and fulfilment.
TABLE: dict[str, dict[Action, tuple[str, str, str]]] = {
    "awaiting transfer": {
        CANCEL: ("CANCELLED", "UNPAID", "UNFULFILLED"),
        PAY: ("CONFIRMED", "PAID", "UNFULFILLED"),
    },
    "cash on delivery": {
        CANCEL: ("CANCELLED", "UNPAID", "UNFULFILLED"),
        PAY: ("CONFIRMED", "PAID", "UNFULFILLED"),
        SEND: ("CONFIRMED", "UNPAID", "FULFILLED"),
    },
    "paid": {
        CANCEL: ("CANCELLED", "PAID", "UNFULFILLED"),
        SEND: ("CONFIRMED", "PAID", "FULFILLED"),
    },
    "cash, partly sent": {
        PAY: ("CONFIRMED", "PAID", "PARTIALLY_FULFILLED"),
        SEND: ("CONFIRMED", "UNPAID", "FULFILLED"),
        ARRIVE: ("CONFIRMED", "UNPAID", "PARTIALLY_FULFILLED"),
    },
    "cash, partly arrived": {
        PAY: ("CONFIRMED", "PAID", "PARTIALLY_FULFILLED"),
        SEND: ("CONFIRMED", "UNPAID", "FULFILLED"),
    },
    "cash, one of two arrived": {
        PAY: ("CONFIRMED", "PAID", "FULFILLED"),
        ARRIVE: ("CONFIRMED", "UNPAID", "DELIVERED"),
    },
    "cash, sent": {
        PAY: ("CONFIRMED", "PAID", "FULFILLED"),
        ARRIVE: ("CONFIRMED", "UNPAID", "DELIVERED"),
    },
    "cash, arrived": {PAY: ("COMPLETED", "PAID", "DELIVERED")},
    "paid, partly sent": {
        SEND: ("CONFIRMED", "PAID", "FULFILLED"),
        ARRIVE: ("CONFIRMED", "PAID", "PARTIALLY_FULFILLED"),
    },
    "paid, sent": {ARRIVE: ("COMPLETED", "PAID", "DELIVERED")},
    "completed": {},
    "cancelled": {PAY: ("CANCELLED", "PAID", "UNFULFILLED")},
    "cancelled when paid": {},
    "paid when cancelled": {},
    "expired": {PAY: ("CONFIRMED", "PAID", "UNFULFILLED")},
    "paid when expired": {
        CANCEL: ("CANCELLED", "PAID", "UNFULFILLED"),
        SEND: ("CONFIRMED", "PAID", "FULFILLED"),
    },
}
DO: dict[Action, Callable[[Order], Order]] = {
    PAY: paid, CANCEL: cancelled, SEND: sent, ARRIVE: arrived,
}  # fmt: skip
