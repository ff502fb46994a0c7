"""The contract is the one of the installed package, and the checker holds everything to it."""

import json
from copy import deepcopy
from typing import Any

import pytest
import stripe
import stripe.params
import stripe.params.checkout

from checkout.sandbox.contract import PLACE, Checker

CHECKER = Checker()
SCHEMAS = CHECKER.document["components"]["schemas"]
FIXTURES = json.loads((PLACE / "fixtures.json").read_text())["resources"]
OBJECTS = {
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
}
STALE = "Derive the contract again: see checkout/sandbox/contract/README.md"
SESSIONS = "/v1/checkout/sessions"
LINE = {
    "quantity": "2",
    "price_data": {"currency": "eur", "unit_amount": "999", "product_data": {"name": "Lamp"}},
}
FORM = {
    "mode": "payment",
    "ui_mode": "hosted_page",
    "line_items": [LINE],
    "expires_at": "1800000000",
    "adaptive_pricing": {"enabled": "false"},
    "metadata": {"order": "12", "true": "true"},
}


def event(type: str = "refund.updated", **changes: Any) -> dict[str, Any]:
    """Stripe's own sample event, about a refund."""
    sample = FIXTURES["event"] | {"type": type, "data": {"object": FIXTURES["refund"]}}
    return deepcopy(sample | {"api_version": CHECKER.version} | changes)


def fields(kind: type) -> set[str]:
    """What the package says an object or the parameters of a call consist of."""
    found = {field for cls in kind.__mro__ for field in getattr(cls, "__annotations__", {})}
    return {field for field in found if not field.startswith("_")}


def parameters(name: str) -> type:
    known: type = getattr(stripe.params, name, None) or getattr(stripe.params.checkout, name)
    return known


def test_the_contract_is_the_installed_packages() -> None:
    info = CHECKER.document["info"]

    assert info["version"] == CHECKER.version == stripe.api_version, STALE
    assert f"stripe-python {stripe.VERSION} " in info["x-derived-from"], STALE


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name.startswith("params.")])
def test_the_parameters_are_the_installed_packages(name: str) -> None:
    options = fields(stripe.RequestOptions)

    here, there = set(SCHEMAS[name]["properties"]), set(fields(parameters(name[7:])))

    assert here == there - options, STALE


@pytest.mark.parametrize("name", OBJECTS)
def test_the_objects_are_the_installed_packages(name: str) -> None:
    here = set(SCHEMAS[name]["properties"]) - {"deleted"}

    assert here == set(OBJECTS[name].__annotations__) - {"OBJECT_NAME", "deleted"}, STALE


def test_every_object_of_the_contract_is_compared() -> None:
    named = {name for name in SCHEMAS if not name.startswith("params.")}

    assert named == {*OBJECTS, "error"}
    assert set(FIXTURES) == set(OBJECTS)


@pytest.mark.parametrize("name", OBJECTS)
def test_stripes_samples_keep_the_contract(name: str) -> None:
    """All but the event, whose type is none of those that a shop takes."""
    faults = CHECKER.object(name, FIXTURES[name])

    assert [fault[:14] for fault in faults] == (["event: $.type:"] if name == "event" else [])
    assert CHECKER.object(name, FIXTURES[name] | {"object": "thing"}) != faults


