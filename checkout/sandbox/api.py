"""The API behind the HTTP server: from a request to an answer, in Stripe's order of questions.

Who asks, in which version, in which words; then whether it was asked before; then the operation.
"""

import hmac
import threading
from dataclasses import dataclass, field, replace
from email.message import Message
from typing import NamedTuple
from urllib.parse import urlsplit

from checkout.sandbox import forms, routes, sessions
from checkout.sandbox.books import Books
from checkout.sandbox.contract import Checker
from checkout.sandbox.errors import StripeError, broken
from checkout.sandbox.faults import Fault, Faults
from checkout.sandbox.idempotency import Keys
from checkout.sandbox.objects import API_VERSION, Json, new_id

DROPPED = 0  # the status of a request that got no answer
FORM = "application/x-www-form-urlencoded"


class Request(NamedTuple):
    """One line of the log; `status` is 0 when the connection was cut instead of an answer."""

    method: str
    path: str
    params: Json
    key: str  # its Idempotency-Key, or ""
    status: int
    replayed: bool


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, a body, and what the headers tell."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False


@dataclass(frozen=True)
class Call:
    """A request as it is understood."""

    method: str
    path: str
    params: Json
    key: str
    id: str
    fault: Fault | None


class Dropped(Exception):
    """The connection is to be cut without an answer."""


class Api:
    """Answers requests one by one from the books, and keeps a log of them."""

    def __init__(self, books: Books, faults: Faults, *, key: str, check: Checker | None) -> None:
        self.books, self.faults, self.key, self.check = books, faults, key, check
        self.keys = Keys(books)
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.stopping = threading.Event()

    def answer(self, method: str, target: str, headers: Message, body: bytes) -> Answer:
        """The answer to a request for this path with its query.

        Raises:
            Dropped: when there shall be none.
        """
        path = urlsplit(target).path
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        call = Call(method, path, {}, key, new_id("request"), self.faults.take(method, path))
        found = Answer(DROPPED, {})
        try:
            self._check_caller(headers)
            call = replace(call, params=_params(call, target, headers, body))
            found = self._checked(call, self._answer(call))
        except StripeError as refusal:
            found = self._checked(call, Answer(refusal.status, refusal.body))
        finally:
            line = Request(method, path, call.params, key, found.status, found.replayed)
            self.requests.append(line)
        return replace(found, headers=_headers(call) | found.headers)

    def _check_caller(self, headers: Message) -> None:
        """The secret key as a bearer token, and the version that the contract describes.

        API reference, "Authentication" (401) and "Versioning". Guess: the wordings; and Stripe
        takes other versions, and none, too, which here would hide a stale contract.
        """
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            message = "You did not provide an API key. You need to provide your API key in the "
            message += "Authorization header, using Bearer auth."
            raise StripeError(message, status=401)
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            raise StripeError("Invalid API Key provided.", status=401)
        version = headers.get("Stripe-Version", "")
        if version != API_VERSION:
            message = f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION}."
            raise StripeError(message)

    def _answer(self, call: Call) -> Answer:
        _meet(call.fault)
        route, id = routes.route_for(call.method, call.path)
        sessions.lapse(self.books)
        found = self._once(call, route, id) if call.key else self._run(call, route, id)
        if call.fault and call.fault.how == "after":
            raise Dropped
        return found

    def _once(self, call: Call, route: routes.Route, id: str) -> Answer:
        """The answer that was saved under the key, or the one that now is."""
        with self.keys.claim(call.key, call.path, call.params) as record:
            if record is None:
                return self._run(call, route, id)
            told = {"Idempotent-Replayed": "true", "Original-Request": record["id"]}
            told |= _no_retry(record["status"])
            return Answer(record["status"], record["body"], told, replayed=True)

    def _run(self, call: Call, route: routes.Route, id: str) -> Answer:
        """Execute once; effect and saved answer are one change of the books."""
        self.faults.hold(call.fault)
        if self.stopping.is_set():
            raise Dropped
        cause = {"id": call.id, "idempotency_key": call.key or None}
        if call.method == "GET":
            with self.books.lock:
                return self._execute(call, route, id)[0]
        with self.books.change(cause):
            found, kept = self._execute(call, route, id)
            if call.key and kept:
                self.keys.save(
                    call.key, call.path, call.params, status=found.status, body=found.body,
                    id=call.id,
                )  # fmt: skip
        return found

    def _execute(self, call: Call, route: routes.Route, id: str) -> tuple[Answer, bool]:
        """The answer, and whether it is saved: what is refused before it begins is not."""
        if call.fault and call.fault.how == "500":
            body = broken("Something went wrong on Stripe's end.").body
            return Answer(500, body, _no_retry(500)), True
        faults = self.check.request(call.method, call.path, call.params) if self.check else []
        self.violations += faults
        try:
            if faults:
                # What Stripe does not know it says itself; the rest is for whoever tests.
                routes.check(route, call.params)
                raise broken("; ".join(faults))
            return Answer(200, routes.run(self.books, route, call.params, id)), True
        except StripeError as refusal:
            return Answer(refusal.status, refusal.body), refusal.kept

    def _checked(self, call: Call, found: Answer) -> Answer:
        """The answer, or a 500 that tells how it breaks the contract."""
        if self.check is None:
            return found
        faults = self.check.reply(call.method, call.path, found.status, found.body)
        if not faults:
            return found
        self.violations += faults
        return Answer(500, broken("; ".join(faults)).body)


def _meet(fault: Fault | None) -> None:
    """The troubles that come before anything is done; nothing of them is saved."""
    how = fault.how if fault else ""
    if how == "drop":
        raise Dropped
    if how == "before":
        raise broken("Something went wrong on Stripe's end.")
    if how == "429":
        message = "Request rate limit exceeded."
        raise StripeError(message, status=429, code="rate_limit")  # Guess: type and wording


def _params(call: Call, target: str, headers: Message, body: bytes) -> Json:
    """The form, or the query of a GET, nested. Guess: the wordings."""
    if call.method != "POST":
        text = urlsplit(target).query
    elif body and headers.get_content_type() != FORM:
        raise StripeError(f"Invalid request: the content type must be {FORM}.")
    else:
        text = body.decode("ascii", "replace")
    try:
        return forms.parse(text)
    except ValueError as odd:
        raise StripeError(f"Invalid request: {odd}") from None


def _headers(call: Call) -> dict[str, str]:
    told = {"Request-Id": call.id, "Stripe-Version": API_VERSION}
    return told | ({"Idempotency-Key": call.key} if call.key else {})


def _no_retry(status: int) -> dict[str, str]:
    """A saved 500 would only come again (package stripe, `_should_retry`)."""
    return {"Stripe-Should-Retry": "false"} if status >= 500 else {}
