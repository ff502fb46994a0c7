"""The one door to Stripe: what the shop asks of it, and its answers as plain values.

No call is made inside a transaction: a slow network would keep rows locked. Amounts are whole
minor units, currencies ISO 4217 in capitals, instants aware UTC.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import stripe
from django.conf import settings
from django.db import connection

from checkout.events import Event
from shop.errors import ShopError

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Unavailable(ShopError):
    """Stripe did not answer, or not with sense; a repeat may help.

    `kept`: Stripe has kept this failure under the idempotency key and will repeat it.
    """

    code = "PAYMENT_PROVIDER_UNAVAILABLE"

    def __init__(self, *, kept: bool = False) -> None:
        super().__init__("The payment provider does not answer. Nothing is lost; try again.")
        self.kept = kept


class Rejected(Exception):
    """Stripe will not do it, and a repeat will not help. `reason` and `param` are Stripe's."""

    def __init__(self, message: str, *, reason: str, param: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.param = param


class Missing(Rejected):
    """Stripe knows no such object."""


@dataclass(frozen=True)
class Session:
    """A Checkout Session: https://docs.stripe.com/api/checkout/sessions/object."""

    id: str
    status: str  # open, complete, expired
    payment_status: str  # paid, unpaid, no_payment_required
    amount: int
    currency: str
    mode: str
    livemode: bool
    expires_at: datetime
    url: str | None  # while it is open, with ui_mode hosted_page
    client_secret: str | None  # with the other modes
    intent_id: str
    intent_status: str  # of its PaymentIntent; "" while there is none
    failure: str  # why the last try to pay failed, for people
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Refund:
    """A Refund: https://docs.stripe.com/api/refunds/object."""

    id: str
    status: str  # pending, requires_action, succeeded, failed, canceled
    amount: int
    currency: str
    failure: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Dispute:
    """A Dispute: https://docs.stripe.com/api/disputes/object."""

    id: str
    status: str
    amount: int
    currency: str
    reason: str
    intent_id: str
    evidence_due_by: datetime | None
    created: datetime


def is_set_up() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def is_live() -> bool:
    """Whether the key moves money: https://docs.stripe.com/keys."""
    return str(settings.STRIPE_SECRET_KEY).startswith(("sk_live_", "rk_live_"))


def create_session(parameters: Mapping[str, Any], *, key: str) -> Session:
    """Open a session, or find the one that this key has opened before.

    Raises:
        Unavailable, Rejected
    """
    asked: Any = {**parameters, "expand": ["payment_intent"]}
    return _session(_ask(lambda v1: v1.checkout.sessions.create(asked, {"idempotency_key": key})))


def session(id: str) -> Session:
    """A session as it is now. Raises Unavailable, Missing."""
    expand: Any = {"expand": ["payment_intent"]}
    return _session(_ask(lambda v1: v1.checkout.sessions.retrieve(id, expand)))


def sessions_of(intent_id: str) -> list[Session]:
    """The session that a payment was made in, if it was made in one. Raises Unavailable."""
    asked: Any = {"payment_intent": intent_id, "expand": ["data.payment_intent"]}
    try:
        return _ask(lambda v1: [_session(one) for one in v1.checkout.sessions.list(asked).data])
    except Rejected:  # nothing of this account's
        return []


def expire_session(id: str) -> Session:
    """End an open session, so that nobody can pay it any more.

    Raises:
        Unavailable, and Rejected when it is not open.
    """
    return _session(
        _ask(lambda v1: v1.checkout.sessions.expire(id, {"expand": ["payment_intent"]}))
    )


def create_refund(
    intent_id: str, amount: int, *, metadata: Mapping[str, str], key: str
) -> Refund:  # fmt: skip
    """Give back a part of a payment. Raises Unavailable, Rejected."""
    asked: Any = {"payment_intent": intent_id, "amount": amount, "metadata": dict(metadata)}
    return _refund(_ask(lambda v1: v1.refunds.create(asked, {"idempotency_key": key})))


def refunds_of(intent_id: str) -> list[Refund]:
    """All refunds of a payment, the dashboard's as well. Raises Unavailable, Missing."""
    asked: Any = {"payment_intent": intent_id, "limit": 100}
    return _ask(lambda v1: [_refund(one) for one in v1.refunds.list(asked).auto_paging_iter()])


def dispute(id: str) -> Dispute:
    """A dispute as it is now. Raises Unavailable, Missing."""
    found = _ask(lambda v1: v1.disputes.retrieve(id)).to_dict()
    return Dispute(
        id=found["id"],
        status=found["status"],
        amount=found["amount"],
        currency=found["currency"].upper(),
        reason=found["reason"],
        intent_id=found.get("payment_intent") or "",
        evidence_due_by=_instant((found.get("evidence_details") or {}).get("due_by")),
        created=datetime.fromtimestamp(found["created"], UTC),
    )


def intent_of_charge(id: str) -> str:
    """The PaymentIntent that a charge belongs to, or "". Raises Unavailable, Missing."""
    return _ask(lambda v1: v1.charges.retrieve(id)).to_dict().get("payment_intent") or ""


def events(types: Iterable[str], *, since: datetime) -> list[Event]:
    """What happened of these kinds since then, the first first. Raises Unavailable."""
    asked: Any = {
        "types": list(types),
        "created": {"gte": int(since.timestamp())},
        "limit": 100,
    }
    found = _ask(lambda v1: [*v1.events.list(asked).auto_paging_iter()])
    return [Event.of(one.to_dict()) for one in reversed(found)]


def _session(answer: Any) -> Session:
    found = answer.to_dict()
    intent = found.get("payment_intent") or {}
    return Session(
        id=found["id"],
        status=found.get("status") or "",
        payment_status=found["payment_status"],
        amount=found.get("amount_total") or 0,
        currency=(found.get("currency") or "").upper(),
        mode=found["mode"],
        livemode=found["livemode"],
        expires_at=datetime.fromtimestamp(found["expires_at"], UTC),
        url=found.get("url"),
        client_secret=found.get("client_secret"),
        intent_id=intent.get("id") or "",
        intent_status=intent.get("status") or "",
        failure=(intent.get("last_payment_error") or {}).get("message") or "",
        metadata=found.get("metadata") or {},
    )


def _refund(answer: Any) -> Refund:
    found = answer.to_dict()
    return Refund(
        id=found["id"],
        status=found.get("status") or "",
        amount=found["amount"],
        currency=found["currency"].upper(),
        failure=found.get("failure_reason") or "",
        metadata=found.get("metadata") or {},
    )


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _ask(call: Callable[[Any], Answer]) -> Answer:
    """Make a call, and tell the failures that may pass from those that will not."""
    _refuse_in_transaction()
    try:
        return call(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1)
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        kind = Missing if error.http_status == 404 else Rejected
        message = error.user_message or "Stripe refuses this."
        raise kind(message, reason=error.code or "", param=error.param or "") from None
    except stripe.StripeError as error:
        # Wrong keys as well: the buyer can do nothing about them, and staff read the log.
        log.warning("Stripe: %s (HTTP %s)", type(error).__name__, error.http_status)
        raise Unavailable(kept=_is_kept(error)) from None


def _is_kept(error: stripe.StripeError) -> bool:
    """Whether this key will get the same failure again.

    Stripe keeps the first result of a key, a 500 as well, for at least 24 hours:
    https://docs.stripe.com/api/idempotent_requests.
    """
    if isinstance(error, stripe.IdempotencyError):
        return error.http_status == 400  # the key was used with other parameters
    replayed = (error.headers or {}).get("idempotent-replayed") == "true"
    return replayed and (error.http_status or 0) >= 500


def _refuse_in_transaction() -> None:
    """Raise RuntimeError while rows may be locked; a test case's own transaction is none."""
    # The same look as that of Django's own atomic(durable=True).
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("Stripe must not be asked inside a transaction")


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    # A client of the library makes no retries and waits 80 s unless told otherwise.
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else {},
        max_network_retries=settings.STRIPE_RETRIES,
        http_client=stripe.RequestsClient(timeout=settings.STRIPE_TIMEOUT),
    )
