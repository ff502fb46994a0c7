"""Money that comes in, or does not: what a buyer does on the payment page.

A session goes from open/unpaid to complete/paid, or for a delayed method to complete/unpaid and
then to paid, or stays unpaid (docs, "Fulfill orders: delayed notification payment methods").
"""

from checkout.sandbox import sessions
from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError
from checkout.sandbox.objects import Json, fresh, new_id

DECLINED = {
    "code": "card_declined", "decline_code": "generic_decline", "type": "card_error",
    "message": "Your card was declined.",
}  # fmt: skip
FAILED = {
    "code": "payment_intent_payment_attempt_failed", "type": "invalid_request_error",
    "message": "The payment failed.",
}  # fmt: skip


def pay(
    books: Books,
    id: str,
    *,
    delayed: bool = False,
    amount: int | None = None,
    currency: str | None = None,
) -> Json:
    """The buyer pays; by a delayed method the money is only announced.

    `amount` and `currency` let the books lie, which Stripe's never do.

    Raises:
        StripeError: when the session is not open.
    """
    with books.change():
        session = _open(books, id)
        if amount is not None:
            session["amount_total"] = amount
        if currency is not None:
            session["currency"] = currency
        intent = _intent(books, session)
        charge = _charge(books, intent, session)
        session |= {"status": "complete", "url": None}
        if not session["customer_details"]:
            session["customer_details"] = sessions.details_of("buyer@example.com")
        if delayed:
            _announce(books, intent, charge)
        else:
            session["payment_status"] = "paid"
            _take_in(books, intent, charge)
        books.emit("checkout.session.completed", session)
        return session


def decline(books: Books, id: str) -> Json:
    """The card is refused: the session stays open, its intent keeps the error.

    Guess: that the session names the intent from the first try on.
    """
    with books.change():
        session = _open(books, id)
        intent = _intent(books, session)
        charge = _charge(books, intent, session)
        _fail(books, intent, charge, DECLINED)
        return session


def settle(books: Books, id: str, *, ok: bool = True) -> Json:
    """A delayed payment comes in, or fails for good; the session stays complete.

    Raises:
        StripeError: when no delayed payment is under way.
    """
    with books.change():
        session = books.find(sessions.KIND, id, param="session")
        intent = books.objects.get("payment_intent", {}).get(session["payment_intent"] or "", {})
        if intent.get("status") != "processing":
            raise StripeError("No delayed payment of this Checkout Session is under way.")
        charge = books.find("charge", intent["latest_charge"])
        intent["processing"] = None
        if ok:
            session["payment_status"] = "paid"
            _take_in(books, intent, charge)
        else:
            _fail(books, intent, charge, FAILED)
        end = "succeeded" if ok else "failed"
        books.emit(f"checkout.session.async_payment_{end}", session)
        return session


def _open(books: Books, id: str) -> Json:
    sessions.lapse(books)
    session = books.find(sessions.KIND, id, param="session")
    if session["status"] != "open":
        message = f"This Checkout Session has a status of `{session['status']}`; it must be open."
        raise StripeError(message, param="session")
    return session


def _intent(books: Books, session: Json) -> Json:
    """The session's intent; made at the first try to pay (docs, "How Checkout works")."""
    if session["payment_intent"]:
        intent = books.find("payment_intent", session["payment_intent"])
    else:
        data = books.intent_data.get(session["id"], {})
        intent = books.keep(fresh("payment_intent", at=books.now(), **data))
        intent["client_secret"] = f"{intent['id']}_secret_{new_id('request')[4:]}"
        session["payment_intent"] = intent["id"]
    intent |= {"amount": session["amount_total"], "currency": session["currency"]}
    if intent["latest_charge"] is None:
        books.emit("payment_intent.created", intent)
    return intent


def _charge(books: Books, intent: Json, session: Json) -> Json:
    """A try to take the money. It carries a copy of the intent's metadata (docs, "Metadata")."""
    charge = books.keep(fresh(
        "charge", at=books.now(), amount=intent["amount"], currency=intent["currency"],
        payment_intent=intent["id"], metadata=intent["metadata"], paid=False, status="pending",
        payment_method=new_id("payment_method"), receipt_email=intent["receipt_email"],
    ))  # fmt: skip
    charge["billing_details"] |= {"name": None, "email": session["customer_email"]}
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    return charge


def _take_in(books: Books, intent: Json, charge: Json) -> None:
    amount = charge["amount"]
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": amount}
    charge["balance_transaction"] = new_id("balance_transaction")
    intent |= {"status": "succeeded", "amount_received": amount, "last_payment_error": None}
    books.emit("charge.succeeded", charge)
    books.emit("payment_intent.succeeded", intent)


def _announce(books: Books, intent: Json, charge: Json) -> None:
    charge |= {"captured": True, "amount_captured": charge["amount"]}
    intent |= {"status": "processing", "last_payment_error": None}
    books.emit("charge.pending", charge)
    books.emit("payment_intent.processing", intent)


def _fail(books: Books, intent: Json, charge: Json, error: Json) -> None:
    """Package types: an intent whose try failed asks for another payment method."""
    charge |= {"status": "failed", "captured": False, "amount_captured": 0}
    charge |= {"failure_code": error["code"], "failure_message": error["message"]}
    charge["outcome"] |= {"network_status": "declined_by_network", "type": "issuer_declined"}
    charge["outcome"]["seller_message"] = "The bank did not return any further details."
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_payment_error"] = error | {"charge": charge["id"]}
    books.emit("charge.failed", charge)
    books.emit("payment_intent.payment_failed", intent)
