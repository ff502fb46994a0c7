"""What sending, taxes and discounts cost in the demo shop."""

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings

from catalog.models import Category
from checkout import promotions, shipping, zones
from checkout.models import Discount, DiscountCode, ShippingMethod, ShippingZone, TaxRate
from shop import money
from shop.management.demo.shelves import price

EUROPE = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK"
# Standard rates as they are charged there, to look at: a shop's own are for its merchant to know.
TAXES = {
    "AT": "0.20",
    "DE": "0.19",
    "ES": "0.21",
    "FR": "0.20",
    "GB": "0.20",
    "IT": "0.22",
    "NL": "0.21",
}
REDUCED = {"DE": "0.07", "FR": "0.055", "NL": "0.09"}  # of the class "reduced"


def load() -> None:
    """Make what is not there yet, by name; zones only where the shop has none at all."""
    if not ShippingZone.objects.exists():
        load_zones()
    for tax_class, rates in (("", TAXES), ("reduced", REDUCED)):
        for country, rate in rates.items():
            TaxRate.objects.get_or_create(
                country=country, region="", tax_class=tax_class, defaults={"rate": Decimal(rate)}
            )
    load_discounts()


def minor(cents: int) -> int:
    """Euro cents as minor units of the shop's currency, number for number."""
    return money.minor(price(cents), settings.SHOP_CURRENCY)


def load_zones() -> None:
    europe = ShippingZone.objects.create(name="Europe")
    zones.save_countries(europe, EUROPE.split())
    world = ShippingZone.objects.create(name="Rest of the world", is_rest=True)
    standard = ShippingMethod(zone=europe, name="Standard", min_days=2, max_days=4)
    standard.free_above_minor = minor(10_000)
    add_method(standard, [(0, minor(490))])
    express = ShippingMethod(zone=europe, name="Express", min_days=1, max_days=2, position=1)
    add_method(express, [(0, minor(1290))])
    parcel = ShippingMethod(zone=world, name="International", min_days=7, max_days=15)
    parcel.basis = ShippingMethod.Basis.WEIGHT
    by_weight = [(0, 1490), (2_000, 2490), (10_000, 4990)]
    add_method(parcel, [(grams, minor(cents)) for grams, cents in by_weight])


def add_method(method: ShippingMethod, rates: Iterable[tuple[int, int]]) -> None:
    method.save()
    shipping.save_rates(method, rates)


def load_discounts() -> None:
    """A welcome, free shipping for a full cart, and three for two in the kitchen."""
    welcome = Discount(name="Welcome", kind=Discount.Kind.PERCENT, percent=10)
    welcome.once_per_customer = True
    add_discount(welcome, "WELCOME10")
    sent_free = Discount(name="Free shipping", kind=Discount.Kind.FREE_SHIPPING)
    sent_free.minimum_minor = minor(5_000)
    add_discount(sent_free, "FREESHIP")
    kitchen = Category.objects.get(slug="kitchen-table")
    three = Discount(name="Three for two at the table", kind=Discount.Kind.BUY_X_GET_Y, percent=100)
    three.buy_quantity, three.get_quantity = 2, 1
    three.groups, three.is_automatic = [f"category:{kitchen.pk}"], True
    add_discount(three)


def add_discount(discount: Discount, code: str = "") -> None:
    """Make it unless one of the name, or with the code, is there."""
    known = Discount.objects.filter(name=discount.name).exists()
    if known or (code and DiscountCode.objects.filter(code__iexact=code).exists()):
        return
    promotions.save(discount)
    if code:
        discount.codes.create(code=code)
