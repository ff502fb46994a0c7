"""`/`: what the merchant sees, and what can happen to a payment after it was made."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from checkout.sandbox import amounts, payment_page
from checkout.sandbox.deliveries import NO_ANSWER
from checkout.sandbox.errors import StripeError
from checkout.sandbox.layout import Html, Page, button, document, joined, mark, moment, money, tag
from checkout.sandbox.objects import Json

if TYPE_CHECKING:
    from checkout.sandbox.sandbox import Sandbox

SESSIONS, EVENTS = 20, 30  # how many of them are shown, the newest first
OVER = ("won", "lost")  # disputes that are decided
MOODS = {"succeeded": "good", "won": "good", "pending": "warn", "failed": "bad", "lost": "bad"}


def show(sandbox: "Sandbox", *, said: str = "", status: int = 200) -> Page:
    """The newest sessions and events, with what can be done to each."""
    books = sandbox.books
    with books.lock:
        sessions = [_session(sandbox, each) for each in books.all("checkout.session")[:SESSIONS]]
        events = [_event(sandbox, each) for each in reversed(books.events[-EVENTS:])]
    none = tag("p", "Nothing yet.", class_="soft")
    return document(
        "Dashboard",
        tag("h1", "Stripe sandbox"),
        tag("p", f"Events go to {sandbox.deliveries.webhook or 'nobody'}.", class_="soft"),
        tag("p", said, class_="card said bad", role="alert") if said else None,
        tag("h2", "Checkout Sessions"),
        joined(*sessions) or none,
        tag("h2", "Events"),
        tag("section", *events, class_="card log") if events else none,
        status=status,
    )


def act(sandbox: "Sandbox", form: dict[str, str]) -> None:
    """Do what a button says to the object that its form names.

    Raises:
        StripeError: for what cannot be done, or not now.
    """
    done: dict[str, Callable[[str], object]] = {
        "settle": sandbox.settle,
        "fail": lambda id: sandbox.settle(id, ok=False),
        "expire": sandbox.expire,
        "refund": lambda id: sandbox.refund(id, _amount(sandbox, id, form.get("amount", ""))),
        "settle_refund": sandbox.settle_refund,
        "fail_refund": lambda id: sandbox.settle_refund(id, ok=False),
        "dispute": sandbox.dispute,
        "win": lambda id: sandbox.close_dispute(id, won=True),
        "lose": lambda id: sandbox.close_dispute(id, won=False),
        "warn": sandbox.warn_of_fraud,
        "send": lambda id: _send(sandbox, sandbox.books.event(id)),
    }
    if form.get("do") not in done:
        raise StripeError("There is no such button.")
    done[form["do"]](form.get("id", ""))


def _send(sandbox: "Sandbox", event: Json) -> None:
    """Once more to the shop: in the background, unless that is off."""
    if sandbox.deliveries.webhook is None:
        raise StripeError("There is no webhook address to send it to.")
    send = sandbox.deliveries.offer if sandbox.deliveries.automatic else sandbox.deliveries.post
    send(event)


def _amount(sandbox: "Sandbox", intent_id: str, text: str) -> int | None:
    """Minor units of the intent's currency, from `12.50`. None, which is all, for nothing."""
    if not text.strip():
        return None
    currency = sandbox.books.find("payment_intent", intent_id)["currency"]
    try:
        minor = Decimal(text.strip()).scaleb(amounts.EXPONENTS.get(currency, 2))
        if minor != minor.to_integral_value() or not 0 < minor <= amounts.MAXIMUM:
            raise StripeError(f"{text} is no amount in {currency.upper()}.")
    except InvalidOperation:
        raise StripeError(f"{text} is no amount.") from None
    return int(minor)


