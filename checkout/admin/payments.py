"""What an order's page shows of its money: payments, refunds and disputes."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from checkout import gateway
from checkout import payments as sums
from checkout.admin.badges import badge, dispute_badge
from checkout.models import Dispute, Order, Payment, Refund, RefundLine
from checkout.models.orders import PaymentMethod
from shop.admin_site import shown


def with_money(rows: QuerySet[Order]) -> QuerySet[Order]:
    """With all that `content` shows, in as many statements for one refund as for many."""
    return rows.prefetch_related(
        "payments__disputes",
        Prefetch("refunds", queryset=Refund.objects.select_related("actor")),
        Prefetch("refunds__lines", queryset=RefundLine.objects.select_related("line")),
    )


def content(order: Order) -> dict[str, Any]:
    """The order's payments, refunds and disputes, amounts as texts."""
    payments = list(order.payments.all())
    disputes = [dispute for payment in payments for dispute in payment.disputes.all()]
    forgone = sums.forgone(order)
    return {
        "forgone": shown(order.money(-forgone)) if forgone else "",
        "payments": [payment_row(payment) for payment in payments],
        "refunds": [refund_row(refund) for refund in order.refunds.all()],
        "disputes": [dispute_row(dispute) for dispute in disputes],
        "refunded": shown(order.money(-order.refunded_minor)) if order.refunded_minor else "",
    }


def payment_row(payment: Payment) -> dict[str, Any]:
    back = payment.refunded_minor
    return {
        "payment": payment,
        "by_stripe": payment.method == PaymentMethod.STRIPE,
        "state": badge(payment.state, payment.get_state_display()),
        "reference": payment.intent_id or payment.reference or "–",
        "link": dashboard_link(payment),
        "to_go_back": payment.surplus and back < payment.amount_minor,
        "amount": shown(payment.amount),
        "refunded": shown(payment.order.money(-back)) if back else "",
    }


def dashboard_link(payment: Payment) -> str:
    """Where staff see the payment at Stripe; "" for one of the sandbox, which Stripe knows not."""
    if not payment.intent_id or not gateway.is_set_up() or settings.STRIPE_API_BASE:
        return ""
    mode = "" if gateway.is_live() else "test/"
    return f"https://dashboard.stripe.com/{mode}payments/{quote(payment.intent_id, safe='')}"


def refund_row(refund: Refund) -> dict[str, Any]:
    return {
        "refund": refund,
        "state": badge(refund.state, refund.get_state_display()),
        "amount": shown(refund.amount),
        "units": [units(part) for part in refund.lines.all()],
    }


def units(part: RefundLine) -> str:
    shelf = ", back on the shelf" if part.restock else ""
    return f"{part.quantity} × {part.line.sku}{shelf}"


def dispute_row(dispute: Dispute) -> dict[str, Any]:
    return {
        "dispute": dispute,
        "reason": dispute.reason.replace("_", " "),
        "status": dispute_badge(dispute.status),
        "amount": shown(dispute.amount),
    }
