"""Random histories: buyers, staff, banks, Stripe's network and time, drawn from a seed.

What people do and are answered is entered into `reckoning`, which says what must come of it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils import timezone

from checkout import endings
from checkout.models import Order, Payment, Refund
from checkout.sandbox import Sandbox
from checkout.sandbox.errors import StripeError
from checkout.sandbox.faults import How
from shop import jobs
from shop.errors import ShopError
from tests.checkout.acts import Act, Found, People
from tests.checkout.buying import at_once
from tests.checkout.paying import deliver, post
from tests.checkout.reckoning import Account

STEPS = 30
AGE = timedelta(minutes=10)  # what is older the sweeps look after
TROUBLES: Sequence[How] = ("before", "after", "drop", "500", "429")


class History(People):
    """One history in a shop of two variants and a few orders."""

    def __init__(self, seed: int, stripe: Sandbox) -> None:
        super().__init__(seed, stripe)
        self.calm = self.chance.random() < 0.3  # nothing breaks, so nothing may fail
        self.log: list[str] = []

    def run(self) -> None:
        """All the steps: some of them several acts at the same moment."""
        for _ in range(STEPS):
            together = self.chance.choice([1, 1, 1, 2, 2, 3])
            acts = [act for act in (self.drawn() for _ in range(together)) if act]
            self.together(acts)

    def together(self, acts: list[Act]) -> None:
        if len(acts) > 1:
            at_once(*acts)
        elif acts:
            acts[0]()

    def drawn(self) -> Act | None:
        """An act with all its choices made; None when there is nothing to do it to."""
        order, account = self.chance.choice(self.orders)
        kinds, weights = zip(*WEIGHTS.items(), strict=True)
        (kind,) = self.chance.choices(kinds, weights)
        found: Act | None = kind(self, order, account)
        self.log.append(f"{kind.__name__} {order.number}" + ("" if found else " (nothing)"))
        return found and self.told(found, len(self.log) - 1)

    def told(self, act: Act, at: int) -> Act:
        """Note what became of it; a refusal by the shop or by Stripe is an answer like others."""

        def tell() -> None:
            try:
                answer: object = act()
            except (ShopError, StripeError) as refusal:
                answer = f"{type(refusal).__name__}: {refusal}"
            self.log[at] += f" -> {answer}"

        return tell

    # ── the network and time ────────────────────────────────────────────────────────────────

    def news(self, order: Order, account: Account) -> Act | None:
        """Some events arrive, in any order, some twice; half of the time all at once."""
        with self.stripe.books.lock:
            told = self.stripe.books.events[-12:]
        if not told:
            return None
        chosen = self.chance.choices(told, k=self.chance.randint(1, 5))
        at_the_same_time = self.chance.random() < 0.5
        return lambda: self.delivered(chosen, together=at_the_same_time)

    def delivered(self, events: list[Found], *, together: bool) -> list[int]:
        if together and len(events) > 1:
            signed = [self.stripe.deliveries.signed(event) for event in events]
            answers = at_once(*[lambda one=one: post(*one) for one in signed])
        else:
            answers = deliver(self.stripe, events)
        assert set(answers) <= ({204} if self.calm else {204, 500}), answers
        return answers

    def break_something(self, order: Order, account: Account) -> Act | None:
        method = self.chance.choice(["POST", "GET", "*"])
        path = self.chance.choice(["/v1/", "/v1/checkout/sessions", "/v1/refunds"])
        how, times = self.chance.choice(TROUBLES), self.chance.randint(1, 2)

        def act() -> str:
            self.stripe.faults.fail(method, path, how, times)
            return f"{method} {path} {how}"

        return None if self.calm else act

    def lose_an_answer(self, order: Order, account: Account) -> Act | None:
        """A session is opened, and the shop does not hear of it."""
        opening = self.open(order, account)

        def act() -> object:
            self.stripe.faults.fail("POST", "/v1/checkout/sessions", "after")
            return opening()

        return None if self.calm else act

    def sweep(self, order: Order, account: Account) -> Act:
        return self.swept

    def swept(self) -> str:
        """Every periodic job runs, as if all that is unfinished had been left for a while."""
        old = timezone.now() - AGE
        Payment.objects.filter(created_at__gt=old).update(created_at=old)
        Refund.objects.filter(created_at__gt=old).update(created_at=old)
        failed = jobs.run_sweeps()
        assert not (failed and self.calm), failed
        return f"failed: {failed}"

    def run_out(self, order: Order, account: Account) -> Act:
        """The order's hold is over."""

        def act() -> None:
            Order.objects.filter(pk=order.pk).update(hold_until=timezone.now())
            endings.expire(order.pk)

        return act

    # ── the end ─────────────────────────────────────────────────────────────────────────────

    def end(self) -> None:
        """All that was told arrives, everything unfinished is looked after, every hold is over."""
        self.stripe.faults.lift()
        self.calm = True
        self.tell_all()
        self.swept()
        held = Order.objects.filter(status="PENDING")
        held.update(hold_until=timezone.now())
        self.swept()
        self.tell_all()

    def tell_all(self) -> None:
        told = list(self.stripe.books.events)
        self.chance.shuffle(told)
        half = len(told) // 2
        deliver(self.stripe, told[:half])
        for at in range(half, len(told), 4):
            self.delivered(told[at : at + 4], together=True)


WEIGHTS: dict[Callable[[History, Order, Account], Act | None], int] = {
    History.open: 20,
    History.pay: 16,
    History.decline: 3,
    History.come_back: 6,
    History.give_up: 3,
    History.buy_the_rest: 1,
    History.settle: 6,
    History.lapse: 1,
    History.expire: 2,
    History.dispute: 4,
    History.warn: 1,
    History.break_something: 8,
    History.lose_an_answer: 6,
    History.refund: 10,
    History.in_dashboard: 4,
    History.bank_answers: 5,
    History.slow_refunds: 4,
    History.news: 18,
    History.sweep: 4,
    History.run_out: 2,
}
