"""The ten invariants of the shop, each about the rows, the model and Stripe's books."""

from typing import Any

from checkout.sandbox import Sandbox
from tests.machine.bought import Bought
from tests.machine.reckoned import Reckoned
from tests.machine.rows import Row, Rows, plain

OVER_LIMIT = "discount used beyond its limit"
# What may become of an order; all other columns are as they were when it was placed.
ORDER_LIVES = {
    "status", "payment_status", "fulfilment_status", "stock_state", "hold_until", "review_flag",
    "updated_at", "paid_at", "cancelled_at", "deleted_at", "refunded_minor",
}  # fmt: skip
LINE_LIVES = {"fulfilled", "refunded", "restocked", "withdrawn", "owed", "returned"}
OPEN = ("CREATING", "OPEN", "PROCESSING")


def stock_is_never_oversold_nor_lost(rows: Rows) -> None:
    """1. Stock + sold - returned is what was received; reserved is what open orders hold."""
    orders = {row["id"]: row for row in rows.of("checkout_order")}
    lines = rows.by("checkout_orderline", "variant_id")
    moves = rows.by("catalog_stockmovement", "variant_id")
    for variant in rows.of("catalog_variant"):
        moved: dict[str, int] = {}
        for move in moves[variant["id"]]:
            moved[move["kind"]] = moved.get(move["kind"], 0) + move["delta_stock"]
        received = moved.get("RECEIVE", 0) + moved.get("ADJUST", 0)
        gone = -moved.get("SALE", 0) - moved.get("RETURN", 0)
        assert variant["stock"] + gone == received, variant
        own = [(line, orders[line["order_id"]]["stock_state"]) for line in lines[variant["id"]]]
        held = sum(line["quantity"] for line, state in own if state == "HELD")
        assert variant["reserved"] == held <= variant["stock"], variant
        assert gone == sum(
            line["quantity"] - line["restocked"] for line, state in own if state == "SOLD"
        ), variant


def a_cart_is_ordered_once_and_paid_at_one_place(rows: Rows) -> None:
    """2. One order for one cart, one open payment for one order."""
    carts = [row["cart_id"] for row in rows.of("checkout_order") if row["cart_id"]]
    assert len(carts) == len(set(carts))
    ordered = {row["id"] for row in rows.of("checkout_cart") if row["status"] == "ORDERED"}
    assert ordered == set(carts)
    awaited = [row["order_id"] for row in rows.of("checkout_payment") if row["state"] in OPEN]
    assert len(awaited) == len(set(awaited))


def totals_are_the_sum_of_their_lines(rows: Rows, stripe: Sandbox) -> None:
    """3. And what Stripe is asked for is the order's total."""
    lines = rows.by("checkout_orderline", "order_id")
    used = rows.by("checkout_discountredemption", "order_id")
    orders = rows.of("checkout_order")
    for row in orders:
        goods = sum(line["total_minor"] for line in lines[row["id"]])
        full = sum(line["unit_minor"] * line["quantity"] for line in lines[row["id"]])
        assert row["subtotal_minor"] == full
        assert row["total_minor"] == goods + row["shipping_minor"] - row["shipping_discount_minor"]
        assert row["total_minor"] == full - row["discount_minor"] + row["shipping_minor"]
        assert row["discount_minor"] == sum(one["amount_minor"] for one in used[row["id"]])
        tax = sum(line["tax_minor"] for line in lines[row["id"]])
        assert row["tax_minor"] == tax + row["shipping_tax_minor"]
    totals = {row["number"]: row["total_minor"] for row in orders}
    for session in stripe.books.all("checkout.session"):
        if session["payment_status"] == "unpaid" and session["status"] == "open":
            assert session["amount_total"] == totals[session["client_reference_id"]]


def each_event_has_one_effect(rows: Rows, model: Reckoned) -> None:
    """4. Orders are where the news that were heard have brought them, and were paid once."""
    events = rows.by("checkout_orderevent", "order_id")
    by_number = {row["number"]: row for row in rows.of("checkout_order")}
    assert len(by_number) == len(model.orders)
    for order in model.orders:
        row = by_number[order.number]
        got, wanted = states_of(row), states_in(order)
        assert got == wanted, f"{order.number}: {got}, reckoned {wanted}"
        kinds = [event["type"] for event in events[row["id"]]]
        assert kinds.count("PAID") == (order.paid is not None)
        left = [back for back in order.backs if back.stripe_id or back.state == "DONE"]
        assert kinds.count("REFUNDED") <= len(left)


