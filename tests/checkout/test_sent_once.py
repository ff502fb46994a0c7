"""Parcels and units called off once, however often the same request or form is sent."""

from functools import partial
from uuid import uuid4

import pytest

from checkout import fulfilments, withdrawals
from checkout.fulfilments import Parcel
from checkout.models import Fulfilment, IdempotencyRecord, Order, OrderLine
from checkout.withdrawals import Wanted
from schema import ids
from shop.errors import ShopError
from tests.admin_pages import Fields, do, order_page, shown, signed_in, wrong
from tests.checkout.buying import CASH, at_once, check_books, place
from tests.checkout.states import clerk
from tests.client import mutate, refusals
from tests.factories import make_staff, make_variant


def for_sending(units: int = 5) -> tuple[Order, OrderLine]:
    order = place({make_variant(): units}, method=CASH)
    return order, order.lines.get()


@pytest.mark.parametrize("units", [None, 1])
def test_one_key_makes_one_parcel(units: int | None) -> None:
    (order, line), staff, key = for_sending(), make_staff(), str(uuid4())
    lines = None if units is None else [(line.pk, units)]
    send = partial(fulfilments.fulfil, order.pk, actor=staff, key=key)

    for _ in range(2):
        send(lines, parcel=Parcel("DHL"))

    assert Fulfilment.objects.count() == 1
    assert order.events.filter(type="FULFILLED").count() == 1
    with pytest.raises(ShopError) as caught:
        send(lines, parcel=Parcel("UPS"))
    assert (caught.value.code, caught.value.path) == ("CONFLICT", ("idempotency_key",))


def test_without_a_key_each_call_makes_a_parcel() -> None:
    (order, line), staff = for_sending(), make_staff()

    for _ in range(2):
        fulfilments.fulfil(order.pk, [(line.pk, 1)], parcel=Parcel(), actor=staff)

    assert Fulfilment.objects.count() == 2


def test_a_refused_parcel_leaves_its_key_unused() -> None:
    (order, line), staff, key = for_sending(), make_staff(), str(uuid4())
    send = partial(fulfilments.fulfil, order.pk, parcel=Parcel(), actor=staff, key=key)

    with pytest.raises(ShopError):
        send([(line.pk, 6)])

    assert not IdempotencyRecord.objects.exists()
    send([(line.pk, 5)])
    assert Fulfilment.objects.exists()


@pytest.mark.transactional
def test_one_key_at_once_makes_one_parcel() -> None:
    (order, line), staff = for_sending(), make_staff()
    send = partial(
        fulfilments.fulfil, order.pk, [(line.pk, 1)], parcel=Parcel(), actor=staff, key=str(uuid4())
    )

    assert at_once(*[send] * 4) == [order] * 4

    assert Fulfilment.objects.count() == 1
    line.refresh_from_db()
    assert line.fulfilled == 1


@pytest.mark.transactional
def test_one_key_for_two_orders_at_once_is_used_for_one() -> None:
    for _ in range(5):
        staff, key = make_staff(), str(uuid4())
        rows = [for_sending()[0] for _ in range(2)]
        sends = [
            partial(fulfilments.fulfil, row.pk, None, parcel=Parcel(), actor=staff, key=key)
            for row in rows
        ]

        found = at_once(*sends)

        assert found.count("CONFLICT") == 1
        assert Fulfilment.objects.filter(order__in=rows).count() == 1


def test_the_api_takes_the_key() -> None:
    (order, line), worker = for_sending(), clerk()
    lines = [{"lineId": ids.of(line), "quantity": 1}]
    input = {"orderId": ids.of(order), "lines": lines, "idempotencyKey": str(uuid4())}

    def send(**more: str) -> dict[str, object]:
        return mutate("orderFulfil", input | more, "order { number }", user=worker)

    assert send() == send()
    assert refusals(send(carrier="UPS")) == [("CONFLICT", ["idempotencyKey"])]
    assert refusals(send(idempotencyKey="x")) == [("INVALID", ["idempotencyKey"])]

    assert Fulfilment.objects.count() == 1


@pytest.mark.parametrize("move", ["fulfil", "cancel_lines"])
def test_a_form_that_is_sent_twice_moves_its_units_once(move: str) -> None:
    (order, line), client = for_sending(), signed_in(clerk())
    key = Fields(shown(client.get(order_page(order)))).data[f"{move}-sent_as"]
    units = f"line-{line.pk}"

    for _ in range(2):
        assert do(client, order, move, sent_as=key, **{units: 2}).status_code == 302
    changed = do(client, order, move, sent_as=key, **{units: 1})

    line.refresh_from_db()
    assert line.fulfilled + line.withdrawn == 2
    (said,) = wrong(changed)["__all__"]
    assert said.startswith("This form was sent already. Open the page again for ")
    check_books()


@pytest.mark.transactional
def test_a_double_click_on_cancelling_units_calls_them_off_once() -> None:
    (order, line), worker = for_sending(), clerk()
    key = str(uuid4())
    pages = [signed_in(worker) for _ in range(2)]

    def click(at: int) -> int:
        fields = {"sent_as": key, f"line-{line.pk}": 2}
        data = {f"cancel_lines-{name}": value for name, value in fields.items()}
        return pages[at].post(order_page(order), {"move": "cancel_lines", **data}).status_code

    assert at_once(partial(click, 0), partial(click, 1)) == [302, 302]

    line.refresh_from_db()
    assert (line.withdrawn, line.restocked) == (2, 2)
    check_books()


def test_a_key_for_cancelling_is_none_for_sending() -> None:
    (order, line), staff, key = for_sending(), make_staff(), str(uuid4())

    fulfilments.fulfil(order.pk, [(line.pk, 1)], parcel=Parcel(), actor=staff, key=key)
    wanted = Wanted([(line.pk, 1)], key=key)
    withdrawals.cancel_lines(order.pk, wanted, actor=staff, may_refund=False)

    line.refresh_from_db()
    assert (line.fulfilled, line.withdrawn) == (1, 1)
