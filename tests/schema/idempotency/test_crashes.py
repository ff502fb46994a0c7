"""A process that ends between the deed and the record of its answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from checkout import access, fulfilments, returns
from checkout.fulfilments import Parcel
from checkout.models import Order, Refund
from checkout.sandbox import Sandbox
from schema import ids
from schema.idempotency import records
from schema.models import KeptAnswer
from tests.checkout.paying import bought, check_money, opened, order
from tests.factories import make_staff
from tests.schema.idempotency.keyed import Request, codes, kept, payload, request, whole
from tests.schema.trying import everything
from tests.schema.whole_inputs import boss
from users.models import Address

pytestmark = pytest.mark.transactional


class Killed(BaseException):
    """Nothing in the shop catches it."""


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def die(*_: Any) -> None:
        raise Killed

    for last in ("keep", "fulfil"):
        monkeypatch.setattr(records, last, die)
    return monkeypatch


def die_in(asked: Request, killed: pytest.MonkeyPatch) -> None:
    with pytest.raises(Killed):
        asked.send()
    killed.undo()


@pytest.mark.parametrize("what", ["addressCreate", "orderPlace", "tokenCreate", "orderFulfil"])
def test_there_is_neither_deed_nor_record(what: str, killed: pytest.MonkeyPatch) -> None:
    asked = whole(what)
    before = everything()

    die_in(asked, killed)

    assert everything() == before
    assert not KeptAnswer.objects.exists()
    assert payload(asked.send())["errors"] == []
    assert kept() == 1


def test_mails_of_what_was_taken_back_are_not_sent(
    killed: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    asked = whole("orderPlace")

    die_in(asked, killed)
    assert mailoutbox == []
    asked.send()

    assert len(mailoutbox) == Order.objects.count() == 1


def test_a_lost_connection_leaves_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, keep = whole("addressCreate"), records.keep

    def lose(*of: Any) -> None:
        connection.connection.close()
        keep(*of)

    monkeypatch.setattr(records, "keep", lose)
    lost = asked.send()
    monkeypatch.undo()
    connection.close()

    # To SQLite a connection that somebody closed is a mistake in the program.
    gone = "SERVICE_UNAVAILABLE" if connection.vendor == "postgresql" else "INTERNAL"
    assert codes(lost) == [gone]
    assert not Address.objects.exists()
    assert payload(asked.send())["errors"] == []


@pytest.fixture
def refund(stripe: Sandbox) -> Request:
    return request("orderRefund", {"orderId": ids.of(bought(stripe)), "amount": "5.00"}, boss())


def test_a_refund_whose_answer_was_lost_is_not_made_again(
    stripe: Sandbox, refund: Request, killed: pytest.MonkeyPatch
) -> None:
    die_in(refund, killed)
    assert Refund.objects.count() == 1

    long_ago()
    again, last = refund.send(), refund.send()

    assert payload(again)["errors"] == []
    assert again.content == last.content
    assert [one["amount"] for one in stripe.books.all("refund")] == [500]
    assert Refund.objects.count() == kept() == 1
    check_money(stripe)


def long_ago() -> None:
    """The process has been silent for as long as none is."""
    row = KeptAnswer.objects.get()
    row.claimed_at -= records.ALIVE + timedelta(seconds=1)
    row.save()


def test_a_claim_is_not_taken_over_while_its_process_may_live(
    stripe: Sandbox, refund: Request, killed: pytest.MonkeyPatch
) -> None:
    die_in(refund, killed)
    killed.setattr(records, "WAIT", 0)

    answer = refund.send()

    assert codes(answer) == ["CONFLICT"]
    assert answer.json()["errors"][0]["extensions"]["retryAfter"] == 1


def test_who_was_overtaken_leaves_the_answer_alone(
    stripe: Sandbox, refund: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    fulfil, answers = records.fulfil, []

    def overtaken(*of: Any) -> None:
        monkeypatch.undo()
        long_ago()
        answers.append(refund.send())
        fulfil(of[0], of[1], "{}")

    monkeypatch.setattr(records, "fulfil", overtaken)
    refund.send()

    assert refund.send().content == answers[0].content
    assert [one["amount"] for one in stripe.books.all("refund")] == [500]


@pytest.mark.parametrize("name", ["orderCancel", "checkoutSessionCreate", "checkoutSessionSync"])
def test_what_asks_stripe_is_done_once(stripe: Sandbox, name: str) -> None:
    made = order()
    session = opened(made)
    what = {"sessionId": session.id} if "Sync" in name else {"orderId": ids.of(made)}
    asked = request(name, what | {"accessToken": access.token_for(made)})

    before = len(stripe.requests)
    first = asked.send()
    requests = len(stripe.requests)
    again = asked.send()

    assert payload(first)["errors"] == []
    assert first.content == again.content
    assert len(stripe.requests) == requests > before


@pytest.mark.parametrize("what", ["orderLinesCancel", "returnReceive"])
def test_what_gives_stripe_s_money_back_does_so_once(stripe: Sandbox, what: str) -> None:
    made = bought(stripe)
    if what == "returnReceive":
        made = fulfilments.fulfil(made.pk, None, parcel=Parcel(), actor=make_staff())
        row = returns.request(made.pk, [(made.lines.get().pk, 1)], reason="", actor=None)
        returns.approve(row.pk, note="", actor=make_staff())
        input = {"returnId": ids.of(row), "restock": True, "refund": True}
    else:
        lines = [{"lineId": ids.of(made.lines.get()), "quantity": 1}]
        input = {"orderId": ids.of(made), "lines": lines}
    asked = request(what, input, boss())

    first, again = asked.send(), asked.send()

    assert payload(first)["errors"] == []
    assert first.content == again.content
    assert [one["amount"] for one in stripe.books.all("refund")] == [1990]
