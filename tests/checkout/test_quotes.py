"""What wishes cost, and what stands in their way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.errors import OutOfStock
from checkout import quotes
from checkout.errors import PriceChanged
from checkout.quotes import Wish, Wishes
from shop.errors import Refused, SeveralRefusals
from tests.factories import make_product, make_variant


def refusals(quote: quotes.Quote) -> list[tuple[str, tuple[str, ...], str]]:
    return [(one.refusal.code, one.refusal.path, one.mutation) for one in quote.problems]


def test_wishes_for_the_same_variant_are_one_line() -> None:
    lamp, bulb = make_variant(price=1000), make_variant(price=50)
    wishes = [Wish(lamp.pk, 2), Wish(bulb.pk, 5), Wish(lamp.pk, 1)]

    quote = quotes.of_wishes(wishes, Wishes(email="a@example.com"))

    assert quote.quantities == {lamp.pk: 3, bulb.pk: 5}
    assert quote.totals.total == 3250
    assert quote.ready_or_raise() is quote


def test_what_is_hidden_in_any_way_is_not_for_sale() -> None:
    draft = make_variant(product=make_product(status="DRAFT"))
    later = make_variant(product=make_product(published_at=timezone.now() + timedelta(days=1)))
    archived = make_variant(archived_at=timezone.now())
    wishes = [Wish(row.pk, 1) for row in (draft, later, archived)] + [Wish(None, 1), Wish(None, 1)]

    quote = quotes.of_wishes(wishes, Wishes(email="a@example.com"))

    assert refusals(quote) == [
        ("NOT_FOUND", ("lines", str(at), "variant_id"), "cartLinesRemove") for at in range(5)
    ]
    assert quote.totals.total == 0


def test_each_short_line_says_how_many_there_are() -> None:
    few, none = make_variant(stock=3, reserved=1), make_variant(stock=0)

    quote = quotes.of_wishes([Wish(few.pk, 3), Wish(none.pk, 1)], Wishes(email="a@example.com"))

    assert refusals(quote) == [
        ("OUT_OF_STOCK", ("lines", "0", "variant_id"), "cartLinesUpdate"),
        ("OUT_OF_STOCK", ("lines", "1", "variant_id"), "cartLinesRemove"),
    ]
    short = quote.problems[0].refusal
    assert isinstance(short, OutOfStock)
    assert (short.sku, short.requested, short.available) == (few.sku, 3, 2)


def test_what_nobody_counts_is_never_short() -> None:
    endless = make_variant(stock=0, track_stock=False)

    assert not quotes.of_wishes([Wish(endless.pk, 999)], Wishes(email="a@example.com")).problems


def test_all_refusals_are_told_at_once() -> None:
    with pytest.raises(SeveralRefusals) as caught:
        quotes.of_wishes([Wish(None, 1)], Wishes(email="")).ready_or_raise()

    assert [one.code for one in caught.value.each()] == ["NOT_FOUND", "EMAIL_REQUIRED"]


@pytest.mark.parametrize(("first", "second", "at"), [(0, 1, 0), (1, 1000, 1), (999, 1, 0)])
def test_quantities_that_nobody_can_order_are_out_of_range(
    first: int, second: int, at: int
) -> None:
    lamp = make_variant()

    with pytest.raises(Refused) as caught:
        quotes.of_wishes(
            [Wish(lamp.pk, first), Wish(lamp.pk, second)], Wishes(email="a@example.com")
        )

    assert caught.value.code == "OUT_OF_RANGE"
    assert caught.value.path == ("lines", str(at), "quantity")


def test_another_total_than_expected_is_told_with_both() -> None:
    quote = quotes.of_wishes([Wish(make_variant(price=1999).pk, 1)], Wishes(email="a@example.com"))

    with pytest.raises(PriceChanged) as caught:
        quote.refuse_other_total(1500)

    assert str(caught.value) == "The total is 19.99 EUR, not 15.00 EUR."
    quote.refuse_other_total(1999)
    quote.refuse_other_total(None)
