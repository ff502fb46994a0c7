"""What people and banks do in the histories: each act with its choices made, to be done later.

What they are answered is entered into the order's account, which knows nothing of the shop.
"""

import random
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from catalog.models import Variant
from checkout import endings, refunds, sessions, settlement
from checkout.models import Order, Refund
from checkout.refunds import Wish
from checkout.sandbox import Sandbox
from checkout.session_form import Face, Ui
from checkout.shares import Units
from tests.checkout.buying import CASH, place
from tests.checkout.paying import STRIPE
from tests.checkout.reckoning import Account, Back, Coin, Wished
from tests.factories import make_staff, make_variant

Act = Callable[[], object]
Found = dict[str, Any]  # an object of Stripe's
SHELF = 12  # units of each variant at first


class People:
    """Buyers, staff and banks around a shop of two variants and a few orders."""

    def __init__(self, seed: int, stripe: Sandbox) -> None:
        self.chance, self.stripe = random.Random(seed), stripe
        self.ahead = 0.0  # of Stripe's clock, in seconds
        stripe.books.clock = lambda: time.time() + self.ahead
        self.clerk = make_staff("checkout.process_order", "checkout.refund_order")
        self.variants = [make_variant(stock=SHELF, price=1000 + 990 * at) for at in range(2)]
        self.bought = {variant.pk: 0 for variant in self.variants}  # by others, at once
        self.orders = [self.placed() for _ in range(self.chance.randint(2, 4))]
        self.shown: set[str] = set()  # sessions that somebody has seen

    def placed(self) -> tuple[Order, Account]:
        variant, units = self.chance.choice(self.variants), self.chance.randint(1, 3)
        order = place({variant: units}, method=STRIPE)
        return order, Account(order.number, units, variant.price_minor)

    def of(self, account: Account, kind: str) -> list[Found]:
        """Stripe's objects that belong to the order, the oldest first."""
        with self.stripe.books.lock:
            found = list(reversed(self.stripe.books.all(kind)))
        if kind == "checkout.session":
            return [one for one in found if one["client_reference_id"] == account.number]
        return [one for one in found if one["payment_intent"] in self.intents(account)]

    def open_sessions(self, account: Account) -> list[Found]:
        found = self.of(account, "checkout.session")
        return [one for one in found if one["status"] == "open"]

    def intents(self, account: Account) -> list[str]:
        """The payments of the order that came as asked for."""
        paid = {id for id, one in account.coins.items() if one.state == "paid"}
        found = [one for one in self.of(account, "checkout.session") if one["id"] in paid]
        return [one["payment_intent"] for one in found if one["amount_total"] == account.total]

    def balance(self, account: Account) -> int:
        """What Stripe says that it has left of the order's charges, disputes aside."""
        intents = [one["payment_intent"] for one in self.of(account, "checkout.session")]
        return sum(
            one["amount_captured"] - one["amount_refunded"]
            for one in self.stripe.books.all("charge")
            if one["status"] == "succeeded" and one["payment_intent"] in intents
        )

    # ── buyers ──────────────────────────────────────────────────────────────────────────────

    def open(self, order: Order, account: Account) -> Act:
        face = Face(self.chance.choice([Ui.HOSTED, Ui.HOSTED, Ui.EMBEDDED, Ui.ELEMENTS]))

        def act() -> str:
            session, _ = sessions.open_for(order.pk, face)
            self.shown.add(session.id)
            return session.id[-6:]

        return act

    def pay(self, order: Order, account: Account) -> Act | None:
        """By card or by a method that takes days; rarely, the books lie about the sum."""
        found = self.open_sessions(account)
        delayed, odd = self.chance.random() < 0.3, self.chance.random() < 0.05
        if not found:
            return None
        session = self.chance.choice(found)
        amount = account.total + 1 if odd else account.total

        def act() -> str:
            seen = session["id"] in self.shown
            self.stripe.pay(session["id"], delayed=delayed, amount=amount)
            state = "processing" if delayed else "paid"
            account.coins[session["id"]] = Coin(amount, state, seen)
            return f"{amount} {state}"

        return act

    def decline(self, order: Order, account: Account) -> Act | None:
        found = self.open_sessions(account)
        return (lambda: self.stripe.decline(found[-1]["id"])["status"]) if found else None

    def come_back(self, order: Order, account: Account) -> Act | None:
        """The success page asks the shop."""
        found = self.of(account, "checkout.session")
        session = self.chance.choice(found) if found else None
        return (lambda: settlement.sync(session["id"])) if session else None

    def give_up(self, order: Order, account: Account) -> Act:
        """The buyer cancels, or staff do."""
        by_staff = self.chance.random() < 0.4

        def act() -> str:
            endings.cancel(order.pk, actor=self.clerk if by_staff else None, by_staff=by_staff)
            account.cancelled = True
            return "cancelled"

        return act

    def buy_the_rest(self, order: Order, account: Account) -> Act:
        """Somebody else takes all units that are free."""
        chosen = self.chance.choice(self.variants)

        def act() -> str:
            variant = Variant.objects.get(pk=chosen.pk)
            if variant.free:
                place({variant: variant.free}, method=CASH)
                self.bought[chosen.pk] += variant.free
            return f"{variant.free} units"

        return act

    # ── banks and Stripe ────────────────────────────────────────────────────────────────────

    def settle(self, order: Order, account: Account) -> Act | None:
        waiting = [id for id, one in account.coins.items() if one.state == "processing"]
        ok = self.chance.random() < 0.6
        if not waiting:
            return None

        def act() -> str:
            self.stripe.settle(waiting[0], ok=ok)
            account.coins[waiting[0]].state = "paid" if ok else "failed"
            return account.coins[waiting[0]].state

        return act

    def lapse(self, order: Order, account: Account) -> Act:
        """Time passes at Stripe: every open session ends."""

        def act() -> None:
            self.ahead = 36 * 60
            self.stripe.lapse()
            self.ahead = 0

        return act

    def expire(self, order: Order, account: Account) -> Act | None:
        found = self.open_sessions(account)
        return (lambda: self.stripe.expire(found[0]["id"])["status"]) if found else None

    def dispute(self, order: Order, account: Account) -> Act | None:
        """A new one, of all or a part, or the end of one that is open."""
        found, won = self.of(account, "dispute"), self.chance.random() < 0.5
        intents, part = self.intents(account), self.chance.choice([None, account.price])

        def begin() -> str:
            begun = self.stripe.dispute(intents[0], part)
            account.disputed, account.contested = True, begun["amount"]
            return "disputed"

        def close() -> str:
            closed = self.stripe.close_dispute(found[0]["id"], won=won)
            account.lost, account.contested = 0 if won else closed["amount"], 0
            return str(closed["status"])

        return close if found else begin if intents else None

    def warn(self, order: Order, account: Account) -> Act | None:
        def act() -> None:
            self.stripe.warn_of_fraud(self.intents(account)[0])
            account.warned = True

        return act if self.intents(account) else None

    # ── refunds ─────────────────────────────────────────────────────────────────────────────

    def refund(self, order: Order, account: Account) -> Act | None:
        """By the shop: all, an amount or units, with a key that is used once or again."""
        line, key = order.lines.get().pk, str(UUID(int=self.chance.getrandbits(128), version=4))
        units, amount = self.chance.randint(1, 2), self.chance.randint(1, account.total)
        restock, twice = self.chance.random() < 0.5, self.chance.random() < 0.3
        lines = [Units(line, units, restock)]
        wishes = [Wish(key=key), Wish(amount=amount, key=key), Wish(lines=lines, key=key)]
        wish = self.chance.choice(wishes)

        def act() -> str:
            for _ in range(1 + twice):
                refunds.refund(order.pk, wish, actor=self.clerk)
                made = Refund.objects.get(order=order, idempotency_key=key)
                count = sum(made.lines.values_list("quantity", flat=True))
                back = count if restock and wish.lines is not None else 0
                account.wished[key] = Wished(made.amount_minor, count, back)
                self.note_wish(made, wish, account)
            return f"{made.amount_minor} {made.state}"

        return act

    def note_wish(self, made: Refund, wish: Wish, account: Account) -> None:
        """What was agreed must be what was wished for."""
        if wish.amount is not None:
            assert made.amount_minor == wish.amount
        if wish.lines is not None:
            assert made.amount_minor == wish.lines[0].quantity * account.price

    def in_dashboard(self, order: Order, account: Account) -> Act | None:
        """A refund that the shop is only told of."""
        intents, pending = self.intents(account), self.chance.random() < 0.3
        amount = self.chance.choice([None, account.price // 2])

        def act() -> str:
            made = self.stripe.refund(intents[0], amount, pending=pending)
            account.dashboard[made["id"]] = Back(made["amount"], by_shop=False)
            return f"{made['amount']} {made['status']}"

        return act if intents else None

    def bank_answers(self, order: Order, account: Account) -> Act | None:
        """A refund arrives, or comes back, perhaps after it had been called done."""
        found, ok = self.of(account, "refund"), self.chance.random() < 0.6
        if not found:
            return None
        chosen = self.chance.choice(found)

        def act() -> str:
            said = self.stripe.settle_refund(chosen["id"], ok=ok)
            if not ok:
                by_shop = chosen["id"] not in account.dashboard
                account.bounced[chosen["id"]] = Back(said["amount"], by_shop)
            return str(said["status"])

        return act

    def slow_refunds(self, order: Order, account: Account) -> Act:
        pending = self.chance.random() < 0.7
        return lambda: setattr(self.stripe.books, "refunds_pending", pending)
