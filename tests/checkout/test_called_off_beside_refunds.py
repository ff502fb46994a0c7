"""Units called off while Stripe's dashboard gives money back, or refunds fail."""

import pytest

from checkout.sandbox import Sandbox
from checkout.shares import Units
from shop.errors import ShopError
from tests.checkout.buying import check_books
from tests.checkout.paying import bought, check, deliver, give_back, intent_of
from tests.checkout.states import sent
from tests.checkout.test_withdrawals import call_off, counts

ALL = 5970  # three units


@pytest.mark.parametrize(
    ("gone", "with_it"),
    [
        (1990, [3980]),  # all that the two units come to is still here
        (3000, [2970]),
        (5969, [1]),
        (ALL, []),
    ],
)
def test_what_the_dashboard_gave_back_unheard_does_not_go_back_again(
    stripe: Sandbox, gone: int, with_it: list[int]
) -> None:
    order = bought(stripe, 3)
    stripe.refund(intent_of(order), gone)  # its events have not come

    call_off(order, 2)

    made = order.refunds.exclude(reason="made at Stripe")
    assert [one.amount_minor for one in made] == with_it
    order.refresh_from_db()
    assert order.refunded_minor == gone + sum(with_it)
    assert (order.lines.get().withdrawn, order.review_flag) == (2, "")
    assert set(deliver(stripe)) == {204}
    check(stripe)


@pytest.mark.parametrize("restock", [True, False])
@pytest.mark.parametrize("pending", [True, False])
def test_units_given_back_by_a_refund_that_fails_are_sent_if_they_are_not_on_the_shelf(
    stripe: Sandbox, *, restock: bool, pending: bool
) -> None:
    order = bought(stripe, 2)
    line = order.lines.get()
    if pending:
        stripe.books.refunds_pending = True
    else:
        stripe.dispute(intent_of(order))  # so that Stripe refuses refunds

    made = give_back(order, lines=[Units(line.pk, 2, restock)])
    if pending:
        assert counts(order) == [(2, 0, 2, 2 if restock else 0)]
        check_books()
        stripe.settle_refund(made.provider_id, ok=False)
        deliver(stripe)

    made.refresh_from_db()
    order.refresh_from_db()
    assert made.state == "FAILED"
    assert (order.refunded_minor, order.payment_status) == (0, "PAID")
    assert "refund failed" in order.review_flag
    if restock:
        assert counts(order) == [(2, 0, 0, 2)]
        with pytest.raises(ShopError) as caught:
            sent(order)
        assert caught.value.code == "INVALID_STATE"
    else:
        assert counts(order) == [(0, 0, 0, 0)]
        assert sent(order).fulfilment_status == "FULFILLED"
    check_books()


def test_units_of_a_failed_refund_are_given_back_once_more_and_counted_once(
    stripe: Sandbox,
) -> None:
    order = bought(stripe, 2)
    line = order.lines.get()
    stripe.books.refunds_pending = True
    first = give_back(order, lines=[Units(line.pk, 2, restock=True)])
    stripe.settle_refund(first.provider_id, ok=False)
    deliver(stripe)
    stripe.books.refunds_pending = False

    again = give_back(order, lines=[Units(line.pk, 2)])

    assert (again.state, again.amount_minor) == ("DONE", 3980)
    assert counts(order) == [(2, 0, 2, 2)]
    assert (order.payment_status, order.refunded_minor) == ("REFUNDED", 3980)
    with pytest.raises(ShopError):
        give_back(order, lines=[Units(line.pk, 1, restock=True)])
    check(stripe)
