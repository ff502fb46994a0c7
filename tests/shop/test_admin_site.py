"""Every page of every registered admin opens, whatever is typed into its search."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.models import (
    Alert,
    Attribute,
    AttributeValue,
    Brand,
    Collection,
    CollectionProduct,
    Review,
    WishlistItem,
)
from checkout import carts
from checkout.models import Cart, Discount, Invoice, Return, ShippingZone, StripeEvent, TaxRate
from checkout.placement import Terms, place_wishes
from checkout.quotes import Wish
from shop.admin_site import in_shop_currency, shown
from shop.money import Money
from tests.admin_pages import make_boss, page, signed_in
from tests.factories import make_category, make_staff, make_user, make_variant

ODD = ["", "%00", "' OR 1=1 --", "%", "☃ \ud7ff", "a" * 2000, '"open', "-", "9" * 400, "\\"]
MODELS = sorted(
    model._meta.label_lower
    for model in admin.site._registry
    if model._meta.app_label in ("auth", "users", "catalog", "checkout")
)


def fill() -> None:
    """At least one row of each model that has pages."""
    variant = make_variant(price=129_990)
    product, buyer = variant.product, make_user()
    Group.objects.create(name="Warehouse")
    make_category("Desk lamps", make_category())
    shelf = Collection.objects.create(name="New", slug="new")
    CollectionProduct.objects.create(collection=shelf, product=product)
    product.brand = Brand.objects.create(name="Essence", slug="essence")
    product.save()
    colour = Attribute.objects.create(name="Colour", slug="colour")
    AttributeValue.objects.create(attribute=colour, value="Red", slug="red")
    Review.objects.create(product=product, author=buyer, rating=4, title="Good")
    WishlistItem.objects.create(user=buyer, product=product)
    Alert.objects.create(user=buyer, kind="PRICE_BELOW", product=product, below_minor=99_990)
    carts.create(user=None, wishes=[Wish(variant.pk, 2)], fields={"email": "a@example.com"})
    order = place_wishes(
        [Wish(variant.pk, 1)], {"email": buyer.email}, Terms(method="BANK_TRANSFER", user=buyer)
    )
    Return.objects.create(order=order, reason="Too small")
    Invoice.objects.create(
        order=order, year=2026, serial=1, seller=["Shop"], buyer=["Ada"], payment="Paid."
    )
    StripeEvent.objects.create(
        id="evt_1", type="refund.created", livemode=False, created=timezone.now()
    )
    zone = ShippingZone.objects.create(name="World", is_rest=True)
    zone.methods.create(name="Parcel").rates.create(price_minor=490)
    TaxRate.objects.create(country="DE", rate="0.19")
    Discount.objects.create(name="Ten off", kind="PERCENT", percent=10).codes.create(code="TEN")


@pytest.mark.parametrize("model", MODELS)
def test_every_page_opens(model: str) -> None:
    fill()
    client = signed_in(make_boss())
    pages: Any = next(p for m, p in admin.site._registry.items() if m._meta.label_lower == model)
    row = pages.model.objects.first()

    for name, args in (("changelist", []), ("change", [row.pk]), ("history", [row.pk])):
        assert client.get(page(model, name, *args)).status_code == 200

    addable = model not in (
        *("catalog.review", "catalog.stockmovement", "catalog.variant"),
        *("catalog.alert", "catalog.wishlistitem"),
        *("checkout.cart", "checkout.invoice", "checkout.order", "checkout.return"),
        "checkout.stripeevent",
    )
    assert client.get(page(model, "add")).status_code == (200 if addable else 403)


@pytest.mark.parametrize("model", MODELS)
def test_odd_searches_are_answered(model: str) -> None:
    fill()
    client = signed_in(make_boss())

    for text in ODD:
        for parameters in (f"q={text}", f"q=x&p={text}", f"o={text}"):
            response = client.get(f"{page(model)}?{parameters}", follow=True)

            assert response.status_code == 200, parameters


FILTERS = {
    "auth.group": ["name__exact"],
    "catalog.product": ["status", "category", "brand", "in_stock"],
    "catalog.variant": ["units"],
    "catalog.review": ["status__exact", "rating__exact", "verified__exact"],
    "catalog.alert": ["kind__exact", "sent_at__isempty"],
    "checkout.order": ["flagged", "status__exact", "user__id__exact", "placed_at__gte"],
    "users.user": ["is_staff__exact", "groups__id__exact"],
}


@pytest.mark.parametrize("model", sorted(FILTERS))
def test_odd_filters_are_answered(model: str) -> None:
    fill()
    client = signed_in(make_boss())

    for key in FILTERS[model]:
        for text in ("%00", "nothing", "☃", "9" * 30):
            response = client.get(f"{page(model)}?{key}={text}", follow=True)

            assert response.status_code == 200, (key, text)


def test_amounts_are_shown_as_money_only() -> None:
    fill()
    client = signed_in(make_boss())
    row = {label: next(m for m in admin.site._registry if m._meta.label_lower == label)
           for label in MODELS}  # fmt: skip

    for model in ("catalog.product", "catalog.variant", "checkout.order", "checkout.cart"):
        pk = row[model]._default_manager.get().pk
        for url in (page(model), page(model, "change", pk)):
            html = client.get(url).content.decode()

            assert "129990" not in html
            assert "259980" not in html
            assert "1,299.90 EUR" in html or "2,599.80 EUR" in html or 'value="1299.90"' in html


def test_money_is_shown_with_its_own_decimals() -> None:
    assert shown(Money(129_990, "EUR")) == "1,299.90 EUR"
    assert shown(Money(1990, "JPY")) == "1,990 JPY"
    assert shown(None) == "–"
    assert in_shop_currency(5) == "0.05 EUR"


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_permission_see_nothing(model: str) -> None:
    fill()
    client = signed_in(make_staff())
    pages: Any = next(p for m, p in admin.site._registry.items() if m._meta.label_lower == model)
    pk = pages.model.objects.first().pk

    for name, args in (("changelist", []), ("change", [pk]), ("delete", [pk]), ("add", [])):
        assert client.get(page(model, name, *args)).status_code == 403, name
        assert client.post(page(model, name, *args)).status_code == 403, name
    assert f"/{model.partition('.')[2]}/" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_customers_are_sent_to_the_door(model: str) -> None:
    response = signed_in(make_user()).get(page(model))

    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_the_overview_leads_to_the_explorer() -> None:
    html = signed_in(make_boss()).get("/admin/").content.decode()

    assert 'href="/graphql/"' in html


def test_carts_are_only_looked_at() -> None:
    fill()
    client, cart = signed_in(make_boss()), Cart.objects.get()

    assert client.post(page("checkout.cart", "change", cart.pk), {"note": "x"}).status_code == 403
    assert client.post(page("checkout.cart", "delete", cart.pk), {"post": "yes"}).status_code == 403
