"""How payment is doing, on the overview of the admin."""

from typing import Any

from django import template
from django.template import Context

from checkout import health

register = template.Library()


@register.inclusion_tag("admin/checkout/health.html", takes_context=True)
def payment_health(context: Context) -> dict[str, Any]:
    """A panel for staff who may look at orders; nothing, and no statement, for others."""
    user = context["user"]
    if not user.has_perm("checkout.view_order"):
        return {"health": None}
    return {"health": health.now(), "sees_events": user.has_perm("checkout.view_stripeevent")}
