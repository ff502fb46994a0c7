"""Money on the order's page, the events of Stripe, and the overview, as staff see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import constants as levels
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone

from catalog.models import Variant
from checkout import books, gateway, orders, refunds
from checkout.models import Dispute, Order, Payment, Refund, RefundLine, StripeEvent
from checkout.sandbox import Sandbox
from tests.admin_pages import (
    Fields,
    do,
    messages,
    offered,
    order_page,
    page,
    shown,
    signed_in,
    statements,
    wrong,
)
from tests.checkout.buying import place
from tests.checkout.paying import deliver, opened, order, stripe
from tests.factories import make_staff, make_variant
from users.models import User

__all__ = ["stripe"]

SILENT = "The payment provider does not answer. Nothing is lost; try again."


def make_refunder(*more: str) -> User:
    return make_staff("checkout.view_order", "checkout.refund_order", *more)


def make_worker(*more: str) -> User:
    return make_staff("checkout.view_order", "checkout.process_order", *more)


def paid(stripe: Sandbox, **terms: Any) -> Order:
    """Two units at 19.90 EUR each, paid by Stripe."""
    bought = order(**terms)
    stripe.pay(opened(bought).id)
    deliver(stripe)
    bought.refresh_from_db()
    return bought


def intent(of: Order) -> str:
    return of.payments.get(state="PAID").intent_id


def transferred(worker: User) -> Order:
    """The same, paid by bank transfer."""
    bought = place({make_variant(price=1990): 2})
    return orders.mark_paid(bought.pk, reference="STMT 44", actor=worker)


def told(client: Client, of: Order, **fields: Any) -> list[tuple[int, str]]:
    """Level and text of what is said after a refund."""
    do(client, of, "refund", **fields)
    found = client.get(order_page(of)).context["messages"]
    return [(message.level, str(message)) for message in found]


def overview(client: Client) -> str:
    return shown(client.get(reverse("admin:index")))


# ── who may ─────────────────────────────────────────────────────────────────────────────────


def test_who_refunds_sees_that_move_and_no_other(stripe: Sandbox) -> None:
    bought = paid(stripe)
    Order.objects.filter(pk=bought.pk).update(review_flag="early fraud warning")
    by = {
        "refunds": signed_in(make_refunder()),
        "processes": signed_in(make_worker()),
        "both": signed_in(make_worker("checkout.refund_order")),
        "looks": signed_in(make_staff("checkout.view_order")),
    }

    seen = {name: offered(client, bought) for name, client in by.items()}

    assert seen == {
        "refunds": ["refund"],
        "processes": ["cancel", "fulfil", "cancel_lines", "clear_flag"],
        "both": ["cancel", "fulfil", "refund", "cancel_lines", "clear_flag"],
        "looks": [],
    }


def test_a_move_of_somebody_elses_is_refused(stripe: Sandbox) -> None:
    bought = paid(stripe)

    do(signed_in(make_worker()), bought, "refund")
    do(signed_in(make_refunder()), bought, "cancel")

    assert not Refund.objects.exists()
    assert bought.status == "CONFIRMED"


def test_staff_who_bought_something_refund_it_only_with_the_permission(stripe: Sandbox) -> None:
    member = make_worker()
    bought = paid(stripe, user=member)

    do(signed_in(member), bought, "refund")

    assert not Refund.objects.exists()


def test_staff_who_refund_do_not_move_their_own_orders_along_here() -> None:
    member = make_refunder()
    bought = place({make_variant(): 1}, user=member)
    client = signed_in(member)

    do(client, bought, "cancel")

    assert bought.status == "PENDING"
    assert offered(client, bought) == []


def test_refunding_alone_opens_no_page(stripe: Sandbox) -> None:
    bought = paid(stripe)

    response = do(signed_in(make_staff("checkout.refund_order")), bought, "refund")

    assert response.status_code == 403
    assert not Refund.objects.exists()


# ── refunds ─────────────────────────────────────────────────────────────────────────────────


def test_an_empty_form_gives_back_all_that_is_left(stripe: Sandbox) -> None:
    bought, member = paid(stripe), make_refunder()
    client = signed_in(member)
    do(client, bought, "refund", amount="9.80", reason="A scratch")
    assert "all that is left, 30.00 EUR" in shown(client.get(order_page(bought)))

    said = told(client, bought)

    assert said == [(levels.SUCCESS, "30.00 EUR was given back.")]
    assert bought.payment_status == "REFUNDED"
    first, second = Refund.objects.all()
    assert (first.amount_minor, first.reason, first.actor) == (980, "A scratch", member)
    assert (second.amount_minor, second.state) == (3000, "DONE")
    assert [one.amount for one in gateway.refunds_of(intent(bought))] == [3000, 980]
    assert offered(client, bought) == []


def test_units_are_refunded_and_put_back_on_the_shelf(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    line = bought.lines.get()

    do(client, bought, "refund", restock="on", **{f"line-{line.pk}": 1})

    assert Refund.objects.get().amount_minor == 1990
    assert RefundLine.objects.get().restock
    assert Variant.objects.get().stock == 9
    html = shown(client.get(order_page(bought)))
    assert f"1 × {line.sku}, back on the shelf" in html
    assert "1 refunded" in html


def test_units_stay_off_the_shelf_unless_it_is_said(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    line = bought.lines.get()

    do(client, bought, "refund", amount="5", **{f"line-{line.pk}": 2})

    assert Refund.objects.get().amount_minor == 500
    assert not RefundLine.objects.get(quantity=2).restock
    assert Variant.objects.get().stock == 8


@pytest.mark.parametrize(
    ("field", "entered"),
    [
        ("amount", {"amount": "39.81"}),
        ("amount", {"amount": "0"}),
        ("amount", {"amount": "-1"}),
        ("amount", {"amount": "1.005"}),
        ("amount", {"amount": "1e15"}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": "much"}),
        ("line", {"line": 3}),
        ("line", {"line": -1}),
        ("reason", {"reason": "x" * 201}),
        ("restock", {"restock": "on"}),
        ("__all__", {"sent_as": "twice"}),
    ],
)
def test_what_is_wrong_with_a_refund_is_said_at_its_field(
    stripe: Sandbox, field: str, entered: dict[str, Any]
) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    line = f"line-{bought.lines.get().pk}"
    fields = {line if name == "line" else name: value for name, value in entered.items()}

    response = do(client, bought, "refund", **fields)

    assert list(wrong(response)) == [line if field == "line" else field]
    assert not Refund.objects.exists()


def test_units_that_are_on_the_shelf_already_are_refused_at_their_line(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    other, line = bought.lines.get(), bought.lines.get()
    other.pk, other.sku = None, "OTHER"
    other.save()
    bought.lines.filter(pk=line.pk).update(restocked=2)

    chosen = {f"line-{other.pk}": 0, f"line-{line.pk}": 1}
    response = do(client, bought, "refund", restock="on", **chosen)

    assert wrong(response) == {f"line-{line.pk}": ["These units are back on the shelf."]}


def test_there_is_no_shelf_to_go_back_to_after_a_cancellation(stripe: Sandbox) -> None:
    bought = paid(stripe)
    client = signed_in(make_refunder())
    assert "refund-restock" in shown(client.get(order_page(bought)))
    Order.objects.filter(pk=bought.pk).update(stock_state="RELEASED")

    html = shown(client.get(order_page(bought)))

    assert "refund-restock" not in html


def test_a_form_that_is_sent_twice_refunds_once(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    key = Fields(shown(client.get(order_page(bought)))).data["refund-sent_as"]

    for _ in range(2):
        assert do(client, bought, "refund", amount="5", sent_as=key).status_code == 302
    changed = do(client, bought, "refund", amount="6", sent_as=key)

    assert Refund.objects.get().amount_minor == 500
    assert wrong(changed)["__all__"] == [
        "This form was sent already. Open the page again for another refund."
    ]


def test_a_refund_without_an_answer_is_not_called_done(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    stripe.faults.fail("POST", "/v1/refunds", "drop", times=9)

    said = told(client, bought, amount="5")

    text = "The refund of 5.00 EUR is accepted; Stripe has not answered yet."
    assert said == [(levels.WARNING, text)]
    assert Refund.objects.get().state == "REQUESTED"
    assert bought.refunded_minor == 0
    html = shown(client.get(order_page(bought)))
    assert '<span class="badge wait">Requested</span>' in html
    assert "all that is left, 34.80 EUR" in html


def test_a_refund_that_is_under_way_is_not_called_done(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    do(client, bought, "refund", amount="5")
    (made,) = stripe.books.all("refund")
    made["status"] = "pending"
    Refund.objects.update(state="PENDING")
    key = Refund.objects.get().idempotency_key

    said = told(client, bought, amount="5", sent_as=key)

    text = "Stripe has taken on the refund of 5.00 EUR; it is not through yet."
    assert said[-1] == (levels.SUCCESS, text)


def test_a_refund_that_stripe_refuses_is_told_as_refused(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    stripe.dispute(intent(bought))

    ((level, text),) = told(client, bought, amount="5")

    failure = Refund.objects.get(state="FAILED").failure
    assert level == levels.ERROR
    assert text == f"Stripe refused the refund of 5.00 EUR: {failure}"
    assert failure
    html = shown(client.get(order_page(bought)))
    assert f'<span class="badge bad">Failed</span><br>{failure}' in html
    assert "all that is left, 39.80 EUR" in html


def test_while_stripe_is_silent_nothing_is_promised(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    stripe.faults.fail("GET", "/v1/refunds", "drop", times=9)

    response = do(client, bought, "refund", amount="5")

    assert wrong(response) == {"__all__": [SILENT]}
    assert SILENT in shown(response)
    assert not Refund.objects.exists()


def test_while_stripe_is_silent_nothing_is_cancelled(stripe: Sandbox) -> None:
    bought = order()
    opened(bought)
    stripe.faults.fail("POST", "/v1/checkout/sessions", "drop", times=9)

    response = do(signed_in(make_worker()), bought, "cancel")

    assert wrong(response) == {"__all__": [SILENT]}
    assert SILENT in shown(response)
    assert (bought.status, bought.stock_state) == ("PENDING", "HELD")


def test_what_came_by_bank_is_only_booked() -> None:
    member = make_refunder()
    bought, client = transferred(member), signed_in(member)
    assert "It is only booked here: pay it out yourself." in shown(client.get(order_page(bought)))

    said = told(client, bought)

    text = "39.80 EUR is booked as given back. Pay it out yourself."
    assert said == [(levels.SUCCESS, text)]
    assert bought.payment_status == "REFUNDED"


@pytest.mark.parametrize(
    ("currency", "entered", "minor", "too_fine"),
    [("JPY", "500", 500, "0.5"), ("KWD", "0.51", 510, "0.511"), ("USD", "5.1", 510, "5.101")],
)
def test_an_amount_is_in_the_orders_currency(
    stripe: Sandbox, settings: Any, currency: str, entered: str, minor: int, too_fine: str
) -> None:
    settings.SHOP_CURRENCY = currency
    bought, client = paid(stripe), signed_in(make_refunder())
    settings.SHOP_CURRENCY = "EUR"

    refused = do(client, bought, "refund", amount=too_fine)
    do(client, bought, "refund", amount=entered)

    assert list(wrong(refused)) == ["amount"]
    assert Refund.objects.get().amount_minor == minor
    assert f"Amount ({currency})" in shown(client.get(order_page(bought)))


# ── what the page shows ─────────────────────────────────────────────────────────────────────


def test_refunds_are_shown_with_all_that_is_known_of_them(stripe: Sandbox) -> None:
    bought, member = paid(stripe), make_refunder()
    client = signed_in(member)
    do(client, bought, "refund", amount="5", reason="<b>Scratched</b>")
    stripe.refund(intent(bought), 280)
    deliver(stripe)

    html = shown(client.get(order_page(bought)))

    assert "&lt;b&gt;Scratched&lt;/b&gt;" in html
    assert "made at Stripe" in html
    assert f'<span class="quiet">{member}</span>' in html
    assert '<span class="badge good">Done</span>' in html
    assert "-7.80 EUR" in html
    listed = shown(client.get(page("checkout.order")))
    assert '<span class="badge wait">Partially Refunded</span>' in listed


def test_a_payment_on_top_is_marked_and_goes_back_first(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_refunder())
    assert "to go back" not in shown(client.get(order_page(bought)))
    Payment.objects.create(
        order=bought,
        method="STRIPE",
        amount_minor=3980,
        currency="EUR",
        state="PAID",
        surplus=True,
        attempt=2,
    )

    html = shown(client.get(order_page(bought)))

    assert '<span class="badge bad">paid on top, to go back</span>' in html
    assert "attempt 2" in html
    assert "without units what was paid on top, 39.80 EUR." in html
    Payment.objects.filter(surplus=True).update(refunded_minor=3980)
    assert '<span class="badge">paid on top</span>' in shown(client.get(order_page(bought)))


@pytest.mark.parametrize(("key", "mode"), [("sk_test_1", "test/"), ("rk_live_1", "")])
def test_a_payment_leads_to_stripes_dashboard(
    stripe: Sandbox, settings: Any, key: str, mode: str
) -> None:
    bought, client = paid(stripe), signed_in(make_worker())
    assert "dashboard.stripe.com" not in shown(client.get(order_page(bought)))
    settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY = "", key

    html = shown(client.get(order_page(bought)))

    link = f"https://dashboard.stripe.com/{mode}payments/{intent(bought)}"
    assert f'<a href="{link}" rel="noreferrer">{intent(bought)}</a>' in html


def test_a_dispute_is_shown_until_it_is_closed(stripe: Sandbox) -> None:
    bought, client = paid(stripe), signed_in(make_worker())
    made = stripe.dispute(intent(bought), reason="product_not_received")
    deliver(stripe)
    due = Dispute.objects.get().evidence_due_by
    assert due is not None

    begun = shown(client.get(order_page(bought)))
    stripe.close_dispute(made["id"], won=False)
    deliver(stripe)
    over = shown(client.get(order_page(bought)))

    assert '<span class="badge bad">needs response</span>' in begun
    assert "product not received" in begun
    assert formats.localize(timezone.localtime(due)) in begun
    assert '<span class="badge bad">lost</span>' in over
    assert '<span class="quiet">closed</span>' in over


def test_the_page_costs_the_same_for_many_refunds_and_disputes(stripe: Sandbox) -> None:
    bought, member = paid(stripe), make_refunder()
    client, payment = signed_in(member), bought.payments.get()

    def add(name: str) -> None:
        line = bought.lines.get()
        made = Refund.objects.create(
            order=bought, payment=payment, amount_minor=1, currency="EUR", actor=make_staff()
        )
        RefundLine.objects.create(refund=made, line=line, quantity=1)
        about = {"amount_minor": 1, "currency": "EUR", "reason": "fraudulent", "status": "won"}
        Dispute.objects.create(stripe_id=name, payment=payment, created_at=timezone.now(), **about)

    add("du_0")
    few = statements(client, order_page(bought))
    for number in range(1, 20):
        add(f"du_{number}")

    assert statements(client, order_page(bought)) == few


# ── events ──────────────────────────────────────────────────────────────────────────────────


def make_event(id: str, **fields: Any) -> StripeEvent:
    at = timezone.now()
    about = {"type": "refund.updated", "livemode": False, "created": at, "attempts": 1} | fields
    return StripeEvent.objects.create(id=id, **about)


def test_events_are_found_by_whether_they_fail() -> None:
    make_event("evt_bad", error="ZeroDivisionError")
    make_event("evt_good", done_at=timezone.now())
    make_event("evt_mended", done_at=timezone.now(), error="ZeroDivisionError", attempts=2)
    make_event("evt_new", attempts=0)
    client = signed_in(make_staff("checkout.view_stripeevent"))
    events = page("checkout.stripeevent")

    def listed(**narrowed: str) -> set[str]:
        return {event.pk for event in client.get(events, narrowed).context["cl"].result_list}

    assert listed(state="failing") == {"evt_bad"}
    assert listed(state="done") == {"evt_good", "evt_mended"}
    assert listed() == {"evt_bad", "evt_good", "evt_mended", "evt_new"}
    assert "ZeroDivisionError" in shown(client.get(events))


def test_an_event_is_looked_at_and_not_changed() -> None:
    event = make_event("evt_bad", error="ZeroDivisionError")
    member = make_staff(
        *(f"checkout.{verb}_stripeevent" for verb in ("view", "add", "change", "delete"))
    )
    client = signed_in(member)
    change = page("checkout.stripeevent", "change", event.pk)

    html = shown(client.get(change))
    answers = [
        client.post(change, {"error": ""}),
        client.post(page("checkout.stripeevent", "add"), {"id": "evt_2"}),
        client.post(page("checkout.stripeevent", "delete", event.pk), {"post": "yes"}),
    ]

    assert "ZeroDivisionError" in html
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert StripeEvent.objects.get().error == "ZeroDivisionError"


def test_events_are_for_those_who_may_look_at_them() -> None:
    event = make_event("evt_1")
    client = signed_in(make_worker("checkout.refund_order"))

    lists = client.get(page("checkout.stripeevent"))
    one = client.get(page("checkout.stripeevent", "change", event.pk))

    assert (lists.status_code, one.status_code) == (403, 403)


def test_an_event_that_nobody_knows_is_not_found() -> None:
    client = signed_in(make_staff("checkout.view_stripeevent"))

    for id in ("evt_none", "evt\0"):
        answer = client.get(page("checkout.stripeevent", "change", id), follow=True)
        assert "doesn’t exist" in messages(answer)[0]


# ── the overview ────────────────────────────────────────────────────────────────────────────


def test_the_overview_tells_how_payment_is_doing(stripe: Sandbox) -> None:
    bought = paid(stripe)
    opened(order())
    Payment.objects.filter(state="OPEN").update(created_at=timezone.now() - timedelta(hours=3))
    refused = refunds.refund(bought.pk, refunds.Wish(amount=100), actor=make_refunder())
    books.refused(
        Refund.objects.create(
            order=refused, payment=bought.payments.get(), amount_minor=1, currency="EUR"
        ).pk,
        "no",
    )
    waiting = Refund.objects.create(
        order=bought, payment=bought.payments.get(), amount_minor=1, currency="EUR"
    )
    Refund.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=2))
    make_event("evt_bad", error="ZeroDivisionError")

    html = " ".join(overview(signed_in(make_worker())).split())

    assert "<dt>Payments begun and not finished</dt> <dd>1" in html
    assert "(the oldest for 3 hours)" in html
    assert "<dt>Refunds under way</dt> <dd>1" in html
    assert "(the oldest for 2 days)" in html
    assert "<dt>Refunds that failed</dt> <dd>1" in html
    assert '<dt>Events that fail</dt> <dd><span class="badge bad">1</span>' in html
    assert "<dt>Last word from Stripe</dt>" in html
    flagged = f'<a href="{page("checkout.order")}?flagged=yes"><span class="badge bad">1</span></a>'
    assert flagged in html
    boss = overview(signed_in(make_worker("checkout.view_stripeevent")))
    assert f'<a href="{page("checkout.stripeevent")}?state=failing">' in boss


def test_without_stripe_the_overview_tells_of_flagged_orders_alone() -> None:
    client = signed_in(make_worker())
    bought = place({make_variant(): 1})
    quiet = overview(client)
    Order.objects.filter(pk=bought.pk).update(review_flag="refund due")

    html = overview(client)

    assert "<h2>Payments</h2>" not in quiet
    assert "Orders to be looked at" in html
    assert "Stripe" not in html


def test_the_overview_tells_nothing_to_those_who_see_no_orders(stripe: Sandbox) -> None:
    paid(stripe)
    Order.objects.update(review_flag="refund due")

    html = overview(signed_in(make_staff("catalog.view_product")))

    assert "Orders to be looked at" not in html
    assert "Last word from Stripe" not in html


def test_the_overview_costs_the_same_for_many_orders(stripe: Sandbox) -> None:
    client = signed_in(make_worker())
    paid(stripe)
    few = statements(client, reverse("admin:index"))

    for number in range(10):
        opened(order())
        make_event(f"evt_{number}", error="x")

    assert statements(client, reverse("admin:index")) == few
