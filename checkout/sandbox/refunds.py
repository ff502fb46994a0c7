"""Refunds: never more than the charge has left, and given back to it when they fail."""

from checkout.sandbox import amounts, parameters
from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError
from checkout.sandbox.objects import Json, fresh, new_id

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
GONE = ("failed", "canceled")  # what counts no longer against the charge


def create(books: Books, params: Json) -> Json:
    """Give money back, all that is left or a part of it (API reference, "Create a refund").

    Succeeds at once, as with cards, or waits for `settle` when the books say so.

    Raises:
        StripeError: for what cannot be refunded. Guess: which of these are saved under the
            key; here those that depend on the charge's state are.
    """
    reason = parameters.choice(params, "reason", *REASONS)
    amount = parameters.integer(params, "amount", least=1)
    metadata = parameters.metadata(params)
    charge = _charge(books, params)
    refunded = refund(books, charge, amount, pending=books.refunds_pending)
    refunded |= {"reason": reason, "metadata": metadata}
    _tell_created(books, refunded, charge)
    return refunded


def by_hand(books: Books, intent_id: str, amount: int | None = None, *, pending: bool) -> Json:
    """A refund made in Stripe's dashboard: none of the shop's metadata is on it."""
    with books.change():
        charge = _charge(books, {"payment_intent": intent_id})
        refunded = refund(books, charge, amount, pending=pending)
        _tell_created(books, refunded, charge)
        return refunded


def settle(books: Books, id: str, *, ok: bool = True) -> Json:
    """A pending refund ends. One that succeeded can still fail, days later (docs, "Refunds").

    Raises:
        StripeError: for one that has failed, or has succeeded already.
    """
    with books.change():
        refunded = books.find("refund", id, param="refund")
        if refunded["status"] != "pending" and (ok or refunded["status"] != "succeeded"):
            raise StripeError(f"The refund has {refunded['status']}.", param="refund")
        charge = books.find("charge", refunded["charge"])
        refunded |= {"status": "succeeded" if ok else "failed", "pending_reason": None}
        if not ok:
            refunded["failure_reason"] = "unknown"
            refunded["failure_balance_transaction"] = new_id("balance_transaction")
        recount(books, charge)
        books.emit("refund.updated", refunded)
        if not ok:
            books.emit("refund.failed", refunded)
            books.emit("charge.updated", charge)
        return refunded


def refund(books: Books, charge: Json, amount: int | None, *, pending: bool) -> Json:
    """Enter a refund of the charge; the sums of the charge follow."""
    _check_left(books, charge, amount)
    left = charge["amount_captured"] - charge["amount_refunded"]
    refunded = books.keep(fresh(
        "refund", at=books.now(), amount=amount or left, charge=charge["id"],
        currency=charge["currency"], payment_intent=charge["payment_intent"],
        balance_transaction=new_id("balance_transaction"),
        status="pending" if pending else "succeeded",
        pending_reason="processing" if pending else None,
    ))  # fmt: skip
    recount(books, charge)
    return refunded


def recount(books: Books, charge: Json) -> None:
    """`amount_refunded` is the sum of all refunds but the failed ones.

    Guess: that pending ones count.
    """
    found = [each for each in books.all("refund") if each["charge"] == charge["id"]]
    total = sum(each["amount"] for each in found if each["status"] not in GONE)
    charge |= {"amount_refunded": total, "refunded": total == charge["amount_captured"]}


def _charge(books: Books, params: Json) -> Json:
    """The charge to refund, by itself or by its intent."""
    charge_id = parameters.text(params, "charge")
    intent_id = parameters.text(params, "payment_intent")
    if not charge_id and not intent_id:
        message = "One of the following params should be provided for this request: "
        raise StripeError(message + "payment_intent or charge.", code="parameter_missing")
    if intent_id:
        intent = books.find("payment_intent", intent_id, param="payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent_id}) does not have a successful charge "
            raise StripeError(message + "to refund.", param="payment_intent", kept=True)
        charge_id = charge_id or intent["latest_charge"]
    charge = books.find("charge", str(charge_id), param="charge")
    if intent_id and charge["payment_intent"] != intent_id:
        raise StripeError("The charge is not of this PaymentIntent.", param="charge")
    return charge


def _check_left(books: Books, charge: Json, amount: int | None) -> None:
    """Codes charge_already_refunded and charge_disputed (docs, "Error codes").

    The wordings are the API's (reported in public issues). Guess: that no code says that an
    amount is greater than what is left, that a charge of no success is charge_not_refundable,
    and that a dispute that was won lets the charge be refunded again.
    """
    id, currency = charge["id"], charge["currency"]
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        message = f"Charge {id} has not succeeded."
        raise StripeError(message, code="charge_not_refundable", kept=True)
    disputes = [each for each in books.all("dispute") if each["charge"] == id]
    if any(dispute["status"] != "won" for dispute in disputes):
        message = f"Charge {id} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed", kept=True)
    if not left:
        message = f"Charge {id} has already been refunded."
        raise StripeError(message, code="charge_already_refunded", kept=True)
    if amount is not None and amount > left:
        message = f"Refund amount ({amounts.told(amount, currency)}) is greater than "
        message += f"unrefunded amount on charge ({amounts.told(left, currency)})"
        raise StripeError(message, param="amount", kept=True)


def _tell_created(books: Books, refunded: Json, charge: Json) -> None:
    books.emit("refund.created", refunded)
    books.emit("charge.refunded", charge)
