"""Returns, and lines called off, as staff see and move them."""

from typing import Any

import pytest
from django.test import Client

from checkout import returns
from checkout.models import Order, Refund, Return
from tests.admin_pages import (
    do,
    messages,
    offered,
    order_page,
    page,
    shown,
    signed_in,
    statements,
    wrong,
)
from tests.checkout.buying import check_books
from tests.checkout.states import WAYS
from tests.factories import make_staff


def worker(*more: str) -> Client:
    return signed_in(make_staff("checkout.view_order", "checkout.process_order", *more))


def asked(order: Order, units: int = 1, reason: str = "Too <big>") -> Return:
    line = order.lines.get().pk
    return returns.request(order.pk, [(line, units)], reason=reason, actor=None)


def approved(order: Order) -> Return:
    return returns.approve(asked(order).pk, note="", actor=make_staff())


def state(found: Return) -> str:
    found.refresh_from_db()
    return found.state


def do_return(client: Client, found: Return, move: str, **fields: Any) -> Any:
    return do(client, found.order, move, **{"return": found.pk}, **fields)


def test_a_return_goes_from_the_request_to_the_shelf() -> None:
    client = worker("checkout.refund_order")
    order = WAYS["completed"](None)
    found = asked(order)

    assert offered(client, order) == [
        "refund", "approve_return", "reject_return", "clear_flag"
    ]  # fmt: skip
    do_return(client, found, "approve_return", note="By post.")
    assert (state(found), found.note) == ("APPROVED", "By post.")
    assert offered(client, order) == ["refund", "receive_return"]
    do_return(client, found, "receive_return", restock="on", refund="on")

    assert state(found) == "RECEIVED"
    assert Refund.objects.get().amount_minor == 1000
    assert order.lines.get().restocked == 1
    assert offered(client, order) == ["refund"]
    check_books()


def test_a_return_is_rejected_with_a_reason() -> None:
    client, found = worker(), asked(WAYS["completed"](None))

    answer = do_return(client, found, "reject_return", reason="")
    assert list(wrong(answer)) == ["reason"]
    assert state(found) == "REQUESTED"
    do_return(client, found, "reject_return", reason="Worn.")

    assert (state(found), found.note) == ("REJECTED", "Worn.")


def test_who_may_not_refund_receives_without_money() -> None:
    client, found = worker(), approved(WAYS["completed"](None))

    assert "receive_return-refund" not in shown(client.get(order_page(found.order)))
    do_return(client, found, "receive_return", refund="on")

    assert state(found) == "RECEIVED"
    assert not Refund.objects.exists()


def test_a_refund_that_is_refused_is_said_at_its_box_and_nothing_moves() -> None:
    client = worker("checkout.refund_order")
    found = approved(WAYS["cash, sent"](None))

    answer = do_return(client, found, "receive_return", refund="on")

    assert list(wrong(answer)) == ["refund"]
    assert state(found) == "APPROVED"


def test_only_a_return_of_the_order_is_moved() -> None:
    client = worker()
    found, other = asked(WAYS["completed"](None)), asked(WAYS["completed"](None))

    answer = do(client, found.order, "approve_return", **{"return": other.pk})

    assert list(wrong(answer)) == ["return"]
    assert (state(found), state(other)) == ("REQUESTED", "REQUESTED")


@pytest.mark.parametrize("permission", ["checkout.view_order", "checkout.refund_order"])
def test_who_does_not_process_orders_moves_no_return(permission: str) -> None:
    client = signed_in(make_staff("checkout.view_order", permission))
    found = asked(WAYS["completed"](None))

    assert "approve_return" not in offered(client, found.order)
    do_return(client, found, "approve_return")

    assert state(found) == "REQUESTED"


def test_units_are_cancelled_before_they_are_sent() -> None:
    client = worker("checkout.refund_order")
    order = WAYS["paid"](None)
    line = order.lines.get()

    answer = do(client, order, "cancel_lines", **{f"line-{line.pk}": 2})
    assert list(wrong(answer)) == ["__all__"]
    do(client, order, "cancel_lines", reason="Broken", **{f"line-{line.pk}": 1})

    line.refresh_from_db()
    assert (line.withdrawn, line.restocked, line.refunded) == (1, 1, 1)
    assert "1 not sent" in shown(client.get(order_page(order)))


def test_the_order_s_page_tells_of_its_returns() -> None:
    client, order = worker(), WAYS["completed"](None)
    returns.reject(asked(order).pk, reason="Worn & <torn>", actor=make_staff())

    html = shown(client.get(order_page(order)))

    for words in (f"1 × {order.lines.get().sku}", "Too &lt;big&gt;", "Worn &amp; &lt;torn&gt;"):
        assert words in html


def test_the_list_of_returns_leads_to_their_orders() -> None:
    client = signed_in(make_staff("checkout.view_order"))
    found = asked(WAYS["completed"](None))

    for url in (page("checkout.return"), page("checkout.return", "change", found.pk)):
        html = shown(client.get(url))
        assert order_page(found.order) in html
        assert "Too &lt;big&gt;" in html
    assert found.order.lines.get().sku in html


def test_the_list_of_returns_is_for_those_who_see_orders() -> None:
    asked(WAYS["completed"](None))

    for client in (signed_in(make_staff()), signed_in(make_staff("checkout.view_cart"))):
        assert client.get(page("checkout.return")).status_code == 403


def test_the_list_costs_the_same_for_many_returns() -> None:
    client = worker()
    asked(WAYS["completed"](None))
    one = statements(client, page("checkout.return"))

    for _ in range(5):
        asked(WAYS["completed"](None))

    assert statements(client, page("checkout.return")) == one


def test_the_order_s_page_costs_the_same_for_many_returns() -> None:
    client, order = worker(), WAYS["completed"](None)
    returns.cancel(asked(order).pk, actor=None)
    asked(order)
    one = statements(client, order_page(order))

    for _ in range(5):
        returns.cancel(asked(order).pk, actor=None)

    assert statements(client, order_page(order)) == one


def test_what_was_done_is_said() -> None:
    client, found = worker("checkout.refund_order"), approved(WAYS["completed"](None))

    do_return(client, found, "receive_return", refund="on")

    said = messages(client.get(order_page(found.order)))
    assert said == ["The return was noted. The refund is listed below with its state."]
