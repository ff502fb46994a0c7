"""What tests of the checkout buy with."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Sum

from catalog import columns
from catalog.models import Product, StockMovement, Variant
from checkout import placement
from checkout.models import Order, OrderLine
from checkout.models.orders import PaymentMethod
from checkout.placement import Terms
from checkout.quotes import Wish
from schema import ids
from shop.errors import ShopError
from users.models import Allowance, User

TRANSFER = PaymentMethod.BANK_TRANSFER
CASH = PaymentMethod.CASH_ON_DELIVERY
ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "city": "London",
    "postcode": "SW1Y 4JH",
    "country": "GB",
}


def place(
    quantities: Mapping[Variant, int],
    *,
    method: str = TRANSFER,
    user: User | None = None,
    email: str | None = "guest@example.com",
    **terms: Any,
) -> Order:
    """An order placed at once."""
    wishes = [Wish(variant.pk, quantity) for variant, quantity in quantities.items()]
    return placement.place_wishes(
        wishes, {"email": email}, Terms(method=method, user=user, **terms)
    )


def lines_of(quantities: Mapping[Variant, int]) -> list[dict[str, Any]]:
    """The same as the API takes it."""
    return [{"variantId": ids.of(row), "quantity": units} for row, units in quantities.items()]


def rows() -> dict[str, int]:
    """How many rows each table of the shop has, but for that of the calls, which all count."""
    return {
        model._meta.label: model._default_manager.count()
        for app in ("users", "catalog", "checkout")
        for model in apps.get_app_config(app).get_models()
        if model is not Allowance
    }


def check_books() -> None:
    """No unit is lost or promised twice, whatever happened to the orders before."""
    for variant in Variant.objects.filter(track_stock=True):
        moved = variant.movements.values("kind").annotate(units=Sum("delta_stock"))
        units: dict[str, int] = {row["kind"]: row["units"] for row in moved.order_by()}
        received = units.get("RECEIVE", 0) + units.get("ADJUST", 0)
        sold, returned = -units.get("SALE", 0), units.get("RETURN", 0)
        assert variant.stock + sold - returned == received
        held = OrderLine.objects.filter(variant=variant, order__stock_state="HELD")
        assert variant.reserved == (held.aggregate(n=Sum("quantity"))["n"] or 0)
        bought = OrderLine.objects.filter(variant=variant, order__stock_state="SOLD")
        totals = bought.aggregate(n=Sum("quantity"), back=Sum("restocked"))
        assert sold - returned == (totals["n"] or 0) - (totals["back"] or 0)
    products, variants = list(Product.objects.all()), list(Variant.objects.all())
    assert not [*columns.wrong_columns(products, [columns.in_stock, columns.sales])]
    assert not [*columns.wrong_columns(variants, [columns.units])]


def movements(order: Order) -> list[str]:
    found = StockMovement.objects.filter(order_number=order.number).order_by("pk")
    return [str(kind) for kind in found.values_list("kind", flat=True)]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returns, or the code it was refused with; all start together."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        except ShopError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
