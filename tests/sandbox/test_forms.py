"""Bracket notation, to and fro, in any order and however odd."""

import random
from typing import Any

import pytest
from stripe._encode import _api_encode

from checkout.sandbox import forms

NESTED: dict[str, Any] = {
    "mode": "payment",
    "line_items": [
        {"quantity": "2", "price_data": {"product_data": {"name": "A & B = ü"}}},
        {"quantity": "1", "price_data": {"product_data": {"images": ["x", "y"]}}},
    ],
    "metadata": {"10": "ten", "2": "two"},
    "expand": ["payment_intent"],
}


def test_what_the_official_client_sends_is_understood() -> None:
    pairs = [(key, str(value)) for key, value in _api_encode(NESTED)]

    assert forms.nest(pairs) == NESTED


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_the_fields_does_not_matter(seed: int) -> None:
    fields = [*forms.flatten(NESTED)]
    random.Random(seed).shuffle(fields)

    assert forms.nest(fields) == NESTED


def test_numbers_order_a_list_as_numbers_and_gaps_close() -> None:
    assert forms.parse("a[10]=c&a[2]=b&a[0]=a") == {"a": ["a", "b", "c"]}


def test_empty_brackets_count_up_and_the_last_value_of_a_key_stays() -> None:
    assert forms.parse("a[]=1&a[]=2&b=3&b=4&c=") == {"a": ["1", "2"], "b": "4", "c": ""}


def test_values_that_are_no_texts_are_written_as_stripe_reads_them() -> None:
    assert [*forms.flatten({"a": True, "b": [1]})] == [("a", "true"), ("b[0]", "1")]


@pytest.mark.parametrize(
    "text",
    [
        "a=1&a[b]=2",
        "a[b]=2&a=1",
        "a[b][c]=1&a[b]=2",
        "[a]=1",
        "a]=1",
        "a[b=1",
        "a[b]c=1",
        "=1",
        "a" + "[b]" * 10 + "=1",
        "a=%ff",
        "&".join(f"k{number}=1" for number in range(10_001)),
    ],
)
def test_what_is_no_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no name|both a value|too deeply|decode|Max number"):
        forms.parse(text)
