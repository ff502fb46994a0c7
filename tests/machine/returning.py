"""Rules: buyers send units back, staff take them or not."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.bought import Bought, Sent, Share, to_shelf
from tests.machine.people import CLERK
from tests.machine.reckoned import NOTHING, Codes, refused
from tests.machine.serving import TOO_MANY, WRONG_STATE, Serving
from tests.machine.stage import at, orders, parties, units

RETURN = "return { id state }"


class Returning(Serving):
    @rule(who=parties, order=orders, which=at, count=units)
    def ask_return(self, who: str, order: Bought, which: int, count: int) -> None:
        """The buyer wants to send units back."""
        by, token = self.party(order, who)
        part, expected = order.part_of(which), NOTHING
        if not order.sees(by, by_token=bool(token)):
            expected = refused("NOT_FOUND")
        elif count > part.fulfilled - part.returned:
            expected = TOO_MANY
        lines = [{"lineId": part.id, "quantity": count}]
        input = {"orderId": order.id, "lines": lines} | token
        payload = self.play(expected, by, "returnRequest", RETURN, **input)
        if not expected:
            part.returned += count
            order.returns.append(Sent(payload["return"]["id"], part, count))

    @rule(who=parties, order=orders, which=at)
    def cancel_return(self, who: str, order: Bought, which: int) -> None:
        if not (sent := self._sent(order, which)):
            return
        by, token = self.party(order, who)
        expected = refused("NOT_FOUND")
        if order.sees(by, by_token=bool(token)):
            expected = self._move(sent, "CANCELLED", "REQUESTED", "APPROVED")
        self.play(expected, by, "returnCancel", RETURN, returnId=sent.id, **token)

    @rule(order=orders, which=at, ok=st.sampled_from([True, True, False]))
    def answer_return(self, order: Bought, which: int, *, ok: bool) -> None:
        """Staff let the buyer send the units, or not."""
        if not (sent := self._sent(order, which)):
            return
        expected = self._move(sent, "APPROVED" if ok else "REJECTED", "REQUESTED")
        name, more = ("returnApprove", {}) if ok else ("returnReject", {"reason": "Worn."})
        self.play(expected, CLERK, name, RETURN, returnId=sent.id, **more)

    @rule(order=orders, which=at, restock=st.booleans(), refund=st.booleans())
    def receive(self, order: Bought, which: int, *, restock: bool, refund: bool) -> None:
        """The units are here again."""
        if not (sent := self._sent(order, which)):
            return
        expected = self._receive(order, sent, restock=restock, refund=refund)
        self.play(
            expected, CLERK, "returnReceive", RETURN,
            returnId=sent.id, restock=restock, refund=refund,
        )  # fmt: skip
        self.link(order)

    def _receive(self, order: Bought, sent: Sent, *, restock: bool, refund: bool) -> Codes:
        if sent.state != "APPROVED":
            return WRONG_STATE
        share = Share(sent.part, sent.units, restock, sent=True)
        if refund:
            self.listener.ask_refunds(order)
            if refusal := self.give(order, None, share):
                return refusal
        elif restock:
            if refusal := refuse_restock(order, sent):
                return refusal
            to_shelf(sent.part, sent.units)
        sent.state = "RECEIVED"
        return NOTHING

    def _sent(self, order: Bought, which: int) -> Sent | None:
        return order.returns[which % len(order.returns)] if order.returns else None

    def _move(self, sent: Sent, to: str, *starts: str) -> Codes:
        if sent.state not in starts:
            return WRONG_STATE
        sent.state = to
        if to != "APPROVED":
            sent.part.returned -= sent.units
        return NOTHING


def refuse_restock(order: Bought, sent: Sent) -> Codes:
    if order.stock != "SOLD":
        return WRONG_STATE
    return TOO_MANY if sent.part.restocked + sent.units > sent.part.units else NOTHING
