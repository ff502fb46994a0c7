"""Checkout Sessions: what can be asked for, and what cannot."""

from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from tests.sandbox.calling import NOON, form, kinds, line, opened, post


def shipping(amount: int, currency: str = "eur") -> dict[str, Any]:
    fixed = {"amount": amount, "currency": currency}
    data = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": fixed}
    return {"shipping_rate_data": data}


def test_a_session_adds_up_its_lines_and_the_first_shipping(v1: Any) -> None:
    lines = [line(1999, quantity=3), line(1)]
    session = v1.checkout.sessions.create(
        form(line_items=lines, shipping_options=[shipping(490), shipping(990)])
    )

    assert (session.amount_subtotal, session.amount_total) == (5998, 6488)
    assert session.total_details.amount_shipping == session.shipping_cost.amount_total == 490
    assert [option.shipping_amount for option in session.shipping_options] == [490, 990]
    assert (session.currency, session.livemode, session.mode) == ("eur", False, "payment")


def test_a_new_session_is_open_and_unpaid_for_a_day(sandbox: Sandbox, v1: Any) -> None:
    session = v1.checkout.sessions.create(
        form(
            customer_email="ann@example.com",
            client_reference_id="N-1",
            cancel_url="https://shop.example/cart",
            metadata={"order": "N-1"},
        )
    )

    assert (session.status, session.payment_status, session.payment_intent) == (
        "open", "unpaid", None,
    )  # fmt: skip
    assert session.expires_at == NOON + 24 * 60 * 60
    assert session.url == f"{sandbox.address}/pay/{session.id}"
    assert session.client_secret is None
    assert session.customer_details.email == session.customer_email == "ann@example.com"
    assert (session.client_reference_id, session.cancel_url) == (
        "N-1", "https://shop.example/cart",
    )  # fmt: skip
    assert session.metadata.to_dict() == {"order": "N-1"}
    assert kinds(sandbox) == []


@pytest.mark.parametrize("ui_mode", ["embedded_page", "elements"])
def test_a_session_in_the_shops_page_has_a_secret_and_no_link(v1: Any, ui_mode: str) -> None:
    session = v1.checkout.sessions.create(
        form(ui_mode=ui_mode, success_url=None, return_url="https://shop.example/back")
    )

    assert session.url is None
    assert session.client_secret.startswith(f"{session.id}_secret_")
    assert session.return_url == "https://shop.example/back"


