"""Invoices for staff: a list, and each as a PDF; an order's page asks for its own here."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from checkout import invoices, printing
from checkout.models import Invoice
from shop.admin_site import ReadOnlyAdmin, shown, staff, tell
from shop.errors import ShopError


def download(invoice: Invoice) -> HttpResponse:
    disposition = f'attachment; filename="{invoice.filename}"'
    return HttpResponse(
        printing.pdf(invoice),
        content_type="application/pdf",
        headers={"Content-Disposition": disposition},
    )


@admin.register(Invoice)
class Invoices(ReadOnlyAdmin):
    """What was issued, to look at and to print. Who sees orders sees their invoices."""

    list_display = ["number", "order_link", "to", "sum", "issued_at", "file"]
    list_filter = ["year"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__email"]
    search_help_text = "Order's number or e-mail"
    fields = ["number", "order_link", "issued_at", "sold_by", "sold_to", "payment", "file"]
    readonly_fields = ["number", "order_link", "sold_by", "sold_to", "file"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("checkout.view_order")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("order/<int:order_id>/", wrap(self.of_order), name="checkout_invoice_of"),
            path("<int:invoice_id>/pdf/", wrap(self.pdf), name="checkout_invoice_pdf"),
            *super().get_urls(),
        ]

    def of_order(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """The order's invoice, issued now if it has none: by POST alone, as that writes."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return download(invoices.of(order_id, actor=staff(request)))
        except ShopError as refusal:
            tell(request, refusal)
            return HttpResponseRedirect(reverse("admin:checkout_order_changelist"))

    def pdf(self, request: HttpRequest, invoice_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        invoice = Invoice.objects.select_related("order").filter(pk=invoice_id).first()
        if invoice is None:
            raise Http404
        return download(invoice)

    @admin.display(description="Number", ordering="serial")
    def number(self, invoice: Invoice) -> str:
        return format_html('<span class="money">{}</span>', invoice.number)

    @admin.display(description="Order", ordering="order__number")
    def order_link(self, invoice: Invoice) -> str:
        address = reverse("admin:checkout_order_change", args=[invoice.order_id])
        return format_html('<a href="{}">{}</a>', address, invoice.order.number)

    @admin.display(description="To")
    def to(self, invoice: Invoice) -> str:
        return str(invoice.buyer[0])

    @admin.display(description="Total")
    def sum(self, invoice: Invoice) -> str:
        return format_html('<span class="money">{}</span>', shown(invoice.order.total))

    @admin.display(description="Seller")
    def sold_by(self, invoice: Invoice) -> str:
        return format_html_join("", "{}<br>", ([line] for line in invoice.seller))

    @admin.display(description="Buyer")
    def sold_to(self, invoice: Invoice) -> str:
        return format_html_join("", "{}<br>", ([line] for line in invoice.buyer))

    @admin.display(description="File")
    def file(self, invoice: Invoice) -> str:
        address = reverse("admin:checkout_invoice_pdf", args=[invoice.pk])
        return format_html('<a href="{}">{}</a>', address, invoice.filename)
