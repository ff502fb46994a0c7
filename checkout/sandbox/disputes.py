"""What banks and Stripe's own guards say of a charge after the payment."""

from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError
from checkout.sandbox.objects import Json, fresh

FEE = 1500  # minor units; Guess: it differs by country
ANSWER_WITHIN = 7 * 24 * 60 * 60  # seconds; docs, "Disputes": usually 7 to 21 days
OVER = ("won", "lost")


def begin(books: Books, intent_id: str, amount: int | None, *, reason: str) -> Json:
    """The buyer's bank takes the money back until it is decided (docs, "How disputes work").

    Raises:
        StripeError: for a charge without success, one in dispute, or more than was charged.
    """
    with books.change():
        charge = _charge(books, intent_id)
        if charge["disputed"]:
            raise StripeError("The charge was disputed before.", param="payment_intent")
        asked = charge["amount"] if amount is None else amount
        if not charge["amount"] >= asked > 0:
            raise StripeError("A dispute is about the charge or a part of it.", param="amount")
        charge["disputed"] = True
        dispute = books.keep(_dispute(books, charge, asked, reason))
        books.emit("charge.dispute.created", dispute)
        books.emit("charge.dispute.funds_withdrawn", dispute)
        return dispute


def close(books: Books, id: str, *, won: bool) -> Json:
    """The bank decides: won brings the money back to the shop, lost is for good.

    Raises:
        StripeError: when it was decided before.
    """
    with books.change():
        dispute = books.find("dispute", id, param="dispute")
        if dispute["status"] in OVER:
            raise StripeError(f"The dispute is {dispute['status']} already.", param="dispute")
        dispute["status"] = "won" if won else "lost"
        if won:
            _book(books, dispute, dispute["amount"], fee=0)
        books.emit("charge.dispute.updated", dispute)
        books.emit("charge.dispute.closed", dispute)
        if won:
            books.emit("charge.dispute.funds_reinstated", dispute)
        return dispute


def warn_of_fraud(books: Books, intent_id: str) -> Json:
    """A warning that the card's issuer sends (API reference, "Early Fraud Warning")."""
    with books.change():
        charge = _charge(books, intent_id)
        warning = books.keep(fresh(
            "radar.early_fraud_warning", at=books.now(), actionable=not charge["disputed"],
            charge=charge["id"], payment_intent=intent_id, fraud_type="misc",
        ))  # fmt: skip
        books.emit("radar.early_fraud_warning.created", warning)
        return warning


def _charge(books: Books, intent_id: str) -> Json:
    intent = books.find("payment_intent", intent_id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise StripeError("The PaymentIntent has no successful charge.", param="payment_intent")
    return books.find("charge", intent["latest_charge"])


def _dispute(books: Books, charge: Json, amount: int, reason: str) -> Json:
    """Package types: one that is no mere inquiry makes the charge not refundable."""
    dispute = fresh(
        "dispute", at=books.now(), amount=amount, charge=charge["id"], reason=reason,
        currency=charge["currency"], payment_intent=charge["payment_intent"],
        status="needs_response", is_charge_refundable=False,
    )  # fmt: skip
    dispute["evidence_details"]["due_by"] = books.now() + ANSWER_WITHIN
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    _book(books, dispute, -amount, fee=FEE)
    return dispute


def _book(books: Books, dispute: Json, amount: int, *, fee: int) -> None:
    """Enter in the dispute how it moved the balance."""
    dispute["balance_transactions"].append(fresh(
        "balance_transaction", at=books.now(), amount=amount, available_on=books.now(), fee=fee,
        net=amount - fee, currency=dispute["currency"], source=dispute["id"], type="adjustment",
        description=None, reporting_category="dispute",
    ))  # fmt: skip
