"""Lists by the page, and objects in the place of their ids."""

import copy
from collections.abc import Callable

from checkout.sandbox import parameters
from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError, no_such
from checkout.sandbox.objects import Json

PAGE, MOST = 10, 100  # API reference, "Pagination": 10 unless asked for 1 to 100
DEEPEST = 4  # API reference, "Expanding responses": at most four levels

BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda at, bound: at > bound,
    "gte": lambda at, bound: at >= bound,
    "lt": lambda at, bound: at < bound,
    "lte": lambda at, bound: at <= bound,
}


def created(objects: list[Json], params: Json) -> list[Json]:
    """Those of the time asked for: one moment, or between bounds (package types of `created`)."""
    asked = params.get("created", {})
    if not isinstance(asked, dict):
        moment = parameters.needed_integer(params, "created")
        return [each for each in objects if each["created"] == moment]
    for name, holds in BOUNDS.items():
        bound = parameters.integer(asked, name)
        if bound is not None:
            objects = [each for each in objects if holds(each["created"], bound)]
    return objects


def page(objects: list[Json], params: Json, *, url: str) -> Json:
    """Some of the objects, in their order (API reference, "Pagination").

    Raises:
        StripeError: for a limit out of range, both ends of a page, or an end that is not there.
    """
    limit = parameters.integer(params, "limit", least=1, default=PAGE) or PAGE
    if limit > MOST:
        message = f"This value must be less than or equal to {MOST}."
        raise StripeError(message, code="parameter_invalid_integer", param="limit")
    after = parameters.text(params, "starting_after")
    before = parameters.text(params, "ending_before")
    if after and before:
        raise StripeError("Give either starting_after or ending_before.", param="ending_before")
    if before:
        earlier = objects[: _place(objects, before, "ending_before")]
        chosen, more = earlier[-limit:], len(earlier) > limit
    else:
        rest = objects[_place(objects, after, "starting_after") + 1 :] if after else objects
        chosen, more = rest[:limit], len(rest) > limit
    return {"object": "list", "data": chosen, "has_more": more, "url": url}


def _place(objects: list[Json], id: str, name: str) -> int:
    for place, each in enumerate(objects):
        if each["id"] == id:
            return place
    raise no_such("object", id, param=name)


def expand(books: Books, answer: Json, params: Json) -> Json:
    """Put objects in the place of their ids, as the parameter `expand` asks.

    API reference, "Expanding responses". A refusal comes after the execution, and is saved.
    Guess: that, and the wording.
    """
    for path in parameters.texts(params, "expand"):
        steps = path.split(".")
        if len(steps) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels."
            raise StripeError(message, param="expand", kept=True)
        _open(books, answer, steps)
    return answer


def _open(books: Books, holder: object, steps: list[str]) -> None:
    if isinstance(holder, list):
        for each in holder:
            _open(books, each, steps)
    if not steps or not isinstance(holder, dict):
        return
    first, *rest = steps
    if first == "line_items" and holder["object"] == "checkout.session":
        url = f"/v1/checkout/sessions/{holder['id']}/line_items"
        holder[first] = copy.deepcopy(page(books.line_items[holder["id"]], {}, url=url))
    elif isinstance(value := holder.get(first), str):
        holder[first] = copy.deepcopy(_known(books, value, first))
    elif first not in holder:
        raise _not_expandable(first)
    _open(books, holder[first], rest)


def _known(books: Books, id: str, name: str) -> Json:
    for objects in books.objects.values():
        if id in objects:
            return objects[id]
    raise _not_expandable(name)


def _not_expandable(name: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({name}).", param="expand", kept=True)
