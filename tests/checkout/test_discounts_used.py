"""How often a discount lowers a total, and for whom; what an order keeps of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from catalog import stock
from checkout import endings
from checkout.errors import PriceChanged
from checkout.models import Discount, DiscountRedemption, Order
from tests.checkout.buying import place
from tests.checkout.carting import refused
from tests.checkout.offering import GUEST, make_discount, quoted
from tests.checkout.redeeming import ENDS, NOT_APPLICABLE, because, buy, used
from tests.factories import make_user, make_variant

# How often.


def test_what_is_used_up_says_so_and_leaves_no_trace() -> None:
    row = make_discount("LAST", usage_limit=1)
    buy("LAST")
    lamp = make_variant()

    assert because("LAST") == ["It has been used up."]
    assert refused(buy, "LAST", variant=lamp) == (NOT_APPLICABLE, ("cart", "discount_codes", "0"))
    assert used(row) == 1
    lamp.refresh_from_db()
    assert lamp.reserved == 0


def test_an_automatic_one_that_is_used_up_is_simply_not_there() -> None:
    make_discount(usage_limit=1)

    assert [buy().total_minor, buy().total_minor] == [900, 1000]


def test_only_an_order_that_it_lowers_uses_it_up() -> None:
    row = make_discount(usage_limit=5, minimum_minor=5000)

    assert buy().total_minor == 1000
    assert used(row) == 0


def test_a_discount_lost_to_somebody_faster_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two others take the last ones between the price that was shown and the order."""
    first, second = make_discount("A", usage_limit=1), make_discount("B", usage_limit=1)
    lamp = make_variant(price=1000)
    hold = stock.hold

    def slowly(*args: Any, **kwargs: Any) -> None:
        hold(*args, **kwargs)
        Discount.objects.filter(pk=second.pk).update(used=1)

    monkeypatch.setattr(stock, "hold", slowly)

    refusal = refused(buy, "A", "B", variant=lamp)

    assert refusal == (NOT_APPLICABLE, ("cart", "discount_codes"))
    assert used(first) == 0
    lamp.refresh_from_db()
    assert lamp.reserved == 0


