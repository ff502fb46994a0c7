"""What mutations take."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import UNSET

from checkout.quotes import Wish
from checkout.shares import Units
from schema import ids
from schema.checkout.states import CheckoutUi, PaymentMethod
from schema.errors import given
from schema.users.inputs import AddressInput

TOKEN = "The guest's right to the cart; left out: the signed-in caller's open cart."
ACCESS = "What `orderPlace` or the mail told a guest; not needed by the signed-in buyer."
EMAIL = "Where mails about the order go; left out: the account's address."
CODES = "Discount codes as the customer wrote them; replaces the present ones."
ORDER = "The order."


def optional(description: str) -> Any:
    """An input field that may be left out, which is not the same as null."""
    return strawberry.field(description=description, default=UNSET)


@strawberry.input(description="Some units of a variant.")
class CartLineInput:
    variant_id: strawberry.ID = strawberry.field(description="What to buy.")
    quantity: int = strawberry.field(description="Units: 1 to 999.")


@strawberry.input(description="A whole cart at once.")
class CartInput:
    lines: list[CartLineInput] | None = optional("What to buy; at most 100 variants.")
    email: str | None = optional(EMAIL)
    shipping_address: AddressInput | None = optional("Where to send it.")
    billing_address: AddressInput | None = optional("Whom to bill; left out: the shipping address.")
    shipping_option_id: strawberry.ID | None = optional("One of the cart's `shippingOptions`.")
    discount_codes: list[str] | None = optional(CODES)
    note: str | None = optional("From the customer to the shop; at most 1000 signs.")


@strawberry.input(description="What to put into a cart.")
class CartLinesAddInput:
    cart_token: str | None = optional(TOKEN)
    lines: list[CartLineInput] = strawberry.field(
        description="What to add; units of a variant that is there already join its line."
    )


@strawberry.input(description="How many units a line shall have.")
class CartLineUpdateInput:
    id: strawberry.ID = strawberry.field(description="The cart's line.")
    quantity: int = strawberry.field(description="Units: 1 to 999, or 0 to remove the line.")


@strawberry.input(description="Which lines to change.")
class CartLinesUpdateInput:
    cart_token: str | None = optional(TOKEN)
    lines: list[CartLineUpdateInput] = strawberry.field(description="Lines and their new units.")


@strawberry.input(description="Which lines to take out.")
class CartLinesRemoveInput:
    cart_token: str | None = optional(TOKEN)
    line_ids: list[strawberry.ID] = strawberry.field(description="The cart's lines.")


@strawberry.input(description="What to change beside the lines; what is left out stays.")
class CartUpdateInput:
    cart_token: str | None = optional(TOKEN)
    email: str | None = optional(EMAIL)
    shipping_address: AddressInput | None = optional("Where to send it.")
    billing_address: AddressInput | None = optional("Whom to bill; null: the shipping address.")
    shipping_option_id: strawberry.ID | None = optional("One of the cart's `shippingOptions`.")
    discount_codes: list[str] | None = optional(CODES)
    note: str | None = optional("From the customer to the shop; at most 1000 signs.")


@strawberry.input(description="Which guest's cart to make one's own.")
class CartClaimInput:
    cart_token: str = strawberry.field(description="The guest's right to the cart.")


@strawberry.input(description="What to order, and how to pay. Give a cart token, a cart, or none.")
class OrderPlaceInput:
    cart_token: str | None = optional(TOKEN)
    cart: CartInput | None = optional("The whole cart at once; the open cart stays as it is.")
    payment_method: PaymentMethod = strawberry.field(description="How it will be paid.")
    expected_total: Decimal | None = optional(
        "What the customer was shown; at any other total nothing is ordered."
    )
    idempotency_key: str | None = optional(
        "A UUID made by the client: the same key and content again answer with the same order."
    )


@strawberry.input(description="Money that came by bank transfer or in cash.")
class OrderMarkPaidInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    reference: str = strawberry.field(description="How the bank or the till names the payment.")


@strawberry.input(description="Some units of an order's line.")
class OrderLineQuantityInput:
    line_id: strawberry.ID = strawberry.field(description="The order's line.")
    quantity: int = strawberry.field(description="Units: 1 to what is left of the line.")


@strawberry.input(description="What was sent, and how it travels.")
class OrderFulfilInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    lines: list[OrderLineQuantityInput] | None = optional("Left out: all that is not sent yet.")
    carrier: str | None = optional("Who carries it.")
    tracking_number: str | None = optional("The carrier's number.")
    tracking_url: str | None = optional("Where the parcel can be followed; http or https.")
    idempotency_key: str | None = optional(
        "A UUID made by the client: with the same key and content one parcel is noted."
    )


@strawberry.input(description="What arrived.")
class OrderDeliverInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    fulfilment_id: strawberry.ID | None = optional("One parcel; left out: all under way.")


@strawberry.input(description="Which order to cancel.")
class OrderCancelInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    access_token: str | None = optional(ACCESS)
    reason: str | None = optional("For the order's history; at most 200 signs.")


@strawberry.input(description="Which order to hide.")
class OrderDeleteInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)


@strawberry.input(description="Which order is to be paid, and how its buyer meets the payment.")
class CheckoutSessionCreateInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    access_token: str | None = optional(ACCESS)
    ui: CheckoutUi | None = optional("Left out: HOSTED.")
    success_url: str | None = optional(
        "Where the buyer goes after paying, with any `ui`: one of the shop's own addresses, to"
        " which `session_id` is added. Left out: the order's page in the storefront."
    )
    cancel_url: str | None = optional(
        "Where the buyer goes who turns back, with HOSTED; one of the shop's own addresses."
    )


@strawberry.input(description="Which payment to look up.")
class CheckoutSessionSyncInput:
    session_id: str = strawberry.field(
        description="The session's id, as in `session_id` of the address the buyer comes back to."
    )
    access_token: str | None = optional(ACCESS)


@strawberry.input(description="Some units of an order's line whose money goes back.")
class RefundLineInput:
    line_id: strawberry.ID = strawberry.field(description="The order's line.")
    quantity: int = strawberry.field(description="Units: 1 to those not refunded yet.")
    restock: bool | None = optional("Whether they can be sold again; left out: they cannot.")


@strawberry.input(description="What to give back; without amount and lines: all that is left.")
class OrderRefundInput:
    order_id: strawberry.ID = strawberry.field(description=ORDER)
    amount: Decimal | None = optional(
        "In the order's currency; beside `lines`, instead of what was paid for them."
    )
    lines: list[RefundLineInput] | None = optional("Units whose money goes back; at most 100.")
    reason: str | None = optional("Told to the buyer; at most 200 signs.")
    idempotency_key: str | None = optional(
        "A UUID made by the client: the same key and content again is the same refund."
    )


def wishes_of(lines: Sequence[CartLineInput] | None) -> list[Wish]:
    return [Wish(key_of("Variant", line.variant_id), line.quantity) for line in lines or []]


def key_of(name: str, id: str) -> int | None:
    """The primary key in a global id, or None for one that leads nowhere."""
    key = ids.key_of(name, id)
    return None if key is None else int(key)


def units_of(lines: Sequence[RefundLineInput] | None) -> list[Units] | None:
    """The units to give back; None where no lines were given."""
    if lines is None:
        return None
    return [
        Units(key_of("OrderLine", line.line_id), line.quantity, restock=line.restock is True)
        for line in lines
    ]


def content_of(input: CartInput | CartUpdateInput) -> dict[str, Any]:
    """What was given beside the lines, addresses as plain fields."""
    found: dict[str, Any] = {
        name: given(value) if isinstance(value, AddressInput) else value
        for name, value in given(input).items()
        if name not in ("lines", "cart_token")
    }
    if found.get("shipping_option_id") is not None:  # 0: an id that leads to none
        asked = str(found["shipping_option_id"])
        found["shipping_option_id"] = key_of("ShippingOption", asked) or 0
    return found
