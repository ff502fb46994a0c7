"""A refund is made once, whatever gets lost on the way and whoever asks again."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from checkout import gateway, payments, reconciling, refunds
from checkout.models import Order, Refund
from checkout.sandbox import Sandbox
from checkout.sandbox.errors import no_such
from shop.errors import Refused
from tests.checkout.buying import check_books, rows
from tests.checkout.paying import asked, bought, check_money, give_back, intent_of, refusing, states

TOTAL = 3980
REFUNDS = "/v1/refunds"
KEY = "6a1f5f0e-6e5c-4f3e-9f57-0c8f5a0f1a11"


@pytest.fixture(autouse=True)
def impatient(settings: Settings) -> None:
    """A call that fails is not repeated by the library, which would pause in between."""
    settings.STRIPE_RETRIES, settings.STRIPE_TIMEOUT = 0, (1, 0.3)
    gateway._client.cache_clear()


def check(stripe: Sandbox) -> None:
    check_books()
    check_money(stripe)


def say(stripe: Sandbox, id: str, status: str | None) -> None:
    """Let Stripe call the refund so from now on, also what its documentation does not name."""
    stripe.api.check = None
    with stripe.books.change():
        stripe.books.find("refund", id)["status"] = status


def unheard(stripe: Sandbox, made: Order) -> Refund:
    """A refund that Stripe has made and whose answer was lost, long after its key is forgotten."""
    stripe.faults.fail("POST", REFUNDS, "after")
    refund = give_back(made, amount=1000)
    Refund.objects.update(key_round=2)
    assert (refund.state, len(stripe.books.all("refund"))) == ("REQUESTED", 1)
    return refund


def test_one_key_is_one_refund(stripe: Sandbox) -> None:
    made = bought(stripe)

    first = give_back(made, amount=1000, key=KEY)
    again = give_back(made, amount=1000, key=KEY)

    assert first == again
    assert len(stripe.books.all("refund")) == 1
    with pytest.raises(Refused) as caught:
        give_back(made, amount=1001, key=KEY)
    assert caught.value.code == "CONFLICT"
    check(stripe)


@pytest.mark.parametrize("how", ["before", "after", "drop", "429", "freeze"])
def test_a_refund_that_stripe_does_not_answer_is_sent_again_under_its_key(
    stripe: Sandbox, how: Any
) -> None:
    made = bought(stripe)
    stripe.faults.fail("POST", REFUNDS, how)

    assert give_back(made, amount=1000, key=KEY).state == "REQUESTED"
    assert (made.payment_status, made.refunded_minor) == ("PAID", 0)
    assert payments.left(made.payments.get()) == TOTAL - 1000
    stripe.faults.lift()
    again = give_back(made, amount=1000, key=KEY)

    assert again.state == "DONE"
    assert len(stripe.books.all("refund")) == 1
    check(stripe)


def test_a_failure_that_stripe_keeps_does_not_stop_the_refund(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.faults.fail("POST", REFUNDS, "500")
    refund = give_back(made, amount=1000)
    assert refund.state == "REQUESTED"

    with pytest.raises(gateway.Unavailable):  # the kept failure comes again, once
        refunds.carry_out(refund.pk)
    refunds.carry_out(refund.pk)

    refund.refresh_from_db()
    assert refund.state == "DONE"
    assert len(stripe.books.all("refund")) == 1
    check(stripe)


def test_without_stripe_s_list_nothing_is_promised(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.faults.fail("GET", REFUNDS, "before")
    before = rows() | {"users.User": 0}

    with pytest.raises(gateway.Unavailable):
        give_back(made)

    assert rows() | {"users.User": 0} == before
    assert give_back(made).state == "DONE"


def test_carrying_out_twice_is_one_refund(stripe: Sandbox) -> None:
    made = bought(stripe)
    stripe.faults.fail("POST", REFUNDS, "after")
    refund = give_back(made, amount=1000)

    for _ in range(2):
        refunds.carry_out(refund.pk)

    assert len(stripe.books.all("refund")) == 1
    check(stripe)


def test_a_repeat_while_the_first_is_under_way_is_one_refund(
    stripe: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe makes the first one just after the second has looked at the list, and forgets it."""
    made = bought(stripe)
    stripe.faults.fail("POST", REFUNDS, "drop")
    first = give_back(made, amount=1000, key=KEY)
    look = refunds.sync

    def look_too_early(intent: str) -> None:
        look(intent)
        mark = {"shop": "shop", "order": made.number, "refund": str(first.pk)}
        key = f"shop-re-{made.number}-{first.pk}-1"
        gateway.create_refund(intent, 1000, metadata=mark, key=key)
        Refund.objects.filter(pk=first.pk).update(key_round=2)

    monkeypatch.setattr(refunds, "sync", look_too_early)
    second = give_back(made, amount=1000, key=KEY)

    assert (second, second.state) == (first, "DONE")
    assert len(stripe.books.all("refund")) == 1
    check(stripe)


