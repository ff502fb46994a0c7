"""From a cart, or from wishes at once, to an order that awaits payment with its stock held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import CharField, QuerySet

from catalog import stock
from catalog.errors import OutOfStock
from catalog.models import VariantOption
from checkout import (
    access,
    carts,
    contents,
    discounts,
    goods,
    idempotency,
    orders,
    payments,
    quotes,
    taxes,
)
from checkout.errors import UsedUp
from checkout.models import Cart, Order, OrderLine
from checkout.quotes import Quote, Wish, Wishes
from shop import money
from shop.errors import Refused, ShopError
from shop.prepared import WHOLE, Among, Columns, Prepared, Slot
from users.models import User

KEPT = ("note", "shipping_address", "billing_address")
WITH_USER = Columns(beside=(("user", WHOLE),))
# Which variant, and the names of the option and of what was chosen.
NAMED = Columns(
    own=frozenset({"variant_id"}),
    beside=(
        ("attribute", Columns(own=frozenset({"name"}))),
        ("value", Columns(own=frozenset({"value"}))),
    ),
)


@dataclass(frozen=True)
class Terms:
    """What the buyer agrees to besides the cart's content."""

    method: str
    user: User | None
    expected_total: Decimal | None = None
    idempotency_key: str | None = None
    placed_by: User | None = None  # staff who place it for the user

    @property
    def caller(self) -> User | None:
        """Who sends the request, and whose idempotency key it is."""
        return self.placed_by or self.user

    def expected_minor(self) -> int | None:
        if self.expected_total is None:
            return None
        return money.minor(self.expected_total, settings.SHOP_CURRENCY, "expected_total")


def place_cart(token: str | None, terms: Terms) -> Order:
    """Order what is in the cart; asked again with its token or key, the same order.

    Raises:
        ShopError: what stands in the cart's way, PriceChanged, PAYMENT_METHOD_UNAVAILABLE;
            and nothing is written.
    """
    content = {"cart_token": token, "method": terms.method, "total": terms.expected_minor()}
    return _once(content, terms, partial(_place_cart, token, terms))


def place_wishes(wishes: Sequence[Wish], fields: Mapping[str, Any], terms: Terms) -> Order:
    """Order a whole cart at once; the caller's open cart stays as it is.

    Args:
        fields: e-mail, addresses and note, as `contents.checked` takes them.

    Raises:
        ShopError: as `place_cart`, with paths below "cart".
    """
    content = {
        "wishes": [[wish.variant_id, wish.quantity] for wish in wishes],
        "fields": dict(fields),
        "method": terms.method,
        "total": terms.expected_minor(),
    }
    if terms.placed_by and terms.user:
        content["for"] = terms.user.pk
    return _once(content, terms, partial(_place_wishes, wishes, fields, terms))


def _once(content: Any, terms: Terms, place: Any) -> Order:
    """What `place` makes, or has made for this key; `place` is called inside a transaction."""
    number = idempotency.once(
        "orderPlace",
        terms.idempotency_key,
        user=terms.caller,
        content=content,
        act=place,
        subject=access.new_number(),
    )
    found: list[Order] = Prepared("order", _numbered, WITH_USER, {"number": number}).read()
    if not found or (terms.caller is None and found[0].user_id is not None):
        message = "The order of this key was deleted, or belongs to an account by now."
        raise Refused("NOT_FOUND", message, "idempotency_key")
    return found[0]


def _numbered() -> QuerySet[Order]:
    return Order.objects.shown().filter(number=Slot("number", CharField()))


def _place_cart(token: str | None, terms: Terms, number: str) -> str:
    cart = _locked_cart(token, terms.user)
    if placed := _placed(cart, terms.user):
        return placed
    carts.refuse_closed(cart)
    try:
        quote = carts.quote(cart, buyer=terms.user, is_order=True).ready_or_raise()
    except ShopError as refusal:
        for one in refusal.each():
            one.path = ("cart_token",)
        raise
    kept = {name: getattr(cart, name) for name in KEPT} | {"cart": cart}
    order = _create(quote, kept, terms, number, at="cart_token")
    cart.status = Cart.Status.ORDERED
    cart.save(update_fields=["status"])
    return order.number


def _placed(cart: Cart, user: User | None) -> str | None:
    """The number of the order that the cart became, told to nobody but who ordered it.

    A guest's token opens the guest's order; it does not open that of somebody who signed in.
    """
    if cart.status != Cart.Status.ORDERED:
        return None
    rows = Order.objects.shown().filter(cart=cart)
    own = rows.filter(user=None) | rows.filter(user=user) if user else rows.filter(user=None)
    return own.values_list("number", flat=True).first()


def _locked_cart(token: str | None, user: User | None) -> Cart:
    if token is not None or user is None:
        return carts.locked_by_token(token, user=user)
    cart = carts.locked_own(user)
    if cart is None:
        raise Refused("CART_EMPTY", "There is nothing in the cart.", "cart_token")
    return cart


