"""The page on which staff mend an order's e-mail, note and addresses before it is sent."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from checkout import actions, care
from checkout.models import Order
from shop.admin_site import staff
from shop.errors import ShopError
from users.addresses import POSTAL
from users.models import User

if TYPE_CHECKING:
    from checkout.admin.orders import Orders

PLACES = {"shipping_address": "Shipping address", "billing_address": "Billing address"}


def text(label: str, **options: Any) -> forms.CharField:
    """A field that remembers what it was shown with: only what somebody has changed is sent on."""
    return forms.CharField(label=label, required=False, show_hidden_initial=True, **options)


class Care(forms.Form):
    """What can be mended of an order, an address in nine fields each."""

    email = text("E-mail", max_length=254, help_text="Another one is sent the order's mail anew.")
    note = text("Note", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, order: Order, data: Any = None) -> None:
        addresses = {place: getattr(order, place) or {} for place in PLACES}
        initial = {"email": order.email, "note": order.note} | {
            f"{place}-{name}": address.get(name, "")
            for place, address in addresses.items()
            for name in POSTAL
        }
        super().__init__(data, initial=initial)
        for place in PLACES:
            for name in POSTAL:
                self.fields[f"{place}-{name}"] = text(name.capitalize(), max_length=200)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        parts = [
            (title, [self[f"{place}-{name}"] for name in POSTAL]) for place, title in PLACES.items()
        ]
        return [("Customer", [self["email"], self["note"]]), *parts]

    def changes(self) -> dict[str, Any]:
        """What was changed; an address as a whole, one without anything in it as None."""
        lines = self.cleaned_data["note"].replace("\r\n", "\n")
        given = self.cleaned_data | {"note": lines}
        for place in PLACES:
            fields = {name: given[f"{place}-{name}"] for name in POSTAL}
            given[place] = fields if any(fields.values()) else None
        changed = {name.partition("-")[0] for name in self.changed_data}
        return {name: given[name] for name in changed}

    def carry_out(self, order: Order, actor: User) -> bool:
        """Make the changes; False, with the reasons in the form, when they are refused."""
        try:
            care.update(order.pk, self.changes(), actor=actor)
        except ShopError as refusal:
            for one in refusal.each():
                field = "-".join(one.path)
                found = field if field in self.fields else f"{field}-name"
                self.add_error(found if found in self.fields else None, str(one))
            return False
        return True


def address_of(order: Order) -> str:
    return reverse("admin:checkout_order_care", args=[order.pk])


def may(order: Order, user: User) -> bool:
    return actions.processes(user) and care.may_update(order)


def urls(pages: "Orders") -> list[URLPattern]:
    def view(request: HttpRequest, order_id: int) -> HttpResponse:
        return page(pages, request, order_id)

    wrapped = pages.admin_site.admin_view(view)
    return [path("<int:order_id>/care/", wrapped, name="checkout_order_care")]


def page(pages: "Orders", request: HttpRequest, order_id: int) -> HttpResponse:
    """Show the form; a POST makes the changes and leads back to the order."""
    user = staff(request)
    if not (pages.has_view_permission(request) and actions.processes(user)):
        raise PermissionDenied
    order = Order.objects.shown().filter(pk=order_id).first()
    if order is None:
        raise Http404
    form = Care(order, request.POST or None)
    if form.is_valid() and form.carry_out(order, user):
        pages.log_change(request, order, "Changed e-mail, note or addresses")
        messages.success(request, "The order was changed.")
        return HttpResponseRedirect(reverse("admin:checkout_order_change", args=[order.pk]))
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "title": f"Change order {order.number}",
        "media": pages.media,
        "order": order,
        "form": form,
    }
    return TemplateResponse(request, "admin/checkout/order/care.html", context)
