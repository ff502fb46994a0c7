"""States as coloured words."""

from django.utils.html import format_html

from checkout.models import Order, Payment, Refund

Status, Paid, Sent = Order.Status, Order.PaymentStatus, Order.FulfilmentStatus

# One table for all: where two kinds of state share a name, they share its colour.
COLOURS: dict[str, str] = {
    Status.PENDING: "wait",
    Status.CONFIRMED: "info",
    Status.COMPLETED: "good",
    Status.CANCELLED: "bad",
    Paid.PAID: "good",
    Paid.PARTIALLY_REFUNDED: "wait",
    Paid.REFUNDED: "bad",
    Sent.PARTIALLY_FULFILLED: "wait",
    Sent.FULFILLED: "info",
    Sent.DELIVERED: "good",
    Payment.State.CREATING: "wait",
    Payment.State.OPEN: "wait",
    Payment.State.PROCESSING: "wait",
    Payment.State.FAILED: "bad",
    Refund.State.REQUESTED: "wait",
    Refund.State.DONE: "good",
}

# https://docs.stripe.com/api/disputes/object#dispute_object-status
DISPUTES = {
    "needs_response": "bad",
    "warning_needs_response": "bad",
    "lost": "bad",
    "under_review": "wait",
    "warning_under_review": "wait",
    "won": "good",
    "prevented": "good",
}


def badge(value: str, label: str) -> str:
    return coloured(COLOURS.get(value, ""), label)


def dispute_badge(status: str) -> str:
    """A status of Stripe's, an unknown one as well: "needs_response" is read "needs response"."""
    return coloured(DISPUTES.get(status, ""), status.replace("_", " "))


def coloured(kind: str, label: str) -> str:
    """Kinds: good, wait, bad, info, or "" for grey."""
    return format_html('<span class="badge {}">{}</span>', kind, label)
