"""Changes to the payment of orders: open it, look it up, give it back."""

from typing import cast

import strawberry

from checkout import access, models, refunds, sessions, settlement
from checkout.refunds import Wish
from checkout.session_form import Face, Ui
from schema import ids
from schema.authorization.rules import BUYER, BUYER_ALONE, guard
from schema.checkout.inputs import (
    CheckoutSessionCreateInput,
    CheckoutSessionSyncInput,
    OrderRefundInput,
    units_of,
)
from schema.checkout.mutations import (
    OrderPayload,
    order_payload,
    refuse_onlooker,
    seen,
    text,
)
from schema.checkout.payments import CheckoutSession
from schema.checkout.types import Order, by_token, is_by_token
from schema.context import customer, request_key, viewer
from schema.errors import Info, Payload, mutation, sent
from schema.permissions import may
from schema.rates.declared import Rate
from shop import money
from users.models import User


@strawberry.type(description="What came of opening a payment.")
class CheckoutSessionPayload(Payload):
    session: CheckoutSession | None = strawberry.field(
        default=None, description="Where the buyer pays; asked for again, the same one."
    )
    order: Order | None = strawberry.field(default=None, description="As it is now.")


def with_session(session_id: str, who: User | None, access_token: str) -> models.Order:
    """The order that the session is to pay, if `who` or the token may see it.

    Raises:
        Refused: NOT_FOUND, alike for a session that nobody knows and for somebody else's.
    """
    if session_id:  # payments that are not by Stripe have a blank one
        by_session = models.Order.objects.shown().filter(payments__session_id=session_id)
        if own := by_session.visible_to(who).first():
            return own
        order = by_session.first() if access_token else None
        if order and access.opens(order, access_token):
            return by_token(order)
    raise ids.not_found("Session", "session_id")


@strawberry.type
class PaymentMutation:
    @mutation(
        description="Open the payment of an order that awaits it by Stripe: its buyer, or who"
        " has its access token. Asked again, the same one, unless `ui` or addresses differ.",
        rates=[Rate("payments")],
        commits_itself=True,
        metadata=guard(BUYER_ALONE),
    )
    def checkout_session_create(
        self, info: Info, input: CheckoutSessionCreateInput
    ) -> CheckoutSessionPayload | None:
        order = seen(info, input.order_id, text(input.access_token))
        refuse_onlooker(order, viewer(info), by_staff=False)
        face = Face(
            ui=sent(input.ui) or Ui.HOSTED,
            success_url=text(input.success_url),
            cancel_url=text(input.cancel_url),
        )
        session, payable = sessions.open_for(order.pk, face)
        shown = by_token(payable) if is_by_token(order) else payable
        return CheckoutSessionPayload(
            session=CheckoutSession.of(session), order=cast("Order", shown)
        )

    @mutation(
        description="Ask Stripe what became of a payment, for the page that the buyer comes back"
        " to; the order follows without it too, a little later.",
        rates=[Rate("payment checks")],
        commits_itself=True,
        metadata=guard(BUYER),
    )
    def checkout_session_sync(
        self, info: Info, input: CheckoutSessionSyncInput
    ) -> OrderPayload | None:
        order = with_session(input.session_id, viewer(info), text(input.access_token))
        synced = settlement.sync(input.session_id)
        if synced is None:
            raise ids.not_found("Session", "session_id")
        return order_payload(by_token(synced) if is_by_token(order) else synced)

    @mutation(
        description="Give money back: by Stripe if it was paid so; else it is booked here, and"
        " people carry it out.",
        commits_itself=True,
        permission_classes=[may("checkout.refund_order")],
    )
    def order_refund(self, info: Info, input: OrderRefundInput) -> OrderPayload | None:
        order = seen(info, input.order_id)
        amount = sent(input.amount)
        wish = Wish(
            amount=None if amount is None else money.minor(amount, order.currency, "amount"),
            lines=units_of(sent(input.lines)),
            reason=text(input.reason),
            key=request_key(info, sent(input.idempotency_key)),
        )
        return order_payload(refunds.refund(order.pk, wish, actor=customer(info)))
