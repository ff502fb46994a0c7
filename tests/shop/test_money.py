"""Money: rounding, dividing, reading."""

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shop import money
from shop.errors import Refused
from shop.money import Money

amounts = st.integers(0, 200) | st.integers(0, 10**13)
weights = st.lists(st.integers(0, 5) | st.integers(0, 10**12), min_size=1, max_size=30)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "ISK"])
quick = settings(max_examples=200, deadline=None)


@quick
@given(amounts, weights, st.sampled_from([1, 10, 100]))
def test_parts_add_up_and_are_never_negative(total: int, shares: list[int], step: int) -> None:
    parts = money.spread(total, shares, step=step)

    assert len(parts) == len(shares)
    assert sum(parts) == total
    assert min(parts) >= 0


@quick
@given(amounts, weights, st.sampled_from([1, 10, 100]))
def test_parts_of_whole_steps_are_whole_steps(steps: int, shares: list[int], step: int) -> None:
    assert all(part % step == 0 for part in money.spread(steps * step, shares, step=step))


@quick
@given(amounts, weights, st.sampled_from([1, 10, 100]))
def test_who_has_no_weight_gets_no_part(total: int, shares: list[int], step: int) -> None:
    assume(sum(shares))

    parts = money.spread(total, shares, step=step)

    assert not any(part for part, weight in zip(parts, shares, strict=True) if not weight)


@quick
@given(weights, st.data(), st.sampled_from([1, 10, 100]))
def test_a_part_of_what_there_is_never_exceeds_its_line(
    lines: list[int], data: st.DataObject, step: int
) -> None:
    lines = [line * step for line in lines]
    total = data.draw(st.integers(0, sum(lines) // step)) * step

    parts = money.spread(total, lines, step=step)

    assert all(part <= line for part, line in zip(parts, lines, strict=True))


@quick
@given(amounts, weights)
def test_a_part_is_less_than_one_step_off_its_share(total: int, shares: list[int]) -> None:
    assume(sum(shares))

    parts = money.spread(total, shares)

    for part, weight in zip(parts, shares, strict=True):
        assert abs(part * sum(shares) - total * weight) < sum(shares)


def test_the_earlier_of_equal_fractions_gets_the_odd_step() -> None:
    assert money.spread(100, [1, 1, 1]) == [34, 33, 33]
    assert money.spread(2, [0, 0, 0]) == [1, 1, 0]
    assert money.spread(7, []) == []
    assert money.spread(50, [1, 1, 1], step=10) == [20, 20, 10]


@quick
@given(st.decimals(0, 10**12, places=6), currencies)
def test_rounding_ends_in_the_currency_s_steps_and_not_further_than_half_a_step(
    value: Decimal, currency: str
) -> None:
    step = money.multiple(currency)

    whole = money.rounded(value, currency)

    assert whole % step == 0
    assert abs(whole - value) * 2 <= step
    assert whole >= 0


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        ("0.5", "EUR", 0),
        ("1.5", "EUR", 2),
        ("2.5", "JPY", 2),
        ("2.500001", "JPY", 3),
        ("15", "KWD", 20),
        ("25", "KWD", 20),
        ("149.9", "ISK", 100),
        ("150", "ISK", 200),
        ("250", "ISK", 200),
    ],
)
def test_halves_go_to_the_even_step(value: str, currency: str, expected: int) -> None:
    assert money.rounded(Decimal(value), currency) == expected


@quick
@given(amounts, currencies)
def test_what_is_shown_reads_back_as_the_same_amount(number: int, currency: str) -> None:
    whole = number // money.multiple(currency) * money.multiple(currency)

    shown = Money(whole, currency).amount

    assert money.minor(shown, currency) == whole
    assert -int(shown.as_tuple().exponent) == money.exponent(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("-0.01", "EUR", "OUT_OF_RANGE"),
        ("0.001", "EUR", "INVALID"),
        ("1.00000000000000000000000000001", "EUR", "INVALID"),
        ("0.5", "JPY", "INVALID"),
        ("1.001", "KWD", "INVALID"),
        ("10.5", "ISK", "INVALID"),
        ("100000000000.01", "EUR", "OUT_OF_RANGE"),
        ("99999999999999999999999999999", "EUR", "OUT_OF_RANGE"),
    ],
)
def test_what_nobody_can_pay_is_refused_at_its_place(amount: str, currency: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        money.minor(Decimal(amount), currency, "variants", 0, "price")

    assert caught.value.code == code
    assert caught.value.path == ("variants", "0", "price")


def test_amounts_have_as_many_decimals_as_their_currency() -> None:
    shown = [str(Money(1500, currency)) for currency in ("EUR", "JPY", "KWD", "ISK")]

    assert shown == ["15.00 EUR", "1500 JPY", "1.500 KWD", "15.00 ISK"]
    assert str(Money(0, "EUR")) == "0.00 EUR"
