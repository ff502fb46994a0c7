"""What the pages of zones, rates, taxes and discounts share."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from catalog.admin.fields import PriceField
from shop import money
from shop.admin_site import DomainAdmin, Inline, RefusableForm, RefusableFormSet
from shop.errors import Refused, ShopError
from shop.money import Money
from users.countries import all_countries


def countries() -> list[tuple[str, str]]:
    """Every country for a form, by name."""
    found = sorted(all_countries(), key=lambda one: one.name)
    return [(one.code, f"{one.name} ({one.code})") for one in found]


def country_name(code: str) -> str:
    return next((one.name for one in all_countries() if one.code == code), code)


class AmountField(PriceField):
    """An amount as people write it; what comes out of it is minor units of the shop's currency."""

    def to_python(self, value: Any) -> Any:
        amount = super().to_python(value)
        if amount is None:
            return None
        if not amount.is_finite():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return money.minor(amount, settings.SHOP_CURRENCY)
        except ShopError as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def run_validators(self, value: Any) -> None:
        """Left out: `money.minor` knows how large an amount can be, and in which steps."""

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def prepare_value(self, value: Any) -> Any:
        return Money(value, settings.SHOP_CURRENCY).amount if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True


class AmountsForm(RefusableForm):
    """A form with amounts; `amounts` says which column each is kept in."""

    amounts: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {name: getattr(self.instance, column) for name, column in self.amounts.items()}
        self.initial = {**kept, **self.initial}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for name, column in self.amounts.items():
            if name in cleaned:
                nullable = self.instance._meta.get_field(column).null
                setattr(self.instance, column, cleaned[name] if nullable else cleaned[name] or 0)
        return cleaned


class PriceAdmin(DomainAdmin):
    """Rows that are kept as their form says."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        try:
            with transaction.atomic():
                obj.save()
        except IntegrityError:  # somebody was faster than the form's own look
            message = "Somebody has just saved one like it. Look at the list."
            raise Refused("ALREADY_EXISTS", message) from None


class PartInline(Inline):
    """Rows that whoever may see or change the row above them may see or change."""

    formset = RefusableFormSet
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the page itself asks

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def _may(self, request: HttpRequest) -> bool:
        name = self.parent_model._meta.model_name
        return any(request.user.has_perm(f"checkout.{verb}_{name}") for verb in ("add", "change"))
