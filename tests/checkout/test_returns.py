"""Units that were sent and come back."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from checkout import gateway, refunds, returns
from checkout.models import Fulfilment, Order, OrderLine, Refund, Return
from checkout.refunds import Wish
from checkout.returns import STEPS, State
from checkout.sandbox import Sandbox
from checkout.shares import Units
from shop.errors import ShopError
from tests.checkout.buying import CASH, at_once, check_books, movements, place, rows
from tests.checkout.paying import bought, check, check_money
from tests.checkout.states import WAYS, arrived, paid, sent
from tests.factories import make_staff, make_user, make_variant

Callbacks = DjangoCaptureOnCommitCallbacks
Quantities = list[tuple[int | None, int]]


def line_of(order: Order) -> OrderLine:
    return OrderLine.objects.get(order=order)


def ask(order: Order, units: int = 1) -> Return:
    """The buyer of an order with one line asks."""
    return returns.request(order.pk, [(line_of(order).pk, units)], reason="Too big", actor=None)


def approved(order: Order, units: int = 1) -> Return:
    return returns.approve(ask(order, units).pk, note="By post.", actor=make_staff())


def receive(found: Return, *, restock: bool = True, refund: bool = True) -> Return:
    return returns.receive(found.pk, restock=restock, refund=refund, actor=make_staff())


def written() -> list[Any]:
    """All that a return could leave behind; the staff who take its steps are made on the way."""
    counts = rows() | {"users.User": 0}
    return [counts, list(OrderLine.objects.values()), list(Return.objects.values())]


def refused(call: Any) -> tuple[str, tuple[str, ...]]:
    """Code and path of a refusal that wrote nothing."""
    before = written()
    with pytest.raises(ShopError) as caught:
        call()
    assert written() == before
    return caught.value.code, caught.value.path


def requesting(order: Order, *units: tuple[int | None, int], reason: str = "") -> Any:
    return partial(returns.request, order.pk, units, reason=reason, actor=None)


# ── the request ─────────────────────────────────────────────────────────────────────────────


def test_a_buyer_asks_for_units_that_were_sent() -> None:
    buyer = make_user()
    order = WAYS["completed"](buyer)
    line = line_of(order)

    made = returns.request(order.pk, [(line.pk, 2)], reason=" Too big ", actor=buyer)

    assert (made.state, made.reason) == ("REQUESTED", "Too big")
    assert list(made.lines.values_list("line", "quantity")) == [(line.pk, 2)]
    assert line_of(order).returned == 2
    order.refresh_from_db()
    assert order.review_flag == "return requested"
    event = order.events.get(type="RETURN_REQUESTED")
    assert (event.message, event.actor, event.by_staff) == (f"2 × {line.sku}", buyer, False)


def test_no_more_comes_back_than_was_sent_and_not_asked_for() -> None:
    order = WAYS["paid, partly sent"](None)
    line, other = line_of(order).pk, WAYS["paid, sent"](None).lines.get().pk

    quantity = ("lines", "0", "quantity")
    for odd in (2, 0, -1, 2**31 - 1):
        assert refused(requesting(order, (line, odd))) == ("OUT_OF_RANGE", quantity)
    twice = refused(requesting(order, (line, 1), (line, 1)))
    assert twice == ("OUT_OF_RANGE", ("lines", "1", "quantity"))
    for nowhere in (None, 0, other):
        at = ("lines", "0", "line_id")
        assert refused(requesting(order, (nowhere, 1))) == ("NOT_FOUND", at)
    assert refused(requesting(order)) == ("REQUIRED", ("lines",))
    ask(order)
    assert refused(requesting(order, (line, 1))) == ("OUT_OF_RANGE", quantity)


@pytest.mark.parametrize("way", ["awaiting transfer", "paid", "cancelled", "expired"])
def test_what_was_not_sent_does_not_come_back(way: str) -> None:
    order = WAYS[way](None)

    code, _ = refused(requesting(order, (line_of(order).pk, 1)))

    assert code == "OUT_OF_RANGE"


def test_a_line_named_twice_is_one_line_of_the_return() -> None:
    order = WAYS["completed"](None)
    line = line_of(order).pk

    made = returns.request(order.pk, [(line, 1), (line, 1)], reason="", actor=None)

    assert made.lines.get().quantity == 2


def aged(order: Order, *, shipped: int, delivered: int | None = None) -> None:
    """The order's parcels, so many days ago (and a minute less)."""
    now = timezone.now() + timedelta(minutes=1)
    order.fulfilments.update(
        shipped_at=now - timedelta(days=shipped),
        delivered_at=None if delivered is None else now - timedelta(days=delivered),
    )


