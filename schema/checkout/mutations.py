"""Changes to carts and orders."""

from typing import Any, cast

import strawberry

from checkout import access, actions, carts, claims, endings, fulfilments, models, orders, placement
from schema import ids
from schema.authorization.rules import (
    BUYER_OR_DELETE,
    BUYER_OR_PROCESS,
    CART,
    ORDERING,
    PUBLIC,
    guard,
)
from schema.checkout.carts import Cart
from schema.checkout.inputs import (
    CartClaimInput,
    CartInput,
    CartLinesAddInput,
    CartLinesRemoveInput,
    CartLinesUpdateInput,
    CartUpdateInput,
    OrderCancelInput,
    OrderDeleteInput,
    OrderDeliverInput,
    OrderFulfilInput,
    OrderMarkPaidInput,
    OrderPlaceInput,
    content_of,
    key_of,
    wishes_of,
)
from schema.checkout.queries import opened
from schema.checkout.types import Order, by_token, is_by_token
from schema.context import customer, viewer
from schema.errors import DeletePayload, Info, Payload, mutation, sent
from schema.permissions import IsSignedIn, may
from schema.rates.declared import Rate
from shop.errors import Refused
from users import tokens
from users.models import User

PROCESS = may("checkout.process_order")


@strawberry.type(description="What came of changing a cart.")
class CartPayload(Payload):
    cart: Cart | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="What came of placing an order.")
class OrderPlacePayload(Payload):
    order: Order | None = strawberry.field(default=None, description="As it was placed.")
    access_token: str | None = strawberry.field(
        default=None, description="Shows this order to a guest; told to who placed it."
    )


@strawberry.type(description="What came of changing an order.")
class OrderPayload(Payload):
    order: Order | None = strawberry.field(default=None, description="As it is now.")


def order_payload(order: models.Order) -> OrderPayload:
    return OrderPayload(order=cast("Order", order))


def cart_payload(info: Info, cart: models.Cart, token: str | None) -> CartPayload:
    return CartPayload(cart=Cart(row=cart, token=token, buyer=viewer(info)))


def given_token(input: Any) -> str | None:
    """The cart token that was sent; null and left out are the same."""
    return None if sent(input.cart_token) is None else str(input.cart_token)


def seen(info: Info, id: str, access_token: str | None = None) -> models.Order:
    """The order that the caller may see. Raises Refused: NOT_FOUND."""
    key = ids.key_of("Order", id)
    own = models.Order.objects.visible_to(viewer(info)).filter(number=key or "").first()
    found = own or opened(key or "", access_token)
    if found is None:
        raise ids.not_found("Order", "order_id")
    return found


def text(value: str | None) -> str:
    """What was sent, or "" for null and left out (which is false as well)."""
    return value or ""


