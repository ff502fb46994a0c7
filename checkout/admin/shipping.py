"""Zones with their countries, and the ways of sending with their rates."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from checkout import shipping, zones
from checkout.admin.fields import (
    AmountField,
    AmountsForm,
    PartInline,
    PriceAdmin,
    countries,
    country_name,
)
from checkout.models import ShippingMethod, ShippingRate, ShippingZone
from shop import money
from shop.admin_site import ReadOnlyInline, RefusableForm, in_shop_currency
from shop.errors import Refused
from shop.money import MAX_MINOR, Money

Basis = ShippingMethod.Basis


# ── zones ───────────────────────────────────────────────────────────────────────────────────


class ZoneForm(RefusableForm):
    reaches = forms.MultipleChoiceField(
        label="Countries",
        choices=countries,
        required=False,
        widget=FilteredSelectMultiple("countries", is_stacked=False),
    )
    names = {"countries": "reaches"}

    class Meta:
        model = ShippingZone
        fields = ("name", "is_rest")
        help_texts = {"is_rest": "For every country that no other zone has."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            kept = list(self.instance.countries.values_list("country", flat=True))
            self.initial = {"reaches": kept, **self.initial}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        chosen, is_rest = cleaned.get("reaches", []), cleaned.get("is_rest")
        if is_rest and chosen:
            self.add_error("reaches", "It takes all other countries: choose none by name.")
        if not is_rest and not chosen and "reaches" not in self.errors:
            self.add_error("reaches", "Choose its countries, or let it take all other ones.")
        others = ShippingZone.objects.filter(is_rest=True).exclude(pk=self.instance.pk)
        if is_rest and (other := others.first()):
            self.add_error("is_rest", f"“{other}” takes all other countries already.")
        return cleaned


class Methods(ReadOnlyInline):
    model = ShippingMethod
    verbose_name_plural = "ways of sending"
    show_change_link = True
    fields = ["basis", "days", "costs", "is_active"]
    readonly_fields = ["days", "costs"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        rows: QuerySet[ShippingMethod] = super().get_queryset(request)
        return rows.prefetch_related("rates")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the zone's own page asks

    @admin.display(description="Days")
    def days(self, method: ShippingMethod) -> str:
        return days(method)

    @admin.display(description="Costs")
    def costs(self, method: ShippingMethod) -> str:
        return costs(method)


@admin.register(ShippingZone)
class Zones(PriceAdmin):
    """Countries that cost the same. Before there is one, nothing is asked about shipping."""

    form = ZoneForm
    inlines = [Methods]
    list_display = ["name", "reaches", "ways"]
    search_fields = ["name", "countries__country"]
    search_help_text = "Name, or a country's code"
    fields = ["name", "is_rest", "reaches", "more"]
    readonly_fields = ["more"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        rows: QuerySet[ShippingZone] = super().get_queryset(request)
        return rows.prefetch_related("countries", "methods")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        may = obj is not None and request.user.has_perm("checkout.add_shippingmethod")
        return [name for name in self.fields or () if may or name != "more"]

    @admin.display(description="Countries")
    def reaches(self, zone: ShippingZone) -> str:
        if zone.is_rest:
            return "all other countries"
        codes = [row.country for row in zone.countries.all()]
        return ", ".join(country_name(code) for code in codes) or "–"

    @admin.display(description="Ways of sending")
    def more(self, zone: ShippingZone) -> str:
        address = reverse("admin:checkout_shippingmethod_add")
        return format_html('<a href="{}?zone={}">Add one</a>', address, zone.pk)

    @admin.display(description="Ways of sending")
    def ways(self, zone: ShippingZone) -> str:
        return ", ".join(row.name for row in zone.methods.all()) or "none yet"

    def save_model(self, request: HttpRequest, obj: ShippingZone, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        zones.save_countries(obj, form.cleaned_data["reaches"])


# ── ways of sending ─────────────────────────────────────────────────────────────────────────


class MethodForm(AmountsForm):
    free_above = AmountField(
        label="Free from a subtotal of", required=False, help_text="Blank: never free."
    )
    amounts = {"free_above": "free_above_minor"}

    class Meta:
        model = ShippingMethod
        fields = ("zone", "name", "basis", "min_days", "max_days", "position", "is_active")
        labels = {"basis": "Rates by", "min_days": "From days", "max_days": "To days"}
        help_texts = {"position": "The lowest is shown first.", "is_active": "Offered to buyers."}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        least, most = cleaned.get("min_days"), cleaned.get("max_days")
        if least is not None and most is not None and most < least:
            self.add_error("max_days", "It cannot be fewer days than the first number.")
        same = ShippingMethod.objects.filter(zone=cleaned.get("zone"), name=cleaned.get("name"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", "The zone has a way of this name already.")
        return cleaned


class RateForm(RefusableForm):
    """From where on, in units of the currency or in grams, and the price."""

    begins = forms.DecimalField(
        label="From", max_digits=20, widget=forms.NumberInput(attrs={"min": "0", "step": "any"})
    )
    price = AmountField()

    class Meta:
        model = ShippingRate
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rate = self.instance
        if rate.pk:
            self.initial = {"begins": begins(rate), "price": rate.price_minor, **self.initial}


class Rates(PartInline):
    model = ShippingRate
    form = RateForm
    fields = ["begins", "price"]
    verbose_name_plural = "rates: from so much (or so many grams) on, the price"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingRate]:
        rows: QuerySet[ShippingRate] = super().get_queryset(request)
        return rows.select_related("method")

    # What is shown in place of a field to those who may only look.

    @admin.display(description="From")
    def begins(self, rate: ShippingRate) -> str:
        return limit(rate)

    @admin.display(description="Price")
    def price(self, rate: ShippingRate) -> str:
        return in_shop_currency(rate.price_minor)


@admin.register(ShippingMethod)
class WaysOfSending(PriceAdmin):
    form = MethodForm
    inlines = [Rates]
    row_prefixes = ["rates"]
    list_display = ["name", "zone", "days", "costs", "is_active"]
    list_filter = ["zone", "is_active"]
    list_select_related = ["zone"]
    search_fields = ["name", "zone__name"]
    fields = [
        *("zone", "name", "basis", "free_above", ("min_days", "max_days"), "position"),
        "is_active",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        rows: QuerySet[ShippingMethod] = super().get_queryset(request)
        return rows.prefetch_related("rates")

    @admin.display(description="Days")
    def days(self, method: ShippingMethod) -> str:
        return days(method)

    @admin.display(description="Costs")
    def costs(self, method: ShippingMethod) -> str:
        return costs(method)

    @admin.display(description="Free from a subtotal of")
    def free_above(self, method: ShippingMethod) -> str:
        return in_shop_currency(method.free_above_minor)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        for formset in formsets:
            if not change or formset.has_changed() or "basis" in form.changed_data:
                shipping.save_rates(form.instance, entered(formset, form.instance.basis))


def entered(formset: Any, basis: str) -> list[tuple[int, int]]:
    """The rates of the form. Raises Refused at the row whose beginning is none."""
    return [
        (parsed(row.cleaned_data["begins"], basis, at), row.cleaned_data["price"])
        for at, row in enumerate(formset.forms)
        if row.cleaned_data and row not in formset.deleted_forms
    ]


def parsed(begins: Decimal, basis: str, at: int) -> int:
    """Where a rate begins, in minor units or grams."""
    path = ("rates", at, "begins")
    if basis == Basis.SUBTOTAL:
        return money.minor(begins, settings.SHOP_CURRENCY, *path)
    if begins != begins.to_integral_value():
        raise Refused("INVALID", "Weights are in whole grams.", *path)
    if not 0 <= begins <= MAX_MINOR:
        raise Refused("OUT_OF_RANGE", "A weight is not negative, nor that large.", *path)
    return int(begins)


def begins(rate: ShippingRate) -> Decimal | int:
    if rate.method.basis == Basis.WEIGHT:
        return rate.starts_at
    return Money(rate.starts_at, settings.SHOP_CURRENCY).amount


def limit(rate: ShippingRate) -> str:
    if rate.method.basis == Basis.WEIGHT:
        return f"{rate.starts_at:,} g"
    return in_shop_currency(rate.starts_at)


def days(method: ShippingMethod) -> str:
    found = [str(one) for one in (method.min_days, method.max_days) if one is not None]
    return "–".join(dict.fromkeys(found)) or "not said"


def costs(method: ShippingMethod) -> str:
    """The rates in words: "4.90 EUR; from 5,000 g 9.90 EUR; free from 50.00 EUR"."""
    found = [
        f"from {limit(rate)} {in_shop_currency(rate.price_minor)}"
        if rate.starts_at
        else in_shop_currency(rate.price_minor)
        for rate in method.rates.all()
    ]
    if method.free_above_minor is not None:
        found.append(f"free from {in_shop_currency(method.free_above_minor)}")
    return "; ".join(found) or "no rates, so not offered"
