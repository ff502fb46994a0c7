"""What the shop learns of Stripe's books, and when: by events, by asking, and by its sweeps."""

from typing import Any

from checkout.sandbox import Sandbox
from tests.machine.bought import RANK, Attempt, Back, Bought
from tests.machine.reckoned import Reckoned

Found = dict[str, Any]
STATES = {"pending": "PENDING", "succeeded": "DONE", "failed": "FAILED"}
SESSIONS = "checkout.session."
ABOUT_SESSIONS = ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
REFUNDS = ("refund.created", "refund.updated", "refund.failed", "charge.refunded")
DISPUTES = "charge.dispute."


class Listener:
    """Takes the news in, as the model of a shop should."""

    def __init__(self, model: Reckoned, stripe: Sandbox) -> None:
        self.model, self.stripe = model, stripe

    # ── sessions ────────────────────────────────────────────────────────────────────────────

    def truth(self, session: str) -> Found:
        return self.stripe.books.find("checkout.session", session)

    def intent(self, session: Found) -> Found:
        return self.stripe.books.objects.get("payment_intent", {}).get(
            session["payment_intent"] or "", {}
        )

    def learn(self, order: Bought, attempt: Attempt, *, is_over: bool = False) -> None:
        """What Stripe says of the session now; `is_over` when it has just been ended."""
        said = self.truth(attempt.session)
        status = "expired" if is_over else said["status"]
        if attempt.state == "PAID":
            return
        if said["payment_status"] == "paid":
            self._money(order, attempt, said)
        elif status == "expired" and attempt.is_open:
            self._expired(order, attempt)
        elif status == "complete":
            self._delayed(order, attempt, said)

    def _money(self, order: Bought, attempt: Attempt, said: Found) -> None:
        if said["amount_total"] == order.total:
            attempt.state = "PAID"
            self.model.pay(order, order.total)
        elif attempt.state != "FAILED":
            attempt.state = "FAILED"
            if order.status == "PENDING":
                order.payment = "UNPAID"

    def _expired(self, order: Bought, attempt: Attempt) -> None:
        attempt.state = "EXPIRED"
        if order.status == "PENDING" and not attempt.closing:
            order.payment = "UNPAID"
            self.model.end(order, "EXPIRED")

    def _delayed(self, order: Bought, attempt: Attempt, said: Found) -> None:
        failed = self.intent(said)["status"] == "requires_payment_method"
        if failed and attempt.is_open:
            attempt.state = "FAILED"
            if order.status == "PENDING":
                order.payment, order.is_due = "UNPAID", False
        elif not failed and attempt.state == "OPEN":
            attempt.state = "PROCESSING"
            if order.status == "PENDING":
                order.payment, order.is_due = "PENDING", False

    def close(self, order: Bought) -> None:
        """The shop ends the session that is open, or learns that it cannot."""
        attempt = order.live
        if attempt is None or attempt.state == "PROCESSING":
            return
        attempt.closing = True
        is_open = self.truth(attempt.session)["status"] == "open"
        self.learn(order, attempt, is_over=is_open)

    # ── refunds and disputes ────────────────────────────────────────────────────────────────

    def paid_by(self, intent: str) -> tuple[Bought, Attempt] | None:
        for order in self.model.orders:
            for attempt in order.attempts:
                if self.truth(attempt.session)["payment_intent"] == intent:
                    return order, attempt
        return None

    def refunds(self, intent: str) -> list[Found]:
        """What Stripe lists, the newest first."""
        books = self.stripe.books
        return [one for one in books.all("refund") if one["payment_intent"] == intent]

    def learn_refunds(self, intent: str) -> None:
        found, paid = self.refunds(intent), self.paid_by(intent)
        if not found or paid is None:
            return
        order, attempt = paid
        self.learn(order, attempt)
        if attempt.state != "PAID":
            return
        for said in found:
            order.advance(self._row(order, said), STATES[said["status"]])

    def _row(self, order: Bought, said: Found) -> Back:
        for back in order.backs:
            if back.stripe_id == said["id"]:
                return back
        made = Back(said["amount"], stripe_id=said["id"])
        order.backs.append(made)
        return made

    def ask_refunds(self, order: Bought) -> None:
        """The shop looks at the list before it promises more of the order's money."""
        for attempt in order.attempts:
            if attempt.state == "PAID":
                self.learn_refunds(self.truth(attempt.session)["payment_intent"])

    def is_refundable(self, order: Bought) -> bool:
        """Whether Stripe gives money back, which it does not while a bank has not decided."""
        intents = [
            self.truth(one.session)["payment_intent"]
            for one in order.attempts
            if one.state == "PAID"
        ]
        disputes = self.stripe.books.all("dispute")
        return all(one["status"] == "won" for one in disputes if one["payment_intent"] in intents)

    def learn_dispute(self, id: str) -> None:
        said = self.stripe.books.find("dispute", id)
        found = self.paid_by(said["payment_intent"])
        if found is None:
            return
        order, attempt = found
        self.learn(order, attempt)
        if order.disputes.get(id, ("", 0))[0] in (said["status"], "won", "lost"):
            return
        lost = min(said["amount"], order.total) if said["status"] == "lost" else 0
        order.disputes[id] = (said["status"], lost)
        if order.paid is not None:
            order.recount()

    # ── events ──────────────────────────────────────────────────────────────────────────────

    def hear(self, event: Found) -> None:
        """An event has arrived; one that was followed before is not followed again."""
        kind, about = event["type"], event["data"]["object"]
        if event["id"] in self.model.heard or not concerns(kind):
            return
        self.model.heard.add(event["id"])
        if kind.startswith(SESSIONS):
            self._hear_session(about["id"])
        elif kind in REFUNDS:
            self.learn_refunds(about["payment_intent"])
        else:
            self.learn_dispute(about["id"])

    def _hear_session(self, session: str) -> None:
        for order in self.model.orders:
            for attempt in order.attempts:
                if attempt.session == session:
                    self.learn(order, attempt)

    def sweep(self) -> None:
        """Every periodic job has run, as if all that is unfinished had been left for a while."""
        for order in self.model.orders:
            if order.is_due and order.status == "PENDING":
                self._run_out(order)
        for order in self.model.orders:
            if attempt := order.live:
                self.learn(order, attempt)
        for order in self.model.orders:
            if any(back.state in RANK[:2] and back.stripe_id for back in order.backs):
                self.ask_refunds(order)
        for event in list(self.stripe.books.events):
            self.hear(event)

    def _run_out(self, order: Bought) -> None:
        """The hold is over, unless Stripe knows better."""
        self.close(order)
        if order.is_due and order.status == "PENDING" and order.live is None:
            order.payment = "UNPAID"
            self.model.end(order, "EXPIRED")


def concerns(kind: str) -> bool:
    of_session = kind.startswith(SESSIONS) and kind.removeprefix(SESSIONS) in ABOUT_SESSIONS
    return of_session or kind in REFUNDS or kind.startswith(DISPUTES)
