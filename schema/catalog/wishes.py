"""What the API shows of wishlists and alerts."""

from datetime import datetime
from typing import cast

import strawberry
import strawberry_django
from django.db.models import F
from strawberry import auto, relay

from catalog import facets, models
from catalog.cells import Cells
from catalog.querysets import AlertQuerySet
from schema import batch, enums, ids, pages
from schema.authorization.rules import USER, guarded
from schema.catalog import shelves, tallies, visible
from schema.catalog.lists import ProductConnection
from schema.catalog.types import Product, Variant
from schema.context import viewer
from schema.errors import Info
from schema.money import Money
from schema.pages import Keyset, PageArgs
from shop.prepared import PK, Slot
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


@guarded(USER)
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


def alerts_of(user: User, who: User | None) -> list[Alert]:
    """The user's waiting alerts, the latest first, for a viewer who may see the user.

    One statement for all users read together.
    """
    rows = visible_alerts(who).waiting().order_by("-created_at", "-pk")
    return cast("list[Alert]", batch.many(user, "alerts", rows))


def visible_alerts(who: User | None) -> AlertQuerySet:
    return models.Alert.objects.filter(user__in=User.objects.visible_to(who))


def wishlist_of(user: User, who: User | None, args: PageArgs) -> ProductConnection:
    """What the user wished for and the viewer may see, the latest wish first.

    Nothing for a viewer who may not see the user: whoever proves an address by a code is shown
    its user without being signed in. One statement for all users read together.
    """
    narrowing = shelves.reading(None)
    rows = models.Product.objects.visible_to(who)
    wished = rows.annotate(_wisher=F("wishes__user"), wished_at=F("wishes__created_at"))
    wished = wished.filter(_wisher__in=User.objects.visible_to(who).values("pk"))
    page = pages.slice_for(user, wished, LATEST, args, by="_wisher", key="wishlist")
    items = models.WishlistItem.objects.filter(user=Slot("wisher", PK)).values("product")
    own = visible.all_products(who).narrowed(
        "wished", lambda rows: rows.filter(pk__in=items), wisher=user.pk
    )
    return ProductConnection(
        page=page, counted=tallies.of_one(user, lambda: facets.of(Cells(own, narrowing)))
    )


ids.NODES["Alert"] = visible_alerts
