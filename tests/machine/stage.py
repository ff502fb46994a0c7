"""What every rule needs: the shop and its model side by side, and how they are compared."""

from collections import Counter
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine

from catalog import counts
from checkout.sandbox import Sandbox
from schema import ids
from tests.checkout.offering import make_discount, make_method, make_tax, make_zone
from tests.factories import make_variant
from tests.machine import people, rows
from tests.machine.bought import Bought
from tests.machine.news import Listener
from tests.machine.people import BUYERS, CUSTOMERS, GUEST, People
from tests.machine.reckoned import Codes, Reckoned
from tests.machine.rows import Rows
from tests.machine.wares import Code, Ware

baskets: Bundle[Any] = Bundle("baskets")
orders: Bundle[Bought] = Bundle("orders")

SKUS = ("A", "B", "C")
SHELF = {"A": (1000, 6), "B": (1995, 3), "C": (707, 9)}  # price and units
buyers = st.sampled_from(BUYERS)
customers = st.sampled_from(CUSTOMERS)
skus = st.sampled_from(SKUS)
units = st.integers(1, 3)
some_lines = st.dictionaries(skus, units, min_size=1, max_size=2)
at = st.integers(0, 5)
# Who does what buyers do: mostly the buyer, else whoever has the link, or has no right to it.
parties = st.sampled_from(["buyer", "buyer", "buyer", "buyer", "link", "stranger"])


class Stage(RuleBasedStateMachine):
    """A shop of three wares and two codes, emptied before each history."""

    stripe: ClassVar[Sandbox]
    moves: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        rows.clear()
        counts.forget()
        self._forget_payments()
        self.people, self.model = People(), Reckoned()
        self.model.emails = {who: self.people.email_of(who) for who in CUSTOMERS}
        self.listener = Listener(self.model, self.stripe)
        self.ways: dict[str, str] = {}
        self._furnish()
        self.frozen: dict[str, object] = {}  # each order as it was placed
        self.rows, self.memory = Rows(), repr(self.model)
        self.is_seen = True
        self.steps = 0
        self.moves["histories"] += 1

    def _forget_payments(self) -> None:
        books = self.stripe.books
        for kept in (books.objects, books.line_items, books.intent_data, books.records):
            kept.clear()
        books.events.clear()
        books.refunds_pending = False
        self.stripe.api.requests.clear()

    def _furnish(self) -> None:
        for sku, (price, stock) in SHELF.items():
            row = make_variant(sku=sku, price=price, stock=stock)
            self.model.wares[sku] = Ware(
                sku, ids.of(row), ids.of(row.product), price, stock, received=stock
            )
        zone = make_zone("GB")
        for name, price in (("Parcel", 490), ("Express", 990)):
            method = make_method(zone, (0, price), name=name)
            self.ways[name] = ids.pack("ShippingOption", str(method.pk))
        make_tax("GB", "0.2")
        make_discount("TEN", usage_limit=1)
        make_discount("ONCE", kind="FIXED", once_per_customer=True)
        self.model.codes = {
            "TEN": Code("TEN", percent=10, limit=1),
            "ONCE": Code("ONCE", amount=500, once=True),
        }

    # ── comparing ───────────────────────────────────────────────────────────────────────────

    def look(self) -> Rows:
        """The rows as they are after the step."""
        if not self.is_seen:
            self.rows, self.memory, self.is_seen = Rows(), repr(self.model), True
        return self.rows

    def play(
        self, expected: Codes, who: str, name: str, selection: str, **input: Any
    ) -> people.Answer:
        """Ask the shop for what the model has decided already; its answer must be the same.

        9. A refusal writes nothing, unless the shop has heard of money on its way to it.
        """
        payload = self.people.do(who, name, selection, **input)
        got, before, memory = people.codes_of(payload), self.rows, self.memory
        assert got == expected, f"{name}: {set(got)}, reckoned {set(expected)}: {payload}"
        self.moves[f"{'refused' if expected else 'done'} {name}"] += 1
        self.is_seen = False
        if expected and repr(self.model) == memory:
            assert not self.look().differences(before), f"{name} was refused and has written"
        return payload

    def changed(self, name: str) -> None:
        """Something happened that the shop was not asked for."""
        self.moves[f"done {name}"] += 1
        self.is_seen = False

    def named(self, who: str, basket: Any) -> dict[str, str] | None:
        """How one names a cart: by its token, or as one's own; None when one cannot."""
        if self.model.own(who) is basket:
            return {}
        return None if basket.token is None else {"cartToken": basket.token}

    def party(self, order: Bought, who: str) -> tuple[str, dict[str, str]]:
        """Who that is for the order, and the access token if they have it."""
        if who == "buyer" and order.owner:
            return order.owner, {}
        if who in ("buyer", "link"):
            return GUEST, {"accessToken": order.token}
        return next(one for one in CUSTOMERS if one != order.owner), {}
