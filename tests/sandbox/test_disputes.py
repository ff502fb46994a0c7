"""Disputes: the money goes at once, and comes back only to who wins."""

from typing import Any

import pytest
import stripe

from checkout.sandbox import Sandbox
from checkout.sandbox.errors import StripeError
from tests.sandbox.calling import NOON, form, kinds

BEGUN = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest.fixture
def intent(sandbox: Sandbox, v1: Any) -> str:
    """The intent of a payment of 10.00 EUR, with no events before it."""
    paid: str = sandbox.pay(v1.checkout.sessions.create(form()).id)["payment_intent"]
    sandbox.books.events.clear()
    return paid


def test_a_dispute_takes_the_money_and_marks_the_charge(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    id = sandbox.dispute(intent, 600, reason="product_not_received")["id"]

    dispute = v1.disputes.retrieve(id, {"expand": ["charge"]})
    assert (dispute.status, dispute.amount, dispute.currency) == ("needs_response", 600, "eur")
    assert (dispute.reason, dispute.payment_intent) == ("product_not_received", intent)
    assert (dispute.charge.disputed, dispute.is_charge_refundable) == (True, False)
    assert dispute.evidence_details.due_by > NOON
    assert [each.amount for each in dispute.balance_transactions] == [-600]
    assert kinds(sandbox) == BEGUN


@pytest.mark.parametrize("won", [True, False])
def test_a_closed_dispute_is_won_or_lost_for_good(
    sandbox: Sandbox, v1: Any, intent: str, won: bool
) -> None:
    id = sandbox.dispute(intent)["id"]

    sandbox.close_dispute(id, won=won)

    dispute = v1.disputes.retrieve(id)
    back = ["charge.dispute.funds_reinstated"] if won else []
    assert dispute.status == ("won" if won else "lost")
    assert sum(each.amount for each in dispute.balance_transactions) == (0 if won else -1000)
    ended = ["charge.dispute.updated", "charge.dispute.closed"]
    assert kinds(sandbox) == [*BEGUN, *ended, *back]
    with pytest.raises(StripeError, match="already"):
        sandbox.close_dispute(id, won=not won)
    assert v1.disputes.retrieve(id).status == dispute.status


def test_a_charge_is_not_refunded_while_it_is_disputed_or_after_it_was_lost(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    id = sandbox.dispute(intent)["id"]

    for _ in ("open", "lost"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.refunds.create({"payment_intent": intent})
        assert caught.value.code == "charge_disputed"
        if v1.disputes.retrieve(id).status == "needs_response":
            sandbox.close_dispute(id, won=False)


def test_a_charge_whose_dispute_was_won_can_be_refunded(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    sandbox.close_dispute(sandbox.dispute(intent)["id"], won=True)

    assert v1.refunds.create({"payment_intent": intent}).status == "succeeded"


@pytest.mark.parametrize("amount", [0, -1, 1001])
def test_a_dispute_is_about_the_charge_or_a_part_of_it(
    sandbox: Sandbox, intent: str, amount: int
) -> None:
    with pytest.raises(StripeError, match="a part of it"):
        sandbox.dispute(intent, amount)

    assert kinds(sandbox) == []


def test_a_charge_is_disputed_once_and_only_when_it_was_paid(
    sandbox: Sandbox, v1: Any, intent: str
) -> None:
    sandbox.dispute(intent, 1)
    failed = sandbox.decline(v1.checkout.sessions.create(form()).id)["payment_intent"]
    before = kinds(sandbox)

    for wrong in (intent, failed, "pi_nobodys"):
        with pytest.raises(StripeError):
            sandbox.dispute(wrong)

    assert kinds(sandbox) == before


def test_a_warning_of_fraud_names_the_payment(sandbox: Sandbox, intent: str) -> None:
    warning = sandbox.warn_of_fraud(intent)

    assert (warning["object"], warning["payment_intent"]) == ("radar.early_fraud_warning", intent)
    assert warning["actionable"]
    assert kinds(sandbox) == ["radar.early_fraud_warning.created"]
    sandbox.dispute(intent)
    assert not sandbox.warn_of_fraud(intent)["actionable"]
