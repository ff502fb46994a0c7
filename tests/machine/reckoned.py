"""The model of the shop: what it must answer to whoever buys, and what it must remember.

Each method says what becomes of a request: the codes that it is refused with, and nothing has
changed then; or none, and the model has. Nothing of the shop's own code is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.machine.bought import Bought
from tests.machine.wares import Basket, Code, Ware

WAYS = {"": 490, "Parcel": 490, "Express": 990}  # the cheapest unless one was chosen
Codes = frozenset[str]
NOTHING: Codes = frozenset()


def refused(*codes: str) -> Codes:
    return frozenset(codes)


@dataclass
class Wanted:
    """An order as it was asked for: of a cart, or of wishes at once."""

    lines: dict[str, int]
    codes: list[str]
    email: str
    has_address: bool
    way: str = ""
    is_cart: bool = False


@dataclass
class Reckoned:
    """All that the shop should know."""

    wares: dict[str, Ware] = field(default_factory=dict)  # by SKU
    codes: dict[str, Code] = field(default_factory=dict)
    baskets: list[Basket] = field(default_factory=list)
    orders: list[Bought] = field(default_factory=list)
    emails: dict[str, str] = field(default_factory=dict)  # of the accounts, by who
    keys: dict[tuple[str, str], tuple[object, Bought]] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)  # events that were followed
    reviews: dict[tuple[str, str], int] = field(default_factory=dict)  # stars, by who and SKU

    # ── carts ───────────────────────────────────────────────────────────────────────────────

    def own(self, who: str) -> Basket | None:
        """The open cart of an account."""
        return next((one for one in self.baskets if one.owner == who and one.state == "open"), None)

    def refusal(self, who: str, basket: Basket) -> Codes:
        """Why a cart cannot be changed, by its token."""
        if not basket.is_for(who):
            return refused("NOT_FOUND")
        return NOTHING if basket.state == "open" else refused("CART_CLOSED")

    def add(self, basket: Basket, lines: dict[str, int]) -> Codes:
        if not all(self.wares[sku].is_for_sale for sku in lines):
            return refused("NOT_FOUND")
        for sku, units in lines.items():
            basket.lines[sku] = basket.lines.get(sku, 0) + units
        return NOTHING

    def merge(self, who: str, guest: Basket) -> Basket:
        """The cart of the account that the guest's has become, or has gone into."""
        own = self.own(who)
        if guest.owner == who or own is None:
            guest.owner = who
            return guest
        for sku, units in guest.lines.items():
            if self.wares[sku].state != "deleted":
                own.lines[sku] = own.lines.get(sku, 0) + units
        own.codes = list(dict.fromkeys([*own.codes, *guest.codes]))
        own.email = own.email or guest.email
        own.has_address = own.has_address or guest.has_address
        own.way = own.way or guest.way
        guest.state = "merged"
        return own

    # ── prices ──────────────────────────────────────────────────────────────────────────────

    def wanted(self, who: str, basket: Basket) -> Wanted:
        email = basket.email or self.emails.get(who, "")
        return Wanted(
            basket.lines, basket.codes, email, basket.has_address, basket.way, is_cart=True
        )

    def total(self, wanted: Wanted) -> int:
        lines = [self.wares[sku].price * units for sku, units in wanted.lines.items()]
        rest = sum(lines)
        for name, code in self.codes.items():  # in the order in which they were made
            if name in wanted.codes:
                rest -= min(code.off(lines), rest)
        return rest + WAYS[wanted.way]

    def obstacles(self, who: str, wanted: Wanted) -> Codes:
        """All that stands in the way of the order."""
        found = {self._obstacle(sku, units) for sku, units in wanted.lines.items()}
        if not wanted.lines:
            found.add("CART_EMPTY")
        if not wanted.email:
            found.add("EMAIL_REQUIRED")
        if not wanted.has_address:
            found.add("ADDRESS_REQUIRED")
        for name in wanted.codes:
            code = self.codes[name]
            is_spent = code.is_used_up or (code.once and self.has_used(name, who))
            if is_spent or not self._has_price(wanted):  # it cannot reduce nothing
                found.add("CODE_NOT_APPLICABLE")
        return frozenset(found - {""})

    def _has_price(self, wanted: Wanted) -> bool:
        """Whether anything costs: a cart remembers what a ware has cost that is gone."""
        return any(wanted.is_cart or self.wares[sku].is_for_sale for sku in wanted.lines)

    def _obstacle(self, sku: str, units: int) -> str:
        ware = self.wares[sku]
        if not ware.is_for_sale:
            return "NOT_FOUND"
        return "OUT_OF_STOCK" if ware.free < units else ""

    def has_used(self, name: str, who: str = "", email: str = "") -> bool:
        """Whether an account, or an address, has an order that counts with the code."""
        mine = [one for one in self.orders if one.counts and name in one.codes]
        by_account = any(one.owner == who for one in mine if who in self.emails)
        return by_account or any(one.email == email for one in mine)

    # ── orders ──────────────────────────────────────────────────────────────────────────────

    def placing(self, who: str, wanted: Wanted, expected: int | None) -> Codes:
        """Why an order of it is refused."""
        if obstacles := self.obstacles(who, wanted):
            return obstacles
        if expected is not None and expected != self.total(wanted):
            return refused("PRICE_CHANGED")
        once = [name for name in wanted.codes if self.codes[name].once]
        if any(self.has_used(name, who, wanted.email) for name in once):
            return refused("CODE_NOT_APPLICABLE")
        return NOTHING

    def placed(self, made: Bought) -> None:
        """The order is there: its units are held, or sold at once, and its codes are used."""
        self.orders.append(made)
        for part in made.parts:
            part.ware.hold(part.units)
        for name in made.codes:
            self.use(self.codes[name])
        if made.method == "CASH_ON_DELIVERY":
            made.status = "CONFIRMED"
            made.sell()
        elif made.method == "BANK_TRANSFER":
            made.payment = "PENDING"

    def use(self, code: Code) -> bool:
        """Whether there was one use left; nobody counts where there is no limit."""
        if code.is_used_up:
            return False
        code.used += code.limit is not None
        return True

    def end(self, order: Bought, status: str) -> None:
        """Cancelled or expired: units and uses of codes are free again."""
        order.release()
        if order.counts and order.codes:
            for name in order.codes:
                self._free(name, order)
        order.counts = False
        order.status = status
        order.is_due = False

    def _free(self, name: str, order: Bought) -> None:
        """Of a code with a limit, one use less, unless more orders have it than it was for."""
        code = self.codes[name]
        others = [one for one in self.orders if one is not order and one.counts]
        left = sum(name in one.codes for one in others)
        if code.limit is not None and code.used > left:
            code.used -= 1

    def pay(self, order: Bought, amount: int) -> None:
        """All that was due is here."""
        order.paid, order.payment = amount, "PAID"
        order.is_deleted = False
        if order.status == "EXPIRED":
            order.hold_afresh()
            self._use_again(order)
        if order.status in ("PENDING", "EXPIRED"):
            order.status = "CONFIRMED"
            order.sell()
        order.complete()

    def _use_again(self, order: Bought) -> None:
        spent = [
            name
            for name in order.codes
            if self.codes[name].once and self.has_used(name, order.owner or "", order.email)
        ]
        order.counts = True
        fits = [self.use(self.codes[name]) for name in order.codes]
        order.over_limit = bool(spent) or not all(fits)

    def seen_by(self, who: str) -> Iterable[str]:
        """The numbers of the orders in an account."""
        return sorted(one.number for one in self.orders if one.owner == who and not one.is_deleted)
