"""Counting what is on the shelf: one page for all the variants of a product."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from catalog import stock
from catalog.models import Product, StockMovement, Variant
from catalog.stock import StockChange
from shop.admin_site import place, staff
from shop.errors import ShopError
from users.models import User

if TYPE_CHECKING:
    from catalog.admin.products import Products

ADJUST = "catalog.adjust_stock"
NEWEST = 20  # movements below the form


class StockForm(forms.Form):
    """Units to add or to take away by variant, with the one reason for all."""

    reason = forms.CharField(
        max_length=stock.LONGEST_REASON,
        widget=forms.TextInput(attrs={"size": 60, "placeholder": "Delivery, count, damage …"}),
    )

    def __init__(self, rows: Sequence[Variant], data: Any = None) -> None:
        super().__init__(data)
        self.rows = [row for row in rows if row.track_stock]
        for row in self.rows:
            # What the page showed: when it is another by now, the domain refuses.
            seen = forms.IntegerField(initial=row.stock, widget=forms.HiddenInput)
            self.fields |= {change(row): forms.IntegerField(required=False), expected(row): seen}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned[change(row)] for row in self.rows):
            self.add_error(None, "Say for one variant or more how many units come or go.")
        return cleaned

    def carry_out(self, actor: User) -> bool:
        """Book the changes; False, with the reasons in the form, when they are refused."""
        given = [row for row in self.rows if self.cleaned_data[change(row)]]
        try:
            stock.adjust(list(self.changes(given)), actor=actor, reason=self.cleaned_data["reason"])
        except ShopError as refusal:
            for each in refusal.each():
                at = each.path[1:2]
                names = {at[0]: change(given[int(at[0])])} if at else {}
                place(self, [each], names)
            return False
        return True

    def changes(self, rows: Iterable[Variant]) -> Iterable[StockChange]:
        for row in rows:
            delta, seen = self.cleaned_data[change(row)], self.cleaned_data[expected(row)]
            yield StockChange(row.pk, delta=delta, expected=seen)

    def lines(self) -> list[tuple[Variant, forms.BoundField, forms.BoundField]]:
        return [(row, self[change(row)], self[expected(row)]) for row in self.rows]


def change(variant: Variant) -> str:
    return f"change-{variant.pk}"


def expected(variant: Variant) -> str:
    return f"expected-{variant.pk}"


def page(pages: "Products", request: HttpRequest, product_id: int) -> HttpResponse:
    """Show the units of a product's variants and book changes of them; for who may adjust."""
    if not request.user.has_perm(ADJUST):
        raise PermissionDenied
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404
    rows = list(product.variants.live())
    form = StockForm(rows, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.carry_out(staff(request)):
        messages.success(request, f"The stock of “{product}” was booked.")
        return HttpResponseRedirect(request.path)
    moves = StockMovement.objects.filter(variant__product=product).select_related(
        "variant", "actor"
    )
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "title": "Adjust stock",
        "subtitle": str(product),
        "product": product,
        "form": form,
        "uncounted": [row for row in rows if not row.track_stock],
        "movements": moves.order_by("-pk")[:NEWEST],
        "media": pages.media,
    }
    return TemplateResponse(request, "admin/catalog/product/stock.html", context)