def test_the_time_to_return_runs_from_the_delivery() -> None:
    order = WAYS["completed"](None)
    aged(order, shipped=60, delivered=30)

    assert ask(order).state == "REQUESTED"
    aged(order, shipped=60, delivered=31)
    assert refused(requesting(order, (line_of(order).pk, 1))) == ("INVALID_STATE", ("lines",))


def test_without_a_delivery_it_runs_from_the_sending() -> None:
    order = WAYS["paid, sent"](None)
    aged(order, shipped=30)

    assert ask(order).state == "REQUESTED"
    aged(order, shipped=31)
    assert refused(requesting(order, (line_of(order).pk, 1))) == ("INVALID_STATE", ("lines",))


def test_the_shop_says_how_long_it_takes_things_back(settings: Settings) -> None:
    order = WAYS["completed"](None)

    settings.RETURN_DAYS = 0
    assert refused(requesting(order, (line_of(order).pk, 1))) == ("INVALID_STATE", ("lines",))
    settings.RETURN_DAYS = 1
    assert ask(order).state == "REQUESTED"


def test_each_parcel_has_its_own_time() -> None:
    order = WAYS["cash, one of two arrived"](None)
    first = Fulfilment.objects.earliest("pk")
    long_ago = timezone.now() - timedelta(days=99)
    Fulfilment.objects.filter(pk=first.pk).update(shipped_at=long_ago, delivered_at=long_ago)

    both = refused(requesting(order, (line_of(order).pk, 2)))
    assert both == ("INVALID_STATE", ("lines",))
    assert ask(order, 1).state == "REQUESTED"


def test_texts_have_bounds() -> None:
    order, staff = WAYS["completed"](None), make_staff()
    too_long = refused(requesting(order, (line_of(order).pk, 1), reason="x" * 201))
    assert too_long == ("TOO_LONG", ("reason",))
    made = returns.request(order.pk, [(line_of(order).pk, 1)], reason="x" * 200, actor=None)

    approve = partial(returns.approve, made.pk, note="x" * 1001, actor=staff)
    assert refused(approve) == ("TOO_LONG", ("note",))
    for reason, code in (("x" * 1001, "TOO_LONG"), ("", "REQUIRED"), (" ", "REQUIRED")):
        reject = partial(returns.reject, made.pk, reason=reason, actor=staff)
        assert refused(reject) == (code, ("reason",))


def test_returns_of_an_order_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "MOST_RETURNS", 2)
    order = WAYS["completed"](None)
    for _ in range(2):
        returns.cancel(ask(order).pk, actor=None)

    assert refused(requesting(order, (line_of(order).pk, 1))) == ("INVALID_STATE", ("order_id",))


# ── the steps ───────────────────────────────────────────────────────────────────────────────

TO: dict[State, Any] = {
    State.APPROVED: lambda pk: returns.approve(pk, note="", actor=make_staff()),
    State.REJECTED: lambda pk: returns.reject(pk, reason="Worn.", actor=make_staff()),
    State.CANCELLED: lambda pk: returns.cancel(pk, actor=None),
    State.RECEIVED: lambda pk: returns.receive(pk, restock=True, refund=True, actor=make_staff()),
}
# How a return gets into each state.
PATHS: dict[State, list[State]] = {
    State.REQUESTED: [],
    State.APPROVED: [State.APPROVED],
    State.REJECTED: [State.REJECTED],
    State.CANCELLED: [State.CANCELLED],
    State.RECEIVED: [State.APPROVED, State.RECEIVED],
}


@pytest.mark.parametrize("end", list(TO))
@pytest.mark.parametrize("start", list(PATHS))
def test_only_declared_steps_are_taken(start: State, end: State) -> None:
    made = ask(WAYS["completed"](None))
    for step in PATHS[start]:
        TO[step](made.pk)

    if end in STEPS[start]:
        assert TO[end](made.pk).state == end
        made.refresh_from_db()
        assert made.state == end
    else:
        assert refused(partial(TO[end], made.pk)) == ("INVALID_STATE", ("return_id",))


@pytest.mark.parametrize("end", [State.REJECTED, State.CANCELLED])
def test_what_does_not_come_back_can_be_asked_for_again(end: State) -> None:
    order = WAYS["completed"](None)

    TO[end](ask(order, 2).pk)

    assert line_of(order).returned == 0
    assert ask(order, 2).state == "REQUESTED"


