"""What is sent to buyers, after the commit."""

from typing import Any

from django.conf import settings

from checkout import access, payments
from checkout.models import Order, Refund
from checkout.models.orders import PaymentMethod, address_lines
from shop import jobs, mail


@jobs.job
def order_placed(order_id: int) -> None:
    """Confirm that the order was received, with how to pay it and how to see it again."""
    order = Order.objects.get(pk=order_id)
    _send(
        "order_placed",
        order,
        lines=order.lines.select_related("order"),
        instructions=payments.instructions(order),
        awaits_payment=order.payment_method == PaymentMethod.STRIPE and not order.is_paid,
        address=address_lines(order.shipping_address),
    )


@jobs.job
def order_paid(order_id: int) -> None:
    """Tell that the money came."""
    _send("order_paid", Order.objects.get(pk=order_id))


@jobs.job
def payment_failed(order_id: int) -> None:
    """Tell that a payment that was under way failed, and until when it can be tried again."""
    _send("payment_failed", Order.objects.get(pk=order_id))


@jobs.job
def refunded(refund_id: int) -> None:
    """Tell that money is on its way back."""
    refund = Refund.objects.select_related("order").get(pk=refund_id)
    by_stripe = refund.order.payment_method == PaymentMethod.STRIPE
    _send("refunded", refund.order, refund=refund, by_stripe=by_stripe)


def _send(template: str, order: Order, **context: Any) -> None:
    """Mail the buyer, with the way to see the order."""
    token = access.token_for(order)
    link = f"{settings.STOREFRONT_URL}/orders/{order.number}?token={token}"
    mail.send(
        f"checkout/emails/{template}",
        to=order.email,
        order=order,
        link=link if settings.STOREFRONT_URL else "",
        access_token=token,
        **context,
    )
