"""Every mutation, tried by every kind of caller that the table tells apart."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from checkout.models import Cart, Order
from schema import ids
from schema.authorization.rules import PUBLIC, Actor, Cell, Rule, after_calling
from schema.authorization.table import rule_of
from schema.permissions import IsSignedIn
from tests.client import Answer
from tests.schema.authorization.cast import callers, somebody
from tests.schema.trying import MUTATIONS, document_of, everything, post, token_of, undone
from tests.schema.whole_inputs import INPUTS
from users.models import User

pytestmark = pytest.mark.usefixtures("media")
# Of what a mutation takes in two ways the table shows the one that belongs to somebody.
BY_ITSELF = {
    "tokenRevoke/everywhere": after_calling(None, [IsSignedIn]),
    "orderPlace": PUBLIC,
}
# It is staff's alone in that state; the way for buyers is "orderCancel/by a guest".
TOO_LATE = {("orderCancel", Actor.OWNER)}


def nothing_like(id: str) -> str:
    """An id of the same type that leads to nothing."""
    name, key = ids.unpack(id) or ("", "")
    return ids.pack(name, "0000-0000-0000" if name == "Order" else "9" * max(len(key), 9))


# What names the thing that a mutation is about, and the same for what does not exist.
SUBJECTS: dict[str, Callable[[str], str]] = {
    "orderId": nothing_like,
    "returnId": nothing_like,
    "id": nothing_like,
    "productId": nothing_like,
    "customerId": nothing_like,
    "cartToken": lambda token: "x" * len(token),
    "sessionId": lambda id: id[:-4] + "0000",
    "uploadId": lambda id: str(uuid4()),
}


def rule_for(what: str) -> Rule:
    rule = BY_ITSELF.get(what) or rule_of(MUTATIONS[what.partition("/")[0]], None)
    assert rule
    return rule


def of_somebody(what: str, rule: Rule) -> tuple[User, dict[str, Any]]:
    """An input that is taken, without the tokens of guests, and whose the thing is."""
    caller, input = INPUTS[what]()
    owner = caller if caller and not caller.is_staff else somebody(is_staff=rule.staff_owned)
    Order.objects.update(user=owner)
    if rule.staff_owned:
        Product.objects.update(owner=owner)
    if "cartToken" in input:
        Cart.objects.update(user=owner)
    return owner, {name: value for name, value in input.items() if name != "accessToken"}


def without_ids(answer: Answer) -> str:
    """The answer as text, without what is another in every answer."""
    text = json.dumps(answer.body, sort_keys=True)
    for error in answer.body.get("errors", []):
        text = text.replace(str(error["extensions"]["requestId"]), "")
    return text


def met(name: str, answer: Answer) -> Cell:
    """What the caller met, as the answer tells it."""
    if answer.codes:
        assert answer.body.get("data") in (None, {name: None}), answer.body
        (code,) = answer.codes
        return Cell(code)
    payload = answer.data[name]
    if not payload["errors"]:
        return Cell.YES
    assert not any(payload[key] for key in payload if key not in ("errors", "__typename"))
    (code,) = [error["code"] for error in payload["errors"]]
    return {"NOT_FOUND": Cell.HIDDEN, "NOT_ALLOWED": Cell.LOOK}[code]


@pytest.mark.parametrize("what", INPUTS)
def test_every_caller_meets_what_the_table_says(what: str, forget: Callable[[], None]) -> None:
    name, rule = what.partition("/")[0], rule_for(what)
    owner, input = of_somebody(what, rule)
    cast = list(callers(rule, owner))
    document, before = document_of(name, 2), everything()
    wrong = []

    for actor, caller in cast:
        if (what, actor) in TOO_LATE:
            continue
        forget()
        with undone() as written:
            answer = post(document, {"input": input}, token_of(caller))
            cell = met(name, answer)
            if cell is not rule.cell(actor):
                wrong.append((actor, rule.cell(actor), answer.body))
            if cell is not Cell.YES and written:
                assert everything() == before, (actor, written)

    assert not wrong


@pytest.mark.parametrize("what", [what for what in INPUTS if rule_for(what).user is Cell.HIDDEN])
def test_what_is_not_yours_is_answered_as_what_does_not_exist(
    what: str, forget: Callable[[], None]
) -> None:
    name, rule = what.partition("/")[0], rule_for(what)
    owner, input = of_somebody(what, rule)
    key = next(key for key in SUBJECTS if key in input)
    document, nothing = document_of(name, 2), input | {key: SUBJECTS[key](input[key])}

    for actor, caller in callers(rule, owner):
        if rule.cell(actor) is not Cell.HIDDEN:
            continue
        answers, statements = [], []
        for sent in (input, nothing):
            forget()
            with undone(), CaptureQueriesContext(connection) as captured:
                answers.append(without_ids(post(document, {"input": sent}, token_of(caller))))
            statements.append(len(captured))
        assert answers[0] == answers[1], actor
        assert statements[0] == statements[1], actor  # nor does the time tell


HELD = [what for what in INPUTS if rule_for(what).token and what != "orderCancel"]


@pytest.mark.parametrize("what", HELD)
def test_who_has_the_token_needs_no_account(what: str, forget: Callable[[], None]) -> None:
    name = what.partition("/")[0]
    _, input = INPUTS[what]()

    answer = post(document_of(name, 2), {"input": input}, "")

    assert any("token" in key.lower() or key == "password" for key in input)
    assert met(name, answer) is (Cell.SIGN_IN if name == "cartClaim" else Cell.YES)
