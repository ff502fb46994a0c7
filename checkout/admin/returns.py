"""Returns for staff: their list, what an order's page shows of them, and its moves for them."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from checkout import actions, returns, withdrawals
from checkout.admin.badges import coloured
from checkout.admin.moves import Move, MoveOfUnits, sent_once
from checkout.models import Order, OrderLine, Return, ReturnLine
from checkout.returns import State
from checkout.withdrawals import Wanted, described
from shop.admin_site import ReadOnlyAdmin, ReadOnlyInline
from users.models import User

COLOURS = {
    State.REQUESTED: "wait",
    State.APPROVED: "info",
    State.REJECTED: "bad",
    State.RECEIVED: "good",
}


def state_badge(found: Return) -> str:
    return coloured(COLOURS.get(State(found.state), ""), found.get_state_display())


# ── the list ────────────────────────────────────────────────────────────────────────────────


class Lines(ReadOnlyInline):
    model = ReturnLine
    fields = ["sku", "name", "quantity"]
    readonly_fields = ["sku", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        rows: QuerySet[ReturnLine] = super().get_queryset(request)
        return rows.select_related("line")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the return's own page asks

    @admin.display(description="SKU")
    def sku(self, part: ReturnLine) -> str:
        return part.line.sku

    @admin.display(description="Name")
    def name(self, part: ReturnLine) -> str:
        return part.line.name


@admin.register(Return)
class Returns(ReadOnlyAdmin):
    """What buyers send back; it is dealt with on the page of its order."""

    inlines = [Lines]
    list_display = ["__str__", "of_order", "stands", "reason", "requested_at", "received_at"]
    list_filter = ["state", "requested_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__email", "lines__line__sku"]
    search_help_text = "Number of the order, e-mail or SKU"
    ordering = ["-pk"]
    fields = [
        *("of_order", "stands", "reason", "note", "requested_at", "decided_at", "received_at"),
    ]
    readonly_fields = ["of_order", "stands"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the orders that they are of."""
        return request.user.has_perm("checkout.view_order")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        return Return.objects.filter(order__deleted_at=None)

    @admin.display(description="Order", ordering="order__number")
    def of_order(self, found: Return) -> str:
        page = reverse("admin:checkout_order_change", args=[found.order_id])
        return format_html('<a href="{}" class="money">{}</a>', page, found.order.number)

    @admin.display(description="State", ordering="state")
    def stands(self, found: Return) -> str:
        return state_badge(found)


# ── the order's page ────────────────────────────────────────────────────────────────────────


def with_returns(rows: QuerySet[Order]) -> QuerySet[Order]:
    """With all that `content` shows, in as many statements for one return as for many."""
    parts = ReturnLine.objects.select_related("line")
    return rows.prefetch_related("returns", Prefetch("returns__lines", queryset=parts))


def content(order: Order) -> dict[str, Any]:
    return {"returns": [row_of(found) for found in order.returns.all()]}


def row_of(found: Return) -> dict[str, Any]:
    return {"return": found, "state": state_badge(found), "units": units(found)}


def units(found: Return) -> str:
    return described([(part.line, part.quantity) for part in found.lines.all()])


class CancelLines(MoveOfUnits):
    key, title, button, danger = "cancel_lines", "Cancel units", "Cancel these units", True
    done = "The units will not be sent."
    starts_full = False

    reason = forms.CharField(max_length=200, required=False, help_text="The buyer can read it.")
    # A form that is sent twice, by a double click perhaps, calls the units off once.
    sent_as = forms.CharField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def rest(self, line: OrderLine) -> int:
        return line.unsent

    def move(self, actor: User) -> None:
        key = self.cleaned_data["sent_as"] or str(uuid4())
        wanted = Wanted(self.chosen(), self.cleaned_data["reason"], key)
        may_refund = actions.refunds_money(actor)
        with sent_once("more units"):
            withdrawals.cancel_lines(self.order.pk, wanted, actor=actor, may_refund=may_refund)


class MoveOfReturn(Move):
    """A move of one of the order's returns that can make it."""

    names = {"return_id": "return"}
    to: State

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(order, data)
        field: Any = forms.ChoiceField(label="Return")
        field.choices = [(str(one.pk), self.called(one)) for one in open_for(order, self.to)]
        self.fields["return"] = field
        self.order_fields(["return"])

    def called(self, found: Return) -> str:
        return ": ".join(filter(None, [units(found), found.reason]))

    def chosen(self) -> int:
        return int(self.cleaned_data["return"])


class Approve(MoveOfReturn):
    key, title, button = "approve_return", "Approve a return", "Approve"
    done = "The buyer is told that it can be sent."
    to = State.APPROVED

    note = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="How to send it; the buyer reads it.",
    )

    def move(self, actor: User) -> None:
        returns.approve(self.chosen(), note=self.cleaned_data["note"], actor=actor)


class Reject(MoveOfReturn):
    key, title, button, danger = "reject_return", "Reject a return", "Reject", True
    done = "The buyer is told that it is not taken back."
    to = State.REJECTED

    reason = forms.CharField(max_length=1000, help_text="The buyer reads it.")

    def move(self, actor: User) -> None:
        returns.reject(self.chosen(), reason=self.cleaned_data["reason"], actor=actor)


class Receive(MoveOfReturn):
    key, title, button = "receive_return", "A return has come", "Mark as received"
    done = "The return was noted."
    to = State.RECEIVED

    restock = forms.BooleanField(label="These units go back to the shelf", required=False)
    refund = forms.BooleanField(label="Give back what was paid for them", required=False)

    def move(self, actor: User) -> None:
        refund = bool(self.cleaned_data.get("refund")) and actions.refunds_money(actor)
        returns.receive(
            self.chosen(), restock=self.cleaned_data["restock"], refund=refund, actor=actor
        )
        self.refunded = refund

    def outcome(self) -> tuple[int, str]:
        told = "The refund is listed below with its state." if self.refunded else ""
        return messages.SUCCESS, f"{self.done} {told}".strip()


def open_for(order: Order, to: State) -> list[Return]:
    """The order's returns that can take the step."""
    return [found for found in order.returns.all() if returns.may_move(found, to)]


def open_to(order: Order, user: User, data: Any = None) -> list[Move]:
    """The moves for units that the user can make now; the one that `data` is for is bound."""
    if not actions.processes(user):
        return []
    order = with_returns(Order.objects.all()).get(pk=order.pk)
    by_return: list[type[MoveOfReturn]] = [Approve, Reject, Receive]
    found: list[type[Move]] = [kind for kind in by_return if open_for(order, kind.to)]
    found += [CancelLines] if withdrawals.may_cancel_lines(order) else []
    wanted = data.get("move") if data is not None else None
    moves = [kind(order, data if kind.key == wanted else None) for kind in found]
    for move in moves:
        if isinstance(move, Receive) and not actions.refunds_money(user):
            del move.fields["refund"]
    return moves
