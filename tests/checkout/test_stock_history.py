"""The books after whatever may happen to orders, in any order."""

from random import Random

import pytest

from catalog import stock
from catalog.models import Variant
from catalog.stock import StockChange
from checkout import endings, fulfilments, orders
from checkout.fulfilments import Parcel
from checkout.models import Order
from shop.errors import ShopError
from tests.checkout.buying import CASH, TRANSFER, check_books, place
from tests.factories import make_product, make_staff, make_user, make_variant

STEPS = 60


class Shop:
    """A small shop to which things happen by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.staff, self.buyer = make_staff(), make_user()
        product = make_product()
        self.variants = [
            *(make_variant(product=product, stock=self.chance.randint(1, 6)) for _ in range(2)),
            make_variant(stock=self.chance.randint(1, 6), price=0),
            make_variant(stock=0, track_stock=False),
        ]

    def some_order(self) -> int:
        ids = list(Order.objects.values_list("pk", flat=True))
        return self.chance.choice(ids) if ids else 0

    def buy(self) -> None:
        rows = self.chance.sample(self.variants, self.chance.randint(1, 3))
        place(
            {row: self.chance.randint(1, 3) for row in rows},
            method=self.chance.choice([CASH, TRANSFER]),
            user=self.chance.choice([None, self.buyer]),
        )

    def pay(self) -> None:
        orders.mark_paid(self.some_order(), reference="B", actor=self.staff)

    def cancel(self) -> None:
        endings.cancel(self.some_order(), actor=self.staff, by_staff=True)

    def expire(self) -> None:
        id = self.some_order()
        Order.objects.filter(pk=id, status="PENDING").update(hold_until="2020-01-01T00:00Z")
        endings.expire(id)

    def send(self) -> None:
        fulfilments.fulfil(self.some_order(), None, parcel=Parcel(), actor=self.staff)

    def delete(self) -> None:
        orders.delete(self.some_order(), actor=self.staff)

    def adjust(self) -> None:
        change = StockChange(self.chance.choice(self.variants).pk, self.chance.randint(-2, 3))
        stock.adjust([change], actor=self.staff)

    def happen(self) -> str:
        ways = [self.buy] * 4 + [self.pay, self.cancel, self.expire] * 2
        step = self.chance.choice([*ways, self.send, self.delete, self.adjust])
        try:
            step()
        except ShopError:
            return "refused"
        return step.__name__


@pytest.mark.parametrize("seed", range(8))
def test_no_unit_is_lost_or_promised_twice(seed: int) -> None:
    shop = Shop(seed)

    happened = [shop.happen() for _ in range(STEPS)]

    assert {"buy", "pay", "cancel", "expire", "refused"} <= set(happened)
    check_books()
    for variant in Variant.objects.all():
        assert 0 <= variant.reserved <= variant.stock
    for order in Order.objects.all():
        check_order(order)


def check_order(order: Order) -> None:
    """What an order says of itself agrees with its rows."""
    paid = order.payments.filter(state="PAID")
    assert order.is_paid == (order.paid_at is not None) == paid.exists()
    assert all(payment.amount == order.total for payment in paid)
    awaited = order.payments.filter(state__in=["CREATING", "OPEN", "PROCESSING"])
    waits = order.payment_status == "PENDING"
    assert awaited.exists() == waits
    if waits:
        assert (order.status, order.stock_state) == ("PENDING", "HELD")
    if order.status == "EXPIRED":
        assert order.stock_state == "RELEASED"
    if order.status == "CANCELLED" and order.is_paid and order.total_minor:
        assert order.review_flag == "refund due"
    if order.stock_state == "RELEASED" and order.status == "CONFIRMED":
        assert order.review_flag == "paid, stock gone"
    if order.deleted_at:
        assert not order.is_paid
