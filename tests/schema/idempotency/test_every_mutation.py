"""Every mutation, sent twice with one key: carried out once, answered alike."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks as Callbacks

from schema.idempotency.extension import commits_itself
from schema.models import KeptAnswer
from tests.schema.idempotency.keyed import kept, payload, whole
from tests.schema.trying import GRAPHQL, MUTATIONS, everything
from tests.schema.whole_inputs import INPUTS


@pytest.fixture
def _stripe_where_it_is_asked(request: pytest.FixtureRequest, what: str) -> None:
    if what.startswith("checkoutSession"):
        request.getfixturevalue("stripe")


@pytest.mark.usefixtures("_stripe_where_it_is_asked")
@pytest.mark.parametrize("what", INPUTS)
def test_sent_twice_it_is_carried_out_once(
    what: str, media: Path, mailoutbox: list[Any], django_capture_on_commit_callbacks: Callbacks
) -> None:
    asked = whole(what)
    before = everything()

    with django_capture_on_commit_callbacks(execute=True):
        first = asked.send()
    then, files, mails = everything(), sorted(media.rglob("*")), len(mailoutbox)
    with django_capture_on_commit_callbacks(execute=True):
        again = asked.send()

    assert payload(first)["errors"] == []
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert everything() == then
    assert sorted(media.rglob("*")) == files
    assert len(mailoutbox) == mails
    assert kept() == 1
    assert then != before or mails or what in WRITE_NOTHING


WRITE_NOTHING = {"wishlistRemove", "checkoutSessionSync"}  # of what is not there, or not news
BY_THEMSELVES = {
    "checkoutSessionCreate", "checkoutSessionSync", "orderCancel", "orderLinesCancel",
    "orderRefund", "returnReceive", "tokenRefresh",
}  # fmt: skip


def test_few_mutations_commit_by_themselves() -> None:
    assert {name for name in MUTATIONS if commits_itself(GRAPHQL, name)} == BY_THEMSELVES


@pytest.mark.parametrize("what", ["addressCreate", "tokenCreate", "cartCreate", "tokenRefresh"])
def test_nothing_in_the_table_can_be_read(what: str) -> None:
    asked = whole(what)

    said = payload(asked.send())

    row = KeptAnswer.objects.get()
    (answer,) = [bytes(row.answer or b"")]
    column = f"{row.name} {row.content} {answer.decode()}"
    assert answer
    for secret in (asked.key, *texts_in(said), *texts_in(asked.input)):
        assert secret not in column


def texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) and len(value) > 7 else []
