"""The way back to an order for guests, over HTTP."""

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks

from checkout import access
from tests.checkout.buying import place
from tests.client import call, mutate, refusals
from tests.factories import make_variant


def test_a_guest_is_mailed_what_opens_the_order(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    order = place({make_variant(): 1}, email="ada@example.com")
    input = {"number": order.number, "email": "Ada@example.com"}

    with django_capture_on_commit_callbacks(execute=True):
        payload = mutate("orderLinkRequest", input, "accepted")

    assert payload == {"accepted": True, "errors": []}
    token = access.token_for(order)
    assert token in mail.outbox[0].body
    seen = call(
        "query($n: String!, $t: String!) { order(number: $n, accessToken: $t) { number } }",
        n=order.number,
        t=token,
    )
    assert seen.data == {"order": {"number": order.number}}


def test_the_answer_does_not_tell_whether_there_is_such_an_order() -> None:
    order = place({make_variant(): 1}, email="ada@example.com")

    answers = [
        mutate("orderLinkRequest", {"number": number, "email": email}, "accepted")
        for number, email in (
            (order.number, "ada@example.com"),
            (order.number, "eve@example.com"),
            ("0000-0000-0000", "ada@example.com"),
        )
    ]

    assert answers == [{"accepted": True, "errors": []}] * 3


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"number": " ", "email": "ada@example.com"}, "REQUIRED", ["number"]),
        ({"number": "1", "email": "ada"}, "INVALID", ["email"]),
        ({"number": "a\0", "email": "ada@example.com"}, "INVALID", ["number"]),
    ],
)
def test_a_request_that_cannot_be_read_says_where(
    input: dict[str, str], code: str, path: list[str]
) -> None:
    payload = mutate("orderLinkRequest", input, "accepted")

    assert (payload["accepted"], refusals(payload)) == (False, [(code, path)])
