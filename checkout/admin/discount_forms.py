"""The forms of discounts and their codes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple

from catalog.models import Category, Collection, CollectionProduct, Product
from checkout.admin.fields import AmountField, AmountsForm
from checkout.models import Discount, DiscountCode
from checkout.models.discounts import folded
from shop.admin_site import RefusableForm, RefusableFormSet

Kind = Discount.Kind
NEEDED: dict[str, tuple[str, ...]] = {
    Kind.PERCENT: ("percent",),
    Kind.FIXED: ("amount",),
    Kind.FREE_SHIPPING: (),
    Kind.BUY_X_GET_Y: ("percent", "buy_quantity", "get_quantity"),
}
FIGURES = ("percent", "amount", "buy_quantity", "get_quantity")
# The form's pickers, with what a picked row is called in `groups`.
GROUPS: dict[str, type[Product | Category | Collection]] = {
    "product": Product,
    "category": Category,
    "collection": Collection,
}
PICKERS = {"product": "products", "category": "categories", "collection": "collections"}


def picker(kind: str) -> forms.ModelMultipleChoiceField:  # type: ignore[type-arg]
    """A field to search and pick rows of the catalogue with."""
    owner = Product if kind == "category" else CollectionProduct
    relation: Any = owner._meta.get_field(kind)
    return forms.ModelMultipleChoiceField(
        GROUPS[kind]._default_manager.all(),  # noqa: SLF001 (documented)
        required=False,
        widget=AutocompleteSelectMultiple(relation, admin.site),
    )


class DiscountForm(AmountsForm):
    """A discount; its kind decides which of the figures count, the other ones are dropped."""

    amount = AmountField(label="Amount", required=False)
    minimum = AmountField(
        label="Minimum", required=False, help_text="Of the subtotal of what it is for."
    )
    for_some = forms.BooleanField(
        label="Only for some goods",
        required=False,
        help_text="Those chosen here; else it is for the whole order.",
    )
    products = picker("product")
    categories = picker("category")
    collections = picker("collection")

    amounts = {"amount": "amount_minor", "minimum": "minimum_minor"}

    class Meta:
        model = Discount
        fields = (
            *("name", "kind", "percent", "buy_quantity", "get_quantity", "starts_at", "ends_at"),
            *("is_automatic", "is_combinable", "priority", "is_active", "usage_limit"),
            "once_per_customer",
        )
        labels = {"buy_quantity": "Buy", "get_quantity": "Get reduced", "percent": "Percent"}
        help_texts = {
            "name": "As buyers see it.",
            "percent": "For a percentage; with buy-x-get-y, what is taken off the units got.",
            "get_quantity": "Buy 2, get 1 at 100 percent: of three units the cheapest is free.",
            "ends_at": "Blank: it goes on.",
            "usage_limit": "Orders in all; blank: any number.",
            "is_automatic": "Applied without a code.",
            "is_combinable": "May stand beside other discounts.",
            "priority": "The lowest comes first.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIGURES:
            if name in self.fields:
                self.fields[name].required = False
        if self.instance.pk:
            kept = {PICKERS[kind]: ids_of(self.instance, kind) for kind in GROUPS}
            self.initial = {**kept, "for_some": bool(self.instance.groups), **self.initial}

    def clean(self) -> dict[str, Any] | None:
        kind = (self.cleaned_data or {}).get("kind")
        if kind:
            self._keep_figures(NEEDED[kind])
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "It must end after it starts.")
        self._keep_groups(cleaned)
        return cleaned

    def _keep_figures(self, needed: tuple[str, ...]) -> None:
        for name in FIGURES:
            if name not in needed and name in self.cleaned_data:
                self.cleaned_data[name] = 0
            elif name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, "This kind needs it, and more than 0.")

    def _keep_groups(self, cleaned: dict[str, Any]) -> None:
        """An empty choice never widens a discount by accident: the box says what is meant."""
        chosen = [
            f"{kind}:{row.pk}" for kind, name in PICKERS.items() for row in cleaned.get(name) or ()
        ]
        if cleaned.get("for_some") and not chosen and not self.errors.keys() & PICKERS.values():
            self.add_error("for_some", "Choose what it is for.")
        if chosen and not cleaned.get("for_some"):
            self.add_error("for_some", "Goods are chosen: tick this, or take them away.")
        self.instance.groups = chosen


def ids_of(discount: Discount, kind: str) -> list[int]:
    found = [name.partition(":") for name in discount.groups]
    return [int(id) for group, _, id in found if group == kind]


# ── codes ───────────────────────────────────────────────────────────────────────────────────


class CodeForm(RefusableForm):
    class Meta:
        model = DiscountCode
        fields = ("code",)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        others = DiscountCode.objects.filter(folded=folded(code)).exclude(pk=self.instance.pk)
        if other := others.select_related("discount").first():
            raise forms.ValidationError(f"“{other.discount}” has the code {other.code} already.")
        return code


class CodeFormSet(RefusableFormSet):
    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        for row in self.forms:
            code = folded(getattr(row, "cleaned_data", {}).get("code") or "")
            if code in seen:
                row.add_error("code", "It is there twice; capitals make no difference.")
            seen |= {code} - {""}
