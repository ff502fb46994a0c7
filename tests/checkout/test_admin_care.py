"""The page on which staff mend an order."""

from typing import Any

import pytest
from django.urls import reverse

from checkout import care
from checkout.models import Order
from tests.admin_pages import Fields, order_page, shown, signed_in
from tests.checkout.buying import ADDRESS
from tests.checkout.states import WAYS, clerk
from tests.factories import make_staff


def care_page(order: Order) -> str:
    return reverse("admin:checkout_order_care", args=[order.pk])


def form_of(client: Any, order: Order) -> dict[str, Any]:
    data = Fields(shown(client.get(care_page(order)))).data
    return {name: value for name, value in data.items() if "csrf" not in name}


def filled_address(place: str, **changes: str) -> dict[str, str]:
    return {f"{place}-{name}": value for name, value in (ADDRESS | changes).items()}


def test_staff_mend_an_order_from_its_page() -> None:
    order, client = WAYS["paid"](None), signed_in(clerk())
    assert care_page(order) in shown(client.get(order_page(order)))

    data = form_of(client, order) | {"note": "Ring\r\ntwice"} | filled_address("shipping_address")
    response = client.post(care_page(order), data)

    assert response["Location"] == order_page(order)
    order.refresh_from_db()
    assert (order.note, order.email) == ("Ring\ntwice", "guest@example.com")
    assert order.shipping_address is not None
    assert (order.shipping_address["city"], order.billing_address) == ("London", None)
    assert order.events.get(type="CHANGED").message == "Changed: note, shipping address"


def test_what_somebody_else_changed_meanwhile_stays() -> None:
    order, client = WAYS["paid"](None), signed_in(clerk())
    data = form_of(client, order)
    care.update(order.pk, {"email": "b@example.com"}, actor=clerk())

    client.post(care_page(order), data | {"note": "x"})

    order.refresh_from_db()
    assert (order.note, order.email) == ("x", "b@example.com")


def test_an_address_is_emptied_as_a_whole() -> None:
    order, client = WAYS["paid"](None), signed_in(clerk())
    care.update(order.pk, {"billing_address": ADDRESS}, actor=clerk())

    data = form_of(client, order)
    emptied = {name: "" for name in data if name.startswith("billing_address-")}
    client.post(care_page(order), data | emptied)

    order.refresh_from_db()
    assert order.billing_address is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        (filled_address("billing_address", country="XX"), "billing_address-country"),
        ({"billing_address-city": "London"}, "billing_address-name"),
        ({f"shipping_address-{name}": "" for name in ADDRESS}, "shipping_address-name"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(changes: dict[str, str], field: str) -> None:
    order, client = WAYS["paid"](None), signed_in(clerk())
    care.update(order.pk, {"shipping_address": ADDRESS}, actor=clerk())
    before = Order.objects.values().get()

    response = client.post(care_page(order), form_of(client, order) | changes)

    assert field in response.context["form"].errors
    assert Order.objects.values().get() == before


def test_once_something_is_sent_it_is_not_offered_and_refused() -> None:
    order, client = WAYS["paid, partly sent"](None), signed_in(clerk())
    assert care_page(order) not in shown(client.get(order_page(order)))

    response = client.post(care_page(order), form_of(client, order) | {"note": "x"})

    assert "sent in part" in shown(response)
    assert Order.objects.get().note == ""


@pytest.mark.parametrize("permission", ["checkout.view_order", "checkout.process_order"])
def test_who_may_not_move_orders_or_not_see_them_does_not_get_the_page(permission: str) -> None:
    order, client = WAYS["paid"](None), signed_in(make_staff(permission))

    assert client.get(care_page(order)).status_code == 403
    assert client.post(care_page(order), {"note": "x"}).status_code == 403
    assert Order.objects.get().note == ""


def test_an_order_that_is_not_there_is_not_found() -> None:
    client = signed_in(clerk())

    assert client.get(reverse("admin:checkout_order_care", args=[0])).status_code == 404
