"""What must come of an order, reckoned from what people did to it: the model of the histories.

Nothing of the shop's own code is used: the sums are those that a bookkeeper would write down
who only knows what buyers paid, what was given back, and which answers people got.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Coin:
    """What a buyer paid in one session."""

    amount: int
    state: str  # processing, paid, failed
    seen: bool  # the shop had shown the session: it cannot have come after the order's end


@dataclass
class Back:
    """Money that Stripe gave back: at the shop's wish, or in the dashboard."""

    amount: int
    by_shop: bool
    bounced: bool = False


@dataclass
class Wished:
    """A refund that the shop has agreed to."""

    amount: int
    units: int
    restocked: int


@dataclass
class Account:
    """One order, as the people around it know it; sums in minor units."""

    number: str
    units: int
    price: int
    coins: dict[str, Coin] = field(default_factory=dict)  # by session
    wished: dict[str, Wished] = field(default_factory=dict)  # by idempotency key
    dashboard: dict[str, Back] = field(default_factory=dict)  # by Stripe's id
    bounced: dict[str, Back] = field(default_factory=dict)
    refused: int = 0  # the sum of what Stripe would not give back
    disputed: bool = False
    contested: int = 0  # in disputes that nobody has decided
    lost: int = 0
    warned: bool = False
    cancelled: bool = False

    @property
    def total(self) -> int:
        return self.units * self.price

    @property
    def paid(self) -> int:
        """What came as it was asked for."""
        return sum(self.total for one in self._in("paid") if one.amount == self.total)

    @property
    def odd(self) -> bool:
        """Whether another sum than the total came."""
        return any(one.amount != self.total for one in self._in("paid"))

    @property
    def is_under_way(self) -> bool:
        return bool(self._in("processing"))

    def _in(self, state: str) -> list[Coin]:
        return [one for one in self.coins.values() if one.state == state]

    @property
    def given(self) -> int:
        """What has left for the buyer by refunds."""
        agreed = sum(one.amount for one in self.wished.values()) - self.refused
        dashboard = sum(one.amount for one in self.dashboard.values())
        return agreed + dashboard - sum(one.amount for one in self.bounced.values())

    @property
    def back(self) -> int:
        return self.given + self.lost

    @property
    def statuses(self) -> set[str]:
        """What the order may be in the end, when every hold has run out."""
        if self.cancelled:
            return {"CANCELLED"}
        if self.paid:  # only money for a session nobody had seen can find the stock gone
            return {"CONFIRMED"} if self._seen("paid") else {"CONFIRMED", "EXPIRED"}
        if self.is_under_way:
            return {"PENDING"} if self._seen("processing") else {"PENDING", "EXPIRED"}
        return {"EXPIRED"}

    def _seen(self, state: str) -> bool:
        return any(one.seen for one in self._in(state))

    def payment_status(self, status: str) -> str:
        if not self.paid:
            return "PENDING" if status == "PENDING" else "UNPAID"
        if self.paid - self.back >= self.total:
            return "PAID"
        return "PARTIALLY_REFUNDED" if self.paid > self.back else "REFUNDED"

    def stock_states(self, status: str) -> set[str]:
        """A cancelled order keeps SOLD when its units had been sold and came back."""
        states = {"CONFIRMED": {"SOLD"}, "PENDING": {"HELD"}, "EXPIRED": {"RELEASED"}}
        return states.get(status) or ({"SOLD", "RELEASED"} if self.paid else {"RELEASED"})

    def off_shelf(self, status: str) -> int:
        """How many units are gone from the stock because of the order."""
        back = sum(one.restocked for one in self.wished.values())
        return self.units - back if status == "CONFIRMED" else 0

    def reserved(self, status: str) -> int:
        return self.units if status == "PENDING" else 0

    @property
    def balance(self) -> int:
        """What the order's charges at Stripe have left, disputes aside."""
        return sum(one.amount for one in self._in("paid")) - self.given

    def flags(self, status: str) -> Iterable[str]:
        """Words that staff must find on the order."""
        if self.odd:
            yield "amount mismatch"
        if self.contested:
            yield "disputed"
        if self.lost:
            yield "dispute lost"
        if self.warned:
            yield "early fraud warning"
        if self.bounced or self.refused:
            yield "refund failed"
        if status == "EXPIRED" and self.paid:
            yield "paid, stock gone"
        if status == "PENDING":
            yield "payment under way for too long"

    def is_due(self, status: str) -> bool:
        """Whether the shop has money for nothing, and somebody must see it."""
        return status in ("CANCELLED", "EXPIRED") and self.paid > self.back
