"""Invoices: numbers without gaps, and what an invoice says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from checkout import orders, payments
from checkout.models import Invoice, InvoiceYear, Order, OrderLine
from checkout.models.orders import PaymentMethod, address_lines
from checkout.orders import Status, Type
from shop.errors import Refused
from users.models import User

LONGEST_CELL = 600  # an order's line fits on a page, whatever its options are called


@dataclass(frozen=True)
class Sheet:
    """What is on an invoice, as text; `printing` makes a page of it.

    sums: what leads to the total; taxes: by rate, with their sums in the last row, empty for an
    order without tax.
    """

    number: str
    issued_at: datetime
    seller: Sequence[str]
    buyer: Sequence[str]
    facts: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[str]]
    sums: Sequence[tuple[str, str]]
    total: str
    taxes: Sequence[Sequence[str]] = ()
    payment: str = ""
    heads: Sequence[str] = field(default=("Goods", "Units", "Unit price", "Discount", "Total"))
    tax_heads: Sequence[str] = field(default=("Tax rate", "Net", "Tax", "Gross"))


@dataclass(frozen=True)
class Taxed:
    """What an order has at one rate, in minor units."""

    rate: Decimal
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


def may_have(order: Order) -> bool:
    """Whether an invoice can be issued for it: it is paid, or work on it has started."""
    return order.is_paid or order.status in (Status.CONFIRMED, Status.COMPLETED)


def of(order_id: int, *, actor: User | None) -> Invoice:
    """The order's invoice; issued now, with the year's next number, when there is none yet.

    Raises:
        Refused: INVALID_STATE for an order that is neither paid nor confirmed, NOT_FOUND when
            it was deleted meanwhile.
    """
    return issued(order_id) or _issue(order_id, actor)


def issued(order_id: int) -> Invoice | None:
    return Invoice.objects.select_related("order").filter(order=order_id).first()


@transaction.atomic
def _issue(order_id: int, actor: User | None) -> Invoice:
    order = orders.locked(order_id)
    if made := issued(order_id):  # by a parallel request, while this one waited
        return made
    if not may_have(order):
        message = "There is an invoice once the order is paid or confirmed."
        raise Refused("INVALID_STATE", message, "order_id")
    at = timezone.now()
    year = timezone.localdate(at).year
    invoice = Invoice.objects.create(
        order=order,
        year=year,
        serial=_next_serial(year),
        issued_at=at,
        seller=seller(),
        buyer=address_lines(order.billing_address or order.shipping_address) or [order.email],
        payment=payment_of(order),
    )
    orders.record(order, Type.INVOICED, invoice.number, actor=actor)
    orders.keep(order)
    return invoice


def _next_serial(year: int) -> int:
    """The next number of the year, whose row stays locked until the invoice is committed.

    A sequence of the database would leave a gap wherever a transaction is taken back.
    """
    InvoiceYear.objects.get_or_create(year=year)
    row = InvoiceYear.objects.select_for_update(no_key=True).get(year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def seller() -> list[str]:
    """The shop as invoices name it, by the settings of this moment."""
    tax_id = f"Tax ID: {settings.SELLER_TAX_ID}" if settings.SELLER_TAX_ID else ""
    name = settings.SELLER_NAME or settings.SHOP_NAME
    return [line for line in [name, *settings.SELLER_ADDRESS, tax_id] if line]


def payment_of(order: Order) -> str:
    """How the payment stands, as a sentence."""
    if not order.total_minor:
        return "There is nothing to pay."
    forgone = payments.forgone(order)
    asked = order.money(order.total_minor - forgone)
    less = f": {asked}, as units were cancelled" if forgone else ""
    if not order.is_paid:
        by_hand = order.payment_method == PaymentMethod.CASH_ON_DELIVERY
        return f"To be paid{' on delivery' * by_hand}{less}."
    paid = f"Paid{f' on {day(order.paid_at)}' if order.paid_at else ''}{less}."
    return f"{paid} Given back since: {order.refunded}." if order.refunded_minor else paid


def day(at: datetime) -> str:
    """An instant as a date that is read alike everywhere: 1 March 2026."""
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y}"


def sheet(invoice: Invoice) -> Sheet:
    """What the invoice says: the same whenever it is asked for."""
    order = invoice.order
    lines = list(order.lines.all())
    return Sheet(
        number=invoice.number,
        issued_at=invoice.issued_at,
        seller=invoice.seller,
        buyer=invoice.buyer,
        facts=[
            ("Invoice", invoice.number),
            ("Date", day(invoice.issued_at)),
            ("Order", order.number),
            ("Ordered on", day(order.placed_at)),
        ],
        rows=[row_of(order, line) for line in lines],
        sums=sums_of(order),
        total=str(order.total),
        taxes=taxes_of(order, lines),
        payment=invoice.payment,
    )


def row_of(order: Order, line: OrderLine) -> list[str]:
    options = ", ".join(f"{one['name']}: {one['value']}" for one in line.options)
    parts = (" ".join(part.split()) for part in (line.name, options, line.sku))
    goods = "\n".join(filter(None, parts))
    discount = str(order.money(-line.discount_minor)) if line.discount_minor else ""
    total, unit = order.money(line.total_minor), order.money(line.unit_minor)
    return [goods[:LONGEST_CELL], str(line.quantity), str(unit), discount, str(total)]


def sums_of(order: Order) -> list[tuple[str, str]]:
    """The sums that lead to the total, each discount by its name; what is nothing is left out."""
    added_tax = 0 if order.prices_include_tax else order.tax_minor
    rows = [*discounts_of(order), ("Shipping", order.shipping_minor), ("Tax", added_tax)]
    found = [(name, str(order.money(minor))) for name, minor in rows if minor]
    return [("Subtotal", str(order.money(order.subtotal_minor))), *found]


def discounts_of(order: Order) -> list[tuple[str, int]]:
    """Each discount with its code, and what it takes off, below zero.

    What none of them tells, of orders from before they were kept one by one, is one more.
    """
    used = list(order.redemptions.all())
    named = [(f"{one.name} ({one.code})" if one.code else one.name, one) for one in used]
    rest = order.discount_minor - sum(one.amount_minor for one in used)
    return [*((name, -one.amount_minor) for name, one in named), ("Discount", -rest)]


def taxes_of(order: Order, lines: Sequence[OrderLine]) -> list[list[str]]:
    """The rows of the tax table: by rate, the highest first, and then their sums.

    Empty for an order without any tax.
    """
    if not order.tax_minor:
        return []
    found = taxed_of(order, lines)
    whole = sum(one.net for one in found), sum(one.tax for one in found)
    rows = [*((percent(one.rate), one.net, one.tax) for one in found), ("Total", *whole)]
    return [
        [name, *(str(order.money(minor)) for minor in (net, tax, net + tax))]
        for name, net, tax in rows
    ]


def taxed_of(order: Order, lines: Sequence[OrderLine]) -> list[Taxed]:
    """What there is at each rate, shipping at its own; the highest first."""
    sent = order.shipping_minor - order.shipping_discount_minor
    parts = [(line.tax_rate, line.total_minor, line.tax_minor) for line in lines]
    parts.append((order.shipping_tax_rate, sent, order.shipping_tax_minor))
    found: dict[Decimal, Taxed] = {}
    for rate, amount, tax in parts:
        net = amount - tax if order.prices_include_tax else amount
        before = found.get(rate, Taxed(rate, 0, 0))
        found[rate] = Taxed(rate, before.net + net, before.tax + tax)
    return [found[rate] for rate in sorted(found, reverse=True) if found[rate].gross]


def percent(rate: Decimal) -> str:
    """0.19000 as "19 %", 0.07700 as "7.7 %"."""
    return f"{(rate * 100).normalize():f} %"
