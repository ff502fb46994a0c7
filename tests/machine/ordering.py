"""Rules: carts and wishes become orders, once; orders are called off and hidden."""

from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, multiple, rule

from checkout.models import Order
from tests.machine.bought import Bought, Part
from tests.machine.carting import Carting
from tests.machine.people import (
    CLERK,
    CUSTOMERS,
    GUESTS_EMAIL,
    ORDER,
    Answer,
    address,
    amount,
    minor,
)
from tests.machine.reckoned import NOTHING, WAYS, Codes, Wanted, refused
from tests.machine.stage import baskets, buyers, orders, some_lines
from tests.machine.wares import Basket

methods = st.sampled_from(["STRIPE", "STRIPE", "BANK_TRANSFER", "CASH_ON_DELIVERY"])
KEYS = [None, None, "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
keys = st.sampled_from(KEYS)
PLACED = f"{ORDER} accessToken"


class Ordering(Carting):
    @rule(
        target=orders,
        who=buyers,
        basket=baskets,
        method=methods,
        key=keys,
        expect=st.sampled_from(["nothing", "right", "stale"]),
        times=st.integers(1, 2),
    )
    def order_cart(
        self, who: str, basket: Basket, method: str, key: str | None, expect: str, times: int
    ) -> MultipleResults[Bought]:
        """Order what is in a cart; the same cart or key again is the same order."""
        found = [self._order_cart(who, basket, method, key, expect) for _ in range(times)]
        return multiple(*filter(None, found))

    def _order_cart(
        self, who: str, basket: Basket, method: str, key: str | None, expect: str
    ) -> Bought | None:
        if (name := self.named(who, basket)) is None:
            return None
        wanted = self.model.wanted(who, basket)
        expected_total = None
        if expect != "nothing" and key is None and basket.lines:
            expected_total = self.model.total(wanted) + (expect == "stale")
        content = (tuple(name.items()), method)
        known, expected = self._known(who, key, content)
        if known is None and not expected:
            known, expected = self._place_cart(who, basket, wanted, expected_total)
        input: dict[str, Any] = {"paymentMethod": method, "idempotencyKey": key} | name
        if expected_total is not None:
            input["expectedTotal"] = amount(expected_total)
        payload = self.play(expected, who, "orderPlace", PLACED, **input)
        made = self._made(who, key, content, known, wanted, payload, expected, method)
        if made and basket.state == "open":
            basket.state, basket.order = "ordered", made.number
        return made if made is not known else None

    def _place_cart(
        self, who: str, basket: Basket, wanted: Wanted, expected_total: int | None
    ) -> tuple[Bought | None, Codes]:
        if not basket.is_for(who):
            return None, refused("NOT_FOUND")
        if basket.state == "ordered":
            found = self._numbered(basket.order)
            mine = found.owner in (None, who) and not found.is_deleted
            return (found, NOTHING) if mine else (None, refused("CART_CLOSED"))
        if basket.state != "open":
            return None, refused("CART_CLOSED")
        return None, self.model.placing(who, wanted, expected_total)

    @rule(
        target=orders,
        who=buyers,
        lines=some_lines,
        method=methods,
        key=keys,
        codes=st.sampled_from([[], ["TEN"], ["TEN"], ["ONCE"]]),
        email=st.sampled_from([GUESTS_EMAIL, "b@example.com", "ada@example.com", None]),
        to=st.sampled_from([True, True, True, True, True, True, False]),
    )
    def order_at_once(
        self,
        who: str,
        lines: dict[str, int],
        method: str,
        key: str | None,
        codes: list[str],
        email: str | None,
        *,
        to: bool,
    ) -> MultipleResults[Bought]:
        """Order wishes that were in no cart."""
        made = self._at_once(who, lines, method, key, codes, email, to=to)
        return multiple(made) if made else multiple()

    def _order(self, who: str, lines: dict[str, int], method: str) -> Bought | None:
        return self._at_once(who, lines, method, None, [], GUESTS_EMAIL, to=True)

    def _at_once(
        self, who: str, lines: dict[str, int], method: str, key: str | None, codes: list[str],
        email: str | None, *, to: bool,
    ) -> Bought | None:  # fmt: skip
        cart = {"lines": self._wishes(lines), "discountCodes": codes, "email": email}
        if to:
            cart["shippingAddress"] = address()
        wanted = Wanted(lines, codes, email or self.people.email_of(who), to)
        content = (tuple(lines.items()), tuple(codes), email, to, method)
        known, expected = self._known(who, key, content)
        if known is None and not expected:
            expected = self.model.placing(who, wanted, None)
        input = {"cart": cart, "paymentMethod": method, "idempotencyKey": key}
        payload = self.play(expected, who, "orderPlace", PLACED, **input)
        made = self._made(who, key, content, known, wanted, payload, expected, method)
        return made if made is not known else None

    def _known(self, who: str, key: str | None, content: object) -> tuple[Bought | None, Codes]:
        """What a key stands for."""
        kept = self.model.keys.get((self._principal(who), key or ""))
        if kept is None:
            return None, NOTHING
        if kept[0] != content:
            return None, refused("CONFLICT")
        order = kept[1]
        is_hidden = order.is_deleted or (who not in CUSTOMERS and order.owner is not None)
        return (None, refused("NOT_FOUND")) if is_hidden else (order, NOTHING)

    def _principal(self, who: str) -> str:
        return who if who in CUSTOMERS else ""

    def _made(
        self, who: str, key: str | None, content: object, known: Bought | None,
        wanted: Wanted, payload: Answer, expected: Codes, method: str,
    ) -> Bought | None:  # fmt: skip
        """The order that the answer tells of: the known one, or a new one as it was wanted."""
        if expected:
            return None
        told = payload["order"]
        if known:
            assert (told["number"], payload["accessToken"]) == (known.number, known.token)
        made = known or self._new(who, wanted, payload, method)
        if key is not None:
            self.model.keys[self._principal(who), key] = (content, made)
        return made

    def _new(self, who: str, wanted: Wanted, payload: Answer, method: str) -> Bought:
        told, wares = payload["order"], self.model.wares
        parts = [
            Part(line["id"], wares[line["sku"]], line["quantity"], minor(line["total"]["amount"]))
            for line in told["lines"]
        ]
        total = minor(told["totals"]["total"]["amount"])
        owner = who if who in CUSTOMERS else None
        assert total == self.model.total(wanted)
        assert total == sum(part.total for part in parts) + WAYS[wanted.way]
        assert {part.ware.sku: part.units for part in parts} == wanted.lines
        made = Bought(
            told["number"], told["id"], payload["accessToken"], owner, wanted.email, method,
            total, parts, list(wanted.codes),
        )  # fmt: skip
        assert made.number not in [one.number for one in self.model.orders]
        self.model.placed(made)
        return made

    def _numbered(self, number: str) -> Bought:
        return next(one for one in self.model.orders if one.number == number)

    # ── the end of orders ───────────────────────────────────────────────────────────────────

    @rule(who=st.sampled_from(["buyer", "link", "stranger", CLERK]), order=orders)
    def cancel(self, who: str, order: Bought) -> None:
        """The buyer calls it off, or staff do."""
        by, token = (CLERK, {}) if who == CLERK else self.party(order, who)
        expected = self._cancel(order, by, by_token=bool(token))
        self.play(expected, by, "orderCancel", ORDER, orderId=order.id, **token)

    def _cancel(self, order: Bought, who: str, *, by_token: bool) -> Codes:
        by_staff = who == CLERK
        if not order.sees(who, by_token=by_token or by_staff):
            return refused("NOT_FOUND")
        if not may_cancel(order, by_staff=by_staff):
            return refused("INVALID_STATE")
        self.listener.close(order)
        if not may_cancel(order, by_staff=by_staff) or order.live:
            return refused("INVALID_STATE")
        self.model.end(order, "CANCELLED")
        if not order.is_paid:
            order.payment = "UNPAID"
        return NOTHING

    @rule(who=st.sampled_from([*CUSTOMERS, CLERK]), order=orders)
    def hide(self, who: str, order: Bought) -> None:
        """An order that came to nothing is deleted."""
        if not order.sees(who, by_token=who == CLERK):
            expected = refused("NOT_FOUND")
        elif order.status not in ("CANCELLED", "EXPIRED") or order.paid is not None:
            expected = refused("INVALID_STATE")
        else:
            order.is_deleted, expected = True, NOTHING
        self.play(expected, who, "orderDelete", "deletedId", orderId=order.id)

    @rule(order=orders)
    def run_out(self, order: Bought) -> None:
        """The time to pay is over; the sweep will see to it."""
        if order.status == "PENDING":
            Order.objects.filter(number=order.number).update(hold_until=timezone.now())
            order.is_due = True
            self.changed("hold run out")


def may_cancel(order: Bought, *, by_staff: bool) -> bool:
    steps = ("PENDING", "CONFIRMED") if by_staff else ("PENDING",)
    is_unsent = order.fulfilment == "UNFULFILLED"
    return order.status in steps and is_unsent and not order.has_money_under_way
