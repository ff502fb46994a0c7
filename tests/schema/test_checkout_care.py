"""Order care over HTTP: who may mend, place, order again and see invoices, and what they get."""

from base64 import b64decode
from typing import Any
from uuid import uuid4

import pytest

from catalog.models import Product
from checkout import access, carts, invoices
from checkout.models import Order
from checkout.querysets import SEEING
from schema import ids
from tests.checkout.buying import ADDRESS, lines_of, place, rows
from tests.checkout.pdf_text import pages
from tests.checkout.states import WAYS, paid
from tests.client import call, mutate, refusals
from tests.factories import make_staff, make_user, make_variant
from users.models import User

PROCESS = "checkout.process_order"
NOT_FOUND = [("NOT_FOUND", ["orderId"])]


def of(order: Order) -> dict[str, Any]:
    return {"orderId": ids.of(order)}


def by_token(order: Order) -> dict[str, Any]:
    return of(order) | {"accessToken": access.token_for(order)}


def update(order: Order, user: User | None, **fields: Any) -> Any:
    selection = "order { email note shippingAddress { city } billingAddress { city } }"
    return mutate("orderUpdate", of(order) | fields, selection, user=user)


def reorder(input: dict[str, Any], user: User | None = None) -> Any:
    selection = """cart { token lines { sku quantity } }
        skipped { name sku quantity code message }"""
    return mutate("reorder", input, selection, user=user)


def invoice(input: dict[str, Any], user: User | None = None) -> Any:
    return mutate("orderInvoice", input, "number issuedAt filename pdf", user=user)


