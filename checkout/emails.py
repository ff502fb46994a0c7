"""What is sent to buyers, after the commit."""

from django.conf import settings

from checkout import access, payments
from checkout.models import Order
from checkout.models.orders import address_lines
from shop import jobs, mail


@jobs.job
def order_placed(order_id: int) -> None:
    """Confirm that the order was received, with how to pay it and how to see it again."""
    order = Order.objects.get(pk=order_id)
    token = access.token_for(order)
    link = f"{settings.STOREFRONT_URL}/orders/{order.number}?token={token}"
    mail.send(
        "checkout/emails/order_placed",
        to=order.email,
        order=order,
        lines=order.lines.select_related("order"),
        instructions=payments.instructions(order),
        address=address_lines(order.shipping_address),
        link=link if settings.STOREFRONT_URL else "",
        access_token=token,
    )
