"""Accounts in the admin: customers and those who work here."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminPasswordChangeForm as OldPasswordForm
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    SetPasswordMixin,
    UserChangeForm,
)
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html

from shop import clients
from shop.admin_login import TOO_OFTEN
from shop.admin_site import DomainAdmin, RefusableForm, place, staff
from shop.errors import ShopError
from users import accounts, attempts, emails, passwords
from users.inlines import AddressInline, ConsentInline, may_change, save_address
from users.models import Address, User

if TYPE_CHECKING:
    PasswordForm = AdminPasswordChangeForm[User]
    ChangeForm = UserChangeForm[User]
    PasswordFields = forms.Form
else:
    PasswordForm, ChangeForm = AdminPasswordChangeForm, UserChangeForm
    PasswordFields = SetPasswordMixin

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


def own_email(email: str, user: User) -> str:
    """The address as it is kept. Raises ValidationError, also when another account has it."""
    try:
        email = emails.checked(email)
    except ShopError as refusal:
        raise forms.ValidationError(str(refusal)) from None
    if User.objects.with_email(email).exclude(pk=user.pk).exists():
        raise forms.ValidationError("Another account has this address.")
    return email


class CheckedPassword(PasswordFields):
    """A new password is looked at by the domain, which asks for more than Django's validators."""

    def validate_password_for_user(
        self,
        user: User,
        password_field_name: str = "password2",  # noqa: S107
    ) -> None:
        if password := self.cleaned_data.get(password_field_name):
            try:
                passwords.check(password, user, password_field_name)
            except ShopError as refusal:
                place(self, refusal.each(), {})


class NewUserForm(AdminUserCreationForm, CheckedPassword):  # type: ignore[misc]  # Django's differ
    """An account with an address, and a password or none."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return own_email(self.cleaned_data["email"], self.instance)


class NewPasswordForm(PasswordForm, CheckedPassword):
    """Another password for somebody, who has to sign in again everywhere."""

    def save(self, commit: Any = True) -> User:  # noqa: FBT002  # as Django has it
        given = self.cleaned_data
        new = given["password1"] if given["set_usable_password"] else None
        return passwords.set_for(self.user, new)


class OwnPasswordForm(OldPasswordForm, CheckedPassword):
    """One's own password, with the present one as proof."""

    def save(self, commit: Any = True) -> User:  # noqa: FBT002  # as Django has it
        given = self.cleaned_data
        user: User = self.user
        passwords.change(user, current=given["old_password"], new=given["new_password1"])
        user.refresh_from_db()
        return user


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    names = {"current_password": "old_password", "new_password": "new_password2"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A wrong present password counts like one at signing in: who has come by somebody's
        visit must not guess here."""
        user = staff(request)
        attempt = attempts.begin(user.email, clients.network_of(request.META))
        if attempt.wait:
            messages.error(request, TOO_OFTEN % {"wait": attempt.wait})
            page = self.get_context_data(form=OwnPasswordForm(user))  # looks at no password
            headers = {"Retry-After": str(attempt.wait)}
            return self.render_to_response(page, status=429, headers=headers)
        response: HttpResponse = super().post(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is None or "old_password" not in form.errors:
            attempt.forgive()
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ShopError as refusal:  # it was changed while this one was looked at
            place(form, refusal.each(), self.names)
            return self.form_invalid(form)


def change_own_password(
    request: HttpRequest, extra_context: dict[str, Any] | None = None
) -> HttpResponseBase:
    """The page behind “Change password”; the other tokens and sessions of the account end."""
    view = OwnPasswordView.as_view(
        success_url=reverse("admin:password_change_done"),
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )
    return view(request)


# Django's own view leaves the tokens alone, and has no setting for its form.
admin.site.password_change = change_own_password  # type: ignore[method-assign, assignment]


class UserForm(RefusableForm, ChangeForm):
    """An account; the password is shown as a link to its own page."""

    def clean_email(self) -> str:
        return own_email(self.cleaned_data["email"], self.instance)


admin.site.unregister(Group)


@admin.register(Group)
class Groups(DomainAdmin, GroupAdmin):
    """What several members of staff may do alike: for superusers to say, as with single ones."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(User)
class Users(DomainAdmin, UserAdmin):  # type: ignore[type-arg]  # no parameters at run time
    form = UserForm
    add_form = NewUserForm
    change_password_form = NewPasswordForm
    inlines = [AddressInline, ConsentInline]
    row_prefixes = ["addresses"]
    list_display = ["email", "full_name", "phone", "is_active", "is_staff", "created_at"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["-created_at", "-pk"]
    readonly_fields = [
        *("email_verified_at", "marketing_consent_at", "last_login", "created_at", "orders"),
    ]
    fieldsets = [
        (None, {"fields": ["email", "password", "is_active"]}),
        ("Person", {"fields": [("first_name", "last_name"), "phone"]}),
        ("Work", {"fields": POWERS, "classes": ["collapse"]}),
        (
            "Past",
            {
                "fields": [
                    *("orders", "created_at", "last_login", "email_verified_at"),
                    "marketing_consent_at",
                ]
            },
        ),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "usable_password", "password1", "password2"],
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the closed accounts: their rows are for the reviews alone."""
        return super().get_queryset(request).filter(closed_at=None)

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        return user.full_name or "–"

    @admin.display(description="Orders")
    def orders(self, user: User) -> str:
        listed = reverse("admin:checkout_order_changelist")
        return format_html('<a href="{}?user__id__exact={}">Show the orders</a>', listed, user.pk)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only superusers say who works here, and what they may do."""
        powers = () if request.user.is_superuser else POWERS
        return [*self.readonly_fields, *powers]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are closed by taking `active` away; orders and reviews keep their people."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: BaseForm, change: Any) -> None:
        if change:
            accounts.save(obj, form.changed_data)
        else:
            super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        if formset.model is not Address:
            super().save_formset(request, form, formset, change)
            return
        for at, row in enumerate(formset.forms):
            try:
                save_address(row, form.instance, formset)
            except ShopError as refusal:
                raise refusal.under(formset.prefix, at) from None
