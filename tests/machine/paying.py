"""Rules: what buyers, banks and Stripe's network do with the money."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, rule

from checkout.models import Payment, Refund
from shop import jobs
from tests.checkout.paying import deliver
from tests.machine.bought import Attempt, Bought
from tests.machine.news import concerns
from tests.machine.ordering import Ordering
from tests.machine.people import ORDER
from tests.machine.reckoned import NOTHING, Codes, refused
from tests.machine.stage import at, buyers, orders, parties, some_lines

AGE = timedelta(minutes=10)  # what is older the sweeps look after
# How the buyer pays on the page, by how far it goes.
BY_CARD = {"opened": "", "paid": "now", "unheard": "now", "under way": "later"}
FIRST_WAYS = st.sampled_from(["paid", "", "CASH_ON_DELIVERY", "unheard", "BANK_TRANSFER"])
WAYS_TO_BUY = st.sampled_from(["paid", "unheard", "opened", "under way", "CASH_ON_DELIVERY"])


class Paying(Ordering):
    @rule(who=parties, order=orders, ui=st.sampled_from(["HOSTED", "HOSTED", "HOSTED", "EMBEDDED"]))
    def open_page(self, who: str, order: Bought, ui: str) -> None:
        """Open the payment page; asked again, the same one."""
        by, token = self.party(order, who)
        expected, again = refused("NOT_FOUND"), None
        if order.sees(by, by_token=bool(token)):
            expected, again = self._open(order, ui)
        input = {"orderId": order.id, "ui": ui} | token
        payload = self.play(expected, by, "checkoutSessionCreate", "session { id }", **input)
        if expected:
            return
        session = payload["session"]["id"]
        if again:
            assert session == again.session
            return
        assert session not in [one.session for one in order.attempts]
        order.attempts.append(Attempt(session, ui))
        order.is_due = False

    def _open(self, order: Bought, ui: str) -> tuple[Codes, Attempt | None]:
        """Why it cannot be paid, or the page that is open already."""
        while True:
            if not may_pay(order):
                return refused("INVALID_STATE"), None
            attempt = order.live
            if attempt is None:
                return NOTHING, None
            if self.listener.truth(attempt.session)["status"] != "open":
                self.listener.learn(order, attempt)
            elif attempt.ui == ui:
                return NOTHING, attempt
            else:
                self.listener.close(order)

    @initialize(target=orders, who=buyers, lines=some_lines, way=FIRST_WAYS)
    def before(self, who: str, lines: dict[str, int], way: str) -> MultipleResults[Bought]:
        """There has been an order before, or none."""
        return self._buy(who, lines, way)

    @rule(target=orders, who=buyers, lines=some_lines, way=WAYS_TO_BUY)
    def buy(self, who: str, lines: dict[str, int], way: str) -> MultipleResults[Bought]:
        """An order and its money, in one go."""
        return self._buy(who, lines, way)

    def _buy(self, who: str, lines: dict[str, int], way: str) -> MultipleResults[Bought]:
        made = self._order(who, lines, "STRIPE" if way in BY_CARD else way) if way else None
        if made is None:
            return multiple()
        if way in BY_CARD:
            self.open_page("buyer", made, "HOSTED")
            if BY_CARD[way]:
                self.pay(made, BY_CARD[way])
        if way == "paid":
            self.come_back("buyer", made, 0)
        return multiple(made)

    @rule(order=orders, how=st.sampled_from(["now", "now", "now", "later", "other sum"]))
    def pay(self, order: Bought, how: str) -> None:
        """The buyer pays on the page that was opened last, if it is open at Stripe."""
        if session := self._open_at_stripe(order):
            amount = order.total + 1 if how == "other sum" else None
            self.stripe.pay(session, delayed=how == "later", amount=amount)
            self.changed(f"paid {how}")

    @rule(order=orders, ends=st.sampled_from(["declined", "lapsed"]))
    def leave(self, order: Bought, ends: str) -> None:
        """A card is refused, or the page's time is over."""
        if session := self._open_at_stripe(order):
            (self.stripe.decline if ends == "declined" else self.stripe.expire)(session)
            self.changed(f"page {ends}")

    def _open_at_stripe(self, order: Bought) -> str | None:
        for attempt in order.attempts[-1:]:
            if self.listener.truth(attempt.session)["status"] == "open":
                return attempt.session
        return None

    @rule(order=orders, ok=st.booleans())
    def settle(self, order: Bought, *, ok: bool) -> None:
        """The money of a method that takes days arrives, or does not."""
        for attempt in order.attempts:
            said = self.listener.truth(attempt.session)
            if self.listener.intent(said).get("status") == "processing":
                self.stripe.settle(attempt.session, ok=ok)
                self.changed(f"delayed money {'came' if ok else 'failed'}")

    @rule(who=parties, order=orders, which=at)
    def come_back(self, who: str, order: Bought, which: int) -> None:
        """The success page asks the shop."""
        if not order.attempts:
            return
        by, token = self.party(order, who)
        attempt, expected = order.attempts[which % len(order.attempts)], refused("NOT_FOUND")
        if order.sees(by, by_token=bool(token)):
            self.listener.learn(order, attempt)
            expected = NOTHING
        input = {"sessionId": attempt.session} | token
        self.play(expected, by, "checkoutSessionSync", ORDER, **input)

    # ── Stripe's network ────────────────────────────────────────────────────────────────────

    @rule(chosen=st.lists(st.integers(0, 15), min_size=1, max_size=5))
    def deliver(self, chosen: list[int]) -> None:
        """Some of the newest events arrive: late, twice, in any order."""
        told = [one for one in self.stripe.books.events if concerns(one["type"])][-10:]
        events = [told[one % len(told)] for one in chosen if told]
        for event in events:
            self.listener.hear(event)
        assert set(deliver(self.stripe, events)) <= {204}
        self.changed("events" if events else "no events")

    @rule(sure=st.sampled_from([True, False, False]))
    def sweep(self, *, sure: bool) -> None:
        """Housekeeping, as if all that is unfinished had been left for a while."""
        if not sure:
            return
        old = timezone.now() - AGE
        Payment.objects.filter(created_at__gt=old).update(created_at=old)
        Refund.objects.filter(created_at__gt=old).update(created_at=old)
        self.listener.sweep()
        assert jobs.run_sweeps() == []
        self.changed("housekeeping")

    # ── after the payment ───────────────────────────────────────────────────────────────────

    def intent_of(self, order: Bought) -> str | None:
        """The payment at Stripe that came as it was asked for."""
        for attempt in order.attempts:
            said = self.listener.truth(attempt.session)
            if (said["payment_status"], said["amount_total"]) == ("paid", order.total):
                return str(said["payment_intent"])
        return None

    @rule(order=orders, part=st.sampled_from([None, 300]), pending=st.booleans())
    def refund_in_dashboard(self, order: Bought, part: int | None, *, pending: bool) -> None:
        """Money goes back that the shop is only told of."""
        intent = self.intent_of(order)
        if intent is None or self._balance(intent) < (part or 1) or self._disputed(intent):
            return
        self.stripe.refund(intent, part, pending=pending)
        self.changed("refund in the dashboard")

    @rule(order=orders, which=at, ok=st.booleans())
    def bank_answers(self, order: Bought, which: int, *, ok: bool) -> None:
        """A refund arrives, or comes back, perhaps after it had been called done."""
        found = self.listener.refunds(self.intent_of(order) or "none")
        may = [one for one in found if one["status"] == "pending" or (
            not ok and one["status"] == "succeeded"
        )]  # fmt: skip
        if may:
            self.stripe.settle_refund(may[which % len(may)]["id"], ok=ok)
            self.changed(f"refund {'arrived' if ok else 'bounced'}")

    @rule(slow=st.booleans())
    def slow_refunds(self, *, slow: bool) -> None:
        self.stripe.books.refunds_pending = slow

    @rule(order=orders, part=st.sampled_from([None, 700]), won=st.booleans())
    def dispute(self, order: Bought, part: int | None, *, won: bool) -> None:
        """The buyer contests the charge; the next time, the bank decides."""
        intent = self.intent_of(order)
        if intent is None:
            return
        found = self._disputed(intent)
        if not found:
            if not any(one["payment_intent"] == intent for one in self._disputes()):
                self.stripe.dispute(intent, part)
        elif found[0]["status"] == "needs_response":
            self.stripe.close_dispute(found[0]["id"], won=won)
        self.changed("dispute")

    def _disputes(self) -> list[dict[str, Any]]:
        return self.stripe.books.all("dispute")

    def _disputed(self, intent: str) -> list[dict[str, Any]]:
        """The dispute that keeps the charge from being refunded."""
        return [
            one
            for one in self._disputes()
            if one["payment_intent"] == intent and one["status"] != "won"
        ]

    def _balance(self, intent: str) -> int:
        charges = [
            one for one in self.stripe.books.all("charge") if one["payment_intent"] == intent
        ]
        return sum(
            one["amount_captured"] - one["amount_refunded"]
            for one in charges
            if one["status"] == "succeeded"
        )


def may_pay(order: Bought) -> bool:
    is_asked = order.method == "STRIPE" and order.status == "PENDING"
    return is_asked and not order.is_paid and order.payment != "PENDING"