def states_of(row: Row) -> tuple[Any, ...]:
    return (
        row["status"], row["payment_status"], row["fulfilment_status"], row["stock_state"],
        row["refunded_minor"], row["deleted_at"] is not None,
    )  # fmt: skip


def states_in(order: Bought) -> tuple[Any, ...]:
    back = order.given + order.lost
    return (
        order.status, order.payment, order.fulfilment, order.stock, back, order.is_deleted,
    )  # fmt: skip


def no_more_goes_back_than_came(rows: Rows, stripe: Sandbox) -> None:
    """5. By the shop's books and by Stripe's."""
    refunds = rows.by("checkout_refund", "payment_id")
    for payment in rows.of("checkout_payment"):
        asked = [one for one in refunds[payment["id"]] if one["state"] != "FAILED"]
        back = sum(one["amount_minor"] for one in asked)
        assert back <= payment["amount_minor"], payment
        assert not asked or payment["state"] == "PAID"
        gone = [one["amount_minor"] for one in asked if one["state"] in ("PENDING", "DONE")]
        assert payment["refunded_minor"] == sum(gone)
    for charge in stripe.books.all("charge"):
        assert charge["amount_refunded"] <= charge["amount_captured"]


def a_discount_is_used_as_often_as_it_allows(rows: Rows, model: Reckoned) -> None:
    """6. But for orders that money brought back too late, which staff are told of."""
    orders = {row["id"]: row for row in rows.of("checkout_order")}
    uses = rows.by("checkout_discountredemption", "discount_id")
    for row in rows.of("checkout_discount"):
        counting = [orders[one["order_id"]] for one in uses[row["id"]] if one["counts"]]
        plain = [one for one in counting if OVER_LIMIT not in one["review_flag"]]
        if row["usage_limit"] is not None:
            assert len(plain) <= row["usage_limit"] >= row["used"]
            assert row["used"] == min(len(counting), row["used"])
        if row["once_per_customer"]:
            accounts = [one["user_id"] for one in plain if one["user_id"]]
            emails = [one["email"].casefold() for one in plain]
            assert len(accounts) == len(set(accounts))
            assert len(emails) == len(set(emails))
        assert row["used"] == model.codes[row_name(row, rows)].used
        assert len(counting) == sum(
            one.counts and row_name(row, rows) in one.codes for one in model.orders
        )


def row_name(row: Row, rows: Rows) -> str:
    return next(
        str(one["code"]) for one in rows.of("checkout_discountcode")
        if one["discount_id"] == row["id"]
    )  # fmt: skip


def a_review_exists_once(rows: Rows, model: Reckoned) -> None:
    """7. For each product and author; the product's columns are what the reviews say."""
    reviews = rows.by("catalog_review", "product_id")
    assert len(rows.of("catalog_review")) == len(model.reviews)
    for product in rows.of("catalog_product"):
        found = reviews[product["id"]]
        authors = [one["author_id"] for one in found]
        assert len(authors) == len(set(authors))
        stars = [one["rating"] for one in found if one["status"] == "PUBLISHED"]
        assert (product["rating_count"], product["rating_sum"]) == (len(stars), sum(stars))
        histogram = [stars.count(one) for one in range(1, 6)]
        assert plain(product["histogram"]) == histogram


def an_order_stays_as_it_was_placed(rows: Rows, frozen: dict[str, object]) -> None:
    """10. Whatever becomes of the catalogue and of the account."""
    lines = rows.by("checkout_orderline", "order_id")
    used = rows.by("checkout_discountredemption", "order_id")
    for row in rows.of("checkout_order"):
        copy = (
            fixed(row, ORDER_LIVES),
            [fixed(line, LINE_LIVES) for line in lines[row["id"]]],
            [(one["name"], one["code"], one["amount_minor"]) for one in used[row["id"]]],
        )
        assert frozen.setdefault(row["number"], copy) == copy


def fixed(row: Row, lives: set[str]) -> Row:
    return {name: value for name, value in row.items() if name not in lives}


def shelf_is_as_reckoned(rows: Rows, model: Reckoned) -> None:
    """1. And to the unit what the model has counted."""
    found = {row["sku"]: (row["stock"], row["reserved"]) for row in rows.of("catalog_variant")}
    wares = [ware for ware in model.wares.values() if ware.state != "deleted"]
    assert found == {ware.sku: (ware.stock, ware.reserved) for ware in wares}
