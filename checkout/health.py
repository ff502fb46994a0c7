"""How payment is doing, for staff."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min

from checkout import gateway
from checkout.books import REFUND_FAILED
from checkout.models import Order, Payment, Refund, StripeEvent
from checkout.models.orders import PaymentMethod
from checkout.models.payments import OPEN_STATES


@dataclass(frozen=True)
class Health:
    """What staff, or a monitor, should look at."""

    is_set_up: bool
    last_event_at: datetime | None
    events_failing: int
    unfinished_attempts: int
    oldest_attempt_at: datetime | None
    refunds_waiting: int
    oldest_refund_at: datetime | None
    refunds_failed: int  # that nobody has seen to yet
    flagged_orders: int


def now() -> Health:
    """Counts and instants as they are at this moment; all of the books are looked at."""
    events = StripeEvent.objects.all()
    attempts = Payment.objects.filter(method=PaymentMethod.STRIPE, state__in=OPEN_STATES)
    waiting = Refund.objects.filter(state__in=(Refund.State.REQUESTED, Refund.State.PENDING))
    failed = Refund.objects.filter(state=Refund.State.FAILED)
    return Health(
        is_set_up=gateway.is_set_up(),
        last_event_at=events.aggregate(at=Max("received_at"))["at"],
        events_failing=events.filter(done_at=None).exclude(error="").count(),
        unfinished_attempts=attempts.count(),
        oldest_attempt_at=attempts.aggregate(at=Min("created_at"))["at"],
        refunds_waiting=waiting.count(),
        oldest_refund_at=waiting.aggregate(at=Min("created_at"))["at"],
        refunds_failed=failed.filter(order__review_flag__contains=REFUND_FAILED).count(),
        flagged_orders=Order.objects.shown().exclude(review_flag="").count(),
    )