def test_an_automatic_one_lost_to_somebody_faster_is_a_change_of_the_price(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row, lamp = make_discount(usage_limit=1), make_variant(price=1000)
    make_discount("FIVE", percent=Decimal(5))
    hold = stock.hold

    def slowly(*args: Any, **kwargs: Any) -> None:
        hold(*args, **kwargs)
        Discount.objects.filter(pk=row.pk).update(used=1)

    monkeypatch.setattr(stock, "hold", slowly)

    with pytest.raises(PriceChanged) as caught:
        buy("FIVE", variant=lamp)

    assert caught.value.path == ("expected_total",)
    assert (caught.value.expected.minor, caught.value.actual.minor) == (855, 950)
    assert used(row) == 0
    assert not Order.objects.exists()
    lamp.refresh_from_db()
    assert lamp.reserved == 0


@pytest.mark.parametrize("how", ENDS)
def test_an_order_that_comes_to_nothing_gives_its_uses_back(how: str) -> None:
    row = make_discount("ONE", usage_limit=1, once_per_customer=True)
    order = buy("ONE")
    Order.objects.update(hold_until=timezone.now())
    assert because("ONE") == ["It has been used up."]

    ENDS[how](order)

    assert used(row) == 0
    assert because("ONE") == [""]
    assert buy("ONE").total_minor == 900
    assert used(row) == 1
    order.refresh_from_db()
    assert (order.total_minor, order.redemptions.get().amount_minor) == (900, 100)


def test_a_refused_end_gives_nothing_back() -> None:
    row = make_discount("ONE", usage_limit=2)
    order = buy("ONE")
    ENDS["cancelled"](order)
    buy("ONE")

    refused(endings.cancel, order.pk, actor=None, by_staff=False)
    ENDS["expired"](order)

    assert used(row) == 1


# How often for each customer.

USED = "You have used it already."


@pytest.mark.parametrize("email", [GUEST, GUEST.upper()])
def test_a_guest_is_known_by_the_address(email: str) -> None:
    make_discount("ONCE", once_per_customer=True)
    buy("ONCE")
    lamp = make_variant(price=1000)

    assert because("ONCE", email=email) == [""]  # or a cart would tell who has bought here
    assert refused(buy, "ONCE", email=email, variant=lamp)[0] == NOT_APPLICABLE
    assert buy("ONCE", email="other@example.com").discount_minor


def test_a_customer_is_known_by_the_account_whatever_the_address() -> None:
    make_discount("ONCE", once_per_customer=True)
    user = make_user()
    buy("ONCE", user=user, email="one@example.com")

    assert because("ONCE", user=user, email="two@example.com") == [USED]
    assert because("ONCE", user=make_user(), email="two@example.com") == [""]


def test_who_orders_as_a_guest_and_signed_in_is_one_customer() -> None:
    make_discount("ONCE", once_per_customer=True)
    make_discount("TWICE", once_per_customer=True)
    user = make_user()

    buy("ONCE", email=user.email)
    buy("TWICE", user=user, email=None)

    lamp = make_variant(price=1000)
    as_user, as_guest = {"user": user, "email": None}, {"email": user.email.upper()}
    assert refused(buy, "ONCE", variant=lamp, **as_user)[0] == NOT_APPLICABLE
    assert refused(buy, "TWICE", variant=lamp, **as_guest)[0] == NOT_APPLICABLE


def test_a_guest_s_order_that_was_claimed_counts_as_the_customer_s() -> None:
    make_discount("ONCE", once_per_customer=True)
    user = make_user()
    order = buy("ONCE", email="before@example.com")
    assert because("ONCE", user=user, email=user.email) == [""]

    Order.objects.filter(pk=order.pk).update(user=user)

    assert because("ONCE", user=user, email=user.email) == [USED]


def test_a_use_by_an_address_outlives_a_change_of_the_order_s_address() -> None:
    make_discount("ONCE", once_per_customer=True)
    order, lamp = buy("ONCE"), make_variant()
    Order.objects.filter(pk=order.pk).update(email="other@example.com")

    assert refused(buy, "ONCE", variant=lamp)[0] == NOT_APPLICABLE
    assert refused(buy, "ONCE", variant=lamp, email="other@example.com")[0] == NOT_APPLICABLE


def test_an_automatic_one_is_simply_not_there_the_second_time() -> None:
    make_discount(once_per_customer=True)

    totals = [buy().total_minor, buy().total_minor, buy(email="other@example.com").total_minor]

    assert totals == [900, 1000, 900]


def test_a_look_at_a_cart_does_not_tell_where_an_address_has_bought() -> None:
    make_discount(once_per_customer=True)
    lamp, user = make_variant(price=1000), make_user()
    buy()
    buy(user=user, email=user.email)

    assert quoted({lamp: 1}, email=GUEST).totals.total == 900
    assert quoted({lamp: 1}, email=user.email).totals.total == 900
    assert quoted({lamp: 1}, user=user).totals.total == 1000


def test_the_database_itself_refuses_a_second_use() -> None:
    row = make_discount("ONCE", once_per_customer=True)
    customer = buy("ONCE").redemptions.get().customer
    other = buy()

    assert customer
    with pytest.raises(IntegrityError), transaction.atomic():
        row.redemptions.create(order=other, name="", amount_minor=1, customer=customer)


# What an order keeps.


def test_an_order_keeps_what_lowered_it_when_the_discount_is_gone() -> None:
    summer = make_discount("Summer", name="Summer sale")
    make_discount(name="Five off", kind="FIXED", amount_minor=500, priority=1)

    order = buy("summer")
    summer.delete()
    Discount.objects.update(name="Another", amount_minor=1)

    kept = order.redemptions.values_list("name", "code", "amount_minor")
    assert [*kept] == [("Summer sale", "summer", 100), ("Five off", "", 500)]
    order = Order.objects.get(pk=order.pk)
    assert (order.discount_minor, order.total_minor) == (600, 400)
    ENDS["cancelled"](order)
    assert order.redemptions.count() == 2


def test_each_line_keeps_its_share(settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = False
    make_discount(kind="FIXED", amount_minor=1000)

    order = place({make_variant(price=1000): 1, make_variant(price=500): 4})

    assert [*order.lines.values_list("discount_minor", "total_minor")] == [(333, 667), (667, 1333)]
    assert (order.discount_minor, order.total_minor) == (1000, 2000)


def test_a_redemption_is_written_for_what_applied_alone() -> None:
    applied = make_discount(is_combinable=False)
    make_discount(priority=1)

    buy()

    assert DiscountRedemption.objects.get().discount == applied


def offered(count: int, *, limited: bool) -> None:
    """So many automatic ones that all apply; limited: in one way, in the other, and in both."""
    Discount.objects.update(is_active=False)
    for at in range(count):
        make_discount(
            kind="FIXED",
            amount_minor=1,
            usage_limit=9 if limited and at % 3 < 2 else None,
            once_per_customer=limited and at % 3 != 1,
        )


@pytest.mark.parametrize(("limited", "more"), [(False, 1), (True, 3)])
def test_twenty_discounts_take_as_many_statements_as_one(*, limited: bool, more: int) -> None:
    """One writes what each took off; limits take one for their locks and one to look and count."""
    found = []
    for count in (0, 1, 20):
        offered(count, limited=limited)
        lamp = make_variant()
        with CaptureQueriesContext(connection) as statements:
            order = buy(variant=lamp)
        assert order.redemptions.count() == count
        found.append(len(statements))

    assert found[1:] == [found[0] + more] * 2
    counted = Discount.objects.exclude(usage_limit=None)
    assert set(counted.values_list("used", flat=True)) == ({1} if limited else set())
    assert not Discount.objects.filter(usage_limit=None, used__gt=0).exists()
