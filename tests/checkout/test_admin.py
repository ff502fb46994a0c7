from typing import Any

import pytest

from catalog.models import StockMovement, Variant
from checkout import endings, fulfilments, orders
from checkout.fulfilments import Parcel
from checkout.models import Order, OrderEvent
from checkout.placement import Terms, place_wishes
from checkout.quotes import Wish
from tests.admin_pages import (
    do,
    make_boss,
    messages,
    offered,
    order_page,
    page,
    shown,
    signed_in,
    statements,
    wrong,
)
from tests.factories import make_staff, make_user, make_variant
from users.models import User

Status, Sent = Order.Status, Order.FulfilmentStatus


def make_order(method: str = "BANK_TRANSFER", *, quantity: int = 2, **fields: Any) -> Order:
    variants = fields.pop("variants", None) or [make_variant(), make_variant()]
    user: User | None = fields.pop("user", None)
    wishes = [Wish(variant.pk, quantity) for variant in variants]
    details = {"email": "ada@example.com"} | fields
    return place_wishes(wishes, details, Terms(method=method, user=user))


def make_worker(*more: str) -> User:
    return make_staff("checkout.view_order", "checkout.process_order", *more)


def units_of(order: Order, quantity: int) -> dict[str, int]:
    return {f"line-{line.pk}": quantity for line in order.lines.all()}


def test_an_order_goes_from_the_bank_to_the_door() -> None:
    order, worker = make_order(), make_worker()
    client = signed_in(worker)

    assert offered(client, order) == ["cancel", "mark_paid"]
    paid = do(client, order, "mark_paid", reference="STMT 44")
    assert (paid.status_code, order.status, order.payment_status) == (302, "CONFIRMED", "PAID")
    assert order.payments.get().reference == "STMT 44"

    assert offered(client, order) == ["cancel", "fulfil", "cancel_lines"]
    do(client, order, "fulfil", carrier="DHL", tracking_number="JJD1", **units_of(order, 1))
    assert order.fulfilment_status == Sent.PARTIALLY_FULFILLED
    do(client, order, "fulfil", **units_of(order, 1))
    assert order.fulfilment_status == Sent.FULFILLED
    first, second = order.fulfilments.all()
    assert (first.carrier, first.tracking_number, second.carrier) == ("DHL", "JJD1", "")

    assert offered(client, order) == ["deliver"]
    do(client, order, "deliver", parcel=first.pk)
    assert order.fulfilment_status == Sent.FULFILLED
    do(client, order, "deliver", parcel="")
    assert (order.status, order.fulfilment_status) == (Status.COMPLETED, Sent.DELIVERED)
    assert offered(client, order) == []
    by_worker = order.events.filter(actor=worker, by_staff=True).values_list("type", flat=True)
    assert list(by_worker) == ["PAID", "FULFILLED", "FULFILLED", "DELIVERED", "DELIVERED"]


def test_one_line_alone_is_sent() -> None:
    order, client = make_order("CASH_ON_DELIVERY"), signed_in(make_worker())
    first, second = order.lines.all()

    do(client, order, "fulfil", **{f"line-{first.pk}": 2, f"line-{second.pk}": ""})

    assert [line.fulfilled for line in order.lines.all()] == [2, 0]
    assert f"fulfil-line-{first.pk}" not in shown(client.get(order_page(order)))


def test_a_cancelled_order_gives_its_units_back() -> None:
    variant = make_variant(stock=5)
    order, worker = make_order("CASH_ON_DELIVERY", variants=[variant]), make_worker()

    do(signed_in(worker), order, "cancel", reason="Broken in the warehouse")

    variant.refresh_from_db()
    assert (order.status, variant.stock, variant.reserved) == (Status.CANCELLED, 5, 0)
    assert StockMovement.objects.get(kind="RETURN").actor == worker
    event = order.events.get(type="CANCELLED")
    assert (event.message, event.actor) == ("Broken in the warehouse", worker)