def test_each_step_is_told_in_the_order_s_history() -> None:
    order = WAYS["completed"](None)
    TO[State.REJECTED](ask(order).pk)
    TO[State.CANCELLED](ask(order).pk)

    receive(approved(order))

    told = order.events.filter(type__startswith="RETURN_").values_list("type", "internal")
    assert list(told) == [
        ("RETURN_REQUESTED", False), ("RETURN_REJECTED", False), ("RETURN_REQUESTED", False),
        ("RETURN_CANCELLED", False), ("RETURN_REQUESTED", False), ("RETURN_APPROVED", False),
        ("RETURN_RECEIVED", False),
    ]  # fmt: skip


def test_staff_are_asked_to_look_until_the_last_request_is_answered() -> None:
    order = WAYS["completed"](None)
    first, second = ask(order), ask(order)

    TO[State.APPROVED](first.pk)
    order.refresh_from_db()
    assert order.review_flag == "return requested"
    TO[State.CANCELLED](second.pk)

    order.refresh_from_db()
    assert order.review_flag == ""


def test_a_return_that_is_gone_is_not_found() -> None:
    order = WAYS["completed"](None)
    made = ask(order)
    Order.objects.update(deleted_at=timezone.now())

    for step in TO.values():
        assert refused(partial(step, made.pk))[0] == "NOT_FOUND"
        assert refused(partial(step, 0))[0] == "NOT_FOUND"


# ── what comes of it ────────────────────────────────────────────────────────────────────────


def test_what_was_paid_goes_back_and_the_units_to_the_shelf(stripe: Sandbox) -> None:
    order = arrived(sent(bought(stripe, 3)))

    found = receive(approved(order, 2))

    assert found.state == "RECEIVED"
    assert found.received_at is not None
    refund = order.refunds.get()
    assert (refund.state, refund.amount_minor) == ("DONE", 3980)
    line = line_of(order)
    assert (line.returned, line.refunded, line.restocked, line.withdrawn) == (2, 2, 2, 0)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("COMPLETED", "PARTIALLY_REFUNDED")
    check(stripe)


def test_the_tax_and_the_discount_of_the_units_are_part_of_it() -> None:
    order = place({make_variant(): 3}, method=CASH)
    OrderLine.objects.update(discount_minor=1, total_minor=2999, tax_minor=570)
    Order.objects.update(
        prices_include_tax=False, discount_minor=1, tax_minor=570, total_minor=3569
    )
    paid(order)
    sent(order)

    amounts = []
    for _ in range(3):
        receive(approved(order))
        amounts.append(order.refunds.order_by("-pk")[0].amount_minor)

    assert sum(amounts) == 3569
    assert max(amounts) - min(amounts) <= 1


def test_worn_units_stay_off_the_shelf(stripe: Sandbox) -> None:
    order = arrived(sent(bought(stripe)))

    receive(approved(order), restock=False)

    assert line_of(order).restocked == 0
    assert "RETURN" not in movements(order)
    check_books()


@pytest.mark.parametrize("restock", [True, False])
def test_units_can_come_back_without_money(*, restock: bool) -> None:
    order = WAYS["completed"](None)

    found = receive(approved(order), restock=restock, refund=False)

    assert found.state == "RECEIVED"
    assert not Refund.objects.exists()
    assert line_of(order).restocked == restock
    check_books()


def test_gifts_come_back_without_money() -> None:
    order = place({make_variant(price=0): 2}, method=CASH)
    sent(order)

    assert receive(approved(order)).state == "RECEIVED"
    assert not Refund.objects.exists()


def test_a_return_leaves_what_is_still_to_be_sent() -> None:
    order = WAYS["paid, partly sent"](None)

    receive(approved(order))

    line = line_of(order)
    assert (line.refunded, line.withdrawn, line.unsent) == (1, 0, 1)
    assert sent(order).fulfilment_status == "FULFILLED"


def test_an_unpaid_order_has_no_money_to_give_back() -> None:
    found = approved(WAYS["cash, sent"](None))

    assert refused(partial(receive, found)) == ("INVALID_STATE", ("refund",))
    assert receive(found, refund=False).state == "RECEIVED"


