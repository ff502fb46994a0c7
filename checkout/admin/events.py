"""What Stripe has told, for staff to look at when payments do not come through."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from checkout.admin.badges import coloured
from checkout.models import StripeEvent
from shop.admin_site import ReadOnlyAdmin


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failing", "Failing"), ("done", "Done")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[StripeEvent]
    ) -> QuerySet[StripeEvent]:
        """Failing as the overview counts it: tried, with an error, and not done since."""
        if self.value() == "failing":
            return queryset.filter(done_at=None).exclude(error="")
        return queryset.exclude(done_at=None) if self.value() == "done" else queryset


@admin.register(StripeEvent)
class StripeEvents(ReadOnlyAdmin):
    """Each event as it was kept, which is without its content."""

    list_display = ["called", "received_at", "state", "failure"]
    list_filter = [StateFilter, "type", "received_at"]
    search_fields = ["id", "type"]
    search_help_text = "Stripe's id of the event, or its type"
    ordering = ["-received_at", "-pk"]
    fields = [
        *("id", "type", "livemode", "created", "received_at", "done_at", "attempts", "error"),
    ]

    @admin.display(description="Event", ordering="type")
    def called(self, event: StripeEvent) -> str:
        return format_html('{}<span class="under">{}</span>', event.type, event.pk)

    @admin.display(description="State", ordering="done_at")
    def state(self, event: StripeEvent) -> str:
        tried = format_html('<span class="under">attempts: {}</span>', event.attempts)
        if event.done_at:
            return coloured("good", "Done") + tried
        kind, label = ("bad", "Failing") if event.error else ("wait", "Not done yet")
        return coloured(kind, label) + tried

    @admin.display(description="Error", ordering="error")
    def failure(self, event: StripeEvent) -> str:
        return event.error or "–"

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> StripeEvent | None:
        """The event of an address; one with a NUL, at which PostgreSQL would stumble, is none."""
        if "\0" in object_id:
            return None
        found: StripeEvent | None = super().get_object(request, object_id, from_field)
        return found
