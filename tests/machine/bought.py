"""The model of one order: units, money and states, as a bookkeeper would follow them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.machine.wares import Ware

RANK = ("REQUESTED", "PENDING", "DONE", "FAILED")
PAID_STATES = ("PAID", "PARTIALLY_REFUNDED", "REFUNDED")


@dataclass
class Part:
    """A line of an order."""

    id: str
    ware: Ware
    units: int
    total: int
    fulfilled: int = 0
    refunded: int = 0
    restocked: int = 0
    withdrawn: int = 0
    owed: int = 0
    returned: int = 0

    @property
    def unsent(self) -> int:
        return self.units - self.fulfilled - self.withdrawn

    def worth(self, units: int) -> int:
        """What the first units come to, half of a cent rounded to the even one."""
        whole, rest = divmod(self.total * units, self.units)
        return whole + (2 * rest > self.units or (2 * rest == self.units and whole % 2))

    def paid_for(self, units: int) -> int:
        return self.worth(self.refunded + units) - self.worth(self.refunded)


@dataclass
class Share:
    """Units of a line that go back with a refund."""

    part: Part
    units: int
    restock: bool = False
    sent: bool = False
    withdrawn: int = 0
    owed: int = 0

    @property
    def back(self) -> int:
        owed = 0 if self.sent else min(self.units, self.part.owed)
        return self.units - owed if self.restock else 0

    def take(self) -> None:
        part, back = self.part, self.back
        self.owed = 0 if self.sent else min(self.units, part.owed)
        self.withdrawn = 0 if self.sent else min(self.units - self.owed, part.unsent)
        part.withdrawn += self.withdrawn
        part.owed -= self.owed
        part.refunded += self.units
        to_shelf(part, back)

    def undo(self) -> None:
        self.part.refunded -= self.units
        self.part.withdrawn -= 0 if self.restock else self.withdrawn
        self.part.owed += self.owed


def to_shelf(part: Part, units: int) -> None:
    part.restocked += units
    part.ware.stock += units


@dataclass
class Attempt:
    """A payment page, as far as the shop has heard of it."""

    session: str
    ui: str
    state: str = "OPEN"
    closing: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in ("OPEN", "PROCESSING")


@dataclass
class Back:
    """A refund, as far as the shop has heard of it."""

    amount: int
    shares: list[Share] = field(default_factory=list)
    state: str = "REQUESTED"
    stripe_id: str = ""
    key: str = ""
    content: object = None


@dataclass
class Sent:
    """A return: the units of one line."""

    id: str
    part: Part
    units: int
    state: str = "REQUESTED"


@dataclass
class Bought:
    """An order."""

    number: str
    id: str
    token: str
    owner: str | None
    email: str
    method: str
    total: int
    parts: list[Part]
    codes: list[str]
    counts: bool = True  # whether its codes' uses do
    over_limit: bool = False
    status: str = "PENDING"
    payment: str = "UNPAID"
    fulfilment: str = "UNFULFILLED"
    stock: str = "HELD"
    is_due: bool = False  # its hold is over
    is_deleted: bool = False
    paid: int | None = None  # what it was paid with
    attempts: list[Attempt] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    disputes: dict[str, tuple[str, int]] = field(default_factory=dict)  # status and what is lost
    parcels: list[bool] = field(default_factory=list)  # whether each arrived
    returns: list[Sent] = field(default_factory=list)

    @property
    def is_paid(self) -> bool:
        return self.payment in PAID_STATES

    @property
    def lost(self) -> int:
        return sum(lost for _, lost in self.disputes.values())

    @property
    def given(self) -> int:
        """What has left for the buyer by refunds."""
        return sum(one.amount for one in self.backs if one.state in ("PENDING", "DONE"))

    @property
    def left(self) -> int:
        """What can be given back."""
        asked = sum(one.amount for one in self.backs if one.state != "FAILED")
        return max((self.paid or 0) - asked - self.lost, 0)

    @property
    def live(self) -> Attempt | None:
        return next((one for one in self.attempts if one.is_open), None)

    @property
    def has_money_under_way(self) -> bool:
        return self.method == "STRIPE" and self.payment == "PENDING"

    def sees(self, who: str, *, by_token: bool) -> bool:
        return not self.is_deleted and (by_token or self.owner == who)

    # ── units ───────────────────────────────────────────────────────────────────────────────

    def release(self) -> None:
        """What is held is free again; what was sold is back."""
        for part in self.parts:
            if self.stock == "HELD":
                part.ware.reserved -= part.units
            elif self.stock == "SOLD":
                to_shelf(part, part.units - part.restocked)
        if self.stock == "HELD":
            self.stock = "RELEASED"

    def sell(self) -> None:
        if self.stock == "HELD":
            for part in self.parts:
                part.ware.reserved -= part.units
                part.ware.stock -= part.units
            self.stock = "SOLD"

    def hold_afresh(self) -> None:
        """All units or none, for money that came late."""
        found = all(part.ware.is_for_sale and part.ware.free >= part.units for part in self.parts)
        if found:
            for part in self.parts:
                part.ware.hold(part.units)
            self.stock = "HELD"

    def follow(self) -> None:
        if not any(part.fulfilled for part in self.parts):
            self.fulfilment = "UNFULFILLED"
        elif any(part.unsent for part in self.parts):
            self.fulfilment = "PARTIALLY_FULFILLED"
        else:
            self.fulfilment = "DELIVERED" if all(self.parcels) else "FULFILLED"

    # ── money ───────────────────────────────────────────────────────────────────────────────

    def forgone(self) -> int:
        return sum(part.worth(part.refunded) for part in self.parts)

    def recount(self) -> None:
        back, paid = self.given + self.lost, self.paid or 0
        self.payment = "REFUNDED" if paid <= back else "PARTIALLY_REFUNDED" if back else "PAID"

    def complete(self) -> None:
        if self.status == "CONFIRMED" and self.is_paid and self.fulfilment == "DELIVERED":
            self.status = "COMPLETED"

    def give_back(self, amount: int, shares: Sequence[Share]) -> Back:
        """A refund is agreed; it has not left yet."""
        made = Back(amount, list(shares))
        for share in shares:
            share.take()
        self.backs.append(made)
        self.follow()
        self.complete()
        return made

    def advance(self, back: Back, state: str) -> None:
        """News of a refund, which never go backwards."""
        if RANK.index(state) <= RANK.index(back.state):
            return
        back.state = state
        if state == "FAILED":
            for share in back.shares:
                share.undo()
            self.follow()
            if self.status == "COMPLETED" and self.fulfilment != "DELIVERED":
                self.status = "CONFIRMED"
        self.recount()

    def part_of(self, at: int) -> Part:
        return self.parts[at % len(self.parts)]


def all_left(parts: Iterable[Part]) -> list[Share]:
    return [Share(part, part.units - part.refunded) for part in parts if part.units > part.refunded]
