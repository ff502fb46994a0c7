"""What comes in at the webhook: who is believed, what is kept, and what is answered."""

import io
import json
import math
import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from checkout import gateway
from checkout.models import Order, Payment, StripeEvent
from checkout.sandbox import Sandbox
from checkout.sandbox.deliveries import signature
from checkout.sandbox.objects import DOCUMENT
from checkout.webhooks import apply
from tests.checkout.buying import rows
from tests.checkout.paying import (
    PAID,
    WAITING,
    asked,
    check_money,
    deliver,
    opened,
    order,
    post,
    states,
    told,
)

Json = dict[str, Any]
LARGEST = 256_000  # bytes


@pytest.fixture
def made(stripe: Sandbox) -> Order:
    """An order that is paid at Stripe, which the shop has not heard of."""
    made = order()
    stripe.pay(opened(made).id)
    return made


@pytest.fixture
def event(stripe: Sandbox, made: Order) -> Json:
    """What Stripe has to tell of it."""
    (event,) = told(stripe, "checkout.session.completed")
    return event


def signed(stripe: Sandbox, body: bytes) -> tuple[bytes, str]:
    return body, signature(body, stripe.secret, int(time.time()))


def check_refused(made: Order, body: bytes, header: str) -> None:
    """It is answered 400, and nothing is written."""
    before, order_row = rows(), Order.objects.values().get(pk=made.pk)
    payment = Payment.objects.values().get(order=made)

    assert post(body, header) == HTTPStatus.BAD_REQUEST

    assert rows() == before
    assert Order.objects.values().get(pk=made.pk) == order_row
    assert Payment.objects.values().get(order=made) == payment


def check_ignored(stripe: Sandbox, made: Order, event: Json) -> None:
    """It is answered as if all were well; nothing is kept, and Stripe is not asked."""
    before, requests = rows(), len(stripe.requests)

    assert deliver(stripe, [event]) == [204]

    assert rows() == before
    assert states(made) == WAITING
    assert len(stripe.requests) == requests


