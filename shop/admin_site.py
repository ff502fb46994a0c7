"""What the admin pages of all parts share: refusals at their fields, money as people read it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import ProtectedError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from shop.admin_login import LoginForm
from shop.errors import Refused, ShopError
from shop.money import Money
from users.models import User

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    ModelAdmin, Inline = admin.ModelAdmin, admin.TabularInline
    ModelForm, InlineFormSet = forms.ModelForm, BaseInlineFormSet

EXPLORER = "/graphql/"

admin.site.site_header = f"{settings.SHOP_NAME} · administration"
admin.site.site_title = settings.SHOP_NAME
admin.site.index_title = "Overview"
admin.site.index_template = "admin/overview.html"
admin.site.login_form = LoginForm
admin.site.site_url = EXPLORER if settings.GRAPHQL_EXPLORER else settings.STOREFRONT_URL or None


def staff(request: HttpRequest) -> User:
    """Who is signed in: the admin lets nobody else through to its pages."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("nobody is signed in")
    return user


def shown(money: Money | None) -> str:
    """An amount as people read it: "1,299.90 EUR"."""
    return f"{money.amount:,} {money.currency}" if money is not None else "–"


def in_shop_currency(minor: int | None) -> str:
    return shown(None if minor is None else Money(minor, settings.SHOP_CURRENCY))


def place(form: forms.BaseForm, refusals: Iterable[ShopError], names: Mapping[str, str]) -> None:
    """Show each refusal at the first step of its path that is a field, else above the form.

    Args:
        names: what the form calls a step, where that is not the domain's own name for it.
    """
    for refusal in refusals:
        fields = [names.get(step, step) for step in refusal.path]
        found = next((field for field in fields if field in form.fields), None)
        form.add_error(found, str(refusal))


def tell(request: HttpRequest, refusal: ShopError, about: object = "") -> None:
    """Show a refusal above the next page."""
    for each in refusal.each():
        messages.error(request, f"{about}: {each}" if about else str(each))


class RefusableForm(ModelForm):
    """A form that was filled in well enough to be tried, and may come back with refusals."""

    refusals: Sequence[ShopError] = ()
    names: Mapping[str, str] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        place(self, self.refusals, self.names)
        return cleaned

    def validate_constraints(self) -> None:
        """Left to the domain: it makes room where a constraint alone would refuse."""


class RefusableFormSet(InlineFormSet):
    """The rows below a form, with the refusals that are about single ones: (row, field, …)."""

    def __init__(self, *args: Any, refusals: Iterable[ShopError] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusals = list(refusals)
        # What the history says was done; whoever saves the rows fills it in.
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []

    def clean(self) -> None:
        super().clean()
        for refusal in self.refusals:
            at = refusal.path[1] if len(refusal.path) > 1 else ""
            row = self.forms[int(at)] if at.isdigit() else None
            if row is None or row in self.deleted_forms:  # whose own errors are not looked at
                raise forms.ValidationError(str(refusal))
            place(row, [refusal], getattr(row, "names", {}))


class DomainAdmin(ModelAdmin):
    """Pages whose changes are made by functions of the domain.

    What these refuse is shown at the fields that it is about. Rows are deleted one at a time,
    because the domain decides on each.
    """

    # Prefixes of the rows below the form that may be refused; paths of refusals begin with them.
    row_prefixes: Collection[str] = ()

    class Media:
        css = {"all": ["shop/admin.css"]}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; a filter with a NUL, at which PostgreSQL would stumble, is left out."""
        if any("\0" in text for _, texts in request.GET.lists() for text in texts):
            return HttpResponseRedirect(request.path)
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ShopError as refusal:
            # All was taken back with the transaction. The same again, told beforehand, ends as
            # a page with the input and what is wrong with it.
            vars(request)["refusals"] = list(refusal.each())
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: Any = False,  # noqa: FBT002  # as Django has it
        **kwargs: Any,
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        found = [r for r in refusals_of(request) if r.path[:1] not in self._rows()]
        return type(form.__name__, (form,), {"refusals": found})

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        found = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST" and prefix in self.row_prefixes:
            found["refusals"] = [r for r in refusals_of(request) if r.path[:1] == (prefix,)]
        return found

    def _rows(self) -> set[tuple[str]]:
        return {(prefix,) for prefix in self.row_prefixes}

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ShopError as refusal:
            tell(request, refusal)
        except ProtectedError:
            tell(request, Refused("INVALID_STATE", "It is still in use, so it cannot be deleted."))
        return HttpResponseRedirect(self.page("change", object_id))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Only the rows themselves: what goes with them, and whether, is for the domain to say."""
        return [str(row) for row in objs], {}, set(), []

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def page(self, name: str, *args: Any) -> str:
        """The address of one of this model's pages: changelist, add, change, delete."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)


class ReadOnlyAdmin(DomainAdmin):
    """Rows that are looked at here and written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(Inline):
    """Rows of another row that are looked at here and written elsewhere."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def refusals_of(request: HttpRequest) -> list[ShopError]:
    """What the domain said to the input of this request when it was tried."""
    found: list[ShopError] = vars(request).get("refusals", [])
    return found


def become(row: Any, made: Any) -> None:
    """Let the unsaved row of a form stand for the one that the domain has made of it."""
    row.pk = made.pk
    row.refresh_from_db()