def test_what_is_wrong_is_said_at_the_field_and_nothing_moves() -> None:
    order, client = make_order(), signed_in(make_worker())

    blank = do(client, order, "mark_paid", reference=" ")
    assert "reference" in wrong(blank)
    long = do(client, order, "cancel", reason="x" * 201)
    assert "reason" in wrong(long)
    do(client, order, "mark_paid", reference="STMT 44")
    too_many = do(client, order, "fulfil", **units_of(order, 3))
    assert len(wrong(too_many)) == 2
    none = do(client, order, "fulfil", **units_of(order, 0))
    assert wrong(none) == {"__all__": ["Say what is sent, or leave the lines out."]}
    link = do(client, order, "fulfil", tracking_url="javascript:alert(1)", **units_of(order, 1))
    assert "tracking_url" in wrong(link)
    assert not order.fulfilments.exists()
    other = make_order("CASH_ON_DELIVERY")
    fulfilments.fulfil(other.pk, None, parcel=Parcel(), actor=make_worker())
    do(client, order, "fulfil", **units_of(order, 2))
    strange = do(client, order, "deliver", parcel=other.fulfilments.get().pk)
    assert "parcel" in wrong(strange)


@pytest.mark.parametrize("move", ["deliver", "fulfil", "clear_flag", "nonsense", ""])
def test_a_move_that_is_not_open_is_refused_with_a_message(move: str) -> None:
    order, client = make_order(), signed_in(make_worker())

    response = client.post(order_page(order), {"move": move}, follow=True)

    assert messages(response) == ["That cannot be done with this order, or no longer."]
    order.refresh_from_db()
    assert (order.status, order.fulfilment_status) == (Status.PENDING, Sent.UNFULFILLED)


def test_an_expired_order_can_still_be_paid() -> None:
    order, client = make_order(), signed_in(make_worker())
    Order.objects.filter(pk=order.pk).update(hold_until=order.placed_at)
    endings.expire(order.pk)

    do(client, order, "mark_paid", reference="late")

    assert order.status == Status.CONFIRMED


def test_a_flag_is_shown_and_taken_away() -> None:
    order, worker = make_order(), make_worker()
    client = signed_in(worker)
    orders.mark_paid(order.pk, reference="x", actor=worker)
    endings.cancel(order.pk, actor=worker, by_staff=True)

    assert offered(client, order) == ["clear_flag"]
    listed = shown(client.get(page("checkout.order"), {"flagged": "yes"}))
    do(client, order, "clear_flag", shown="refund due")

    assert order.number in listed
    assert order.review_flag == ""
    event = order.events.last()
    assert event is not None
    assert (event.message, event.internal, event.actor) == ("Seen to: refund due", True, worker)
    assert order.number not in shown(client.get(page("checkout.order"), {"flagged": "yes"}))


def test_who_only_looks_moves_nothing() -> None:
    order = make_order()
    client = signed_in(make_staff("checkout.view_order", "checkout.change_order"))

    assert offered(client, order) == []
    do(client, order, "mark_paid", reference="x")
    client.post(page("checkout.order"), {"action": "send", "_selected_action": [order.pk]})

    order.refresh_from_db()
    assert order.payment_status == "PENDING"
    assert "action" not in client.get(page("checkout.order")).context


def test_staff_who_bought_something_move_it_only_with_the_permission() -> None:
    member = make_staff("checkout.view_order")
    order = make_order(user=member)

    do(signed_in(member), order, "cancel")

    assert order.status == Status.PENDING


def test_processing_alone_opens_no_page() -> None:
    order, client = make_order(), signed_in(make_staff("checkout.process_order"))

    response = do(client, order, "mark_paid", reference="x")

    assert response.status_code == 403
    assert order.payment_status == "PENDING"


def test_moves_need_the_token_of_the_page() -> None:
    order, worker = make_order(), make_worker()
    client = signed_in(worker, enforce_csrf_checks=True)

    response = do(client, order, "mark_paid", reference="x")

    assert response.status_code == 403
    assert order.payment_status == "PENDING"
    client.get(order_page(order), {"move": "mark_paid", "mark_paid-reference": "x"})
    order.refresh_from_db()
    assert order.payment_status == "PENDING"


def test_several_orders_are_sent_and_delivered_at_once() -> None:
    client = signed_in(make_worker())
    ready, waiting = make_order("CASH_ON_DELIVERY"), make_order()
    chosen = [ready.pk, waiting.pk]

    sent = client.post(
        page("checkout.order"), {"action": "send", "_selected_action": chosen}, follow=True
    )
    client.post(page("checkout.order"), {"action": "deliver", "_selected_action": chosen})

    assert messages(sent) == [
        f"{waiting.number}: Only a confirmed order can be sent.",
        "1 marked as sent.",
    ]
    ready.refresh_from_db()
    waiting.refresh_from_db()
    assert ready.fulfilment_status == Sent.DELIVERED
    assert waiting.fulfilment_status == Sent.UNFULFILLED


