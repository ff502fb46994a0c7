"""The model's shelf and codes: plain numbers, and what must become of them."""

from dataclasses import dataclass, field

FOR_SALE, ARCHIVED, DELETED = "for sale", "archived", "deleted"


@dataclass
class Ware:
    """A product with its one variant."""

    sku: str
    variant_id: str
    product_id: str
    price: int
    stock: int
    received: int
    reserved: int = 0
    state: str = FOR_SALE
    ordered: bool = False  # ever

    @property
    def free(self) -> int:
        return self.stock - self.reserved

    @property
    def is_for_sale(self) -> bool:
        return self.state == FOR_SALE

    def hold(self, units: int) -> None:
        self.reserved += units
        self.ordered = True

    def adjust(self, delta: int) -> str:
        """The code of the refusal, or ""."""
        if not self.is_for_sale:
            return "NOT_FOUND"
        if self.stock + delta < self.reserved:
            return "OUT_OF_RANGE"
        self.stock += delta
        self.received += delta
        return ""

    def delete(self) -> str:
        if self.state == DELETED:
            return "NOT_FOUND"
        self.state = ARCHIVED if self.ordered else DELETED
        return ""


@dataclass
class Code:
    """A discount that is entered: so many times in all, or once for each customer."""

    name: str
    percent: int = 0
    amount: int = 0
    limit: int | None = None
    once: bool = False
    used: int = 0

    def off(self, lines: list[int]) -> int:
        """What it takes off; once for each line, half of a cent is rounded to the even one."""
        if self.amount:
            return min(self.amount, sum(lines))
        parts = [divmod(line * self.percent, 100) for line in lines]
        return sum(whole + (rest > 50 or (rest == 50 and whole % 2)) for whole, rest in parts)

    @property
    def is_used_up(self) -> bool:
        return self.limit is not None and self.used >= self.limit


@dataclass
class Basket:
    """A cart: whose, what is in it, and whether it still changes."""

    token: str | None
    owner: str | None
    lines: dict[str, int] = field(default_factory=dict)  # units by SKU
    ids: dict[str, str] = field(default_factory=dict)  # of the lines, by SKU
    codes: list[str] = field(default_factory=list)
    email: str = ""
    has_address: bool = False
    way: str = ""  # of sending, by name; empty: the cheapest
    state: str = "open"  # open, ordered, merged, expired
    order: str = ""  # the number of what it became

    def is_for(self, who: str) -> bool:
        return self.owner in (None, who)
