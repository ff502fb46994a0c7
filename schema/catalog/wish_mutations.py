"""Changes to wishlists and alerts, and votes on reviews."""

from decimal import Decimal
from typing import cast

import strawberry
from django.conf import settings
from django.db.models import Q

from catalog import alerts, models, votes, wishlists
from schema import ids
from schema.authorization.rules import OWNER, guard
from schema.catalog.payloads import ReviewPayload
from schema.catalog.types import Review
from schema.catalog.wishes import Alert
from schema.context import customer, viewer
from schema.errors import DeletePayload, Info, Payload, mutation
from schema.permissions import IsSignedIn
from schema.rates.declared import Rate
from schema.users.types import User
from shop import money


@strawberry.input(description="Which product.")
class WishlistInput:
    product_id: strawberry.ID = strawberry.field(description="Of a product that you may see.")


@strawberry.type(description="What came of changing the wishlist.")
class WishlistPayload(Payload):
    user: User | None = strawberry.field(default=None, description="Whose wishlist it is.")


@strawberry.input(description="What to be told of.")
class StockAlertCreateInput:
    variant_id: strawberry.ID = strawberry.field(
        description="Of a variant on sale that is not in stock."
    )


@strawberry.input(description="What to be told of.")
class PriceAlertCreateInput:
    product_id: strawberry.ID = strawberry.field(description="Of a product on sale.")
    below_price: Decimal = strawberry.field(
        description="What its cheapest variant must cost less than, in Shop.currency; at most"
        " what it costs now."
    )


@strawberry.input(description="Which alert to end.")
class AlertDeleteInput:
    id: strawberry.ID = strawberry.field(description="Of one of your alerts.")


@strawberry.type(description="What came of asking for an alert.")
class AlertPayload(Payload):
    alert: Alert | None = strawberry.field(
        default=None, description="Asked for again, the same one."
    )


@strawberry.input(description="What you think of somebody's review.")
class ReviewVoteInput:
    review_id: strawberry.ID = strawberry.field(
        description="Of a published review that is not your own."
    )
    helpful: bool | None = strawberry.field(
        default=None, description="It replaces what you said before; null takes that back."
    )


@strawberry.type
class WishMutation:
    @mutation(
        description="Put a product on your wishlist, which holds 500.",
        permission_classes=[IsSignedIn],
    )
    def wishlist_add(self, info: Info, input: WishlistInput) -> WishlistPayload | None:
        visible = models.Product.objects.visible_to(viewer(info))
        wishlists.add(customer(info), ids.get(visible, input.product_id, "product_id"))
        return WishlistPayload(user=cast("User", customer(info)))

    @mutation(
        description="Take a product off your wishlist, if it is on it.",
        permission_classes=[IsSignedIn],
    )
    def wishlist_remove(self, info: Info, input: WishlistInput) -> WishlistPayload | None:
        user = customer(info)
        visible, listed = models.Product.objects.visible_to(user), Q(wishes__user=user)
        known = models.Product.objects.filter(Q(pk__in=visible.values("pk")) | listed)
        wishlists.remove(user, ids.get(known, input.product_id, "product_id"))
        return WishlistPayload(user=cast("User", user))

    @mutation(
        description="Be told by one mail when a variant is in stock again; for a verified address.",
        rates=[Rate("alerts")],
        permission_classes=[IsSignedIn],
    )
    def stock_alert_create(self, info: Info, input: StockAlertCreateInput) -> AlertPayload | None:
        variant = ids.get(models.Variant.objects.public(), input.variant_id, "variant_id")
        return AlertPayload(alert=cast("Alert", alerts.on_stock(customer(info), variant)))

    @mutation(
        description="Be told by one mail when a product costs less; for a verified address. Asked"
        " again for the same product, the new limit holds.",
        rates=[Rate("alerts")],
        permission_classes=[IsSignedIn],
    )
    def price_alert_create(self, info: Info, input: PriceAlertCreateInput) -> AlertPayload | None:
        product = ids.get(models.Product.objects.public(), input.product_id, "product_id")
        below = money.minor(input.below_price, settings.SHOP_CURRENCY, "below_price")
        alert = alerts.on_price(customer(info), product, below_minor=below)
        return AlertPayload(alert=cast("Alert", alert))

    @mutation(
        description="End one of your alerts.",
        permission_classes=[IsSignedIn],
        metadata=guard(OWNER),
    )
    def alert_delete(self, info: Info, input: AlertDeleteInput) -> DeletePayload | None:
        alert = ids.get(models.Alert.objects.filter(user=customer(info)), input.id, "id")
        alerts.delete(alert)
        return DeletePayload(deleted_id=strawberry.ID(ids.of(alert)))

    @mutation(
        description="Say whether somebody's review was of help to you.",
        rates=[Rate("votes")],
        permission_classes=[IsSignedIn],
    )
    def review_vote(self, info: Info, input: ReviewVoteInput) -> ReviewPayload | None:
        review = ids.get(models.Review.objects.published(), input.review_id, "review_id")
        voted = votes.vote(customer(info), review, helpful=input.helpful)
        return ReviewPayload(review=cast("Review", voted))