def _place_wishes(
    wishes: Sequence[Wish], fields: Mapping[str, Any], terms: Terms, number: str
) -> str:
    try:
        checked = contents.checked(fields)
        email = checked.get("email") or (terms.user.email if terms.user else "")
        beside = Wishes(
            email=email,
            user=terms.user,
            shipping_address=checked.get("shipping_address"),
            billing_address=checked.get("billing_address"),
            method_id=checked.get("shipping_method_id"),
            codes=checked.get("codes", ()),
            is_order=True,
        )
        quote = quotes.of_wishes(wishes, beside).ready_or_raise()
    except ShopError as refusal:
        raise refusal.under("cart") from None
    kept = {name: checked[name] for name in KEPT if name in checked}
    return _create(quote, kept, terms, number, at="cart").number


def _create(quote: Quote, kept: Mapping[str, Any], terms: Terms, number: str, *, at: str) -> Order:
    payments.refuse_unoffered(terms.method)
    quote.refuse_other_total(terms.expected_minor())

    if orders.sold_at_once(terms.method, quote.totals.total):
        goods.lock_for_sale(quote.quantities)
    _hold(quote, number, at=at)
    order = Order(
        number=number,
        user=terms.user,
        email=quote.email,
        locale=settings.SHOP_LANGUAGE,
        payment_method=terms.method,
        access_nonce=access.new_token(),
        **copied_sums(quote),
        **kept,
    )
    orders.await_payment(order)
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(copied_lines(quote, order))
    redeem(quote, order, at=at)
    orders.begin(order, actor=terms.caller)
    return order


def copied_sums(quote: Quote) -> dict[str, Any]:
    """The columns of an order that say what it comes to, and by which way it is sent."""
    return {
        "currency": quote.currency,
        "prices_include_tax": quote.includes_tax,
        "subtotal_minor": quote.totals.subtotal,
        "discount_minor": quote.totals.discount,
        "shipping_minor": quote.totals.shipping,
        "shipping_discount_minor": quote.totals.shipping_discount,
        "shipping_tax_minor": quote.totals.shipping_tax,
        "shipping_tax_rate": quote.rates.of(taxes.SHIPPING),
        "shipping_name": quote.option.name if quote.option else "",
        "tax_minor": quote.totals.tax,
        "total_minor": quote.totals.total,
    }


def redeem(quote: Quote, order: Order, *, at: str) -> None:
    """Use the discounts up; somebody may have been faster since the quote was made.

    Raises:
        UsedUp: with one for which a code was entered.
        PriceChanged: with one that comes by itself.
    """
    try:
        discounts.redeem(order, quote.priced.outcomes, quote.candidates, quote.wishes.customer)
    except UsedUp as refusal:
        if quote.candidates.code_of.keys().isdisjoint(refusal.ids):
            raise quote.anew().changed_from(quote.totals.total) from None
        if at == "cart_token":  # the codes are the cart's, not the input's
            refusal.path = ()
        raise refusal.under(at) from None


def _hold(quote: Quote, number: str, *, at: str) -> None:
    """Take the stock; somebody may have been faster since the quote was made.

    Raises:
        ShopError: as `stock.hold`, at the line in question below `at`.
    """
    try:
        stock.hold(quote.quantities, order_number=number)
    except ShopError as refusal:
        short = refusal.sku if isinstance(refusal, OutOfStock) else None
        path = next((line.path for line in quote.lines if line.sku == short), ())
        raise refusal.under(at, *path) from None


def copied_lines(quote: Quote, order: Order) -> list[OrderLine]:
    """The quote's lines as they are sold: names, options and prices of this moment."""
    options = options_of(list(quote.quantities))
    return [
        OrderLine(
            order=order,
            variant=line.variant,
            product=line.variant.product,
            sku=line.sku,
            name=line.name,
            options=options.get(line.variant.pk, []),
            unit_minor=line.unit_minor,
            quantity=line.quantity,
            discount_minor=quote.prices[line.id].discount,
            tax_rate=quote.prices[line.id].line.tax_rate,
            tax_minor=quote.prices[line.id].tax,
            total_minor=quote.prices[line.id].total,
            requires_shipping=line.variant.requires_shipping,
        )
        for line in quote.lines
        if line.variant
    ]


def options_of(variant_ids: list[int]) -> dict[int, list[dict[str, str]]]:
    """Name and value of each option, in the product's order, by variant id. One statement."""
    found: dict[int, list[dict[str, str]]] = {}
    for row in Prepared("options sold", _options_of, NAMED).read(variants=variant_ids):
        option = {"name": row.attribute.name, "value": row.value.value}
        found.setdefault(row.variant_id, []).append(option)
    return found


def _options_of() -> QuerySet[VariantOption]:
    rows = VariantOption.objects.filter(Among("variant_id", "variants"))
    return rows.order_by("position", "pk")
