"""What the API shows of orders."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
import strawberry_django
from django.utils import timezone
from strawberry import auto, relay

from checkout import actions, models, payments, pricing, returns
from checkout.querysets import sees_all
from schema import batch, ids
from schema.authorization.rules import BUYER, FOR_SEEING, OBJECT, guard, guarded
from schema.catalog.choices import SelectedOption
from schema.catalog.types import Product, Variant
from schema.checkout.parts import lines_of, parcels_of, payments_of
from schema.checkout.shared import AppliedDiscount, PostalAddress, Totals
from schema.checkout.states import (
    FulfilmentStatus,
    OrderAction,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PaymentStatus,
    RefundState,
)
from schema.context import viewer
from schema.errors import Info
from schema.money import Money
from schema.pages import Keyset
from schema.users.types import User

if TYPE_CHECKING:
    from schema.checkout.returns import Return

NEWEST = Keyset("PLACED", "placed_at", datetime, descending=True)


@guarded(BUYER)
@strawberry_django.type(models.OrderLine, description="Some units of a variant as it was sold.")
class OrderLine(relay.Node):
    sku: auto = strawberry_django.field(description="At the time.")
    name: auto = strawberry_django.field(description="At the time: the product and which variant.")
    quantity: int = strawberry_django.field(description="Units ordered.")
    unit_price: Money = strawberry_django.field(description="At the time.")
    discount: Money = strawberry_django.field(description="Off the whole line.")
    tax: Money = strawberry_django.field(description="On the whole line.")
    total: Money = strawberry_django.field(
        description="Unit price times units, less the discount; without tax when prices are net."
    )
    fulfilled_quantity: int = strawberry_django.field(
        field_name="fulfilled", description="Units sent."
    )
    refunded_quantity: int = strawberry_django.field(
        field_name="refunded",
        description="Units whose money was given back; or is not asked for, as they were called"
        " off before the order was paid.",
    )

    @strawberry_django.field(description="Units that its buyer can ask to send back now.")
    def returnable_quantity(self, root: strawberry.Parent[models.OrderLine]) -> int:
        parts = models.FulfilmentLine.objects.select_related("fulfilment")
        sent = batch.many(root, "fulfilment_lines", parts)
        return returns.returnable(root, sent, timezone.now())

    @strawberry_django.field(description="What it is now; null once gone or hidden.")
    def product(self, root: strawberry.Parent[models.OrderLine], info: Info) -> Product | None:
        from catalog.models import Product as Row

        return batch.one(root, "product", Row.objects.visible_to(viewer(info)))  # type: ignore[no-any-return]

    @strawberry_django.field(description="What it is now; null once gone or hidden.")
    def variant(self, root: strawberry.Parent[models.OrderLine], info: Info) -> Variant | None:
        from catalog.models import Variant as Row

        return batch.one(root, "variant", Row.objects.visible_to(viewer(info)))  # type: ignore[no-any-return]

    @strawberry_django.field(description="What was chosen, at the time.")
    def options(self, root: strawberry.Parent[models.OrderLine]) -> list[SelectedOption]:
        return [SelectedOption(**option) for option in root.options]


@guarded(BUYER)
@strawberry_django.type(models.Payment, description="One attempt to pay.")
class Payment(relay.Node):
    method: PaymentMethod = strawberry_django.field(description="How.")
    amount: Money = strawberry_django.field(description="What was asked for.")
    state: PaymentState = strawberry_django.field(description="Where it stands.")
    reference: auto = strawberry_django.field(
        description="The bank's or the provider's name for it; empty until known."
    )
    created_at: auto = strawberry_django.field(description="When it was begun.")


@guarded(BUYER)
@strawberry_django.type(models.Refund, description="A sum that goes back to the buyer.")
class Refund(relay.Node):
    amount: Money = strawberry_django.field(description="What is given back.")
    reason: auto = strawberry_django.field(description="As the shop told it; may be empty.")
    state: RefundState = strawberry_django.field(description="Where the money is.")
    created_at: auto = strawberry_django.field(description="When it was agreed.")


@guarded(OBJECT)
@strawberry_django.type(models.FulfilmentLine, description="Some units of a line in a parcel.")
class FulfilmentLine:
    quantity: int = strawberry_django.field(description="Units in this parcel.")

    @strawberry_django.field(description="Of which line.")
    def line(self, root: strawberry.Parent[models.FulfilmentLine]) -> OrderLine:
        rows = models.OrderLine.objects.select_related("order")
        return batch.one(root, "line", rows)  # type: ignore[no-any-return]


@guarded(BUYER)
@strawberry_django.type(models.Fulfilment, description="A parcel.")
class Fulfilment(relay.Node):
    carrier: auto = strawberry_django.field(description="Who carries it; may be empty.")
    tracking_number: auto = strawberry_django.field(description="The carrier's; may be empty.")
    tracking_url: auto = strawberry_django.field(description="Where to follow it; may be empty.")
    shipped_at: auto = strawberry_django.field(description="When it was handed over.")
    delivered_at: auto = strawberry_django.field(description="When it arrived; null until then.")

    @strawberry_django.field(description="What is in it.")
    def lines(self, root: strawberry.Parent[models.Fulfilment]) -> list[FulfilmentLine]:
        return batch.many(root, "lines", models.FulfilmentLine.objects.order_by("pk"))


@guarded(OBJECT)
@strawberry.type(description="Something that happened to an order.")
class OrderEvent:
    type: str = strawberry.field(description="A constant: PLACED, PAID, CANCELLED, …")
    message: str = strawberry.field(description="Further words; may be empty.")
    actor: str = strawberry.field(
        description="Who did it; empty when it came by itself, and for staff seen by a buyer."
    )
    created_at: datetime = strawberry.field(description="When.")

    @classmethod
    def of(cls, event: models.OrderEvent, *, by_name: bool) -> "OrderEvent":
        shown = event.actor is not None and (by_name or not event.by_staff)
        actor = str(event.actor.full_name or event.actor.email) if shown and event.actor else ""
        return cls(type=event.type, message=event.message, actor=actor, created_at=event.at)


@guarded(BUYER)
@strawberry_django.type(models.Order, description="What somebody has ordered.")
class Order(relay.Node):
    number: auto = strawberry_django.field(description="For people; cannot be guessed.")
    email: auto = strawberry_django.field(description="Where mails about it go.")
    note: auto = strawberry_django.field(description="From the customer; may be empty.")
    status: OrderStatus = strawberry_django.field(description="Where it stands.")
    payment_status: PaymentStatus = strawberry_django.field(description="Whether it is paid.")
    fulfilment_status: FulfilmentStatus = strawberry_django.field(
        description="Whether it is on its way."
    )
    payment_method: PaymentMethod = strawberry_django.field(description="How it is paid.")
    shipping_method: str = strawberry_django.field(
        field_name="shipping_name", description="How it is sent; empty when nothing was chosen."
    )
    placed_at: auto = strawberry_django.field(description="When it was ordered.")
    updated_at: auto = strawberry_django.field(description="When it last changed.")
    paid_at: auto = strawberry_django.field(description="When it was paid; null until then.")
    cancelled_at: auto = strawberry_django.field(description="When it was cancelled, else null.")

    refunded: Money = strawberry_django.field(
        description="What has gone back of what was paid; what failed does not count."
    )

    @classmethod
    def resolve_id_attr(cls) -> str:
        return "number"

    @strawberry_django.field(
        description="What is still to be paid: the total, less what units came to that were called"
        " off before; nothing once it is paid, or has ended."
    )
    def amount_due(self, root: strawberry.Parent[models.Order]) -> Money:
        return Money.of(root.money(payments.due(root, lambda: lines_of(root))))

    @strawberry_django.field(description="When its hold on the stock ends unpaid, else null.")
    def expires_at(self, root: strawberry.Parent[models.Order]) -> datetime | None:
        return root.hold_until if root.status == models.Order.Status.PENDING else None

    @strawberry_django.field(description="The buyer's account; null for a guest.")
    def customer(self, root: strawberry.Parent[models.Order], info: Info) -> User | None:
        from users.models import User as Row

        return batch.one(root, "user", Row.objects.visible_to(viewer(info)))  # type: ignore[no-any-return]

    @strawberry_django.field(description="What was ordered.")
    def lines(self, root: strawberry.Parent[models.Order]) -> list[OrderLine]:
        return lines_of(root)

    @strawberry_django.field(description="What lowered the total.")
    def discounts(self, root: strawberry.Parent[models.Order]) -> list[AppliedDiscount]:
        rows = batch.many(root, "redemptions", models.DiscountRedemption.objects.order_by("pk"))
        return [
            AppliedDiscount.of(row.name, row.code, row.amount_minor, root.currency) for row in rows
        ]

    @strawberry_django.field(description="The sums as they were agreed.")
    def totals(self, root: strawberry.Parent[models.Order]) -> Totals:
        sums = pricing.Totals(
            subtotal=root.subtotal_minor,
            discount=root.discount_minor,
            shipping=root.shipping_minor,
            tax=root.tax_minor,
            total=root.total_minor,
        )
        return Totals.of(sums, root.currency)

    @strawberry_django.field(description="Where it goes; null when it was not told.")
    def shipping_address(self, root: strawberry.Parent[models.Order]) -> PostalAddress | None:
        return PostalAddress.of(root.shipping_address)

    @strawberry_django.field(description="Who is billed; null: the shipping address.")
    def billing_address(self, root: strawberry.Parent[models.Order]) -> PostalAddress | None:
        return PostalAddress.of(root.billing_address)

    @strawberry_django.field(
        description="For a bank transfer that is awaited: where to pay; else empty."
    )
    def payment_instructions(self, root: strawberry.Parent[models.Order]) -> str:
        return payments.instructions(root)

    @strawberry_django.field(description="The attempts to pay it.")
    def payments(self, root: strawberry.Parent[models.Order]) -> list[Payment]:
        return payments_of(root)

    @strawberry_django.field(description="What was given back, the first first.")
    def refunds(self, root: strawberry.Parent[models.Order]) -> list[Refund]:
        return batch.many(root, "refunds", models.Refund.objects.order_by("pk"))

    @strawberry_django.field(
        description="What staff must look at; null when there is nothing, and for all others.",
        metadata=guard(FOR_SEEING),
    )
    def review_flag(self, root: strawberry.Parent[models.Order], info: Info) -> str | None:
        return (root.review_flag or None) if sees_all(viewer(info)) else None

    @strawberry_django.field(description="The parcels.")
    def fulfilments(self, root: strawberry.Parent[models.Order]) -> list[Fulfilment]:
        return parcels_of(root)

    @strawberry_django.field(description="What its buyer sends back, the first first.")
    def returns(
        self, root: strawberry.Parent[models.Order]
    ) -> list[Annotated["Return", strawberry.lazy("schema.checkout.returns")]]:
        return batch.many(root, "returns", models.Return.objects.order_by("pk"))

    @strawberry_django.field(description="What happened to it, the first first.")
    def events(self, root: strawberry.Parent[models.Order], info: Info) -> list[OrderEvent]:
        rows = models.OrderEvent.objects.select_related("actor").order_by("pk")
        staff = sees_all(viewer(info))
        events = batch.many(root, "events", rows)
        return [OrderEvent.of(one, by_name=staff) for one in events if staff or not one.internal]

    @strawberry_django.field(description="What the viewer may do to it now.")
    def available_actions(
        self, root: strawberry.Parent[models.Order], info: Info
    ) -> list[OrderAction]:
        return actions.available(
            root,
            viewer(info),
            by_token=is_by_token(root),
            parcels=lambda: parcels_of(root),
            attempts=lambda: payments_of(root),
        )


BY_TOKEN = "_by_token"


def by_token(order: models.Order) -> models.Order:
    """The order, marked as shown to somebody who presented its access token."""
    setattr(order, BY_TOKEN, True)
    return order


def is_by_token(order: models.Order) -> bool:
    return bool(getattr(order, BY_TOKEN, False))


ids.NODES["Order"] = models.Order.objects.visible_to


def of_visible_orders(model: Any, path: str) -> Any:
    """The guard of what belongs to an order: as visible as that is."""
    return lambda who: model.objects.filter(**{f"{path}__in": models.Order.objects.visible_to(who)})


ids.NODES["OrderLine"] = of_visible_orders(models.OrderLine, "order")
ids.NODES["Payment"] = of_visible_orders(models.Payment, "order")
ids.NODES["Refund"] = of_visible_orders(models.Refund, "order")
ids.NODES["Fulfilment"] = of_visible_orders(models.Fulfilment, "order")
