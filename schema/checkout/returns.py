"""Lines called off, and units sent back: what the API shows of them, and what changes them."""

from typing import cast

import strawberry
import strawberry_django
from strawberry import auto, relay

from checkout import access, actions, models, returns, withdrawals
from checkout.withdrawals import Wanted
from schema import batch, enums, ids
from schema.authorization.rules import BUYER, BUYER_ALONE, OBJECT, WITH_REFUND, guard, guarded
from schema.checkout.inputs import ACCESS, ORDER, OrderLineQuantityInput, key_of, optional
from schema.checkout.mutations import (
    PROCESS,
    OrderPayload,
    order_payload,
    refuse_onlooker,
    seen,
    text,
)
from schema.checkout.types import Order, OrderLine, by_token, of_visible_orders
from schema.context import customer, request_key, viewer
from schema.errors import Denied, Info, Payload, mutation, sent
from users.models import User

RETURN = "The return."

ReturnState = models.Return.State
enums.shown(
    ReturnState,
    name="ReturnState",
    description="Where a return stands.",
    REQUESTED="The buyer has asked; the shop has not answered yet.",
    APPROVED="The buyer can send the units.",
    REJECTED="The shop does not take them back; `note` tells why.",
    RECEIVED="The shop has them again.",
    CANCELLED="Called off by the buyer.",
)


@guarded(OBJECT)
@strawberry_django.type(models.ReturnLine, description="Some units of a line in a return.")
class ReturnLine:
    quantity: int = strawberry_django.field(description="Units sent back.")

    @strawberry_django.field(description="Of which line.")
    def line(self, root: strawberry.Parent[models.ReturnLine]) -> OrderLine:
        rows = models.OrderLine.objects.select_related("order")
        return batch.one(root, "line", rows)  # type: ignore[no-any-return]


@guarded(BUYER)
@strawberry_django.type(models.Return, description="Units that a buyer sends back.")
class Return(relay.Node):
    state: ReturnState = strawberry_django.field(description="Where it stands.")
    reason: auto = strawberry_django.field(description="As the buyer told it; may be empty.")
    note: auto = strawberry_django.field(
        description="The shop's answer: how to send it, or why not; may be empty."
    )
    requested_at: auto = strawberry_django.field(description="When the buyer asked.")
    decided_at: auto = strawberry_django.field(
        description="When it was approved or rejected; null until then."
    )
    received_at: auto = strawberry_django.field(
        description="When the units were here again; null until then."
    )

    @strawberry_django.field(description="What is sent back.")
    def lines(self, root: strawberry.Parent[models.Return]) -> list[ReturnLine]:
        return batch.many(root, "lines", models.ReturnLine.objects.order_by("pk"))

    @strawberry_django.field(description="What it was bought with.")
    def order(self, root: strawberry.Parent[models.Return]) -> Order:
        return batch.one(root, "order", models.Order.objects.shown())  # type: ignore[no-any-return]


ids.NODES["Return"] = of_visible_orders(models.Return, "order")


@strawberry.input(description="Which units of an order are not to be sent any more.")
class OrderLinesCancelInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    lines: list[OrderLineQuantityInput] = strawberry.field(
        description="Units that were not sent; not all that there are of the order."
    )
    reason: str | None = optional("The buyer can read it; at most 200 signs.")
    idempotency_key: str | None = optional(
        "A UUID made by the client: with the same key and content the units are called off once."
    )


@strawberry.input(description="Which units the buyer wants to send back.")
class ReturnRequestInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    access_token: str | None = optional(ACCESS)
    lines: list[OrderLineQuantityInput] = strawberry.field(
        description="Units that were sent, at most `returnableQuantity` of each line."
    )
    reason: str | None = optional("For the shop; at most 200 signs.")


@strawberry.input(description="Which return its buyer calls off.")
class ReturnCancelInput:
    return_id: strawberry.ID = strawberry.field(description=RETURN)
    access_token: str | None = optional(ACCESS)


@strawberry.input(description="Which return the buyer can send.")
class ReturnApproveInput:
    return_id: strawberry.ID = strawberry.field(description=RETURN)
    note: str | None = optional("How to send it, for the buyer; at most 1000 signs.")


@strawberry.input(description="Which return the shop does not take.")
class ReturnRejectInput:
    return_id: strawberry.ID = strawberry.field(description=RETURN)
    reason: str = strawberry.field(description="For the buyer; at most 1000 signs.")