@strawberry.type
class CheckoutMutation:
    @mutation(
        description="Make a guest's cart; for a signed-in caller, fill the open cart further.",
        rates=[Rate("carts"), Rate("discount codes", when=("discountCodes",))],
        metadata=guard(PUBLIC),
    )
    def cart_create(self, info: Info, input: CartInput) -> CartPayload | None:
        cart, token = carts.create(
            user=viewer(info), wishes=wishes_of(input.lines or None), fields=content_of(input)
        )
        return cart_payload(info, cart, token)

    @mutation(description="Put units into a cart.", metadata=guard(CART))
    def cart_lines_add(self, info: Info, input: CartLinesAddInput) -> CartPayload | None:
        token = given_token(input)
        cart = carts.add(token, wishes_of(input.lines), user=viewer(info))
        return cart_payload(info, cart, token)

    @mutation(description="Set the units of lines; 0 removes a line.", metadata=guard(CART))
    def cart_lines_update(self, info: Info, input: CartLinesUpdateInput) -> CartPayload | None:
        token = given_token(input)
        quantities = [(key_of("CartLine", line.id), line.quantity) for line in input.lines]
        return cart_payload(info, carts.change(token, quantities, user=viewer(info)), token)

    @mutation(description="Take lines out of a cart.", metadata=guard(CART))
    def cart_lines_remove(self, info: Info, input: CartLinesRemoveInput) -> CartPayload | None:
        token = given_token(input)
        line_ids = [key_of("CartLine", id) for id in input.line_ids]
        return cart_payload(info, carts.remove(token, line_ids, user=viewer(info)), token)

    @mutation(
        description="Change e-mail, addresses, codes or note of a cart.",
        rates=[Rate("discount codes", when=("discountCodes",))],
        metadata=guard(CART),
    )
    def cart_update(self, info: Info, input: CartUpdateInput) -> CartPayload | None:
        token = given_token(input)
        return cart_payload(info, carts.update(token, content_of(input), user=viewer(info)), token)

    @mutation(
        description="Make a guest's cart one's own, merged into the open cart if there is one.",
        permission_classes=[IsSignedIn],
        metadata=guard(CART),
    )
    def cart_claim(self, info: Info, input: CartClaimInput) -> CartPayload | None:
        cart = claims.claim(input.cart_token, user=customer(info))
        is_same = cart.token_digest == tokens.digest(input.cart_token)
        return cart_payload(info, cart, input.cart_token if is_same else None)

    @mutation(
        description="Order what is in the cart and hold its stock until it is paid.",
        rates=[Rate("orders"), Rate("discount codes", when=("cart", "discountCodes"))],
        metadata=guard(ORDERING),
    )
    def order_place(self, info: Info, input: OrderPlaceInput) -> OrderPlacePayload | None:
        order = placed(input, viewer(info))
        return OrderPlacePayload(
            order=cast("Order", by_token(order)), access_token=access.token_for(order)
        )

    @mutation(
        description="Book money that came by bank transfer or in cash.",
        permission_classes=[PROCESS],
    )
    def order_mark_paid(self, info: Info, input: OrderMarkPaidInput) -> OrderPayload | None:
        order = seen(info, input.order_id)
        return order_payload(
            orders.mark_paid(order.pk, reference=input.reference, actor=customer(info))
        )

    @mutation(description="Note that units were sent.", permission_classes=[PROCESS])
    def order_fulfil(self, info: Info, input: OrderFulfilInput) -> OrderPayload | None:
        parcel = fulfilments.Parcel(
            carrier=text(input.carrier),
            tracking_number=text(input.tracking_number),
            tracking_url=text(input.tracking_url),
        )
        lines = sent(input.lines)
        quantities = (
            None
            if lines is None
            else [(key_of("OrderLine", line.line_id), line.quantity) for line in lines]
        )
        order, key = seen(info, input.order_id), sent(input.idempotency_key)
        return order_payload(
            fulfilments.fulfil(order.pk, quantities, parcel=parcel, actor=customer(info), key=key)
        )

    @mutation(description="Note that parcels arrived.", permission_classes=[PROCESS])
    def order_deliver(self, info: Info, input: OrderDeliverInput) -> OrderPayload | None:
        order = seen(info, input.order_id)
        asked = sent(input.fulfilment_id)
        parcel = None if asked is None else key_of("Fulfilment", asked) or 0
        return order_payload(
            fulfilments.deliver(order.pk, fulfilment_id=parcel, actor=customer(info))
        )

    @mutation(
        description="End an order: its buyer while it awaits payment, staff until it is sent.",
        commits_itself=True,
        metadata=guard(BUYER_OR_PROCESS),
    )
    def order_cancel(self, info: Info, input: OrderCancelInput) -> OrderPayload | None:
        who = viewer(info)
        order = seen(info, input.order_id, text(input.access_token))
        by_staff = actions.processes(who)
        refuse_onlooker(order, who, by_staff=by_staff)
        cancelled = endings.cancel(
            order.pk, actor=who, by_staff=by_staff, reason=text(input.reason)
        )
        return order_payload(by_token(cancelled) if is_by_token(order) else cancelled)

    @mutation(
        description="Hide an order that came to nothing: for its buyer, or staff with"
        " `delete_order`.",
        permission_classes=[IsSignedIn],
        metadata=guard(BUYER_OR_DELETE),
    )
    def order_delete(self, info: Info, input: OrderDeleteInput) -> DeletePayload | None:
        who = customer(info)
        order = seen(info, input.order_id)
        may_delete = who.is_staff and who.has_perm("checkout.delete_order")
        refuse_onlooker(order, who, by_staff=may_delete)
        orders.delete(order.pk, actor=who)
        return DeletePayload(deleted_id=strawberry.ID(ids.of(order)))


def refuse_onlooker(
    order: models.Order, who: User | None, *, by_staff: bool, at: str = "order_id"
) -> None:
    """Seeing an order is not yet changing it. Raises Refused: NOT_ALLOWED."""
    is_buyer = is_by_token(order) or (who is not None and who.pk == order.user_id)
    if not (is_buyer or by_staff):
        raise Refused("NOT_ALLOWED", "You may look at this order only.", at)


def placed(input: OrderPlaceInput, user: User | None) -> models.Order:
    """The order that the input asks for. Raises Refused: INVALID for a token beside a cart."""
    terms = placement.Terms(
        method=input.payment_method.value,
        user=user,
        expected_total=sent(input.expected_total),
        idempotency_key=sent(input.idempotency_key),
    )
    if not input.cart:
        return placement.place_cart(given_token(input), terms)
    if given_token(input) is not None:
        raise Refused("INVALID", "Give a cart token or a cart, not both.", "cart")
    return placement.place_wishes(
        wishes_of(input.cart.lines or None), content_of(input.cart), terms
    )