def test_an_order_that_came_to_nothing_is_deleted() -> None:
    worker = make_worker("checkout.delete_order")
    order, client = make_order(), signed_in(worker)
    delete = page("checkout.order", "delete", order.pk)
    assert delete not in shown(client.get(order_page(order)))

    refused = client.post(delete, {"post": "yes"}, follow=True)
    endings.cancel(order.pk, actor=worker, by_staff=True)
    assert delete in shown(client.get(order_page(order)))
    client.post(delete, {"post": "yes"}, follow=True)

    assert messages(refused) == [
        "Only a cancelled or expired order that was never paid can be deleted."
    ]
    order.refresh_from_db()
    assert order.deleted_at is not None
    assert order.events.filter(type=OrderEvent.Type.DELETED, actor=worker).exists()
    assert client.get(order_page(order)).status_code == 404
    assert order.number not in shown(client.get(page("checkout.order")))


def test_the_page_tells_everything_about_an_order() -> None:
    buyer = make_user(first_name="Ada", last_name="Berg")
    variant = make_variant(price=1990, sku="OAK-1")
    place = {"name": "Ada Berg", "line1": "Torggata 4", "city": "Oslo", "country": "NO"}
    order = make_order(
        variants=[variant], quantity=3, user=buyer, shipping_address=place, note="<b>Ring</b>"
    )

    html = shown(signed_in(make_worker()).get(order_page(order)))

    for text in ("OAK-1", "19.90 EUR", "59.70 EUR", "Torggata 4", "Ada Berg", "ada@example.com"):
        assert text in html
    assert "Please transfer 59.70 EUR" in html
    assert "&lt;b&gt;Ring&lt;/b&gt;" in html
    assert "5970" not in html


@pytest.mark.parametrize("word", ["number", "email", "sku"])
def test_an_order_is_found(word: str) -> None:
    variant = make_variant(sku="OAK-1")
    order = make_order(variants=[variant], email="eve@example.org")
    other = make_order()
    client = signed_in(make_worker())

    text = {"number": order.number[:9], "email": "eve@", "sku": "oak-1"}[word]
    html = shown(client.get(page("checkout.order"), {"q": text}))

    assert order.number in html
    assert other.number not in html


def test_states_narrow_the_list() -> None:
    order, paid = make_order(), make_order("CASH_ON_DELIVERY")
    client = signed_in(make_worker())

    html = shown(client.get(page("checkout.order"), {"status__exact": "CONFIRMED"}))

    assert paid.number in html
    assert order.number not in html


def test_lists_cost_the_same_for_many_orders() -> None:
    variant = make_variant(stock=500)
    worker = make_worker()
    client = signed_in(worker)
    make_order(variants=[variant])
    few = statements(client, page("checkout.order"))

    for _ in range(49):
        make_order(variants=[variant], quantity=1)

    assert Order.objects.count() == 50
    assert statements(client, page("checkout.order")) == few


def test_carts_cost_the_same_for_many() -> None:
    from checkout import carts

    variant, client = make_variant(stock=500), signed_in(make_boss())
    carts.create(user=None, wishes=[Wish(variant.pk, 1)])
    few = statements(client, page("checkout.cart"))

    for _ in range(49):
        carts.create(user=make_user(), wishes=[Wish(variant.pk, 1)])

    assert statements(client, page("checkout.cart")) == few


def test_the_page_costs_the_same_for_many_lines_and_parcels() -> None:
    worker = make_worker()
    client = signed_in(worker)
    small = make_order("CASH_ON_DELIVERY", variants=[make_variant()])
    large = make_order("CASH_ON_DELIVERY", variants=[make_variant() for _ in range(20)])
    for order in (small, large):
        for line in order.lines.all()[:10]:
            fulfilments.fulfil(order.pk, [(line.pk, 1)], parcel=Parcel(), actor=worker)

    assert statements(client, order_page(large)) == statements(client, order_page(small))


def test_variants_stay_where_they_are_when_an_order_is_looked_at() -> None:
    variant = make_variant(stock=5)
    order = make_order(variants=[variant])

    signed_in(make_worker()).get(order_page(order))

    assert Variant.objects.get(pk=variant.pk).reserved == 2
