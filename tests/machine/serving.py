"""Rules: what staff do with orders, from the money to the parcels and back."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.bought import Bought, Part, Share, all_left, to_shelf
from tests.machine.ordering import KEYS
from tests.machine.paying import Paying
from tests.machine.people import CLERK, ORDER, amount
from tests.machine.reckoned import NOTHING, Codes, refused
from tests.machine.stage import at, orders, units

WRONG_STATE, TOO_MANY = refused("INVALID_STATE"), refused("OUT_OF_RANGE")


class Serving(Paying):
    @rule(order=orders)
    def mark_paid(self, order: Bought) -> None:
        """A transfer or cash has come."""
        expected = refused("NOT_FOUND")
        if not order.is_deleted:
            expected = WRONG_STATE
            if order.method != "STRIPE" and not order.is_paid:
                self.model.pay(order, order.total - order.forgone())
                expected = NOTHING
        self.play(expected, CLERK, "orderMarkPaid", ORDER, orderId=order.id, reference="B-1")

    @rule(order=orders, which=at, count=st.sampled_from([None, None, 1, 2, 5]))
    def fulfil(self, order: Bought, which: int, count: int | None) -> None:
        """Units are sent: some of a line, or all that is left."""
        part = order.part_of(which)
        expected = self._fulfil(order, part, count)
        input: dict[str, Any] = {"orderId": order.id}
        if count is not None:
            input["lines"] = [{"lineId": part.id, "quantity": count}]
        self.play(expected, CLERK, "orderFulfil", ORDER, **input)

    def _fulfil(self, order: Bought, part: Part, count: int | None) -> Codes:
        if order.is_deleted:
            return refused("NOT_FOUND")
        if order.status != "CONFIRMED" or order.payment == "REFUNDED":
            return WRONG_STATE
        if count is None and not any(one.unsent for one in order.parts):
            return WRONG_STATE
        if count is not None and count > part.unsent:
            return TOO_MANY
        for one in order.parts if count is None else [part]:
            one.fulfilled += one.unsent if count is None else count
        order.parcels.append(False)
        order.follow()
        return NOTHING

    @rule(order=orders)
    def send_all(self, order: Bought) -> None:
        """All that is left is sent, and arrives."""
        if order.status != "CONFIRMED":
            return
        self.fulfil(order, 0, None)
        self.arrive(order)

    @rule(order=orders)
    def arrive(self, order: Bought) -> None:
        """All parcels under way have arrived."""
        expected = refused("NOT_FOUND") if order.is_deleted else WRONG_STATE
        if not order.is_deleted and not all(order.parcels):
            order.parcels, expected = [True] * len(order.parcels), NOTHING
            order.follow()
            order.complete()
        self.play(expected, CLERK, "orderDeliver", ORDER, orderId=order.id)

    # ── refunds ─────────────────────────────────────────────────────────────────────────────

    @rule(
        order=orders,
        part=st.one_of(st.none(), st.integers(1, 3000)),
        key=st.sampled_from(KEYS),
    )
    def refund_amount(self, order: Bought, part: int | None, key: str | None) -> None:
        """Give an amount back, or all that is left."""
        input = {} if part is None else {"amount": amount(part)}
        self._refund(order, part, None, key, content=part, **input)

    @rule(order=orders, which=at, count=units, restock=st.booleans(), key=st.sampled_from(KEYS))
    def refund_units(
        self, order: Bought, which: int, count: int, key: str | None, *, restock: bool
    ) -> None:
        """Give back what was paid for units of a line."""
        part = order.part_of(which)
        line = {"lineId": part.id, "quantity": count, "restock": restock}
        share = Share(part, count, restock)
        content = (part.id, count, restock)
        self._refund(order, None, share, key, content=content, lines=[line])

    def _refund(
        self, order: Bought, part: int | None, share: Share | None, key: str | None,
        *, content: object, **input: Any,
    ) -> None:  # fmt: skip
        expected = refused("NOT_FOUND")
        if not order.is_deleted:
            self.listener.ask_refunds(order)
            known = next((one for one in order.backs if key and one.key == key), None)
            if known:
                expected = NOTHING if known.content == content else refused("CONFLICT")
            else:
                expected = self.give(order, part, share, key=key, content=content)
        input |= {"orderId": order.id, "idempotencyKey": key}
        self.play(expected, CLERK, "orderRefund", ORDER, **input)
        self.link(order)

    def give(
        self, order: Bought, part: int | None, share: Share | None,
        *, key: str | None = None, content: object = None,
    ) -> Codes:  # fmt: skip
        """Agree to a refund of an amount, of units, or of all; Stripe carries it out, or not."""
        if not order.left:
            return WRONG_STATE
        if share and (refusal := refuse_units(order, share)):
            return refusal
        minor = share.part.paid_for(share.units) if share else order.left if part is None else part
        if minor > order.left:
            return refused("REFUND_TOO_LARGE")
        self.agree(order, minor, share, key=key, content=content)
        return NOTHING

    def agree(
        self, order: Bought, minor: int, share: Share | None,
        *, key: str | None = None, content: object = None,
    ) -> None:  # fmt: skip
        shares = [share] if share else all_left(order.parts) if minor == order.left else []
        back = order.give_back(minor, shares)
        back.key, back.content = key or "", content
        if order.method == "STRIPE" and not self.listener.is_refundable(order):
            order.advance(back, "FAILED")
        else:
            slow = order.method == "STRIPE" and self.stripe.books.refunds_pending
            order.advance(back, "PENDING" if slow else "DONE")

    def link(self, order: Bought) -> None:
        """Learn which of Stripe's refunds is the one that was just agreed to."""
        intent = self.intent_of(order)
        known = {back.stripe_id for back in order.backs}
        new = [one for one in self.listener.refunds(intent or "none") if one["id"] not in known]
        unsent = [one for one in order.backs if not one.stripe_id and one.state != "FAILED"]
        if order.method == "STRIPE" and unsent:
            assert [one["amount"] for one in new] == [one.amount for one in unsent]
            unsent[0].stripe_id = new[0]["id"]

    # ── units called off ────────────────────────────────────────────────────────────────────

    @rule(order=orders, which=at, count=units)
    def call_off(self, order: Bought, which: int, count: int) -> None:
        """Units of a line are not sent any more; what was paid for them goes back."""
        part = order.part_of(which)
        expected = self._call_off(order, part, count)
        lines = [{"lineId": part.id, "quantity": count}]
        self.play(expected, CLERK, "orderLinesCancel", ORDER, orderId=order.id, lines=lines)
        self.link(order)

    def _call_off(self, order: Bought, part: Part, count: int) -> Codes:
        if order.is_deleted:
            return refused("NOT_FOUND")
        if refusal := refuse_calling_off(order, part, count):
            return refusal
        self.listener.ask_refunds(order)
        worth, left = (part.paid_for(count) if order.is_paid else 0), order.left
        if refusal := refuse_calling_off(order, part, count):
            return refusal
        part.withdrawn += count
        part.owed += count if order.is_paid and left else 0
        part.refunded += count if not order.is_paid else 0
        if order.stock == "SOLD":
            to_shelf(part, count)
        if worth and left:
            self.agree(order, min(worth, left), Share(part, count))
        order.follow()
        order.complete()
        return NOTHING


def refuse_units(order: Bought, share: Share) -> Codes:
    if share.units > share.part.units - share.part.refunded:
        return TOO_MANY
    if share.restock and order.stock != "SOLD":
        return WRONG_STATE
    return TOO_MANY if share.part.restocked + share.back > share.part.units else NOTHING


def refuse_calling_off(order: Bought, part: Part, count: int) -> Codes:
    if order.status != "CONFIRMED" or order.fulfilment not in (
        "UNFULFILLED",
        "PARTIALLY_FULFILLED",
    ):
        return WRONG_STATE
    if count > part.unsent:
        return TOO_MANY
    is_all = sum(one.unsent for one in order.parts) == count
    return WRONG_STATE if is_all and not any(one.fulfilled for one in order.parts) else NOTHING
