"""The machine: all rules, and after each of them all ten invariants."""

import random
import sys

from hypothesis.stateful import invariant

from checkout.models import StripeEvent
from tests.checkout.paying import deliver
from tests.machine import invariants
from tests.machine.bought import Bought
from tests.machine.living import Living
from tests.machine.people import BUYERS, CUSTOMERS

LOOK = """
query($id: ID!, $number: String!, $wrong: String!, $line: ID!, $cart: String!, $all: [ID!]!) {
  node(id: $id) { id }
  nodes(ids: $all) { id }
  line: node(id: $line) { id }
  byId: order(id: $id) { id }
  byNumber: order(number: $number) { id }
  byToken: order(number: $number, accessToken: $wrong) { id }
  cart(token: $cart) { id }
}
"""
ACCOUNT = "{ me { orders(first: 100) { nodes { number } } reviews(first: 10) { nodes { id } } } }"


class Machine(Living):
    """Carts, orders, payments, refunds and returns, played at random against a model."""

    @invariant()
    def stock(self) -> None:
        """1. Stock is never oversold and never lost."""
        invariants.stock_is_never_oversold_nor_lost(self.look())
        invariants.shelf_is_as_reckoned(self.look(), self.model)

    @invariant()
    def once(self) -> None:
        """2. One order for one cart, one open payment for one order."""
        invariants.a_cart_is_ordered_once_and_paid_at_one_place(self.look())

    @invariant()
    def totals(self) -> None:
        """3. Totals are the sum of their lines, and what Stripe is asked for."""
        invariants.totals_are_the_sum_of_their_lines(self.look(), self.stripe)

    @invariant()
    def effects(self) -> None:
        """4. Each event has one effect."""
        invariants.each_event_has_one_effect(self.look(), self.model)

    @invariant()
    def refunds(self) -> None:
        """5. Refunds never exceed what was paid."""
        invariants.no_more_goes_back_than_came(self.look(), self.stripe)

    @invariant()
    def discounts(self) -> None:
        """6. A discount is never used more often than it allows."""
        invariants.a_discount_is_used_as_often_as_it_allows(self.look(), self.model)

    @invariant()
    def reviews(self) -> None:
        """7. A review exists once for each product and author."""
        invariants.a_review_exists_once(self.look(), self.model)

    @invariant()
    def strangers(self) -> None:
        """8. Nothing is reachable with another's credentials; 9. looking writes nothing."""
        self.steps += 1
        who = BUYERS[self.steps % len(BUYERS)]
        if self.model.orders:
            order = self.model.orders[self.steps % len(self.model.orders)]
            if order.owner != who:
                self._look_as_stranger(who, order)
        if who in CUSTOMERS and self.steps % 4 == 0:
            self._look_at_account(who)

    def _look_as_stranger(self, who: str, order: Bought) -> None:
        before = self.look()
        others = [one.token for one in self.model.orders if one is not order]
        tokens = [one.token for one in self.model.baskets if one.token and not one.is_for(who)]
        line = order.parts[0].id
        answer = self.people.ask(
            who, LOOK, id=order.id, number=order.number, line=line, all=[order.id, line],
            wrong=(others or ["x"])[0], cart=(tokens or ["x"])[0],
        ).data  # fmt: skip
        assert answer.pop("nodes") == [None, None]
        assert not any(answer.values()), answer
        self.is_seen = False
        assert not self.look().differences(before)

    def _look_at_account(self, who: str) -> None:
        """Nothing is in it that is not its owner's, and all that is."""
        me = self.people.ask(who, ACCOUNT).data["me"]
        told = sorted(one["number"] for one in me["orders"]["nodes"])
        assert told == self.model.seen_by(who)
        mine = [key for key in self.model.reviews if key[0] == who]
        assert len(me["reviews"]["nodes"]) == len(mine)

    @invariant()
    def copies(self) -> None:
        """10. An order never changes because the catalogue or the account did."""
        invariants.an_order_stays_as_it_was_placed(self.look(), self.frozen)

    def teardown(self) -> None:
        """4. All that was told arrives at last, and again; then it changes nothing."""
        if sys.exc_info()[0]:  # the history has failed before its end
            return
        told = [*self.stripe.books.events]
        random.Random(len(told)).shuffle(told)
        for event in told:
            self.listener.hear(event)
        assert set(deliver(self.stripe, told)) <= {204}
        self.is_seen = False
        before = self.look()
        invariants.each_event_has_one_effect(before, self.model)
        self.look_again(told)

    def look_again(self, told: list[dict[str, object]]) -> None:
        StripeEvent.objects.update(done_at=None)
        before = self.rows
        deliver(self.stripe, told)
        self.is_seen = False
        changed = self.look().differences(before)
        assert [one for one in changed if not one.startswith("checkout_stripeevent")] == []