@strawberry.input(description="Which return has come, and what is done about it.")
class ReturnReceiveInput:
    return_id: strawberry.ID = strawberry.field(description=RETURN)
    restock: bool = strawberry.field(description="Whether the units can be sold again.")
    refund: bool = strawberry.field(
        description="Whether what was paid for them goes back; needs `refund_order` as well."
    )


@strawberry.type(description="What came of asking for a return, or of changing it.")
class ReturnPayload(Payload):
    returned: Return | None = strawberry.field(
        default=None, name="return", description="As it is now."
    )


def return_payload(row: models.Return) -> ReturnPayload:
    return ReturnPayload(returned=cast("Return", row))


def units_in(lines: list[OrderLineQuantityInput]) -> list[tuple[int | None, int]]:
    return [(key_of("OrderLine", line.line_id), line.quantity) for line in lines]


def seen_return(info: Info, id: str, access_token: str = "") -> tuple[models.Return, models.Order]:
    """The return that the caller may see, and its order.

    Raises:
        Refused: NOT_FOUND, alike for one that nobody knows and for somebody else's.
    """
    rows = models.Return.objects.select_related("order")
    visible = models.Order.objects.visible_to(viewer(info))
    if own := ids.find(rows.filter(order__in=visible), id):
        return own, own.order
    shown = rows.filter(order__deleted_at=None)
    row = ids.find(shown, id) if access_token else None
    if row and access.opens(row.order, access_token):
        return row, by_token(row.order)
    raise ids.not_found("Return", "return_id")


def refuse_without_refunding(who: User) -> None:
    """Raises Denied: FORBIDDEN, for who may not give money back."""
    if not actions.refunds_money(who):
        message = "Giving money back needs the permission checkout.refund_order."
        raise Denied("FORBIDDEN", message)


@strawberry.type
class ReturnMutation:
    @mutation(
        description="Call off units of a confirmed order before they are sent. What was paid for"
        " them goes back if the caller may refund; else the order is flagged.",
        commits_itself=True,
        permission_classes=[PROCESS],
    )
    def order_lines_cancel(self, info: Info, input: OrderLinesCancelInput) -> OrderPayload | None:
        order, who = seen(info, input.order_id), customer(info)
        key = request_key(info, sent(input.idempotency_key))
        changed = withdrawals.cancel_lines(
            order.pk,
            Wanted(units_in(input.lines), text(input.reason), key),
            actor=who,
            may_refund=actions.refunds_money(who),
        )
        return order_payload(changed)

    @mutation(
        description="Ask to send units back: the order's buyer, or who has its access token,"
        " in the days that the shop allows for it.",
        metadata=guard(BUYER_ALONE),
    )
    def return_request(self, info: Info, input: ReturnRequestInput) -> ReturnPayload | None:
        order = seen(info, input.order_id, text(input.access_token))
        refuse_onlooker(order, viewer(info), by_staff=False)
        made = returns.request(
            order.pk, units_in(input.lines), reason=text(input.reason), actor=viewer(info)
        )
        return return_payload(made)

    @mutation(
        description="Call a return off before it has come: its buyer.", metadata=guard(BUYER_ALONE)
    )
    def return_cancel(self, info: Info, input: ReturnCancelInput) -> ReturnPayload | None:
        row, order = seen_return(info, input.return_id, text(input.access_token))
        refuse_onlooker(order, viewer(info), by_staff=False, at="return_id")
        return return_payload(returns.cancel(row.pk, actor=viewer(info)))

    @mutation(
        description="Let the buyer send the units; a mail tells the buyer.",
        permission_classes=[PROCESS],
    )
    def return_approve(self, info: Info, input: ReturnApproveInput) -> ReturnPayload | None:
        row, _ = seen_return(info, input.return_id)
        return return_payload(returns.approve(row.pk, note=text(input.note), actor=customer(info)))

    @mutation(
        description="Refuse to take the units back; a mail tells the buyer.",
        permission_classes=[PROCESS],
    )
    def return_reject(self, info: Info, input: ReturnRejectInput) -> ReturnPayload | None:
        row, _ = seen_return(info, input.return_id)
        return return_payload(returns.reject(row.pk, reason=input.reason, actor=customer(info)))

    @mutation(
        description="Note that the units have come; their money goes back where that is asked.",
        commits_itself=True,
        permission_classes=[PROCESS],
        metadata=guard(WITH_REFUND),
    )
    def return_receive(self, info: Info, input: ReturnReceiveInput) -> ReturnPayload | None:
        who = customer(info)
        if input.refund:
            refuse_without_refunding(who)
        row, _ = seen_return(info, input.return_id)
        return return_payload(
            returns.receive(row.pk, restock=input.restock, refund=input.refund, actor=who)
        )
