"""Order care: mend an order, order for a customer, order again, and invoices."""

from base64 import b64encode
from datetime import datetime
from decimal import Decimal

import strawberry

from checkout import care, invoices, placement, printing
from schema import ids
from schema.authorization.rules import BUYER, BUYER_ALONE, FOR_KNOWN, OBJECT, guard, guarded
from schema.checkout.carts import Cart
from schema.checkout.inputs import (
    ACCESS,
    ORDER,
    CartInput,
    content_of,
    optional,
    wishes_of,
)
from schema.checkout.mutations import (
    PROCESS,
    OrderPayload,
    order_payload,
    refuse_onlooker,
    seen,
    text,
)
from schema.checkout.states import PaymentMethod
from schema.context import customer, viewer
from schema.errors import ErrorCode, Info, Payload, given, mutation, sent
from schema.rates.declared import Rate
from schema.users.inputs import AddressInput
from users.models import User


@strawberry.input(description="What to change of an order; what is left out stays.")
class OrderUpdateInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    email: str | None = optional(
        "Where mails about it go; another one ends the present access token and is sent a new one."
    )
    note: str | None = optional("From the customer to the shop; at most 1000 signs.")
    shipping_address: AddressInput | None = optional(
        "Where to send it; null only where nothing has to be sent. The sums stay as agreed."
    )
    billing_address: AddressInput | None = optional("Whom to bill; null: the shipping address.")


@strawberry.input(description="What to order for a customer, and how it will be paid.")
class OrderPlaceForInput:
    customer_id: strawberry.ID = strawberry.field(
        description="Whose order it is; a customer that the caller may see."
    )
    cart: CartInput = strawberry.field(
        description="All of it; without an e-mail, mails go to the account's address."
    )
    payment_method: PaymentMethod = strawberry.field(description="How it will be paid.")
    expected_total: Decimal | None = optional("At any other total nothing is ordered.")
    idempotency_key: str | None = optional(
        "A UUID made by the client: the same key and content again answer with the same order."
    )


@strawberry.input(description="Which order to order again.")
class ReorderInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    access_token: str | None = optional(ACCESS)


@strawberry.input(description="Whose invoice to get.")
class OrderInvoiceInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    access_token: str | None = optional(ACCESS)


@guarded(OBJECT)
@strawberry.type(description="A line of an old order that did not get into the cart.")
class SkippedLine:
    name: str = strawberry.field(description="As it was ordered.")
    sku: str = strawberry.field(description="As it was ordered.")
    quantity: int = strawberry.field(description="Units ordered.")
    code: ErrorCode = strawberry.field(
        description="NOT_FOUND: not for sale any more; OUT_OF_RANGE: the cart is full."
    )
    message: str = strawberry.field(description="For people.")

    @classmethod
    def of(cls, skipped: care.Skipped) -> "SkippedLine":
        line, reason = skipped.line, skipped.reason
        return cls(
            name=line.name,
            sku=line.sku,
            quantity=line.quantity,
            code=ErrorCode[reason.code],
            message=str(reason),
        )


@strawberry.type(description="What came of ordering again.")
class ReorderPayload(Payload):
    cart: Cart | None = strawberry.field(
        default=None,
        description="With at least the units of then: a guest's new one, or the open one.",
    )
    skipped: list[SkippedLine] = strawberry.field(
        default_factory=list, description="What did not get into it, and why."
    )


@strawberry.type(description="An order's invoice.")
class OrderInvoicePayload(Payload):
    number: str | None = strawberry.field(
        default=None, description="Counted without gaps within a year: 2026-00001."
    )
    issued_at: datetime | None = strawberry.field(
        default=None, description="When it was first asked for; it stays as it was then."
    )
    filename: str | None = strawberry.field(default=None, description="To save it under.")
    pdf: str | None = strawberry.field(default=None, description="The PDF file in base64.")


@strawberry.type
class CareMutation:
    @mutation(
        description="Change e-mail, note or addresses of an order, until the first parcel is"
        " sent; for staff.",
        permission_classes=[PROCESS],
    )
    def order_update(self, info: Info, input: OrderUpdateInput) -> OrderPayload | None:
        order = seen(info, input.order_id)
        fields = {
            name: given(value) if isinstance(value, AddressInput) else value
            for name, value in given(input).items()
        }
        return order_payload(care.update(order.pk, fields, actor=customer(info)))

    @mutation(
        description="Order a whole cart for a customer, whose order it is; for staff.",
        permission_classes=[PROCESS],
        metadata=guard(FOR_KNOWN),
    )
    def order_place_for(self, info: Info, input: OrderPlaceForInput) -> OrderPayload | None:
        who = customer(info)
        known = User.objects.visible_to(who).open().filter(is_active=True)
        terms = placement.Terms(
            method=input.payment_method.value,
            user=ids.get(known, input.customer_id, "customer_id"),
            placed_by=who,
            expected_total=sent(input.expected_total),
            idempotency_key=sent(input.idempotency_key),
        )
        wishes = wishes_of(input.cart.lines or None)
        return order_payload(placement.place_wishes(wishes, content_of(input.cart), terms))

    @mutation(
        description="Put what is still for sale of an old order into a cart: its buyer, or who"
        " has its access token. Asked again, nothing is added to the open cart.",
        rates=[Rate("carts")],
        metadata=guard(BUYER_ALONE),
    )
    def reorder(self, info: Info, input: ReorderInput) -> ReorderPayload | None:
        who = viewer(info)
        order = seen(info, input.order_id, text(input.access_token))
        refuse_onlooker(order, who, by_staff=False)
        done = care.reorder(order, user=who)
        return ReorderPayload(
            cart=Cart(row=done.cart, token=done.token, buyer=who),
            skipped=[SkippedLine.of(one) for one in done.skipped],
        )

    @mutation(
        description="The invoice of an order, once it is paid or confirmed: its buyer, who has"
        " its access token, or staff who see orders. The first call gives it its number.",
        rates=[Rate("invoices")],
        metadata=guard(BUYER),
    )
    def order_invoice(self, info: Info, input: OrderInvoiceInput) -> OrderInvoicePayload | None:
        order = seen(info, input.order_id, text(input.access_token))
        invoice = invoices.of(order.pk, actor=viewer(info))
        return OrderInvoicePayload(
            number=invoice.number,
            issued_at=invoice.issued_at,
            filename=invoice.filename,
            pdf=b64encode(printing.pdf(invoice)).decode(),
        )