def test_a_form_is_read_by_the_schema() -> None:
    """Its digits are numbers where a number is due, and stay text in metadata."""
    assert CHECKER.request("POST", SESSIONS, FORM) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"payment_method_types": ["card"]}, "$: Additional properties are not allowed"),
        ({"ui_mode": "hosted"}, "$.ui_mode: 'hosted' is not one of"),
        ({"expires_at": "soon"}, "$.expires_at: 'soon' is not of type 'integer'"),
        ({"expires_at": "1_0"}, "$.expires_at: '1_0' is not of type 'integer'"),
        ({"adaptive_pricing": {"enabled": "no"}}, "$.adaptive_pricing.enabled: 'no' is not of"),
        ({"line_items": [LINE, {"quantity": "1.5"}]}, "$.line_items[1].quantity: '1.5' is not"),
        ({"line_items": [{"price_data": {}}]}, "$.line_items[0].price_data: 'currency' is a req"),
        ({"line_items": "x"}, "$.line_items: 'x' is not of type 'array'"),
        ({"metadata": {"order": {"id": "1"}}}, "$.metadata.order: {'id': '1'} is not of type"),
    ],
)
def test_a_form_that_stripe_would_not_read_is_told(change: dict[str, Any], fault: str) -> None:
    [told] = CHECKER.request("POST", SESSIONS, FORM | change)

    assert told.startswith(f"POST {SESSIONS}: {fault}")


def test_alternatives_are_tried() -> None:
    assert CHECKER.request("POST", "/v1/refunds", {"metadata": "", "amount": "5"}) == []
    assert CHECKER.request("POST", "/v1/refunds", {"metadata": {"a": "1"}}) == []
    assert CHECKER.request("GET", "/v1/events", {"created": "12"}) == []
    assert CHECKER.request("GET", "/v1/events", {"created": {"gte": "12"}, "limit": "3"}) == []
    assert CHECKER.request("GET", "/v1/events", {"created": {"since": "12"}}) != []


def test_a_place_is_found_by_its_template_and_method() -> None:
    assert CHECKER.request("POST", f"{SESSIONS}/cs_1/expire", {}) == []
    assert CHECKER.request("GET", f"{SESSIONS}/cs_1/line_items", {"limit": "100"}) == []
    for method, path in (
        ("GET", "/v1/payouts"),
        ("POST", "/v1/events"),
        ("GET", "/v1/refunds/a/b"),
    ):
        assert CHECKER.request(method, path, {}) == [f"{method} {path}: not in the contract"]


def test_answers_are_checked_to_the_last_field() -> None:
    page = {"object": "list", "url": "/v1/refunds", "has_more": False, "data": [FIXTURES["refund"]]}

    assert CHECKER.reply("GET", "/v1/refunds", 200, page) == []
    page["data"] = [FIXTURES["refund"] | {"status": "done", "colour": "red"}]
    faults = CHECKER.reply("GET", "/v1/refunds", 200, page)
    assert len(faults) == 1
    assert "'colour' was unexpected" in faults[0]
    del page["url"]
    assert len(CHECKER.reply("GET", "/v1/refunds", 200, page)) == 2


def test_refusals_have_stripes_error_body() -> None:
    good = {"error": {"type": "invalid_request_error", "message": "No such thing."}}

    assert CHECKER.reply("GET", "/v1/payouts", 404, good) == []
    assert CHECKER.reply("GET", "/v1/refunds", 400, {"error": {"type": "my_error"}}) != []
    assert CHECKER.reply("GET", "/v1/refunds", 500, {"detail": "?"}) != []
    assert CHECKER.reply("GET", "/v1/payouts", 200, good) != []


def test_an_event_carries_what_its_type_says() -> None:
    assert CHECKER.event(event()) == []
    assert CHECKER.event(event("charge.refund.updated")) == []

    assert CHECKER.event(event("charge.refunded")) == [
        "charge.refunded: carries a refund, not a charge"
    ]
    assert CHECKER.event(event("charge.dispute.closed")) == [
        "charge.dispute.closed: carries a refund, not a dispute"
    ]
    assert "is not one of" in CHECKER.event(event("refund.sent"))[0]


def test_an_event_is_of_the_contracts_version_and_its_object_whole() -> None:
    stale = CHECKER.event(event(api_version="2020-08-27"))
    broken = event()
    del broken["data"]["object"]["amount"]

    assert stale == [f"refund.updated: api_version 2020-08-27 is not {CHECKER.version}"]
    assert CHECKER.event(broken) == ["refund.updated: $: 'amount' is a required property"]
    assert "'pending_webhooks' is a required property" in "".join(CHECKER.event({"data": {}}))