def test_an_event_is_followed_and_kept_without_its_content(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    assert deliver(stripe, [event]) == [204]

    assert states(made) == PAID
    row = StripeEvent.objects.values().get()
    assert (row["id"], row["type"], row["livemode"]) == (event["id"], event["type"], False)
    assert int(row["created"].timestamp()) == event["created"]
    assert row["done_at"] is not None
    assert (row["attempts"], row["error"]) == (1, "")
    assert made.email not in str(row)
    check_money(stripe)


# Who is believed.


def test_what_another_secret_has_signed_is_refused(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    check_refused(made, *stripe.deliveries.signed(event, secret="whsec_other"))


def test_a_signature_is_for_its_body_alone(stripe: Sandbox, made: Order, event: Json) -> None:
    body, header = stripe.deliveries.signed(event)

    check_refused(made, body.replace(b"\n", b"\n ", 1), header)


HEADERS = [
    "", " ", "t", "t=", "v1=", "t=,v1=", "nonsense", "t={now}", "v1={good}", "t={now},v1=",
    "t={now},v0={good}", "t=now,v1={good}", "t=-1,v1={good}", "t=1e9,v1={good}",
    "t={now},v1=\xe9", "t={now},v1={good}\xe9", "t=\xb2,v1={good}", "t={nines},v1={good}",
    "t={now}.0,v1={good}", "t={now}0,v1={good}", "={now},={good}", ",,,", "t=" + "9" * 5000,
]  # fmt: skip


def test_a_header_that_is_no_signature_is_refused(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    body, whole = stripe.deliveries.signed(event)
    now, good = whole.removeprefix("t=").split(",v1=")

    for header in HEADERS:
        check_refused(made, body, header.format(now=now, good=good, nines="9" * 30))


def test_a_body_without_a_signature_is_refused(stripe: Sandbox, made: Order, event: Json) -> None:
    body, _ = stripe.deliveries.signed(event)

    answer = Client().post("/webhooks/stripe/", body, content_type="application/json")

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert states(made) == WAITING
    assert not StripeEvent.objects.exists()


def test_five_minutes_old_is_too_old(stripe: Sandbox, made: Order, event: Json) -> None:
    check_refused(made, *stripe.deliveries.signed(event, at=math.floor(time.time()) - 301))

    assert post(*stripe.deliveries.signed(event, at=int(time.time()) - 290)) == 204


def test_five_minutes_to_come_is_too_early(stripe: Sandbox, made: Order, event: Json) -> None:
    check_refused(made, *stripe.deliveries.signed(event, at=math.ceil(time.time()) + 301))

    assert post(*stripe.deliveries.signed(event, at=int(time.time()) + 290)) == 204


@pytest.mark.parametrize("secret", ["", " "])
def test_without_a_secret_nobody_is_believed(
    stripe: Sandbox, settings: Settings, made: Order, event: Json, secret: str
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []

    check_refused(made, *stripe.deliveries.signed(event, secret=secret))


@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_while_secrets_change_both_are_good(
    stripe: Sandbox, settings: Settings, made: Order, event: Json, secret: str
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_old", "whsec_new"]

    check_refused(made, *stripe.deliveries.signed(event))
    assert post(*stripe.deliveries.signed(event, secret=secret)) == 204

    assert states(made) == PAID


def test_one_good_signature_of_several_is_enough(stripe: Sandbox, made: Order, event: Json) -> None:
    body, header = stripe.deliveries.signed(event)
    time_part, good = header.split(",")

    assert post(body, f"{time_part},v1={'0' * 64},v0=old,{good}") == 204


# What is no event.


@pytest.mark.parametrize(
    ("size", "answer"), [(LARGEST, 204), (LARGEST + 1, 400), (9 * LARGEST, 400)]
)
def test_a_signed_body_has_a_size_to_keep_to(
    stripe: Sandbox, made: Order, event: Json, size: int, answer: int
) -> None:
    body = json.dumps(event).encode().ljust(size)

    assert post(*signed(stripe, body)) == answer

    assert states(made) == (PAID if answer == 204 else WAITING)
    assert StripeEvent.objects.count() == (answer == 204)


def test_the_size_to_keep_to_is_the_webhook_s_own(
    stripe: Sandbox, settings: Settings, made: Order, event: Json
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None

    check_refused(made, *signed(stripe, json.dumps(event).encode().ljust(LARGEST + 1)))


def test_a_body_that_breaks_off_is_refused(stripe: Sandbox, made: Order, event: Json) -> None:
    class BrokenOff(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the connection was closed")

    extra: Any = {"wsgi.input": BrokenOff()}
    answer = Client().generic("POST", "/webhooks/stripe/", b"{}", **extra)

    assert answer.status_code == HTTPStatus.BAD_REQUEST


BODIES = [
    b"", b" ", b"\xff\xfe", b"\xef\xbb\xbf{}", b"{", b"paid", b"null", b"true", b"7", b"[]",
    b"{}", b'"evt_1"', b"NaN", b"1" * 5000, b"[" * 20_000, b'{"a":' * 20_000,
    b"[" * 20_000 + b"]" * 20_000,
]  # fmt: skip


def test_a_signed_body_that_is_no_event_is_refused(stripe: Sandbox, made: Order) -> None:
    for body in BODIES:
        check_refused(made, *signed(stripe, body))


ODD: list[Json] = [
    {"created": None}, {"created": "soon"}, {"created": []}, {"created": 10**30},
    {"created": -(10**30)}, {"created": 1e400}, {"created": float("nan")}, {"data": None},
    {"data": []}, {"data": 7}, {"data": "object"}, {"data": {}}, {"data": {"object": None}},
    {"data": {"object": 7}}, {"data": {"object": "cs_1"}}, {"data": {"object": [7]}},
]  # fmt: skip


def test_a_signed_event_of_another_shape_is_refused(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    for odd in ODD:
        check_refused(made, *signed(stripe, json.dumps(event | odd).encode()))
    for name in ("id", "type", "created", "livemode", "data"):
        less = {key: value for key, value in event.items() if key != name}
        check_refused(made, *signed(stripe, json.dumps(less).encode()))


def test_only_posts_are_taken() -> None:
    for method in ("get", "head", "put", "patch", "delete", "options"):
        answer = getattr(Client(), method)("/webhooks/stripe/")

        assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_stripe_needs_no_cookie(stripe: Sandbox, made: Order, event: Json) -> None:
    body, header = stripe.deliveries.signed(event)
    client = Client(enforce_csrf_checks=True)

    answer = client.post(
        "/webhooks/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": header},
    )

    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert not answer.cookies


# What is none of the shop's business.


def test_a_kind_that_the_shop_does_not_know_is_not_kept(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    for kind in ("payment_intent.succeeded", "charge.refund.updated", "customer.created", "x"):
        check_ignored(stripe, made, event | {"type": kind})


def test_what_happens_on_somebody_else_s_account_is_ignored(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    check_ignored(stripe, made, event | {"account": "acct_other"})


@pytest.mark.parametrize("key", ["sk_test_sandbox", "rk_live_1", "sk_live_1"])
def test_what_happens_in_the_other_mode_is_ignored(
    stripe: Sandbox, settings: Settings, made: Order, event: Json, key: str
) -> None:
    settings.STRIPE_SECRET_KEY = key

    check_ignored(stripe, made, event | {"livemode": "test" in key})


def test_a_session_that_nobody_knows_leaves_its_record_alone(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    event["data"]["object"] = event["data"]["object"] | {"id": "cs_test_unknown"}
    before = rows()

    assert deliver(stripe, [event]) == [204]

    assert rows() == before | {"checkout.StripeEvent": 1}
    assert states(made) == WAITING
    assert StripeEvent.objects.get().done_at is not None


def test_a_session_of_another_shop_on_the_same_account_is_none_of_ours(
    stripe: Sandbox, settings: Settings
) -> None:
    made = order()
    stripe.faults.fail("POST", "/v1/checkout/sessions", "500")
    with pytest.raises(gateway.Unavailable):
        opened(made)
    frozen = json.loads(Payment.objects.get().parameters)
    frozen["metadata"]["shop"] = "another"
    other = gateway.create_session(frozen, key="another-cs-1")
    stripe.pay(other.id)

    assert set(deliver(stripe)) == {204}

    assert states(made) == WAITING
    assert Payment.objects.get().session_id == ""


def about(kind: str, subject: Json) -> Json:
    """An event of this kind."""
    told = {"id": f"evt_{kind}", "type": kind, "livemode": False, "created": int(time.time())}
    return told | {"data": {"object": subject}}


def test_things_that_stripe_does_not_know_leave_their_record_alone(stripe: Sandbox) -> None:
    unknown = {"id": "unknown_1", "payment_intent": "pi_unknown", "charge": "ch_unknown"}
    before = rows()

    answers = deliver(stripe, [about(kind, unknown) for kind in apply.HANDLERS])

    assert set(answers) == {204}
    assert rows() == before | {"checkout.StripeEvent": len(apply.HANDLERS)}
    assert len(stripe.requests) >= len(apply.HANDLERS)


def test_a_charge_without_an_intent_is_none_of_ours(stripe: Sandbox) -> None:
    alone = {"id": "re_1", "payment_intent": None, "charge": None}
    kinds = ("refund.created", "charge.refunded", "radar.early_fraud_warning.created")

    assert deliver(stripe, [about(kind, alone) for kind in kinds]) == [204] * 3

    assert stripe.requests == []


# Again, and when something fails.


def test_what_was_done_is_not_done_again(stripe: Sandbox, made: Order, event: Json) -> None:
    deliver(stripe, [event])
    done_at = StripeEvent.objects.get().done_at
    events, requests = made.events.count(), len(stripe.requests)

    assert deliver(stripe, [event] * 3) == [204] * 3

    assert len(stripe.requests) == requests
    assert made.events.count() == events
    assert StripeEvent.objects.get().done_at == done_at


@pytest.mark.parametrize("how", ["before", "after", "drop", "429", "freeze"])
def test_an_event_that_meets_a_silent_stripe_is_settled_when_it_comes_again(
    stripe: Sandbox, settings: Settings, made: Order, event: Json, how: Any
) -> None:
    settings.STRIPE_RETRIES, settings.STRIPE_TIMEOUT = 0, (1, 0.3)
    gateway._client.cache_clear()  # it was made with other settings
    stripe.faults.fail("GET", "/v1/checkout/sessions", how)
    before = rows()

    assert deliver(stripe, [event]) == [500]

    failed = StripeEvent.objects.get()
    assert (failed.done_at, failed.error) == (None, "Unavailable")
    assert rows() == before | {"checkout.StripeEvent": 1}
    assert states(made) == WAITING

    assert deliver(stripe, [event]) == [204]
    assert states(made) == PAID
    done = StripeEvent.objects.get()
    assert (done.attempts, done.error) == (2, "")
    assert done.done_at is not None


def test_events_older_than_what_is_known_change_nothing(
    stripe: Sandbox, made: Order, event: Json
) -> None:
    old = int((timezone.now() - timedelta(days=29)).timestamp())
    deliver(stripe, [event])
    before = Order.objects.values().get()

    kinds = [name for name in apply.HANDLERS if name.startswith("checkout.session.")]
    stale = [event | {"id": f"evt_{name}", "type": name, "created": old} for name in kinds]
    assert deliver(stripe, stale) == [204] * len(kinds)

    assert Order.objects.values().get() == before
    assert asked(stripe, "GET", f"/v1/checkout/sessions/{event['data']['object']['id']}") == 5


def test_every_kind_that_is_followed_is_one_that_stripe_sends() -> None:
    sent = json.dumps(DOCUMENT)

    assert [name for name in apply.HANDLERS if f'"{name}"' not in sent] == []
