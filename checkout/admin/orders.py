"""Orders for staff: the list, and a page that shows all and offers the moves allowed now."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from checkout import fulfilments, invoices, orders, payments
from checkout.admin import care, moves
from checkout.admin import payments as money_of
from checkout.admin import returns as returns_of
from checkout.admin.badges import badge
from checkout.filters import OrderFilterSet
from checkout.fulfilments import Parcel
from checkout.models import Fulfilment, FulfilmentLine, Order
from checkout.models.orders import address_lines
from shop.admin_site import ReadOnlyAdmin, shown, staff, tell
from shop.errors import ShopError


class FlagFilter(admin.SimpleListFilter):
    title = "attention"
    parameter_name = "flagged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Flagged")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.exclude(review_flag="") if self.value() == "yes" else queryset


@admin.register(Order)
class Orders(ReadOnlyAdmin):
    list_display = ["called", "email", "sum", "state", "payment", "parcels"]
    list_filter = [
        *(FlagFilter, "status", "payment_status", "fulfilment_status", "placed_at"),
        "payment_method",
    ]
    search_fields = ["number", "email", "lines__sku"]
    search_help_text = "Number, e-mail or SKU"
    ordering = ["-placed_at", "-pk"]
    list_per_page = 50
    actions = ["send", "deliver"]

    # ── the list ────────────────────────────────────────────────────────────────────────────

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return Order.objects.shown()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The same search as the API's."""
        return OrderFilterSet({"search": search_term}, queryset=queryset).qs, False

    @admin.display(description="Total", ordering="total_minor")
    def sum(self, order: Order) -> str:
        return format_html('<span class="money">{}</span>', shown(order.total))

    @admin.display(description="Order", ordering="status")
    def state(self, order: Order) -> str:
        return badge(order.status, order.get_status_display())

    @admin.display(description="Payment", ordering="payment_status")
    def payment(self, order: Order) -> str:
        return badge(order.payment_status, order.get_payment_status_display())

    @admin.display(description="Parcels", ordering="fulfilment_status")
    def parcels(self, order: Order) -> str:
        return badge(order.fulfilment_status, order.get_fulfilment_status_display())

    @admin.display(description="Number", ordering="placed_at")
    def called(self, order: Order) -> str:
        at = timezone.localtime(order.placed_at)
        flag = format_html('<span class="flag">⚑ {}</span>', order.review_flag)
        return format_html(
            '<span class="money">{}</span><span class="under">{}</span>{}',
            *(order.number, f"{at:%d %b %Y, %H:%M}", flag if order.review_flag else ""),
        )

    # ── who may ─────────────────────────────────────────────────────────────────────────────

    def has_view_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return request.user.has_perm("checkout.view_order")

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        """Whether the user may at all; which orders can go, the domain says."""
        return request.user.has_perm("checkout.delete_order")

    def has_process_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("checkout.process_order")

    def get_urls(self) -> list[Any]:
        return [*care.urls(self), *super().get_urls()]

    # ── the page of one ─────────────────────────────────────────────────────────────────────

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an order; a POST makes the move that it names, if that is allowed now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self.get_object(request, unquote(object_id))
        if order is None:
            raise Http404
        open_moves = [
            *moves.open_to(order, staff(request), request.POST or None),
            *returns_of.open_to(order, staff(request), request.POST or None),
        ]
        if request.method == "POST" and self._moved(request, order, open_moves):
            return HttpResponseRedirect(request.path)
        order = with_parts(order)
        context = {
            **self.admin_site.each_context(request),
            **content(order),
            "opts": self.opts,
            "title": f"Order {order.number}",
            "media": self.media,
            "moves": [move for move in open_moves if move.key != "clear_flag"],
            "clear": next((move for move in open_moves if move.key == "clear_flag"), None),
            "care": care.address_of(order) if care.may(order, staff(request)) else "",
            "may_delete": self.has_delete_permission(request) and orders.may_delete(order),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/checkout/order/page.html", context)

    def _moved(self, request: HttpRequest, order: Order, open_moves: list[moves.Move]) -> bool:
        """Whether the page is to be shown afresh, because something was done or is over."""
        move = next((move for move in open_moves if move.is_bound), None)
        if move is None:
            messages.error(request, "That cannot be done with this order, or no longer.")
            return True
        if not (move.is_valid() and move.carry_out(staff(request))):
            return False
        self.log_change(request, order, move.title)
        messages.add_message(request, *move.outcome())
        return True

    def delete_model(self, request: HttpRequest, obj: Order) -> None:
        orders.delete(obj.pk, actor=staff(request))

    # ── actions on several ──────────────────────────────────────────────────────────────────

    @admin.action(description="Mark all that is left as sent", permissions=["process"])
    def send(self, request: HttpRequest, rows: QuerySet[Order]) -> None:
        def sent(order: Order) -> None:
            fulfilments.fulfil(order.pk, None, parcel=Parcel(), actor=staff(request))

        self._each(request, rows, sent, "sent")

    @admin.action(description="Mark as delivered", permissions=["process"])
    def deliver(self, request: HttpRequest, rows: QuerySet[Order]) -> None:
        def delivered(order: Order) -> None:
            fulfilments.deliver(order.pk, fulfilment_id=None, actor=staff(request))

        self._each(request, rows, delivered, "delivered")

    def _each(
        self, request: HttpRequest, rows: QuerySet[Order], move: Callable[[Order], None], word: str
    ) -> None:
        done = 0
        for order in rows:
            try:
                move(order)
            except ShopError as refusal:
                tell(request, refusal, order)
            else:
                self.log_change(request, order, f"Marked as {word}")
                done += 1
        if done:
            messages.success(request, f"{done} marked as {word}.")


def with_parts(order: Order) -> Order:
    """The order as it is now, with all that its page shows."""
    in_parcel = FulfilmentLine.objects.select_related("line")
    parcels = Fulfilment.objects.prefetch_related(Prefetch("lines", queryset=in_parcel))
    rows = Order.objects.select_related("user", "invoice").prefetch_related(
        "lines", "redemptions", "events__actor", Prefetch("fulfilments", queryset=parcels)
    )
    return returns_of.with_returns(money_of.with_money(rows)).get(pk=order.pk)


def content(order: Order) -> dict[str, Any]:
    """What the page shows of an order, amounts as texts."""
    return {
        "order": order,
        "lines": [
            {"line": line, "price": shown(line.unit_price), "total": shown(line.total)}
            for line in order.lines.all()
        ],
        "totals": totals(order),
        "total": shown(order.total),
        "states": [
            ("Order", badge(order.status, order.get_status_display())),
            ("Payment", badge(order.payment_status, order.get_payment_status_display())),
            ("Parcels", badge(order.fulfilment_status, order.get_fulfilment_status_display())),
            ("Stock", badge("", order.get_stock_state_display())),
        ],
        "shipping_to": address_lines(order.shipping_address),
        "billing_to": address_lines(order.billing_address),
        **money_of.content(order),
        **returns_of.content(order),
        "instructions": payments.instructions(order),
        "may_invoice": invoices.may_have(order) or hasattr(order, "invoice"),
    }


def totals(order: Order) -> list[tuple[str, str]]:
    """The rows above the total; what is nothing is left out, but for the subtotal."""
    shipping = f"Shipping: {order.shipping_name}" if order.shipping_name else "Shipping"
    rows = [*reductions(order), (shipping, order.shipping_minor), *taxes(order)]
    found = [(name, shown(order.money(minor))) for name, minor in rows if minor]
    return [("Subtotal", shown(order.money(order.subtotal_minor))), *found]


def reductions(order: Order) -> list[tuple[str, int]]:
    """Each discount by its name and code, as the order keeps them; minor units below zero."""
    return [
        (f"{row.name} ({row.code})" if row.code else row.name, -row.amount_minor)
        for row in order.redemptions.all()
    ] or [("Discount", -order.discount_minor)]


def taxes(order: Order) -> list[tuple[str, int]]:
    """The tax of all lines by rate, and that of shipping."""
    word = "of this tax" if order.prices_include_tax else "Tax"
    by_rate: dict[Decimal, int] = defaultdict(int)
    for line in order.lines.all():
        by_rate[line.tax_rate] += line.tax_minor
    on_shipping = (f"{word}, on shipping", order.shipping_tax_minor)
    return [
        *((f"{word}, {rate.normalize():%}", minor) for rate, minor in sorted(by_rate.items())),
        on_shipping,
    ]
