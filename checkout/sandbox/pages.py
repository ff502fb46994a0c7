"""What people see in a browser: the payment page `/pay/<session id>`, and the dashboard `/`.

`answer` is the one door. The server hands it every request that is not for the API.
"""

import re
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from checkout.sandbox import dashboard, payment_page
from checkout.sandbox.errors import StripeError
from checkout.sandbox.layout import Page, document, redirect, tag

if TYPE_CHECKING:
    from checkout.sandbox.sandbox import Sandbox

Form = dict[str, str]

DECLINED = "The card was declined, and nothing was paid. Try again, or pay in another way."


def answer(sandbox: "Sandbox", method: str, path: str, headers: Message, body: bytes) -> Page:
    """The page for a request (its path with the query), or what comes of a button.

    Never an exception for bad input. POST alone has effects, and is answered with a redirect
    (303), so that reloading a page does not pay twice.
    """
    if not _at_home(sandbox, headers):
        return _refusal(421, "Wrong address", f"This sandbox is at {sandbox.address}.")
    if method not in ("GET", "POST"):
        return _refusal(405, "Not possible", "These pages are read, and their buttons pressed.")
    if method == "POST" and not _from_here(headers):
        return _refusal(403, "Not from here", "The buttons of these pages work on them alone.")
    place = urlsplit(path)
    sandbox.lapse()
    if place.path == "/":
        return _dashboard(sandbox, method, _form(body))
    if found := re.fullmatch(r"/pay/(\w+)", place.path):
        return _payment(sandbox, method, found[1], _form(body), declined="declined" in place.query)
    return _refusal(404, "No such page", "There is nothing here.")


def _dashboard(sandbox: "Sandbox", method: str, form: Form) -> Page:
    if method == "GET":
        return dashboard.show(sandbox)
    try:
        dashboard.act(sandbox, form)
    except StripeError as refusal:
        return dashboard.show(sandbox, said=str(refusal), status=refusal.status)
    return redirect("/")


def _payment(sandbox: "Sandbox", method: str, id: str, form: Form, *, declined: bool) -> Page:
    """The payment page, or what its button does; the page again, with the reason, if it cannot."""
    try:
        if method == "GET":
            return payment_page.show(sandbox, id, said=DECLINED if declined else "")
        return payment_page.act(sandbox, id, form.get("do", ""))
    except StripeError as refusal:
        if refusal.status == 404:
            return _refusal(404, "No such payment", f"The sandbox knows no session {id}.")
        return payment_page.show(sandbox, id, said=str(refusal), status=refusal.status)


def _at_home(sandbox: "Sandbox", headers: Message) -> bool:
    """Whether it was called by its own name.

    A strange name that was made to lead here would have a strange site's scripts read these
    pages as their own (DNS rebinding).
    """
    port = urlsplit(sandbox.address).port
    return headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}")


def _from_here(headers: Message) -> bool:
    """Whether a form was sent by these pages. Programs that are no browser send no Origin."""
    return headers.get("Origin") in (None, f"http://{headers.get('Host')}")


def _form(body: bytes) -> Form:
    """The last value of each field."""
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def _refusal(status: int, title: str, text: str) -> Page:
    return document(title, tag("h1", title), tag("p", text), status=status, narrow=True)