def codes(name: str, input: dict[str, Any], user: User | None) -> list[str]:
    """The codes of the top-level errors."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = (
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    )  # fmt: skip
    return call(document, user=user, input=input).codes


# ── orderUpdate ─────────────────────────────────────────────────────────────────────────────


def test_staff_mend_an_order() -> None:
    order = WAYS["paid"](None)

    payload = update(
        order, make_staff(PROCESS), email="b@example.com", note="x", shippingAddress=ADDRESS
    )

    assert payload["errors"] == []
    assert payload["order"] == {
        "email": "b@example.com", "note": "x", "shippingAddress": {"city": "London"},
        "billingAddress": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"email": None}, "REQUIRED", ["email"]),
        ({"shippingAddress": {**ADDRESS, "country": "XX"}}, "INVALID",
         ["shippingAddress", "country"]),
        ({"note": "x" * 1001}, "TOO_LONG", ["note"]),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told_with_its_place(
    fields: dict[str, Any], code: str, path: list[str]
) -> None:
    payload = update(WAYS["paid"](None), make_staff(PROCESS), **fields)

    assert (refusals(payload), payload["order"]) == ([(code, path)], None)


def test_only_staff_with_the_permission_mend_an_order() -> None:
    buyer = make_user()
    order = place({make_variant(): 1}, user=buyer)

    assert codes("orderUpdate", of(order), None) == ["UNAUTHENTICATED"]
    for who in (buyer, make_user(), make_staff("checkout.view_order")):
        assert codes("orderUpdate", of(order) | {"note": "x"}, who) == ["FORBIDDEN"]
    assert Order.objects.get().note == ""


def test_the_buyer_sees_nothing_of_who_mended_what() -> None:
    buyer = make_user()
    order = place({make_variant(): 1}, user=buyer)
    staff = make_staff(PROCESS, first_name="Grace", last_name="Hopper")
    update(order, staff, note="x")

    document = "query($id: ID!) { order(id: $id) { events { type message actor } } }"
    by_buyer, by_staff = (
        call(document, user=who, id=ids.of(order)).data["order"]["events"] for who in (buyer, staff)
    )

    assert [event["type"] for event in by_buyer] == ["PLACED"]
    assert by_staff[1:] == [
        {"type": "CHANGED", "message": "Changed: note", "actor": "Grace Hopper"}
    ]


# ── orderPlaceFor ───────────────────────────────────────────────────────────────────────────


def place_for(buyer: User, user: User | None, **more: Any) -> Any:
    input = {
        "customerId": ids.of(buyer),
        "cart": {"lines": lines_of({make_variant(price=1000): 2})},
        "paymentMethod": "BANK_TRANSFER",
    }
    selection = "order { id customer { id } email status events { type actor } }"
    return mutate("orderPlaceFor", input | more, selection, user=user)


def make_seller() -> User:
    return make_staff(PROCESS, "users.view_user", first_name="Grace", last_name="Hopper")


def test_staff_order_for_a_customer_who_then_sees_it() -> None:
    buyer = make_user()

    order = place_for(buyer, make_seller(), expectedTotal="20.00")["order"]

    assert (order["customer"], order["email"]) == ({"id": ids.of(buyer)}, buyer.email)
    assert order["events"] == [{"type": "PLACED", "actor": "Grace Hopper"}]
    document = "{ me { orders { nodes { id events { type actor } } } } }"
    (seen,) = call(document, user=buyer).data["me"]["orders"]["nodes"]
    assert seen == {"id": order["id"], "events": [{"type": "PLACED", "actor": ""}]}


def test_the_same_key_again_is_the_same_order() -> None:
    buyer, staff, key = make_user(), make_seller(), str(uuid4())
    cart = {"lines": lines_of({make_variant(): 1})}

    first = place_for(buyer, staff, cart=cart, idempotencyKey=key)

    assert place_for(buyer, staff, cart=cart, idempotencyKey=key) == first
    assert Order.objects.count() == 1


def test_a_customer_whom_staff_may_not_see_is_not_found() -> None:
    buyer, gone = make_user(), make_user(is_active=False)
    not_found = [("NOT_FOUND", ["customerId"])]

    assert refusals(place_for(buyer, make_staff(PROCESS))) == not_found
    assert refusals(place_for(gone, make_seller())) == not_found
    assert refusals(place_for(buyer, make_seller(), customerId="x")) == not_found
    assert not Order.objects.exists()


def test_what_stands_in_its_way_is_told_below_the_cart() -> None:
    short = {"lines": lines_of({make_variant(stock=1): 2})}

    payload = place_for(make_user(), make_seller(), cart=short)

    assert refusals(payload) == [("OUT_OF_STOCK", ["cart", "lines", "0", "variantId"])]
    assert refusals(place_for(make_user(), make_seller(), expectedTotal="1.00")) == [
        ("PRICE_CHANGED", ["expectedTotal"])
    ]


def test_only_staff_with_the_permission_order_for_others() -> None:
    buyer = make_user()
    input = {
        "customerId": ids.of(buyer), "paymentMethod": "BANK_TRANSFER",
        "cart": {"lines": lines_of({make_variant(): 1})},
    }  # fmt: skip

    assert codes("orderPlaceFor", input, None) == ["UNAUTHENTICATED"]
    for who in (buyer, make_staff("users.view_user")):
        assert codes("orderPlaceFor", input, who) == ["FORBIDDEN"]
    assert not Order.objects.exists()


# ── reorder ─────────────────────────────────────────────────────────────────────────────────


def test_a_guest_orders_again_by_the_token() -> None:
    lamp, gone = make_variant(), make_variant()
    order = place({lamp: 2, gone: 1})
    Product.objects.filter(pk=gone.product_id).update(status="ARCHIVED")

    payload = reorder(by_token(order))

    assert payload["cart"]["lines"] == [{"sku": lamp.sku, "quantity": 2}]
    assert carts.by_token(payload["cart"]["token"], user=None)
    assert payload["skipped"] == [
        {
            "name": gone.product.name, "sku": gone.sku, "quantity": 1, "code": "NOT_FOUND",
            "message": f"{gone.product.name} is not for sale.",
        }
    ]  # fmt: skip


def test_a_customer_orders_again_into_the_open_cart() -> None:
    buyer, lamp = make_user(), make_variant()
    order = place({lamp: 2}, user=buyer)

    payload = reorder(of(order), buyer)

    assert payload["cart"] == {"token": None, "lines": [{"sku": lamp.sku, "quantity": 2}]}
    shown = call("{ me { cart { lines { sku } } } }", user=buyer).data["me"]["cart"]
    assert shown == {"lines": [{"sku": lamp.sku}]}


def test_an_order_of_somebody_else_is_not_ordered_again() -> None:
    buyer = make_user()
    order, other = place({make_variant(): 1}, user=buyer), place({make_variant(): 1})
    before = rows()

    wrong = of(order) | {"accessToken": access.token_for(other)}
    for input in (of(order), wrong, {"orderId": "x"}):
        assert refusals(reorder(input)) == NOT_FOUND
    assert rows() == before
    staff = make_staff(*SEEING)
    assert refusals(reorder(of(order), staff)) == [("NOT_ALLOWED", ["orderId"])]


# ── orderInvoice ────────────────────────────────────────────────────────────────────────────


def test_buyer_token_and_staff_get_the_same_invoice() -> None:
    buyer = make_user()
    order = WAYS["paid"](buyer)

    first = invoice(of(order), buyer)

    (page,) = pages(b64decode(first["pdf"]))
    assert first["number"] in page
    assert order.number in page
    assert first["filename"] == f"invoice-{first['number']}.pdf"
    assert invoice(by_token(order)) == first
    for permission in SEEING:
        assert invoice(of(order), make_staff(permission)) == first


def test_nobody_else_gets_it_and_no_number_is_given() -> None:
    order, other = WAYS["paid"](make_user()), place({make_variant(): 1})
    before = rows()

    wrong = of(order) | {"accessToken": access.token_for(other)}
    for input in (of(order), wrong, {"orderId": "x"}):
        assert refusals(invoice(input)) == NOT_FOUND
    assert rows() == before
    for who in (make_user(), make_staff("users.view_user")):
        assert refusals(invoice(of(order), who)) == NOT_FOUND


def test_before_it_is_paid_there_is_no_invoice() -> None:
    order = place({make_variant(): 1})

    payload = invoice(by_token(order))

    assert refusals(payload) == [("INVALID_STATE", ["orderId"])]
    assert payload["number"] is payload["pdf"] is payload["issuedAt"] is None


def test_the_buyer_reads_in_the_history_that_it_was_issued_and_not_by_whom() -> None:
    buyer = make_user()
    order = paid(place({make_variant(): 1}, user=buyer))
    staff = make_staff(*SEEING, first_name="Grace", last_name="Hopper")
    number = invoices.of(order.pk, actor=staff).number

    document = "query($id: ID!) { order(id: $id) { events { type message actor } } }"
    events = call(document, user=buyer, id=ids.of(order)).data["order"]["events"]

    assert events[-1] == {"type": "INVOICED", "message": number, "actor": ""}
    assert not {"Grace Hopper", staff.email} & {event["actor"] for event in events}
