"""Wrong input of every kind at every place of every mutation and query."""

import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from schema.errors import ErrorCode
from tests.client import Answer
from tests.schema.hostile import Path, leads_into, places, with_value, wrong_values
from tests.schema.trying import MUTATIONS, document_of, everything, post, token_of, undone
from tests.schema.whole_inputs import INPUTS

pytestmark = pytest.mark.usefixtures("media")
CODES = {code.name for code in ErrorCode}
# So many of all the values for a place are sent, always the same; WRONG_VALUES=1000 sends all.
EACH = int(os.environ.get("WRONG_VALUES", "1"))


# Two fields that exclude or need each other: wrong in one, the other may be named.
TOGETHER = {
    ("price", "compareAtPrice"),
    ("everywhere", "refreshToken"),
    ("cartToken", "cart"),
    ("cart", "cartToken"),
    ("cart", "expectedTotal"),
    ("accessToken", "orderId"),
    ("accessToken", "returnId"),
    ("accessToken", "sessionId"),
}


def near(found: list[str], path: Path) -> bool:
    """Whether the error names what was wrong, something in it, or what it stands in."""
    there = [str(step) for step in path]
    if all(step == wanted for step, wanted in zip(found, there, strict=False)):
        return True
    return any((step, found[-1]) in TOGETHER for step in there)


def wrong_with(answer: Answer, type: Any, input: Any, path: Path, *, never: bool) -> str:
    """What is not as it must be in the answer to a wrong input; nothing when all is."""
    if answer.status >= 500 or "INTERNAL" in answer.codes:
        return "broke"
    if answer.codes:  # LIMIT_EXCEEDED names the field, the others the way to it
        named = answer.codes == ["LIMIT_EXCEEDED"] or "$input" in answer.message
        too_many_files = answer.status == 413
        return "" if named or too_many_files else "unclear"
    (payload,) = answer.data.values()
    errors = payload["errors"]
    if not errors:
        return "taken" if never else ""
    if any(payload[name] for name in payload if name not in ("errors", "__typename")):
        return "refused and answered"
    for error in errors:
        if error["code"] not in CODES or not leads_into(type, input, error["path"]):
            return "leads nowhere"
        # Which of e-mail and password is wrong is nobody's business.
        if error["code"] != "INVALID_CREDENTIALS" and not error["path"]:
            return "names no place"
        if not near(error["path"], path):
            return "names another place"
    return ""


def test_every_mutation_is_tried() -> None:
    assert {what.partition("/")[0] for what in INPUTS} == set(MUTATIONS)


@pytest.mark.parametrize("what", INPUTS)
def test_wrong_input_is_refused_where_it_stands_and_writes_nothing(
    what: str, forget: Callable[[], None]
) -> None:
    caller, whole = INPUTS[what]()
    name, token = what.partition("/")[0], token_of(caller)
    type, document = MUTATIONS[name].args["input"].type, document_of(name, 1)
    before = everything()

    with undone():
        assert post(document_of(name, 3), {"input": whole}, token).data[name]["errors"] == []
    for path, value, never in drawn(what, type, whole):
        input = with_value(whole, path, value)
        forget()
        with undone() as written:
            answer = post(document, {"input": input}, token)
            found = wrong_with(answer, type, input, path, never=never)
            assert not found, (path, ascii(value)[:200], answer.body)
            if written and is_refusal(answer):
                assert everything() == before, (path, ascii(value)[:200], answer.body, written)


def drawn(name: str, type: Any, whole: Any, each: int = EACH) -> Iterator[tuple[Path, Any, bool]]:
    """Wrong values for every place of an input, and whether they are never taken."""
    for path, kind, now in places(type, whole):
        values = wrong_values(kind, now)
        for value, never in Random(f"{name} {path}").sample(values, min(each, len(values))):
            yield path, value, never


def is_refusal(answer: Answer) -> bool:
    return bool(answer.codes) or any(one["errors"] for one in answer.data.values())


# What the walk found, kept whatever is drawn.
@pytest.mark.parametrize(
    ("what", "path", "value"),
    [
        ("cartUpdate", ("shippingAddress",), {"\ud800": 1}),
        ("productImageUpdate", ("variantId",), ""),
        ("productUpdate", ("publishedAt",), "٢٠٢٦-01-01T00:00:00Z"),
    ],
)
def test_what_once_broke_is_refused(what: str, path: Path, value: Any) -> None:
    caller, whole = INPUTS[what]()
    type, input = MUTATIONS[what].args["input"].type, with_value(whole, path, value)

    answer = post(document_of(what, 1), {"input": input}, token_of(caller))

    assert is_refusal(answer)
    assert not wrong_with(answer, type, input, path, never=True)
