"""What Stripe says of refunds and disputes, written down; the order's sums follow."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Sum

from checkout import emails, fulfilments, gateway, orders, payments, settlement, shares
from checkout.models import Dispute, Order, Payment, Refund
from checkout.orders import Type
from shop import jobs

State = Refund.State
REFUND_FAILED = "refund failed"

# https://docs.stripe.com/api/refunds/object#refund_object-status; an unknown one changes nothing.
STATES: dict[str, State] = {
    "pending": State.PENDING,
    "requires_action": State.PENDING,
    "succeeded": State.DONE,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
DISPUTE_LOST = "dispute lost"
# https://docs.stripe.com/api/disputes/object#dispute_object-status
OPEN_DISPUTES = [
    "warning_needs_response", "warning_under_review", "needs_response", "under_review",
    "appeal_needs_response", "appeal_under_review",
]  # fmt: skip
RANK = [State.REQUESTED, State.PENDING, State.DONE, State.FAILED]  # news never goes back in it


@transaction.atomic
def book(intent_id: str, found: Sequence[gateway.Refund]) -> None:
    """Bring the refunds of a payment in line with what Stripe lists; others' payments are none."""
    payment = settlement.locked({"intent_id": intent_id})
    if payment is None or payment.state != Payment.State.PAID:
        return
    # The failed ones first: a newer one can be for the same money.
    failed_first = sorted(found, key=lambda one: STATES.get(one.status) != State.FAILED)
    moved = [_follow(payment, one) for one in failed_first]
    if any(moved):
        orders.keep(payment.order)


def _follow(payment: Payment, said: gateway.Refund) -> bool:
    """Whether it was news."""
    row = _row(payment, said)
    if not row.provider_id:
        row.provider_id = said.id
        row.save()
    state = STATES.get(said.status)
    return state is not None and advance(payment.order, row, state, said.failure)


def _row(payment: Payment, said: gateway.Refund) -> Refund:
    """Our row for it: known by Stripe's id, by the mark that we set, or made now."""
    mark = said.metadata.get("refund", "")
    known = payment.refunds.filter(provider_id=said.id).first()
    if known is None and mark.isdecimal():
        known = payment.refunds.filter(pk=int(mark), provider_id="").first()
    return known or payment.refunds.create(
        order=payment.order,
        amount_minor=said.amount,
        currency=said.currency,
        reason="made at Stripe",
        provider_id=said.id,
    )


@transaction.atomic
def refused(refund_id: int, why: str) -> None:
    """Stripe will not carry the refund out."""
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(refunds=refund_id)
    advance(order, order.refunds.get(pk=refund_id), State.FAILED, why)
    orders.keep(order)


def advance(order: Order, refund: Refund, state: State, failure: str = "") -> bool:
    """Take a refund a step on, if it is one; the locked order's sums in memory."""
    if RANK.index(state) <= RANK.index(State(refund.state)):
        return False
    leaves = refund.state == State.REQUESTED and state != State.FAILED
    refund.state, refund.failure = state, failure[:300]
    refund.save()
    if state == State.FAILED:
        shares.undo(refund)
        fulfilments.follow(order)
        orders.reopen_if_unsent(order)
        orders.record(order, Type.REFUND_FAILED, str(refund.amount), actor=refund.actor)
        orders.flag(order, REFUND_FAILED)
    elif leaves:
        orders.record(order, Type.REFUNDED, str(refund.amount), actor=refund.actor)
        jobs.enqueue(emails.refunded, refund_id=refund.pk)
    _recount(order, refund.payment)
    return True


def _recount(order: Order, payment: Payment) -> None:
    counted = payment.refunds.filter(state__in=Refund.COUNTED)
    payment.refunded_minor = counted.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    payment.save(update_fields=["refunded_minor", "updated_at"])
    payments.recount(order)
    if not _is_due(order):
        orders.unflag(order, orders.REFUND_DUE)


def _is_due(order: Order) -> bool:
    """Whether money is here that is not the shop's."""
    paid = order.payments.filter(state=Payment.State.PAID)
    called_off = order.status == Order.Status.CANCELLED or shares.any_owed(order)
    if not called_off:
        paid = paid.filter(surplus=True)
    return any(map(payments.left, paid))


@transaction.atomic
def dispute(said: gateway.Dispute) -> None:
    """Write down what a buyer contests; staff are asked to see to it."""
    payment = settlement.locked({"intent_id": said.intent_id})
    if payment is None:
        return
    known = Dispute.objects.filter(stripe_id=said.id).first()
    if known and not is_news(known.status, said.status):
        return
    about = {
        "payment": payment,
        "amount_minor": said.amount,
        "currency": said.currency,
        "reason": said.reason[:100],
        "status": said.status[:40],
        "evidence_due_by": said.evidence_due_by,
        "created_at": said.created,
        "lost_minor": _lost(payment, said),
    }
    row, _ = Dispute.objects.update_or_create(stripe_id=said.id, defaults=about)
    _note(payment.order, row, is_new=known is None)
    orders.keep(payment.order)


def is_news(before: str, now: str) -> bool:
    """Whether a dispute can have come from the one state to the other, and not back.

    https://docs.stripe.com/disputes/how-disputes-work: open, then closed; a lost one can be
    appealed, which ends in a decision again.
    """
    if before == now:
        return False
    if before in Dispute.CLOSED:
        return now.startswith("appeal_") or (before, now) == ("lost", "won")
    if now in Dispute.CLOSED or before not in OPEN_DISPUTES or now not in OPEN_DISPUTES:
        return True
    return OPEN_DISPUTES.index(now) > OPEN_DISPUTES.index(before)


def _lost(payment: Payment, said: gateway.Dispute) -> int:
    """What of the payment is gone, also while an appeal goes on.

    A dispute can be in the currency of the buyer's bank.
    """
    if said.status != "lost" and not said.status.startswith("appeal_"):
        return 0
    same = said.currency == payment.currency
    return min(said.amount, payment.amount_minor) if same else payment.amount_minor


def _note(order: Order, row: Dispute, *, is_new: bool) -> None:
    orders.record(order, Type.DISPUTED, f"{row.reason}: {row.status}", internal=True)
    if is_new and not row.is_closed:
        until = f", answer by {row.evidence_due_by:%Y-%m-%d}" if row.evidence_due_by else ""
        orders.flag(order, f"disputed{until}")
    if row.lost_minor:
        orders.flag(order, DISPUTE_LOST)
    else:
        orders.unflag(order, DISPUTE_LOST)
    payments.recount(order)
    if not _is_due(order):
        orders.unflag(order, orders.REFUND_DUE)
