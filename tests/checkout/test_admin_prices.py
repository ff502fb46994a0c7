"""Zones, rates, taxes and discounts, as staff enter them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Category, Collection
from checkout import carts, promotions
from checkout.models import (
    Cart,
    Discount,
    DiscountCode,
    ShippingCountry,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)
from checkout.placement import Terms, place_wishes
from checkout.quotes import Wish
from shop.management.demo import prices
from tests.admin_pages import (
    errors,
    filled,
    make_boss,
    messages,
    order_page,
    page,
    shown,
    signed_in,
    statements,
)
from tests.checkout.buying import ADDRESS, at_once
from tests.factories import make_category, make_product, make_staff, make_variant

ZONE, METHOD, TAX = "checkout.shippingzone", "checkout.shippingmethod", "checkout.taxrate"
DISCOUNT = "checkout.discount"


@pytest.fixture
def boss() -> Client:
    return signed_in(make_boss())


def add(client: Client, model: str, **fields: Any) -> Any:
    """Send the form for a new row."""
    url = page(model, "add")
    return client.post(url, filled(client, url, **fields))


def change(client: Client, model: str, pk: int, **fields: Any) -> Any:
    url = page(model, "change", pk)
    return client.post(url, filled(client, url, **fields))


def make_zone(*countries: str, name: str = "Europe", is_rest: bool = False) -> ShippingZone:
    zone = ShippingZone.objects.create(name=name, is_rest=is_rest)
    for country in countries:
        zone.countries.create(country=country)
    return zone


def make_method(zone: ShippingZone, *rates: tuple[int, int], **fields: Any) -> ShippingMethod:
    method = ShippingMethod.objects.create(zone=zone, **{"name": "Standard"} | fields)
    for start, price in rates or [(0, 490)]:
        method.rates.create(starts_at=start, price_minor=price)
    return method


def make_discount(code: str = "", **fields: Any) -> Discount:
    fields = {"name": "Ten off", "kind": "PERCENT", "percent": 10} | fields
    discount = Discount.objects.create(is_automatic=not code, **fields)
    if code:
        discount.codes.create(code=code)
    return discount


def rates_of(method: ShippingMethod) -> list[tuple[int, int]]:
    return list(method.rates.values_list("starts_at", "price_minor"))


def order_with(*codes: str, email: str = "ada@example.com", quantity: int = 1) -> Any:
    details = {"email": email, "shipping_address": ADDRESS, "discount_codes": list(codes)}
    variant = make_variant(price=2000)
    return place_wishes([Wish(variant.pk, quantity)], details, Terms("BANK_TRANSFER", None))


# ── zones ───────────────────────────────────────────────────────────────────────────────────


def test_a_zone_is_made_with_its_countries_and_changed(boss: Client) -> None:
    add(boss, ZONE, name="Europe", reaches=["DE", "FR"])
    zone = ShippingZone.objects.get()
    assert [row.country for row in zone.countries.all()] == ["DE", "FR"]

    change(boss, ZONE, zone.pk, reaches=["FR", "IT"])

    assert [row.country for row in zone.countries.all()] == ["FR", "IT"]
    assert "France, Italy" in shown(boss.get(page(ZONE)))


def test_a_country_of_another_zone_is_refused_by_name(boss: Client) -> None:
    make_zone("FR", name="West")

    response = add(boss, ZONE, name="Europe", reaches=["DE", "FR"])

    assert errors(response) == {"reaches": ["A country is in one zone only: FR is in “West”."]}
    assert list(ShippingCountry.objects.values_list("zone__name", "country")) == [("West", "FR")]


def test_a_zone_says_which_countries_it_is_for(boss: Client) -> None:
    nothing = add(boss, ZONE, name="Nowhere")
    both = add(boss, ZONE, name="Both", is_rest="on", reaches=["DE"])
    make_zone(name="World", is_rest=True)
    second = add(boss, ZONE, name="Second", is_rest="on")

    assert [list(errors(one)) for one in (nothing, both, second)] == [
        ["reaches"],
        ["reaches"],
        ["is_rest"],
    ]
    assert ShippingZone.objects.count() == 1


# ── rates ───────────────────────────────────────────────────────────────────────────────────


def test_rates_by_subtotal_are_entered_as_amounts(boss: Client) -> None:
    zone = make_zone("DE")

    add(
        boss,
        METHOD,
        zone=zone.pk,
        name="Standard",
        free_above="50",
        rates__0__begins="0",
        rates__0__price="4.90",
    )
    method = ShippingMethod.objects.get()
    assert (method.free_above_minor, rates_of(method)) == (5000, [(0, 490)])

    changes = {"rates__1__begins": "20.5", "rates__1__price": "2", "free_above": ""}
    change(boss, METHOD, method.pk, **changes)

    method.refresh_from_db()
    assert (method.free_above_minor, rates_of(method)) == (None, [(0, 490), (2050, 200)])
    assert "from 20.50 EUR 2.00 EUR" in shown(boss.get(page(METHOD)))


def test_rates_by_weight_are_entered_in_grams(boss: Client) -> None:
    method = make_method(make_zone("DE"), (0, 490), basis="WEIGHT")

    change(boss, METHOD, method.pk, rates__1__begins="2000", rates__1__price="9.90")
    assert rates_of(method) == [(0, 490), (2000, 990)]

    half = change(boss, METHOD, method.pk, rates__1__begins="2000.5")
    assert errors(half) == {"rates-1-begins": ["Weights are in whole grams."]}
    change(boss, METHOD, method.pk, basis="SUBTOTAL")
    assert rates_of(method) == [(0, 490), (200_000, 990)]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"rates__0__begins": "5"}, "rates"),
        ({"rates__0__begins": "-1"}, "rates-0-begins"),
        ({"rates__0__begins": "1.005"}, "rates-0-begins"),
        ({"rates__0__begins": "NaN"}, "rates-0-begins"),
        ({"rates__0__price": "-1"}, "rates-0-price"),
        ({"rates__0__price": "NaN"}, "rates-0-price"),
        ({"rates__0__price": "1e19"}, "rates-0-price"),
        ({"rates__0__price": ""}, "rates-0-price"),
        ({"rates__1__begins": "0", "rates__1__price": "3"}, "rates"),
        ({"rates__0__DELETE": "on"}, "rates"),
        ({"free_above": "-3"}, "free_above"),
        ({"min_days": "5", "max_days": "2"}, "max_days"),
        ({"min_days": "-1"}, "min_days"),
    ],
)
def test_what_is_wrong_with_a_way_of_sending_is_said_where_it_is(
    boss: Client, fields: dict[str, str], at: str
) -> None:
    method = make_method(make_zone("DE"))

    response = change(boss, METHOD, method.pk, **fields)

    assert list(errors(response)) == [at]
    method.refresh_from_db()
    assert (rates_of(method), method.min_days) == ([(0, 490)], None)


def test_a_way_of_sending_has_a_rate_and_a_name_of_its_own(boss: Client) -> None:
    zone = make_method(make_zone("DE")).zone

    bare = add(boss, METHOD, zone=zone.pk, name="Express")
    same = add(boss, METHOD, zone=zone.pk, name="Standard", rates__0__begins="0", rates__0__price=1)

    assert errors(bare) == {"rates": ["A method needs a rate."]}
    assert list(errors(same)) == ["name"]
    assert ShippingMethod.objects.count() == 1


def test_a_zones_page_leads_to_a_new_way_of_sending_for_it(boss: Client) -> None:
    zone = make_zone("DE")
    url = f"{page(METHOD, 'add')}?zone={zone.pk}"

    assert f'href="{url}"' in shown(boss.get(page(ZONE, "change", zone.pk)))
    assert filled(boss, url)["zone"] == [str(zone.pk)]


# ── taxes ───────────────────────────────────────────────────────────────────────────────────


def test_a_tax_rate_is_entered_in_percent(boss: Client) -> None:
    add(boss, TAX, country="CH", region=" Zug ", tax_class="reduced", percent="7.7")

    rate = TaxRate.objects.get()
    assert (rate.country, rate.region, rate.rate) == ("CH", "Zug", Decimal("0.077"))
    assert 'value="7.7"' in shown(boss.get(page(TAX, "change", rate.pk)))
    assert "Switzerland" in shown(boss.get(page(TAX)))


@pytest.mark.parametrize("percent", ["-1", "100.1", "7.12345", "NaN", ""])
def test_a_tax_rate_is_between_nothing_and_all(boss: Client, percent: str) -> None:
    response = add(boss, TAX, country="CH", percent=percent)

    assert list(errors(response)) == ["percent"]
    assert not TaxRate.objects.exists()


def test_a_second_rate_for_the_same_is_refused_with_the_first(boss: Client) -> None:
    rate = TaxRate.objects.create(country="US", region="Ohio", tax_class="Food", rate="0.05")

    response = add(boss, TAX, country="US", region="OHIO", tax_class="food", percent="6")
    assert errors(response) == {
        "country": ["There is a rate for this already, 5 %. Change that one."]
    }

    change(boss, TAX, rate.pk, percent="6")
    assert TaxRate.objects.get().rate == Decimal("0.06")


@contextmanager
def somebody_faster(model: Any) -> Iterator[None]:
    """Let the same row be there already at the moment in which one of the model is saved."""

    def act(instance: Any, **kwargs: Any) -> None:
        fields = {
            one.attname: getattr(instance, one.attname) for one in model._meta.concrete_fields
        }
        model._default_manager.bulk_create([model(**fields | {"id": None})])

    pre_save.connect(act, sender=model)
    try:
        yield
    finally:
        pre_save.disconnect(act, sender=model)


def test_whoever_is_second_is_told_so(boss: Client) -> None:
    discount = make_discount("TEN")

    with somebody_faster(TaxRate), somebody_faster(DiscountCode):
        rate = add(boss, TAX, country="CH", percent="8.1")
        code = change(boss, DISCOUNT, discount.pk, codes__1__code="SUN")

    assert errors(rate) == {"__all__": ["Somebody has just saved one like it. Look at the list."]}
    assert errors(code) == {"codes": ["Another discount has just got one of these codes."]}
    assert not TaxRate.objects.exists()
    assert DiscountCode.objects.count() == 1


# ── discounts ───────────────────────────────────────────────────────────────────────────────


def test_a_discount_is_made_with_codes_and_what_it_is_for(boss: Client) -> None:
    product, category = make_product(), make_category()
    collection = Collection.objects.create(name="New", slug="new")

    response = add(
        boss,
        DISCOUNT,
        name="Lamps",
        kind="FIXED",
        amount="5",
        minimum="20.50",
        for_some="on",
        products=[product.pk],
        categories=[category.pk],
        collections=[collection.pk],
        codes__0__code="LAMP5",
    )

    assert response.status_code == 302
    made = Discount.objects.get()
    assert (made.amount_minor, made.minimum_minor, made.percent) == (500, 2050, Decimal(0))
    groups = [f"product:{product.pk}", f"category:{category.pk}", f"collection:{collection.pk}"]
    assert made.groups == groups
    assert made.codes.get().code == "LAMP5"

    change(boss, DISCOUNT, made.pk, name="Lights")  # the form as it comes keeps all that
    made.refresh_from_db()
    assert (made.name, made.amount_minor, made.minimum_minor, made.groups) == (
        *("Lights", 500, 2050),
        groups,
    )


def test_the_pickers_search_the_catalogue(boss: Client) -> None:
    product = make_product(name="Reading lamp")
    make_product(name="Rug")
    html = shown(boss.get(page(DISCOUNT, "add")))
    asked = {"app_label": "catalog", "model_name": "collectionproduct", "field_name": "product"}

    found = boss.get(reverse("admin:autocomplete"), {"term": "lamp", **asked}).json()["results"]

    assert [row["id"] for row in found] == [str(product.pk)]
    assert all(f'data-{name.replace("_", "-")}="{value}"' in html for name, value in asked.items())


def test_what_a_kind_does_not_need_is_dropped(boss: Client) -> None:
    figures = {"percent": "15", "amount": "5", "buy_quantity": "2", "get_quantity": "1"}

    add(boss, DISCOUNT, name="Ten", kind="PERCENT", is_automatic="on", **figures)

    made = Discount.objects.get()
    kept = (made.percent, made.amount_minor, made.buy_quantity, made.get_quantity)
    assert kept == (Decimal(15), 0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"percent": ""}, ["percent"]),
        ({"percent": "0"}, ["percent"]),
        ({"percent": "-5"}, ["percent"]),
        ({"percent": "101"}, ["percent"]),
        ({"kind": "FIXED"}, ["amount"]),
        ({"kind": "FIXED", "amount": "-1"}, ["amount"]),
        ({"kind": "FIXED", "amount": "1.005"}, ["amount"]),
        (
            {"kind": "BUY_X_GET_Y", "percent": ""},
            ["buy_quantity", "get_quantity", "percent"],
        ),
        ({"minimum": "-1"}, ["minimum"]),
        ({"usage_limit": "-1"}, ["usage_limit"]),
        ({"ends_at_0": "2001-01-01", "ends_at_1": "00:00:00"}, ["ends_at"]),
        ({"for_some": "on"}, ["for_some"]),
        ({"products": ["0"]}, ["products"]),
    ],
)
def test_what_is_wrong_with_a_discount_is_said_at_its_field(
    boss: Client, fields: dict[str, Any], at: list[str]
) -> None:
    entered = {"name": "Ten", "kind": "PERCENT", "percent": "10", "is_automatic": "on", **fields}

    response = add(boss, DISCOUNT, **entered)

    assert sorted(errors(response)) == at
    assert not Discount.objects.exists()


def test_goods_are_chosen_only_when_the_discount_says_that_it_is_for_some(boss: Client) -> None:
    discount = make_discount(groups=[f"product:{make_product().pk}"])

    widened = change(boss, DISCOUNT, discount.pk, for_some=None)
    gone = change(boss, DISCOUNT, discount.pk, products=[])

    assert list(errors(widened)) == list(errors(gone)) == ["for_some"]
    discount.refresh_from_db()
    assert discount.groups


def test_a_code_is_there_once_whatever_its_capitals(boss: Client) -> None:
    make_discount("WELCOME", name="Hello")
    other = make_discount("OTHER")

    taken = change(boss, DISCOUNT, other.pk, codes__1__code="welcome")
    rows = {"codes-TOTAL_FORMS": "3", "codes-2-id": "", "codes-2-discount": other.pk}
    twice = change(boss, DISCOUNT, other.pk, codes__1__code="Sun", codes__2__code="SUN", **rows)

    assert errors(taken) == {"codes-1-code": ["“Hello” has the code WELCOME already."]}
    assert list(errors(twice)) == ["codes-2-code"]
    assert DiscountCode.objects.count() == 2


def test_who_can_use_it_is_asked_when_nobody_can(boss: Client) -> None:
    url = page(DISCOUNT, "add")
    data = filled(boss, url, name="Ten", kind="PERCENT", percent="10")

    response = boss.post(url, data, follow=True)

    assert "Nobody can use it yet: it has no code." in messages(response)


# ── uses ────────────────────────────────────────────────────────────────────────────────────


def test_a_limit_that_comes_later_counts_the_uses_before_it(boss: Client) -> None:
    discount = make_discount("TEN")
    for _ in range(2):
        order_with("TEN")

    low = change(boss, DISCOUNT, discount.pk, usage_limit="1")
    assert errors(low) == {
        "usage_limit": ["It was used 2 times already; the limit cannot be below that."]
    }
    change(boss, DISCOUNT, discount.pk, usage_limit="3")

    discount.refresh_from_db()
    assert (discount.used, discount.usage_limit) == (2, 3)
    assert "2 of 3" in shown(boss.get(page(DISCOUNT)))
    assert "by 2 orders" in shown(boss.get(page(DISCOUNT, "change", discount.pk)))


def test_saving_a_page_that_was_open_does_not_lose_a_use(boss: Client) -> None:
    discount = make_discount("TEN", usage_limit=5)
    opened = Discount.objects.get(pk=discount.pk)
    order_with("TEN")

    opened.name = "Eleven"
    promotions.save(opened)

    discount.refresh_from_db()
    assert (discount.name, discount.used) == ("Eleven", 1)


@pytest.mark.transactional
def test_orders_that_come_while_it_is_saved_are_all_counted() -> None:
    discount = make_discount("TEN", usage_limit=50)
    variant = make_variant(stock=50)

    def buy() -> None:
        details = {"email": "ada@example.com", "discount_codes": ["TEN"]}
        place_wishes([Wish(variant.pk, 1)], details, Terms("BANK_TRANSFER", None))

    def save() -> None:
        for _ in range(5):
            promotions.save(Discount.objects.get(pk=discount.pk))

    at_once(*[buy, save] * 8)

    discount.refresh_from_db()
    assert discount.used == promotions.uses(discount) == 8


def test_a_discount_that_was_used_is_switched_off_and_not_deleted(boss: Client) -> None:
    used = make_discount("TEN")
    order = order_with("TEN")
    unused = make_discount("IDLE", name="Idle")
    assert "kept, and switched off" in shown(boss.get(page(DISCOUNT, "delete", used.pk)))

    response = boss.post(page(DISCOUNT, "delete", used.pk), {"post": "yes"}, follow=True)
    boss.post(page(DISCOUNT, "delete", unused.pk), {"post": "yes"})

    assert messages(response) == ["“Ten off” was used, so it is kept, and switched off."]
    (kept,) = Discount.objects.all()
    assert (kept, kept.is_active) == (used, False)
    assert order.redemptions.get().discount == used


def test_only_who_may_delete_switches_it_off_that_way() -> None:
    discount = make_discount("TEN")
    order_with("TEN")
    client = signed_in(make_staff("checkout.view_discount", "checkout.change_discount"))

    response = client.post(page(DISCOUNT, "delete", discount.pk), {"post": "yes"})

    assert response.status_code == 403
    discount.refresh_from_db()
    assert discount.is_active


# ── what a cart would pay ───────────────────────────────────────────────────────────────────


def preview(client: Client, discount: Discount, **fields: Any) -> Any:
    url = page("checkout.discount", "preview", discount.pk)
    return client.get(url, {"cart": "", "goods": "", "country": "", **fields})


def test_the_preview_says_what_goods_would_cost(boss: Client) -> None:
    make_method(make_zone("DE"), (0, 490))
    TaxRate.objects.create(country="DE", rate="0.25")
    make_discount("BIG", name="Big", kind="FIXED", percent=0, amount_minor=100, minimum_minor=9000)
    make_discount(name="Auto", percent=50, minimum_minor=9000)
    discount = make_discount("TEN", is_active=False, ends_at=timezone.now() + timedelta(days=1))
    variant = make_variant(price=2000)

    found = preview(boss, discount, goods=f"{variant.sku.lower()} 2", country="DE").context["found"]

    assert (found["subtotal"], found["shipping"]) == ("40.00 EUR", ("Standard", "4.90 EUR"))
    assert (found["tax"], found["total"]) == ("8.18 EUR", "40.90 EUR")
    assert [(one["name"], one["code"], one["amount"]) for one in found["offers"]] == [
        ("Auto", "", ""),
        ("Ten off", "TEN", "-4.00 EUR"),
    ]
    assert found["offers"][0]["reason"] == "Goods for 50.00 EUR more are needed."
    assert found["problems"] == []


def test_the_preview_reads_all_goods_at_once(boss: Client) -> None:
    discount = make_discount()
    skus = [make_variant(sku=f"Ärmel-{at}").sku for at in range(20)]

    def cost(chosen: list[str]) -> int:
        goods = "\n".join(f"{sku} 1" for sku in chosen)
        with CaptureQueriesContext(connection) as found:
            assert preview(boss, discount, goods=goods).context["found"] is not None
        return len(found)

    assert cost(skus) == cost(skus[:1])


def test_the_preview_takes_a_cart_as_it_is(boss: Client) -> None:
    discount, other = make_discount("TEN", is_active=False), make_discount("FIVE", percent=5)
    variant = make_variant(price=2000)
    fields = {"discount_codes": ["ten", "five", "gone"]}
    cart, _ = carts.create(user=None, wishes=[Wish(variant.pk, 1)], fields=fields)
    before = Cart.objects.filter(pk=cart.pk).values().get()

    found = preview(boss, discount, cart=cart.pk).context["found"]

    assert [(one["code"], one["amount"] or one["reason"]) for one in found["offers"]] == [
        ("TEN", "-2.00 EUR"),
        ("five", "-0.90 EUR"),
        ("gone", "This code is not known."),
    ]
    assert found["total"] == "17.10 EUR"
    assert Cart.objects.filter(pk=cart.pk).values().get() == before
    discount.refresh_from_db()
    assert (discount.is_active, other.used) == (False, 0)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, "__all__"),
        ({"cart": "12345"}, "cart"),
        ({"cart": "9" * 30}, "cart"),
        ({"goods": "LAMP-0 1"}, "goods"),
        ({"goods": "LAMP-0"}, "goods"),
        ({"goods": "LAMP-0 x"}, "goods"),
        ({"goods": "LAMP-0 \x00"}, "goods"),
        ({"goods": "a 1\n" * 101}, "goods"),
        ({"country": "XX"}, "country"),
    ],
)
def test_the_preview_says_what_it_cannot_read(
    boss: Client, fields: dict[str, str], at: str
) -> None:
    response = preview(boss, make_discount(), **fields)

    assert at in response.context["form"].errors
    assert response.context["found"] is None


def test_more_units_than_a_cart_takes_are_refused(boss: Client) -> None:
    variant = make_variant()

    response = preview(boss, make_discount(), goods=f"{variant.sku} 999\n{variant.sku} 1")

    assert list(response.context["form"].errors) == ["goods"]


def test_carts_are_tried_by_those_alone_who_see_carts() -> None:
    discount = make_discount("TEN")
    cart, _ = carts.create(user=None, wishes=[Wish(make_variant().pk, 1)])
    looks = signed_in(make_staff("checkout.view_discount"))
    sees = signed_in(make_staff("checkout.view_discount", "checkout.view_cart"))
    nobody = signed_in(make_staff("checkout.view_order"))

    assert preview(looks, discount, cart=cart.pk).context["found"] is None
    assert preview(sees, discount, cart=cart.pk).context["found"]["total"] == "9.00 EUR"
    assert preview(nobody, discount, cart=cart.pk).status_code == 403


# ── orders and carts ────────────────────────────────────────────────────────────────────────


def test_an_orders_page_names_its_shipping_discounts_and_taxes(boss: Client) -> None:
    make_method(make_zone("GB"), (0, 490), name="Parcel Post")
    TaxRate.objects.create(country="GB", rate="0.2")
    make_discount("TEN")

    order = order_with("TEN")

    assert boss.get(order_page(order)).context["totals"] == [
        ("Subtotal", "20.00 EUR"),
        ("Ten off (TEN)", "-2.00 EUR"),
        ("Shipping: Parcel Post", "4.90 EUR"),
        ("of this tax, 20%", "3.00 EUR"),
        ("of this tax, on shipping", "0.82 EUR"),
    ]


def test_a_carts_page_says_how_it_is_sent_and_what_became_of_its_codes(boss: Client) -> None:
    method = make_method(make_zone("GB"), (0, 490), name="Parcel Post")
    make_discount("TEN")
    fields = {
        "shipping_address": ADDRESS,
        "shipping_option_id": method.pk,
        "discount_codes": ["ten", "gone"],
    }
    cart, _ = carts.create(user=None, wishes=[Wish(make_variant(price=2000).pk, 1)], fields=fields)

    seen = shown(boss.get(page("checkout.cart", "change", cart.pk)))

    assert "Parcel Post, 4.90 EUR" in seen
    assert "<strong>ten</strong>: −2.00 EUR" in seen
    assert "<strong>gone</strong>: This code is not known." in seen


# ── who may, and how much it costs ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", [ZONE, METHOD, TAX, DISCOUNT])
def test_each_page_asks_for_djangos_own_permission(model: str) -> None:
    method = make_method(make_zone("DE"))
    rate = TaxRate.objects.create(country="DE", rate="0.19")
    discount = make_discount("TEN", kind="FIXED", percent=0, amount_minor=500)
    pk = {ZONE: method.zone_id, METHOD: method.pk, TAX: rate.pk, DISCOUNT: discount.pk}[model]
    url, name = page(model, "change", pk), model.partition(".")[2]
    looks = signed_in(make_staff(f"checkout.view_{name}"))
    nobody = signed_in(make_staff("checkout.view_order"))

    assert [client.get(url).status_code for client in (looks, nobody)] == [200, 403]
    assert [client.post(url, {}).status_code for client in (looks, nobody)] == [403, 403]
    seen = shown(looks.get(url))
    figure = {ZONE: "Germany", METHOD: "4.90 EUR", TAX: "19", DISCOUNT: "5.00 EUR"}[model]
    assert figure in seen


@pytest.mark.parametrize("model", [ZONE, METHOD, TAX, DISCOUNT])
def test_a_list_costs_the_same_for_one_and_for_many(boss: Client, model: str) -> None:
    def fill(number: int) -> None:
        country = f"{chr(65 + number // 26)}{chr(65 + number % 26)}"
        make_method(make_zone(country, name=f"Zone {number}"))
        TaxRate.objects.create(country=country, rate="0.19")
        make_discount(f"TEN{number}")

    fill(0)
    few = statements(boss, page(model))
    for number in range(1, 50):
        fill(number)

    assert statements(boss, page(model)) == few


# ── the demo ────────────────────────────────────────────────────────────────────────────────


def test_the_demos_prices_are_made_once_and_leave_what_is_there() -> None:
    make_category("Kitchen & Table")
    Category.objects.update(slug="kitchen-table")
    models = (ShippingZone, ShippingMethod, ShippingCountry, TaxRate, Discount, DiscountCode)

    prices.load()
    first = [model._default_manager.count() for model in models]
    Discount.objects.filter(name="Welcome").update(percent=20)
    prices.load()

    assert [model._default_manager.count() for model in models] == first
    assert first[:2] == [2, 3]
    assert first[4:] == [3, 2]
    assert Discount.objects.get(name="Welcome").percent == 20
