"""What belongs to an account, on its page in the admin: addresses, and consent to marketing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from shop.admin_site import RefusableForm, RefusableFormSet
from users import addresses
from users.countries import all_countries
from users.models import Address, ConsentChange, User


class AddressForm(RefusableForm):
    """One of a user's addresses."""

    country = forms.ChoiceField(choices=lambda: [("", "–"), *countries()])

    class Meta:
        model = Address
        fields = (*Address.POSTAL, *addresses.DEFAULTS)

    def chosen(self) -> dict[str, Any]:
        """What was entered, as `users.addresses` takes it."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


def countries() -> list[tuple[str, str]]:
    names = [(country.code, country.name) for country in all_countries()]
    return sorted(names, key=lambda pair: pair[1])


class AddressInline(admin.StackedInline):  # type: ignore[type-arg]  # no parameters at run time
    model = Address
    form = AddressForm
    formset = RefusableFormSet
    verbose_name_plural = "addresses"
    extra = 0
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "company", "phone"),
                    ("line1", "line2"),
                    ("postcode", "city", "region", "country"),
                    addresses.DEFAULTS,
                ]
            },
        )
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("users.view_user") or self.may(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, obj)

    def may(self, request: HttpRequest, user: User | None) -> bool:
        """Addresses are a part of their user."""
        return may_change(request, user)


def may_change(request: HttpRequest, user: User | None) -> bool:
    """Whether somebody may change an account: superusers any, others customers' and their own.

    Whoever could give a colleague another password could do all that the colleague may do.
    """
    if not request.user.has_perm("users.change_user"):
        return False
    if user is None or user.pk == request.user.pk or request.user.is_superuser:
        return True
    return not (user.is_staff or user.is_superuser)


class ConsentInline(admin.TabularInline):  # type: ignore[type-arg]  # no parameters at run time
    """When the user agreed to marketing, and when they took it back: theirs alone to say."""

    model = ConsentChange
    fields = ["given", "at"]
    readonly_fields = ["given", "at"]
    verbose_name_plural = "consent to marketing"
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("users.view_user") or may_change(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def save_address(row: Any, user: User, formset: Any) -> None:
    """Do what one row of the addresses asks for."""
    is_new = row.instance.pk is None
    if row in formset.deleted_forms:
        if not is_new:
            addresses.delete(row.instance)
            formset.deleted_objects.append(row.instance)
    elif row.has_changed():
        chosen = row.chosen()
        defaults = {name: chosen.pop(name) for name in addresses.DEFAULTS}
        if is_new:
            row.instance = addresses.create(user, chosen, **defaults)
            formset.new_objects.append(row.instance)
        else:
            addresses.update(row.instance, {"address": chosen, **defaults})
            formset.changed_objects.append((row.instance, row.changed_data))
