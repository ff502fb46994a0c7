"""What Stripe is asked for to get an order paid: the parameters of its Checkout Session.

https://docs.stripe.com/api/checkout/sessions/create; the sums are the order's own, to the unit.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings

from checkout.models import Order, OrderLine
from shop.errors import Refused

MOST_LINES = (
    100  # https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-line_items
)
LONGEST_URL = 1000
SESSION_ID = "{CHECKOUT_SESSION_ID}"  # Stripe puts the id in its place


FACE = ("ui_mode", "success_url", "cancel_url", "return_url")  # what the storefront chooses


class Ui(Enum):
    """How the buyer meets the payment: Stripe's page, framed in the shop's, or the shop's own."""

    HOSTED = "hosted_page"
    EMBEDDED = "embedded_page"
    ELEMENTS = "elements"


@dataclass(frozen=True)
class Face:
    """What a storefront chooses: how it is shown, and where the buyer goes from there."""

    ui: Ui = Ui.HOSTED
    success_url: str = ""
    cancel_url: str = ""

    def parameters(self, order: Order) -> dict[str, str]:
        """Raises Refused: REQUIRED or INVALID for an address."""
        after = self.success_url or _own_page(order)
        if not after:
            message = "Say where the buyer goes after paying."
            raise Refused("REQUIRED", message, "success_url")
        success = with_session_id(allowed(after, "success_url"))
        back = allowed(self.cancel_url, "cancel_url") if self.cancel_url else ""
        if self.ui is not Ui.HOSTED:
            return {"ui_mode": self.ui.value, "return_url": success}
        cancel = {"cancel_url": back or _own_page(order)} if back or _own_page(order) else {}
        return {"ui_mode": self.ui.value, "success_url": success, **cancel}


def _own_page(order: Order) -> str:
    """The order's page in the storefront, where one is known."""
    return f"{settings.STOREFRONT_URL}/orders/{order.number}" if settings.STOREFRONT_URL else ""


def allowed(url: str, at: str) -> str:
    """The address, if buyers may be sent there; anything else would be an open redirect.

    Raises:
        Refused: TOO_LONG, or INVALID for another origin than the allowed ones.
    """
    if len(url) > LONGEST_URL:
        raise Refused("TOO_LONG", f"An address takes at most {LONGEST_URL} signs.", at)
    if not is_ours(origin_of(url)):
        raise Refused("INVALID", "The shop sends nobody to this address.", at)
    return url


def origin_of(url: str) -> str:
    """Scheme, host and port, or "" for what a browser may read in another way than we do."""
    if not url.isascii() or any(sign <= " " or sign in '\\"<>^`\x7f' for sign in url):
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual) else f":{port}")


def is_ours(origin: str) -> bool:
    """Whether buyers may be sent there; in development also to the developer's own machine."""
    if settings.DEBUG and urlsplit(origin).hostname in ("localhost", "127.0.0.1"):
        return True
    listed = (settings.STOREFRONT_URL, *settings.RETURN_ORIGINS)
    return origin != "" and origin in map(origin_of, listed)


def with_session_id(url: str) -> str:
    """The address with `session_id` added, which Stripe fills in."""
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True)]
    asked = urlencode([pair for pair in query if pair[0] != "session_id"])
    joined = "&".join(filter(None, [asked, f"session_id={SESSION_ID}"]))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, joined, parts.fragment))


def canonical(parameters: dict[str, Any]) -> str:
    """Text that is the same for the same parameters, and gives them back in the same order."""
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"))


def parameters(
    order: Order, face: dict[str, str], *, attempt: int, expires_at: datetime
) -> dict[str, Any]:
    """All that a session for the order is asked for.

    Args:
        face: the parameters of the `Face`.
        expires_at: 30 minutes to 24 hours from the moment that Stripe executes the call.
    """
    # The objects that Stripe makes of it do not know the session: both kinds carry the mark.
    mark = {
        "shop": settings.STRIPE_DEPLOYMENT,
        "order": order.number,
        "attempt": str(attempt),
    }
    found: dict[str, Any] = {
        **face,
        "mode": "payment",
        "line_items": line_items(order),
        "customer_email": order.email,
        "client_reference_id": order.number,
        "metadata": mark,
        "payment_intent_data": {"metadata": mark},
        "expires_at": int(expires_at.timestamp()),
        "adaptive_pricing": {"enabled": False},  # would show the buyer another currency
    }
    if not order.email:
        del found["customer_email"]
    shipping = order.shipping_minor - order.shipping_discount_minor
    if shipping:
        found["shipping_options"] = [{"shipping_rate_data": rate(order, shipping)}]
    return found


def rate(order: Order, amount: int) -> dict[str, Any]:
    """The one way of sending, chosen and priced by the shop."""
    return {
        "type": "fixed_amount",
        "display_name": order.shipping_name or "Shipping",
        "fixed_amount": {"amount": amount, "currency": order.currency.lower()},
    }


def line_items(order: Order) -> list[dict[str, Any]]:
    """The goods, and the tax on top of net prices; what Stripe adds up is the order's total."""
    items = [item(order, *part) for part in parts(order, order.lines.all())]
    if len(items) <= MOST_LINES:
        return items
    goods = sum(one["quantity"] * one["price_data"]["unit_amount"] for one in items)
    return [item(order, f"Order {order.number}", goods, 1)]


def parts(order: Order, lines: Iterable[OrderLine]) -> Iterator[tuple[str, int, int, str]]:
    """Name, amount of a unit, units and SKU of each item.

    A line whose discount does not divide evenly is one item of all its units: a session knows
    no discount of a line.
    """
    for line in lines:
        unit, rest = divmod(line.total_minor, line.quantity)
        if rest or unit % order.step:
            yield f"{line.quantity} × {line.name}", line.total_minor, 1, line.sku
        else:
            yield line.name, unit, line.quantity, line.sku
    if order.tax_minor and not order.prices_include_tax:
        yield "Tax", order.tax_minor, 1, ""


def item(order: Order, name: str, amount: int, quantity: int, sku: str = "") -> dict[str, Any]:
    product: dict[str, Any] = {"name": name[:250]}
    if sku:
        product["metadata"] = {"sku": sku}
    price = {
        "currency": order.currency.lower(),
        "unit_amount": amount,
        "product_data": product,
    }
    return {"price_data": price, "quantity": quantity}
