"""The way back to their orders for guests."""

import strawberry

from checkout import links
from schema.authorization.rules import PUBLIC, guard
from schema.errors import Payload, mutation
from schema.rates.declared import Rate


@strawberry.input(description="Which order, and whose.")
class OrderLinkRequestInput:
    number: str = strawberry.field(description="Of the order; small letters will do.")
    email: str = strawberry.field(description="Given with the order; the case does not matter.")


@strawberry.type(description="What came of asking for the way to an order.")
class OrderLinkRequestPayload(Payload):
    accepted: bool = strawberry.field(
        default=False, description="True alike, whether number and address belong together or not."
    )


@strawberry.type
class GuestMutation:
    @mutation(
        description="Have the link to an order, or its access token, mailed to its buyer; at most"
        " one mail in ten minutes.",
        rates=[Rate("order links", email="email")],
        metadata=guard(PUBLIC),
    )
    def order_link_request(self, input: OrderLinkRequestInput) -> OrderLinkRequestPayload | None:
        links.request(input.number, input.email)
        return OrderLinkRequestPayload(accepted=True)
