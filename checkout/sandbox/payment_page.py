"""`/pay/<session id>`: where the buyer of a Checkout Session pays, or does not."""

from typing import TYPE_CHECKING, NamedTuple

from checkout.sandbox.errors import StripeError
from checkout.sandbox.layout import (
    Html,
    Page,
    button,
    document,
    mark,
    money,
    redirect,
    tag,
    web,
)
from checkout.sandbox.objects import Json

if TYPE_CHECKING:
    from checkout.sandbox.sandbox import Sandbox


class State(NamedTuple):
    """How a session stands: in a word, the colour of the word, and in a sentence."""

    word: str
    mood: str
    sentence: str


OPEN = State("Open", "soft", "It waits for the buyer.")
EXPIRED = State("Expired", "bad", "Nothing can be paid here any more.")
PAID = State("Paid", "good", "There is nothing more to do.")
WAITING = State("Waiting for the money", "warn", "The dashboard says whether it comes in.")
FAILED = State("The delayed payment failed", "bad", "The money did not come in.")


def show(sandbox: "Sandbox", id: str, *, said: str = "", status: int = 200) -> Page:
    """The page of a session, in whatever state it is. Raises StripeError: 404 without one."""
    with sandbox.books.lock:
        session = sandbox.books.find("checkout.session", id)
        now = state(sandbox, session)
        total = money(session["amount_total"], session["currency"])
        over = tag("section", mark(now.word, now.mood), tag("p", now.sentence), class_="card")
        return document(
            f"Pay {total}",
            tag("p", said, class_="card said warn", role="status") if said else None,
            tag("p", "To pay", class_="soft") if now is OPEN else None,
            tag("h1", total, class_="total"),
            _lines(session, sandbox.books.line_items[id]),
            _buttons() if now is OPEN else over,
            _way_back(session),
            tag("p", tag("span", id, class_="id"), class_="soft"),
            narrow=True,
            status=status,
        )


def act(sandbox: "Sandbox", id: str, do: str) -> Page:
    """Do what a button says. Who paid is sent back to the shop. Raises StripeError."""
    if do == "decline":
        sandbox.decline(id)
        return redirect(f"/pay/{id}?declined=1")
    if do not in ("pay", "delayed"):
        raise StripeError("There is no such button.")
    sandbox.pay(id, delayed=do == "delayed")
    session = sandbox.books.find("checkout.session", id)
    return redirect(_done(session) or f"/pay/{id}")


def state(sandbox: "Sandbox", session: Json) -> State:
    """How a session stands, from its own fields and those of its intent."""
    if session["status"] != "complete":
        return OPEN if session["status"] == "open" else EXPIRED
    if session["payment_status"] != "unpaid":
        return PAID
    intent = sandbox.books.find("payment_intent", session["payment_intent"])
    return WAITING if intent["status"] == "processing" else FAILED


def _lines(session: Json, lines: list[Json]) -> Html:
    rows = [
        _row(f"{line['quantity']} × {line['description']}", line["amount_total"], session)
        for line in lines
    ]
    details = session["total_details"] or {}
    for name, word in (("amount_shipping", "Shipping"), ("amount_tax", "Tax")):
        if details.get(name):
            rows.append(_row(word, details[name], session))
    rows.append(_row("Total", session["amount_total"], session))
    return tag("section", *rows, class_="card", aria_label="What is bought")


def _row(text: str, amount: int, session: Json) -> Html:
    total = tag("span", money(amount, session["currency"]), class_="sum")
    return tag("div", tag("span", text), total, class_="row")


def _buttons() -> Html:
    return tag(
        "form",
        button("Pay", do="pay", main=True),
        button("Pay by a delayed method", do="delayed"),
        button("Decline the card", do="decline"),
        method="post",
    )


def _way_back(session: Json) -> Html | None:
    """To the shop: where the buyer goes after paying, or without."""
    done = session["status"] == "complete"
    address = _done(session) if done else web(session["cancel_url"])
    return tag("p", tag("a", "Back to the shop", href=address)) if address else None


def _done(session: Json) -> str | None:
    """Where the buyer goes after paying (API reference, Checkout Session, success_url)."""
    address = session["success_url"] or session["return_url"] or ""
    return web(address.replace("{CHECKOUT_SESSION_ID}", session["id"]))