BACK = {"return_url": "https://shop.example/back"}


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"mode": None}, "mode"),
        ({"mode": "subscription"}, "mode"),
        ({"line_items": None}, "line_items"),
        ({"line_items": [line()] * 101}, "line_items"),
        ({"line_items": [line(quantity=0)]}, "quantity"),
        ({"line_items": [line(-1)]}, "unit_amount"),
        ({"line_items": [line(currency="EUR")]}, "currency"),
        ({"line_items": [line(), line(currency="usd")]}, "line_items"),
        ({"currency": "usd"}, "line_items"),
        ({"shipping_options": [shipping(1, "usd")]}, "line_items"),
        ({"shipping_options": [shipping(1)] * 6}, "shipping_options"),
        ({"line_items": [{"quantity": 1, "price": "price_1"}]}, "line_items[0]"),
        ({"success_url": None}, "success_url"),
        ({"success_url": ""}, "success_url"),
        ({"customer_email": ""}, "customer_email"),
        ({"ui_mode": "form"}, "ui_mode"),
        (BACK, "return_url"),
        (BACK | {"ui_mode": "elements"}, "success_url"),
        (BACK | {"ui_mode": "elements", "success_url": None, "cancel_url": "/"}, "cancel_url"),
        ({"ui_mode": "embedded_page", "success_url": None}, "return_url"),
        ({"metadata": {str(key): "1" for key in range(51)}}, "metadata"),
        ({"metadata": {"k" * 41: "1"}}, "metadata"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"payment_intent_data": {"metadata": {"k": "v" * 501}}}, "metadata[k]"),
        (
            {"payment_intent_data": {"capture_method": "manual"}},
            "payment_intent_data[capture_method]",
        ),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]"),
        ({"adaptive_pricing": {"enabled": True}}, "adaptive_pricing[enabled]"),
        ({"allow_promotion_codes": True}, "allow_promotion_codes"),
        ({"discounts": [{"coupon": "ten"}]}, "discounts"),
    ],
)
def test_what_stripe_would_refuse_is_refused_and_leaves_nothing(
    sandbox: Sandbox, v1: Any, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.checkout.sessions.create(form(**changes))

    assert (caught.value.http_status, caught.value.param) == (400, param)
    assert not sandbox.books.objects
    assert not sandbox.books.line_items


def test_an_empty_value_leaves_its_key_of_metadata_out(v1: Any) -> None:
    session = v1.checkout.sessions.create(form(metadata={"a": "", "b": "1"}))

    assert session.metadata.to_dict() == {"b": "1"}


def test_limits_themselves_are_allowed(v1: Any) -> None:
    session = v1.checkout.sessions.create(
        form(
            line_items=[line()] * 100,
            metadata={f"{key:040d}": "v" * 500 for key in range(50)},
        )
    )

    assert len(session.metadata.to_dict()) == 50


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30 * 60 - 1, "at least 30 minutes"),
        (30 * 60, ""),
        (24 * 60 * 60 - 1, ""),
        (24 * 60 * 60, "less than 24 hours"),
    ],
)
def test_a_session_expires_in_half_an_hour_to_a_day(v1: Any, seconds: int, words: str) -> None:
    asked = form(expires_at=NOON + seconds)

    if words:
        with pytest.raises(stripe.InvalidRequestError, match=words) as caught:
            v1.checkout.sessions.create(asked)
        assert caught.value.param == "expires_at"
    else:
        assert v1.checkout.sessions.create(asked).expires_at == NOON + seconds


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (50, "eur", None),
        (29, "gbp", "amount_too_small"),
        (30, "gbp", None),
        (49, "jpy", "amount_too_small"),
        (50, "jpy", None),
        (49, "zmw", "amount_too_small"),
        (0, "usd", "amount_too_small"),
        (99_999_999, "usd", None),
        (100_000_000, "usd", "amount_too_large"),
        (5001, "kwd", "parameter_invalid_integer"),
        (5010, "kwd", None),
        (5010, "isk", "parameter_invalid_integer"),
        (5100, "isk", None),
    ],
)
def test_amounts_have_bounds_and_steps_by_currency(
    v1: Any, amount: int, currency: str, code: str | None
) -> None:
    asked = form(line_items=[line(amount, currency=currency)])

    if code:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.checkout.sessions.create(asked)
        assert caught.value.code == code
    else:
        assert v1.checkout.sessions.create(asked).amount_total == amount


@pytest.mark.parametrize("amount", ["9.99", "ten", "", "1e3"])
def test_an_amount_is_a_whole_number(amount: str) -> None:
    odd = {"currency": "eur", "unit_amount": amount, "product_data": {"name": "Lamp"}}
    with opened(check=None) as sandbox:
        status, body, _ = post(
            sandbox,
            "/v1/checkout/sessions",
            form(line_items=[{"quantity": 1, "price_data": odd}]),
        )

    assert (status, body["error"]["code"]) == (400, "parameter_invalid_integer")


@pytest.mark.parametrize("name", ["payment_method_types", "line_items[0][sku]", "metdata[a]"])
def test_what_the_contract_does_not_name_is_unknown(name: str) -> None:
    with opened(check=None) as sandbox:
        status, body, _ = post(sandbox, "/v1/checkout/sessions", {**form(), name: "card"})

    assert (status, body["error"]["code"]) == (400, "parameter_unknown")
    assert body["error"]["param"] == name.removesuffix("[a]")
