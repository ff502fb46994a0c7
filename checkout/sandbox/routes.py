"""The operations of the API, by method and path.

Left out of the contract's: making, changing, cancelling and capturing PaymentIntents by
themselves. A session makes its own here.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from checkout.sandbox import parameters, refunds, sessions
from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError, no_such
from checkout.sandbox.lists import created, expand, page
from checkout.sandbox.objects import DOCUMENT, Json

Operation = Callable[[Books, Json, str], Json]

EVENTS_KEPT = 30 * 24 * 60 * 60  # seconds; API reference, "Events": access for 30 days
MOST_TYPES = 20  # package types of `types`: "up to 20 strings"


@dataclass(frozen=True)
class Route:
    """One operation: its path as the contract writes it, and what to do."""

    method: str
    template: str
    operation: Operation

    def id_in(self, path: str) -> str | None:
        """What stands in the path for the template's name; None for another path."""
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", self.template), path)
        return None if found is None else "".join(found.groups())

    @property
    def schema(self) -> Json:
        """The contract's schema of the parameters."""
        operation: Json = DOCUMENT["paths"][self.template][self.method.lower()]
        if self.method == "GET":
            found: Json = operation["x-query-schema"]
        else:
            content = operation["requestBody"]["content"]
            found = content["application/x-www-form-urlencoded"]["schema"]
        return found


def run(books: Books, route: Route, params: Json, id: str) -> Json:
    """The body of the answer: a copy, with what was asked to be expanded.

    Raises:
        StripeError: when Stripe would refuse.
    """
    check(route, params)
    answer = copy.deepcopy(route.operation(books, params, id))
    return expand(books, answer, params)


def check(route: Route, params: Json) -> None:
    """Refuse parameters that the contract does not name. Raises StripeError."""
    parameters.check_known(route.schema, params)


def route_for(method: str, path: str) -> tuple[Route, str]:
    """The operation, and the id in the path.

    Raises:
        StripeError: 404 in Stripe's words for a path that it does not know, or we do not.
    """
    for route in ROUTES:
        id = route.id_in(path) if route.method == method else None
        if id is not None:
            return route, id
    message = f"Unrecognized request URL ({method}: {path}). Please see "
    message += "https://stripe.com/docs or we can help at https://support.stripe.com/."
    raise StripeError(message, status=404)


def _retrieve(kind: str) -> Operation:
    def operation(books: Books, params: Json, id: str) -> Json:
        return books.find(kind, id, param=kind.rpartition(".")[2])

    return operation


def _create_session(books: Books, params: Json, _: str) -> Json:
    return sessions.create(books, params)


def _expire_session(books: Books, params: Json, id: str) -> Json:
    return sessions.expire(books, id)


def _create_refund(books: Books, params: Json, _: str) -> Json:
    return refunds.create(books, params)


def _list_sessions(books: Books, params: Json, _: str) -> Json:
    """By what they are for, how they stand, and when they were made."""
    found = _equal(books.all(sessions.KIND), params, "payment_intent", "status")
    if email := parameters.branch(params, "customer_details").get("email"):
        found = [each for each in found if (each["customer_details"] or {}).get("email") == email]
    return page(created(found, params), params, url="/v1/checkout/sessions")


def _list_lines(books: Books, params: Json, id: str) -> Json:
    if id not in books.line_items:
        raise no_such(sessions.KIND, id, param="session")
    url = f"/v1/checkout/sessions/{id}/line_items"
    return page(books.line_items[id], params, url=url)


def _list_refunds(books: Books, params: Json, _: str) -> Json:
    found = _equal(books.all("refund"), params, "payment_intent", "charge")
    return page(created(found, params), params, url="/v1/refunds")


def _list_events(books: Books, params: Json, _: str) -> Json:
    """The newest first; of a type (`*` stands for anything), of some types, or all."""
    wanted = parameters.texts(params, "types")
    if len(wanted) > MOST_TYPES:
        raise StripeError(f"At most {MOST_TYPES} types can be asked for.", param="types")
    if one := parameters.text(params, "type"):
        if wanted:
            raise StripeError("Give either type or types.", param="type")
        wanted = [one]
    found = [event for event in reversed(books.events) if _kept(books, event)]
    if wanted:
        found = [e for e in found if any(fnmatchcase(e["type"], each) for each in wanted)]
    return page(created(found, params), params, url="/v1/events")


def _retrieve_event(books: Books, params: Json, id: str) -> Json:
    event = books.event(id)
    if not _kept(books, event):
        raise no_such("event", id)
    return event


def _kept(books: Books, event: Json) -> bool:
    return bool(event["created"] > books.now() - EVENTS_KEPT)


def _equal(objects: list[Json], params: Json, *names: str) -> list[Json]:
    """Those that have, of these fields, what the parameters say."""
    wanted = {name: value for name in names if (value := parameters.text(params, name))}
    return [each for each in objects if all(each[name] == wanted[name] for name in wanted)]


ROUTES = [
    Route("POST", "/v1/checkout/sessions", _create_session),
    Route("GET", "/v1/checkout/sessions", _list_sessions),
    Route("GET", "/v1/checkout/sessions/{session}", _retrieve(sessions.KIND)),
    Route("POST", "/v1/checkout/sessions/{session}/expire", _expire_session),
    Route("GET", "/v1/checkout/sessions/{session}/line_items", _list_lines),
    Route("GET", "/v1/payment_intents/{intent}", _retrieve("payment_intent")),
    Route("POST", "/v1/refunds", _create_refund),
    Route("GET", "/v1/refunds", _list_refunds),
    Route("GET", "/v1/refunds/{refund}", _retrieve("refund")),
    Route("GET", "/v1/charges/{charge}", _retrieve("charge")),
    Route("GET", "/v1/disputes/{dispute}", _retrieve("dispute")),
    Route("GET", "/v1/events", _list_events),
    Route("GET", "/v1/events/{id}", _retrieve_event),
]