def test_money_that_is_back_already_does_not_go_back_again() -> None:
    order = WAYS["completed"](None)
    found = approved(order, 2)
    refunds.refund(order.pk, Wish(amount=1500), actor=make_staff())

    assert refused(partial(receive, found)) == ("REFUND_TOO_LARGE", ("refund",))
    assert receive(found, refund=False).state == "RECEIVED"


@pytest.mark.parametrize("refund", [True, False])
def test_units_that_are_on_the_shelf_do_not_get_there_twice(*, refund: bool) -> None:
    order = place({make_variant(): 3}, method=CASH)
    paid(order)
    sent(order)
    found = approved(order, 2)
    units = Units(line_of(order).pk, 1)
    refunds.refund(order.pk, Wish(lines=[units]), actor=make_staff())
    OrderLine.objects.update(restocked=2)

    code, path = refused(partial(receive, found, refund=refund))

    assert (code, path) == ("OUT_OF_RANGE", ("restock",))


@pytest.mark.parametrize("refund", [True, False])
def test_what_never_left_the_shelf_does_not_go_back_to_it(*, refund: bool) -> None:
    order = WAYS["completed"](None)
    found = approved(order)
    Order.objects.update(stock_state="RELEASED")

    assert refused(partial(receive, found, refund=refund)) == ("INVALID_STATE", ("restock",))


def test_while_stripe_is_down_nothing_is_received(stripe: Sandbox) -> None:
    found = approved(arrived(sent(bought(stripe))))

    stripe.stop()
    with pytest.raises(gateway.Unavailable):
        receive(found)
    stripe.start()

    found.refresh_from_db()
    assert found.state == "APPROVED"
    assert not Refund.objects.exists()
    assert receive(found).state == "RECEIVED"
    check_money(stripe)


# ── mail ────────────────────────────────────────────────────────────────────────────────────


def mailed(callbacks: Callbacks, step: Any) -> tuple[str, str, str]:
    """Subject, text and HTML of the one mail that a step sends."""
    with callbacks(execute=True):
        step()
        assert mail.outbox == []
    (message,) = mail.outbox
    ((html, _),) = message.alternatives  # type: ignore[union-attr]
    return str(message.subject), str(message.body), str(html)


def test_the_buyer_reads_how_to_send_it(django_capture_on_commit_callbacks: Callbacks) -> None:
    order, staff = WAYS["completed"](None), make_staff(first_name="Grace", last_name="Hopper")
    made = ask(order, 2)
    step = partial(returns.approve, made.pk, note="To <us>,\nby post.", actor=staff)

    subject, text, html = mailed(django_capture_on_commit_callbacks, step)

    assert subject == f"You can send back what you asked for of order {order.number}"
    name = line_of(order).name
    assert f"2 x {name}" in text
    assert f"2 × {name}" in html
    assert "To <us>,\nby post." in text
    assert "To &lt;us&gt;,<br>by post." in html
    assert "Grace" not in text + html


def test_the_buyer_reads_why_it_is_not_taken(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    order = WAYS["completed"](None)
    made = ask(order)
    step = partial(returns.reject, made.pk, reason="It was <worn>.", actor=make_staff())

    subject, text, html = mailed(django_capture_on_commit_callbacks, step)

    assert subject == f"Your return of order {order.number} was not accepted"
    assert "It was <worn>." in text
    assert "It was &lt;worn&gt;." in html


# ── at once ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.transactional
def test_a_unit_is_asked_for_once_however_many_ask_at_once() -> None:
    order = WAYS["cash, partly arrived"](None)
    asking = requesting(order, (line_of(order).pk, 1))

    answers = at_once(*[asking] * 6)

    assert answers.count("OUT_OF_RANGE") == 5
    assert order.returns.count() == 1
    assert line_of(order).returned == 1


@pytest.mark.transactional
def test_a_return_is_received_and_refunded_once(stripe: Sandbox) -> None:
    order = arrived(sent(bought(stripe)))
    found = approved(order)

    answers = at_once(*[partial(receive, found)] * 4)

    assert answers.count("INVALID_STATE") == 3
    assert [refund.amount_minor for refund in order.refunds.all()] == [1990]
    assert line_of(order).restocked == 1
    check(stripe)


@pytest.mark.transactional
def test_a_return_is_sent_or_called_off_but_not_both() -> None:
    order = WAYS["completed"](None)
    found = approved(order)

    at_once(partial(receive, found), partial(returns.cancel, found.pk, actor=None))

    found.refresh_from_db()
    line = line_of(order)
    assert line.returned == line.refunded == (1 if found.state == "RECEIVED" else 0)
    check_books()
