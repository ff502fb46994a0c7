"""What the API shows of payment by Stripe."""

from datetime import datetime

import strawberry
from django.conf import settings

from checkout import gateway
from schema.authorization.rules import OBJECT, guarded


@guarded(OBJECT)
@strawberry.type(description="A payment that a buyer can make now, at the payment provider.")
class CheckoutSession:
    id: str = strawberry.field(description="The provider's; for `checkoutSessionSync`.")
    url: str | None = strawberry.field(
        description="The provider's page, for the buyer to open; null unless the `ui` is HOSTED."
    )
    client_secret: str | None = strawberry.field(
        description="For the provider's script in the buyer's browser; null with HOSTED."
    )
    publishable_key: str = strawberry.field(description="For that script; it is no secret.")
    expires_at: datetime = strawberry.field(description="When it can no longer be paid.")

    @classmethod
    def of(cls, session: gateway.Session) -> "CheckoutSession":
        return cls(
            id=session.id,
            url=session.url,
            client_secret=session.client_secret,
            publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
            expires_at=session.expires_at,
        )


@guarded(OBJECT)
@strawberry.type(description="What staff, or a monitor, should look at.")
class PaymentHealth:
    """Shows `checkout.health.Health`: the same attributes."""

    is_set_up: bool = strawberry.field(description="Whether there is a key to pay by Stripe with.")
    last_event_at: datetime | None = strawberry.field(
        description="When Stripe last told of something; null: never."
    )
    events_failing: int = strawberry.field(
        description="Things it told of that could not be dealt with yet; Stripe tells them again."
    )
    unfinished_attempts: int = strawberry.field(
        description="Payments begun and not ended, those of buyers at this moment included."
    )
    oldest_attempt_at: datetime | None = strawberry.field(
        description="When the first of those was begun; null when there is none."
    )
    refunds_waiting: int = strawberry.field(description="Refunds agreed, and not given back yet.")
    oldest_refund_at: datetime | None = strawberry.field(
        description="When the first of those was agreed; null when there is none."
    )
    refunds_failed: int = strawberry.field(
        description="Refunds that failed and that nobody has seen to yet."
    )
    flagged_orders: int = strawberry.field(
        description="Orders with a `reviewFlag`; list them with the filter `flagged`."
    )