def test_a_refund_whose_answer_was_lost_is_found_in_stripe_s_list(stripe: Sandbox) -> None:
    made = bought(stripe)
    refund = unheard(stripe, made)

    refunds.carry_out(refund.pk)

    refund.refresh_from_db()
    assert refund.state == "DONE"
    assert asked(stripe, "POST", REFUNDS) == 1
    check(stripe)


@pytest.mark.parametrize("status", [None, "", "reversed"])
def test_what_stripe_has_made_is_never_sent_again_whatever_it_is_called(
    stripe: Sandbox, status: str | None
) -> None:
    made = bought(stripe)
    refund = unheard(stripe, made)
    say(stripe, stripe.books.all("refund")[0]["id"], status)

    for _ in range(2):
        refunds.carry_out(refund.pk)

    refund.refresh_from_db()
    assert (refund.state, refund.provider_id) == ("REQUESTED", stripe.books.all("refund")[0]["id"])
    assert asked(stripe, "POST", REFUNDS) == 1
    assert payments.left(made.payments.get()) == TOTAL - 1000


@pytest.mark.parametrize("status", [None, "reversed"])
def test_a_refund_of_the_dashboard_is_never_sent_whatever_it_is_called(
    stripe: Sandbox, status: str | None
) -> None:
    made = bought(stripe)
    say(stripe, stripe.refund(intent_of(made), 1000)["id"], status)
    refunds.sync(intent_of(made))

    refunds.carry_out(made.refunds.get().pk)

    assert asked(stripe, "POST", REFUNDS) == 0
    assert made.refunds.get().state == "REQUESTED"


def test_a_refund_of_an_unknown_state_is_asked_about_until_it_has_one(
    stripe: Sandbox, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    made = bought(stripe)
    said = stripe.refund(intent_of(made), 1000)
    say(stripe, said["id"], None)
    refunds.sync(intent_of(made))
    Refund.objects.update(created_at=made.placed_at - timedelta(hours=1))
    say(stripe, said["id"], "succeeded")

    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_payments()
    assert made.refunds.get().state == "REQUESTED"
    with django_capture_on_commit_callbacks(execute=True):
        reconciling.look_after_refunds()

    assert made.refunds.get().state == "DONE"
    assert asked(stripe, "POST", REFUNDS) == 0
    check(stripe)


def test_while_stripe_does_not_list_a_payment_nothing_of_it_is_sent(stripe: Sandbox) -> None:
    """Without the list nobody knows what an earlier key has done."""
    made = bought(stripe)
    refund = unheard(stripe, made)

    with refusing("GET", REFUNDS, no_such("payment_intent", intent_of(made))):
        refunds.carry_out(refund.pk)

    refund.refresh_from_db()
    assert (refund.state, states(made)[1]) == ("REQUESTED", "PAID")
    assert asked(stripe, "POST", REFUNDS) == 1
    refunds.carry_out(refund.pk)
    refund.refresh_from_db()
    assert refund.state == "DONE"
    check(stripe)
