"""What the API shows of wishlists and alerts."""

from datetime import datetime
from typing import cast

import strawberry
import strawberry_django
from django.db.models import F
from strawberry import auto, relay

from catalog import facets, models
from schema import batch, enums, ids, pages
from schema.catalog import shelves, tallies
from schema.catalog.lists import ProductConnection
from schema.catalog.types import Product, Variant
from schema.context import viewer
from schema.errors import Info
from schema.money import Money
from schema.pages import Keyset, PageArgs
from users.models import User

LATEST = Keyset("WISHED", "wished_at", datetime, descending=True)
AlertKind = models.Alert.Kind

enums.shown(
    AlertKind,
    name="AlertKind",
    description="What an alert waits for.",
    BACK_IN_STOCK="That a variant can be bought again.",
    PRICE_BELOW="That a product costs less than `belowPrice`.",
)


@strawberry_django.type(
    models.Alert,
    description="A wish to be told once, by mail, and over with it; seen by whoever sees its user.",
)
class Alert(relay.Node):
    kind: AlertKind = strawberry_django.field(description="What it waits for.")
    below_price: Money | None = strawberry_django.field(
        description="What the cheapest variant must cost less than; null but for PRICE_BELOW."
    )
    created_at: auto = strawberry_django.field(description="When it was asked for.")

    @strawberry_django.field(description="Null when the product is no longer shown.")
    def product(self, root: strawberry.Parent[models.Alert], info: Info) -> Product | None:
        rows = models.Product.objects.visible_to(viewer(info))
        return batch.one(root, "product", rows)  # type: ignore[no-any-return]

    @strawberry_django.field(
        description="The one to be in stock; null but for BACK_IN_STOCK, and when no longer shown."
    )
    def variant(self, root: strawberry.Parent[models.Alert], info: Info) -> Variant | None:
        rows = models.Variant.objects.visible_to(viewer(info))
        return batch.one(root, "variant", rows)  # type: ignore[no-any-return]


def alerts_of(user: User) -> list[Alert]:
    """The user's waiting alerts, the latest first; one statement for all users read together."""
    rows = models.Alert.objects.waiting().order_by("-created_at", "-pk")
    return cast("list[Alert]", batch.many(user, "alerts", rows))


def wishlist_of(user: User, who: User | None, args: PageArgs) -> ProductConnection:
    """What the user wished for and the viewer may see, the latest wish first.

    One statement for all users read together.
    """
    narrowing = shelves.reading(None)
    rows = models.Product.objects.visible_to(who)
    wished = rows.annotate(_wisher=F("wishes__user"), wished_at=F("wishes__created_at"))
    page = pages.slice_for(user, wished, LATEST, args, by="_wisher", key="wishlist")
    own = rows.filter(pk__in=models.WishlistItem.objects.filter(user=user).values("product"))
    return ProductConnection(
        page=page, counted=tallies.of_one(user, lambda: facets.of(own, narrowing))
    )


ids.NODES["Alert"] = lambda who: models.Alert.objects.filter(user__in=User.objects.visible_to(who))
