"""What is sent to buyers, after the commit."""

from typing import Any

from django.conf import settings

from checkout import access, payments
from checkout.models import Fulfilment, Order, Refund, Return
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
        forgone=order.money(-payments.forgone(order)),
        due=order.money(payments.due(order)),
        instructions=payments.instructions(order),
        awaits_payment=order.payment_method == PaymentMethod.STRIPE and not order.is_paid,
        address=address_lines(order.shipping_address),
    )


@jobs.job
def order_paid(order_id: int) -> None:
    """Tell that the money came."""
    order = Order.objects.get(pk=order_id)
    _send("order_paid", order, received=order.money(payments.received(order) or 0))


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


def order_link(order: Order) -> None:
    """The way to the order, for who has lost it. Called by a job, which keeps count."""
    _send("order_link", order)


@jobs.job
def shipped(fulfilment_id: int) -> None:
    """Tell that a parcel is on its way, what is in it, and where it can be followed."""
    _send_about_parcel("shipped", fulfilment_id)


@jobs.job
def delivered(fulfilment_id: int) -> None:
    """Tell that a parcel arrived."""
    _send_about_parcel("delivered", fulfilment_id)


def _send_about_parcel(template: str, fulfilment_id: int) -> None:
    parcel = Fulfilment.objects.select_related("order").get(pk=fulfilment_id)
    parts = parcel.lines.select_related("line")
    _send(template, parcel.order, parcel=parcel, parts=parts, days=settings.RETURN_DAYS)


@jobs.job
def return_approved(return_id: int) -> None:
    """Tell that units can be sent back, and how."""
    _send_about_return("return_approved", return_id)


@jobs.job
def return_rejected(return_id: int) -> None:
    """Tell that units are not taken back, and why."""
    _send_about_return("return_rejected", return_id)


def _send_about_return(template: str, return_id: int) -> None:
    found = Return.objects.select_related("order").get(pk=return_id)
    _send(template, found.order, parts=found.lines.select_related("line"), note=found.note)


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
