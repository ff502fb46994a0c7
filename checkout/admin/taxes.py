"""Tax rates by country, region and class, as percent."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin

from checkout.admin.fields import PriceAdmin, countries, country_name
from checkout.models import TaxRate
from shop.admin_site import RefusableForm


class RateForm(RefusableForm):
    country = forms.ChoiceField(choices=lambda: [("", "(choose)"), *countries()])
    percent = forms.DecimalField(
        label="Rate (%)", min_value=0, max_value=100, max_digits=6, decimal_places=3
    )

    class Meta:
        model = TaxRate
        fields = ("country", "region", "tax_class")
        help_texts = {
            "region": "As addresses write it; blank for the whole country.",
            "tax_class": "As products name it, “shipping” for shipping; blank: the standard one.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial = {"percent": percent(self.instance.rate), **self.initial}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if "percent" in cleaned:
            self.instance.rate = cleaned["percent"] / 100
        same = TaxRate.objects.filter(
            country=cleaned.get("country"),
            region__iexact=cleaned.get("region", ""),
            tax_class__iexact=cleaned.get("tax_class", ""),
        )
        if other := same.exclude(pk=self.instance.pk).first():
            found = f"There is a rate for this already, {percent(other.rate)} %. Change that one."
            self.add_error("country", found)
        return cleaned


@admin.register(TaxRate)
class TaxRates(PriceAdmin):
    form = RateForm
    list_display = ["where", "region", "kind", "percent"]
    list_filter = ["country"]
    search_fields = ["country", "region", "tax_class"]
    search_help_text = "Country's code, region or class"
    fields = ["country", "region", "tax_class", "percent"]

    @admin.display(description="Country", ordering="country")
    def where(self, rate: TaxRate) -> str:
        return country_name(rate.country)

    @admin.display(description="Class", ordering="tax_class")
    def kind(self, rate: TaxRate) -> str:
        return rate.tax_class or "standard"

    @admin.display(description="Rate (%)", ordering="rate")
    def percent(self, rate: TaxRate) -> str:
        return str(percent(rate.rate))


def percent(rate: Decimal) -> Decimal:
    """A rate of 0..1 as people say it: 0.19000 is 19, 0.07700 is 7.7."""
    found = (rate * 100).normalize()
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found
