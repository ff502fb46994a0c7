"""What somebody may do to an order now: the same answers that the functions themselves give."""

from collections.abc import Callable, Iterable
from enum import Enum

from checkout import endings, refunds, sessions
from checkout.models import Fulfilment, Order, Payment
from checkout.models.orders import PaymentMethod
from users.models import User


class Action(Enum):
    """Named as the mutations are."""

    PAY = "PAY"
    CANCEL = "CANCEL"
    MARK_PAID = "MARK_PAID"
    FULFIL = "FULFIL"
    DELIVER = "DELIVER"
    REFUND = "REFUND"


def processes(user: User | None) -> bool:
    """Whether the user moves orders along for the shop."""
    return user is not None and user.is_staff and user.has_perm("checkout.process_order")


def refunds_money(user: User | None) -> bool:
    """Whether the user gives money back for the shop."""
    return user is not None and user.is_staff and user.has_perm("checkout.refund_order")


def available(
    order: Order,
    viewer: User | None,
    *,
    by_token: bool = False,
    parcels: Callable[[], Iterable[Fulfilment]] | None = None,
    attempts: Callable[[], Iterable[Payment]] | None = None,
) -> list[Action]:
    """In the order in which they come up.

    Args:
        by_token: the viewer has presented the order's access token.
        parcels, attempts: read the order's, where a list has them at hand; asked only if they
            matter.
    """
    staff = processes(viewer)
    buyer = by_token or (viewer is not None and viewer.pk == order.user_id)
    open_to = {
        Action.PAY: buyer and sessions.may_pay(order),
        Action.CANCEL: (staff or buyer) and endings.may_cancel(order, by_staff=staff),
        Action.MARK_PAID: staff and may_mark_paid(order),
        Action.FULFIL: staff and may_fulfil(order),
        Action.DELIVER: staff and may_deliver(order, parcels or order.fulfilments.all),
        Action.REFUND: refunds_money(viewer) and refunds.may_refund(order, attempts),
    }
    return [action for action, is_open in open_to.items() if is_open]


def may_mark_paid(order: Order) -> bool:
    return order.payment_method != PaymentMethod.STRIPE and not order.is_paid


def may_fulfil(order: Order) -> bool:
    """Whether it is confirmed and something is left to send."""
    unsent = order.fulfilment_status in (
        Order.FulfilmentStatus.UNFULFILLED,
        Order.FulfilmentStatus.PARTIALLY_FULFILLED,
    )
    given_back = order.payment_status == Order.PaymentStatus.REFUNDED
    return order.status == Order.Status.CONFIRMED and unsent and not given_back


def may_deliver(order: Order, parcels: Callable[[], Iterable[Fulfilment]]) -> bool:
    """Whether something that was sent is still under way."""
    sent = order.status == Order.Status.CONFIRMED and order.fulfilment_status in (
        Order.FulfilmentStatus.PARTIALLY_FULFILLED,
        Order.FulfilmentStatus.FULFILLED,
    )
    return sent and any(parcel.delivered_at is None for parcel in parcels())
