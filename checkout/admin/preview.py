"""What a cart would pay with a discount, before the discount is switched on."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from catalog.models import Variant
from checkout import carts, discounts, promotions, quotes
from checkout.admin.fields import countries
from checkout.models import Cart, Discount
from checkout.models.carts import MAX_LINES, MAX_QUANTITY
from checkout.quotes import Quote, Wish, Wishes
from shop.admin_site import shown
from shop.money import Money

if TYPE_CHECKING:
    from checkout.admin.discounts import Discounts


def any_country() -> list[tuple[str, str]]:
    return [("", "(the cart's own, or none)"), *countries()]


class PreviewForm(forms.Form):
    """A cart, or goods, and where they would go."""

    cart = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Its number in the list."
    )
    goods = forms.CharField(
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 30, "placeholder": "LAMP-1 2"}),
        help_text="In place of a cart: a SKU and a quantity, a line each.",
    )
    country = forms.ChoiceField(choices=any_country, required=False)

    def __init__(self, data: Any, *, with_carts: bool) -> None:
        super().__init__(data)
        if not with_carts:
            del self.fields["cart"]

    def clean_cart(self) -> Cart | None:
        number = self.cleaned_data["cart"]
        if number is None:
            return None
        found = Cart.objects.select_related("user").filter(pk=number).first()
        if found is None:
            raise forms.ValidationError("There is no cart of this number.")
        return found

    def clean_goods(self) -> list[Wish]:
        lines = [line.split() for line in self.cleaned_data["goods"].splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(f"A cart takes {MAX_LINES} lines.")
        return list(wishes_of(lines))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("cart")) == bool(cleaned["goods"]):
            text = "Enter either a cart's number or goods." if "cart" in self.fields else ""
            raise forms.ValidationError(text or "Enter goods.")
        return cleaned

    def quote(self) -> Quote:
        """What was entered, at today's prices."""
        country, cart = self.cleaned_data["country"], self.cleaned_data.get("cart")
        where = {"country": country} if country else None
        if cart is None:
            return quotes.of_wishes(self.cleaned_data["goods"], Wishes(shipping_address=where))
        found = carts.quote(cart, buyer=cart.user)
        if where:
            found.wishes = replace(found.wishes, shipping_address=where)
        return found


def wishes_of(lines: list[list[str]]) -> Iterator[Wish]:
    """Raises ValidationError for a line that is no SKU with a quantity, or not for sale."""
    wanted = [(sku, quantity_of(sku, rest)) for sku, *rest in lines]
    by_sku = for_sale(sku for sku, _ in wanted)
    totals: dict[int, int] = {}
    for sku, quantity in wanted:
        found = by_sku.get(sku.lower())
        if found is None:
            raise forms.ValidationError(f"There is no “{sku:.64}” for sale.")
        totals[found.pk] = totals.get(found.pk, 0) + quantity
        if totals[found.pk] > MAX_QUANTITY:
            raise forms.ValidationError(f"A cart takes {MAX_QUANTITY} of {sku:.64}.")
    for pk, quantity in totals.items():
        yield Wish(pk, quantity)


def quantity_of(sku: str, rest: list[str]) -> int:
    """Raises ValidationError unless a quantity alone stands behind the SKU."""
    quantity = int(rest[0]) if rest and rest[0].isdecimal() and len(rest[0]) < 5 else 0
    if len(rest) != 1 or not quantity:
        raise forms.ValidationError(f"Write a SKU and a quantity instead of “{sku:.40} …”.")
    return quantity


def for_sale(skus: Iterable[str]) -> dict[str, Variant]:
    """What can be bought of it, by the SKU in small letters; one statement."""
    folded = [Lower(Value(sku)) for sku in dict.fromkeys(skus)]
    rows = Variant.objects.public().annotate(folded=Lower("sku")).filter(folded__in=folded)
    return {row.sku.lower(): row for row in rows}


def page(pages: "Discounts", request: HttpRequest, discount_id: int) -> HttpResponse:
    """Show what a cart would pay with the discount as it is saved; nothing is written."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    discount = Discount.objects.filter(pk=discount_id).first()
    if discount is None:
        raise Http404
    with_carts = request.user.has_perm("checkout.view_cart")
    form = PreviewForm(request.GET if "country" in request.GET else None, with_carts=with_carts)
    quote = promotions.tried(form.quote(), discount) if form.is_valid() else None
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "title": "This cart would pay …",
        "subtitle": str(discount),
        "discount": discount,
        "form": form,
        "found": content(quote) if quote else None,
        "media": pages.media,
    }
    return TemplateResponse(request, "admin/checkout/discount/preview.html", context)


def content(quote: Quote) -> dict[str, Any]:
    """The lines, each discount with its amount or why it takes nothing off, and the sums."""

    def text(minor: int) -> str:
        return shown(Money(minor, quote.currency))

    sums, option = quote.totals, quote.option
    return {
        "lines": [(line, text(line.unit_minor * line.quantity)) for line in quote.lines],
        "offers": offers(quote),
        "subtotal": text(sums.subtotal),
        "shipping": (option.name, text(sums.shipping)) if option else None,
        "tax": text(sums.tax),
        "includes_tax": quote.includes_tax,
        "total": text(sums.total),
        "problems": [str(one.refusal) for one in quote.problems if one.refusal.path != ("email",)],
    }


def offers(quote: Quote) -> list[dict[str, Any]]:
    """Every discount that was looked at, in the order in which they came, and refused codes."""
    found = [
        {
            "name": quote.candidates.rows[one.offer.key].name,
            "code": quote.candidates.code_of.get(one.offer.key, ""),
            "amount": shown(Money(-one.amount, quote.currency)) if one.amount else "",
            "reason": "" if one.amount else discounts.reason_of(one, quote.currency),
        }
        for one in quote.priced.outcomes
    ]
    refused = quote.candidates.refused.items()
    return [
        *found,
        *({"name": "", "code": code, "amount": "", "reason": why} for code, why in refused),
    ]