def _session(sandbox: "Sandbox", session: Json) -> Html:
    now = payment_page.state(sandbox, session)
    total = money(session["amount_total"], session["currency"])
    link = tag("a", session["id"][:20] + "…", href=f"/pay/{session['id']}", class_="id")
    whose = session["client_reference_id"] or session["customer_email"] or ""
    return tag(
        "article",
        tag(
            "div",
            tag("span", tag("strong", total), " ", mark(now.word, now.mood)),
            link,
            class_="row",
        ),
        tag("p", " · ".join(filter(None, (moment(session["created"]), whose))), class_="soft"),
        _after_payment(sandbox, session),
        tag("div", *_session_forms(session["id"], now), class_="acts"),
        class_="card",
    )


def _session_forms(id: str, now: payment_page.State) -> list[Html]:
    if now is payment_page.OPEN:
        return [_form(id, button("Expire", do="expire"))]
    if now is payment_page.WAITING:
        come, fail = button("Money comes in", do="settle"), button("It fails", do="fail")
        return [_form(id, come, fail)]
    return []


def _after_payment(sandbox: "Sandbox", session: Json) -> Html | None:
    """The refunds and disputes of what was paid, and the forms that make more of them."""
    books, id = sandbox.books, session["payment_intent"]
    if session["payment_status"] != "paid" or not id:
        return None
    charge = books.find("charge", books.find("payment_intent", id)["latest_charge"])
    refunds = [each for each in books.all("refund") if each["charge"] == charge["id"]]
    disputes = [each for each in books.all("dispute") if each["charge"] == charge["id"]]
    forms = [_form(id, button("Warn of fraud", do="warn"))]
    if not charge["disputed"]:
        forms = [*_refund_form(charge, id), _form(id, button("Dispute", do="dispute")), *forms]
    return joined(
        *[_row("Refund", each, _refund_buttons(each)) for each in refunds],
        *[_row("Dispute", each, _dispute_buttons(each)) for each in disputes],
        tag("div", *forms, class_="acts"),
    )


def _refund_form(charge: Json, intent_id: str) -> list[Html]:
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        return []
    value = money(left, charge["currency"]).split()[0]
    label = f"Amount to refund, in {charge['currency'].upper()}"
    amount = tag("input", name="amount", value=value, inputmode="decimal", aria_label=label)
    return [_form(intent_id, amount, button("Refund", do="refund"))]


def _refund_buttons(refund: Json) -> list[Html]:
    fails = button("Fails", do="fail_refund")
    if refund["status"] == "pending":
        return [button("Arrives", do="settle_refund"), fails]
    return [fails] if refund["status"] == "succeeded" else []


def _dispute_buttons(dispute: Json) -> list[Html]:
    if dispute["status"] in OVER:
        return []
    return [button("The shop wins", do="win"), button("The shop loses", do="lose")]


def _row(what: str, thing: Json, buttons: list[Html]) -> Html:
    status = thing["status"]
    told = f"{what} of {money(thing['amount'], thing['currency'])} "
    shown = mark(status.replace("_", " "), MOODS.get(status, "warn"))
    form = _form(thing["id"], *buttons) if buttons else None
    return tag("div", tag("span", told, shown), form, class_="row")


def _form(id: str, *fields: Html) -> Html:
    return tag("form", tag("input", type="hidden", name="id", value=id), *fields, method="post")


def _event(sandbox: "Sandbox", event: Json) -> Html:
    about = event["data"]["object"]["id"][:20] + "…"
    when = tag("span", moment(event["created"])[11:19], class_="time soft")
    told = tag("span", when, f" {event['type']} ", tag("span", about, class_="id soft"))
    if not sandbox.deliveries.webhook:
        return tag("div", told, class_="row")
    again = _form(event["id"], button("Send again", do="send"))
    tools = tag("span", _delivered(sandbox, event["id"]), again, class_="tools")
    return tag("div", told, tools, class_="row")


def _delivered(sandbox: "Sandbox", event_id: str) -> Html:
    """How the shop answered, the latest time last."""
    statuses = [each.status for each in list(sandbox.deliveries.attempts) if each.event == event_id]
    if not statuses:
        return mark("not sent yet", "warn")
    told = ["no answer" if status == NO_ANSWER else str(status) for status in statuses[-3:]]
    return mark(", ".join(told), "good" if 200 <= statuses[-1] < 300 else "bad")
