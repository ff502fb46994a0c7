"""Payment by Stripe in tests: the sandbox over HTTP, and its events posted to the webhook."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from checkout import gateway, refunds, sessions
from checkout.gateway import Session
from checkout.models import Order, Payment, Refund
from checkout.models.orders import PaymentMethod
from checkout.refunds import Wish
from checkout.sandbox import Sandbox, routes
from checkout.sandbox.contract import Checker
from checkout.sandbox.errors import StripeError
from checkout.session_form import Face, Ui
from tests.checkout.buying import check_books, place
from tests.factories import make_staff, make_variant

STRIPE = PaymentMethod.STRIPE
SHOP = "https://shop.example.com"
SESSIONS = "/v1/checkout/sessions"
CHECKER = Checker()
# What `states` answers.
WAITING = ("PENDING", "UNPAID", "HELD")
PAID = ("CONFIRMED", "PAID", "SOLD")


@pytest.fixture
def stripe(settings: Any) -> Iterator[Sandbox]:
    """Stripe, with the shop set up for it; every request and answer keeps the contract."""
    with Sandbox(check=CHECKER) as sandbox:
        settings.STRIPE_SECRET_KEY = sandbox.key
        settings.STRIPE_PUBLISHABLE_KEY = "pk_test_sandbox"
        settings.STRIPE_WEBHOOK_SECRETS = [sandbox.secret]
        settings.STRIPE_API_BASE = sandbox.address
        settings.STOREFRONT_URL = SHOP
        yield sandbox
    assert sandbox.violations == []


@pytest.fixture
def impatient(settings: Any) -> None:
    """A call that fails is not repeated by the library, which would pause in between."""
    settings.STRIPE_RETRIES = 0
    gateway._client.cache_clear()


@pytest.fixture
def hasty(settings: Any, impatient: None) -> None:
    """Nor is an answer waited for that does not come."""
    settings.STRIPE_TIMEOUT = (1, 0.3)


def order(units: int = 2, *, stock: int = 10, price: int = 1990, **terms: Any) -> Order:
    """An order that awaits payment by Stripe."""
    return place({make_variant(stock=stock, price=price): units}, method=STRIPE, **terms)


def opened(of: Order, ui: Ui = Ui.HOSTED) -> Session:
    """Its payment page."""
    session, _ = sessions.open_for(of.pk, Face(ui))
    return session


def post(body: bytes, header: str) -> int:
    """What the webhook answers."""
    answer = Client(raise_request_exception=False).post(
        "/webhooks/stripe/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": header},
    )
    return answer.status_code


def deliver(stripe: Sandbox, events: Iterable[dict[str, Any]] | None = None) -> list[int]:
    """Post the events (else all that there were) in order; the answers."""
    chosen = [*stripe.books.events] if events is None else events
    return [post(*stripe.deliveries.signed(event)) for event in chosen]


def states(of: Order) -> tuple[str, str, str]:
    """Order, payment and stock, as the database has them."""
    of.refresh_from_db()
    return of.status, of.payment_status, of.stock_state


def attempts(of: Order) -> list[str]:
    return list(Payment.objects.filter(order=of).values_list("state", flat=True))


def bought(stripe: Sandbox, units: int = 2, **terms: Any) -> Order:
    """An order that was paid, and whose events have come."""
    made = order(units, **terms)
    stripe.pay(opened(made).id)
    assert set(deliver(stripe)) == {204}
    made.refresh_from_db()
    return made


def give_back(made: Order, *, key: str | None = None, **wish: Any) -> Refund:
    """The newest refund of the order, after what was asked for."""
    refunds.refund(made.pk, Wish(key=key, **wish), actor=make_staff())
    made.refresh_from_db()
    return made.refunds.order_by("-pk")[0]


def told(stripe: Sandbox, *types: str) -> list[dict[str, Any]]:
    """The events of these kinds so far, the first first."""
    return [event for event in stripe.books.events if event["type"] in types]


def intent_of(of: Order) -> str:
    """The PaymentIntent that the order was paid by."""
    return Payment.objects.get(order=of, state="PAID").intent_id


def asked(stripe: Sandbox, method: str, path: str) -> int:
    """How many requests to exactly this path Stripe has had."""
    return [(one.method, one.path) for one in stripe.requests].count((method, path))


@contextmanager
def refusing(method: str, path: str, refusal: StripeError) -> Iterator[None]:
    """Stripe refuses meanwhile what is asked of this path, for a reason that it has."""
    plain = routes.run

    def run(books: Any, route: routes.Route, params: Any, id: str) -> Any:
        if (route.method, route.template) == (method, path):
            raise refusal
        return plain(books, route, params, id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "run", run)
        yield


def check_money(stripe: Sandbox) -> None:
    """What Stripe has charged and given back is what the shop's books say, to the unit."""
    charges = [one for one in stripe.books.all("charge") if one["status"] == "succeeded"]
    paid = Payment.objects.filter(method=STRIPE, state="PAID", amount_minor__gt=0)
    assert {one["payment_intent"]: (one["amount"], one["amount_refunded"]) for one in charges} == {
        one.intent_id: (one.amount_minor, one.refunded_minor) for one in paid
    }
    for one in paid.select_related("order"):
        assert one.order.is_paid
        counted = one.refunds.filter(state__in=("PENDING", "DONE"))
        assert sum(refund.amount_minor for refund in counted) == one.refunded_minor
        assert one.currency == one.order.currency
    unpaid = Order.objects.filter(payment_method=STRIPE, total_minor__gt=0)
    for of in unpaid.exclude(payments__in=paid):
        assert not of.is_paid


def check(stripe: Sandbox) -> None:
    """Units and money are exact."""
    check_books()
    check_money(stripe)
