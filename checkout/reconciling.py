"""What was missed is made up for: lost webhooks, calls without an answer, holds without end."""

from datetime import timedelta

from django.utils import timezone

from checkout import gateway, refunds, sessions
from checkout.models import Payment, Refund, StripeEvent
from checkout.models.orders import PaymentMethod
from checkout.models.payments import OPEN_STATES
from checkout.webhooks import apply
from shop import jobs

AFTER = timedelta(minutes=2)  # what is younger is still being worked on
EVENTS_BACK = timedelta(hours=3)
KEPT = timedelta(days=90)  # Stripe itself keeps events for 30 days


@jobs.sweep("*/5 * * * *")
def look_after_payments() -> None:
    """Ask Stripe about each attempt that is neither paid nor over, and each refund not sent."""
    if not gateway.is_set_up():
        return
    begun = timezone.now() - AFTER
    unfinished = Payment.objects.filter(method=PaymentMethod.STRIPE, state__in=OPEN_STATES)
    for id in unfinished.filter(created_at__lt=begun).values_list("pk", flat=True):
        jobs.enqueue_once(sessions.resume, payment_id=id)
    waiting = Refund.objects.filter(state=Refund.State.REQUESTED, provider_id="")
    waiting = waiting.filter(created_at__lt=begun)
    for id in waiting.values_list("pk", flat=True):
        jobs.enqueue_once(refunds.carry_out, refund_id=id)


@jobs.sweep("17 * * * *")
def look_after_refunds() -> None:
    """Ask Stripe about refunds that it took on and has not finished."""
    if not gateway.is_set_up():
        return
    pending = Refund.objects.filter(state__in=("REQUESTED", "PENDING")).exclude(provider_id="")
    for intent in set(pending.values_list("payment__intent_id", flat=True)):
        jobs.enqueue_once(refunds.sync, intent_id=intent)


@jobs.sweep("37 * * * *")
def look_for_lost_events() -> None:
    """Follow what Stripe has told in the last hours and we did not hear, or did not finish.

    Raises:
        gateway.Unavailable
    """
    if not gateway.is_set_up():
        return
    for event in gateway.events(apply.HANDLERS, since=timezone.now() - EVENTS_BACK):
        if apply.concerns(event):
            apply.follow(event)


@jobs.sweep("23 4 * * *")
def forget_events() -> None:
    """Let go of events that Stripe itself no longer knows."""
    StripeEvent.objects.filter(received_at__lt=timezone.now() - KEPT).delete()
