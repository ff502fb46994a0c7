"""The enumerations of carts and orders, as the API shows them."""

from checkout import actions, models, session_form
from schema import enums

OrderStatus = models.Order.Status
PaymentStatus = models.Order.PaymentStatus
FulfilmentStatus = models.Order.FulfilmentStatus
PaymentState = models.Payment.State
RefundState = models.Refund.State
PaymentMethod = models.orders.PaymentMethod
OrderAction = actions.Action
CheckoutUi = session_form.Ui

enums.shown(
    OrderStatus,
    name="OrderStatus",
    description="Where an order stands.",
    PENDING="Awaits payment; its stock is held.",
    CONFIRMED="Work may start: it is paid, or will be on delivery.",
    COMPLETED="Paid and delivered.",
    CANCELLED="Ended by its buyer or by staff.",
    EXPIRED="Not paid in time; its stock was released.",
)
enums.shown(
    PaymentStatus,
    name="PaymentStatus",
    description="Whether an order is paid.",
    UNPAID="Nothing came yet.",
    PENDING="A transfer is awaited, or the payment provider is still at it.",
    PAID="The whole total came.",
    PARTIALLY_REFUNDED="Paid, and a part of it was given back.",
    REFUNDED="Paid, and all of it was given back.",
)
enums.shown(
    FulfilmentStatus,
    name="FulfilmentStatus",
    description="How much of an order was sent.",
    UNFULFILLED="Nothing.",
    PARTIALLY_FULFILLED="Some units.",
    FULFILLED="All units; not all have arrived.",
    DELIVERED="All units, and they have arrived.",
)
enums.shown(
    PaymentState,
    name="PaymentState",
    description="Where one attempt to pay stands.",
    CREATING="Being set up with the provider.",
    OPEN="Awaits the money.",
    PROCESSING="The provider is at it.",
    PAID="The money came.",
    FAILED="The provider refused it.",
    EXPIRED="It took too long.",
    ABANDONED="The order was cancelled first.",
)
enums.shown(
    RefundState,
    name="RefundState",
    description="Where the money of a refund is.",
    REQUESTED="Agreed; the provider has not answered yet, and is asked again.",
    PENDING="On its way.",
    DONE="Given back.",
    FAILED="It did not reach the buyer; the shop has it still.",
)
enums.shown(
    CheckoutUi,
    name="CheckoutUi",
    description="How the buyer meets the payment.",
    HOSTED="On the provider's own page; open `url`.",
    EMBEDDED="The provider's form, framed in a page of the shop; made with `clientSecret`.",
    ELEMENTS="The shop's own form, out of the provider's parts; made with `clientSecret`.",
)
enums.shown(
    OrderAction,
    name="OrderAction",
    description="What somebody may do to an order now.",
    PAY="`checkoutSessionCreate`.",
    CANCEL="`orderCancel`.",
    MARK_PAID="`orderMarkPaid`; staff.",
    FULFIL="`orderFulfil`; staff.",
    DELIVER="`orderDeliver`; staff.",
    REFUND="`orderRefund`; staff.",
)
enums.shown(
    PaymentMethod,
    name="PaymentMethod",
    description="The ways to pay; `shop.paymentMethods` tells which are offered.",
    STRIPE="By card or another method of Stripe's.",
    BANK_TRANSFER="By transfer to the shop's account; the stock is held some days for it.",
    CASH_ON_DELIVERY="To whoever brings the parcel.",
)
