"""The goods of an order in stock: held, sold and given back as the order goes on."""

from collections.abc import Mapping
from functools import partial

from django.db.models import F

from catalog import columns, stock
from checkout.models import Order
from users.models import User


def quantities(order: Order) -> dict[int, int]:
    """Units by variant id that are not back on the shelf, of the variants that are still there."""
    rows = order.lines.exclude(variant=None).filter(restocked__lt=F("quantity"))
    found = rows.values_list("variant_id", F("quantity") - F("restocked"))
    return {id: units for id, units in found if id is not None}


def lock_for_sale(units: Mapping[int, int]) -> None:
    """Lock the variants and all of their products, for a hold that is sold in one transaction.

    A hold alone locks the products whose stock runs out with it, and the sale then the others:
    two orders that share products would wait for each other in a circle.
    """
    columns.lock(row.product_id for row in stock.locked(units))


def hold_for_sale(order: Order) -> None:
    """Hold the order's units again, to be sold in the same transaction; its state in memory.

    Raises:
        OutOfStock, Refused: as `stock.hold`, and nothing is held.
    """
    units = quantities(order)
    lock_for_sale(units)
    stock.hold(units, order_number=order.number)
    order.stock_state = Order.StockState.HELD


def sell(order: Order) -> None:
    """What is held counts as sold; the order's state in memory."""
    if order.stock_state == Order.StockState.HELD:
        stock.sell(partial(quantities, order), order_number=order.number)
        order.stock_state = Order.StockState.SOLD


def give_back(order: Order, actor: User | None) -> None:
    """Return an ending order's units: the held ones are freed, the sold ones restocked."""
    if order.stock_state == Order.StockState.HELD:
        stock.release(order.number)
        order.stock_state = Order.StockState.RELEASED
    elif order.stock_state == Order.StockState.SOLD:
        stock.take_back(quantities(order), order_number=order.number, actor=actor)
        order.lines.update(restocked=F("quantity"))
