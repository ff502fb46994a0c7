"""Sums, without a database."""

from hypothesis import given, settings
from hypothesis import strategies as st

from checkout.pricing import PricedLine, Totals, totals

lines = st.builds(
    PricedLine,
    unit_minor=st.integers(0, 10**13),
    quantity=st.integers(1, 999),
    tax_minor=st.integers(0, 10**9),
)


@settings(deadline=None)
@given(st.lists(lines, max_size=100), st.booleans())
def test_an_order_is_the_sum_of_its_lines(bought: list[PricedLine], includes_tax: bool) -> None:
    sums = totals(bought, includes_tax=includes_tax)

    assert sums.subtotal == sum(line.unit_minor * line.quantity for line in bought)
    assert sums.subtotal - sums.discount == sum(line.total_minor for line in bought)
    on_top = 0 if includes_tax else sums.tax
    assert sums.total == sums.subtotal - sums.discount + sums.shipping + on_top
    assert sums.total < 2**63


def test_a_discount_lowers_its_line_and_the_total() -> None:
    bought = [PricedLine(1000, 3, discount_minor=500, tax_minor=190), PricedLine(250, 1)]

    assert bought[0].total_minor == 2500
    assert totals(bought, includes_tax=True) == Totals(3250, 500, 0, 190, 2750)
    assert totals(bought, includes_tax=False) == Totals(3250, 500, 0, 190, 2940)


def test_nothing_costs_nothing() -> None:
    assert totals([], includes_tax=True) == Totals(0, 0, 0, 0, 0)
