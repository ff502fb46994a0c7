"""What the API shows of accounts."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
import strawberry_django
from strawberry import auto, relay

from catalog.models import Review as ReviewRow
from checkout import account_export, carts
from schema import batch, ids
from schema.authorization.rules import ONESELF, USER, guard, guarded
from schema.catalog import reviews
from schema.catalog.lists import ProductConnection
from schema.catalog.reviews import Review, ReviewFilter
from schema.catalog.wishes import Alert, alerts_of, wishlist_of
from schema.context import viewer
from schema.errors import Info
from schema.pages import After, Before, First, Keyset, Last, Page, PageArgs
from users import addresses, models

if TYPE_CHECKING:
    from schema.checkout.carts import Cart
    from schema.checkout.lists import OrderFilter
    from schema.checkout.types import Order

NEWEST = Keyset("newest", "created_at", datetime, descending=True)


@guarded(USER)
@strawberry_django.type(models.Address, description="One of a customer's own addresses.")
class Address(relay.Node):
    name: auto = strawberry_django.field(description="Who receives what is sent there.")
    company: auto = strawberry_django.field(description="Blank for a private one.")
    line1: auto = strawberry_django.field(description="Street and number.")
    line2: auto = strawberry_django.field(description="Floor, flat and the like; may be blank.")
    city: auto = strawberry_django.field(description="Town or place.")
    region: auto = strawberry_django.field(description="State or province; may be blank.")
    postcode: auto = strawberry_django.field(description="Blank where there are none.")
    country: auto = strawberry_django.field(description="ISO 3166-1 alpha-2, in capitals.")
    phone: auto = strawberry_django.field(description="For the carrier; may be blank.")
    is_default_shipping: auto = strawberry_django.field(
        description="Where to send by default; true for one address at most."
    )
    is_default_billing: auto = strawberry_django.field(
        description="Whom to bill by default; true for one address at most."
    )


# Named only, for these modules import this one: an order shows its customer, and they it.
TheirOrder = Annotated["Order", strawberry.lazy("schema.checkout.types")]
TheirCart = Annotated["Cart", strawberry.lazy("schema.checkout.carts")]
Filter = Annotated[
    Annotated["OrderFilter", strawberry.lazy("schema.checkout.lists")] | None,
    strawberry.argument(description="Narrows the list."),
]


@guarded(USER)
@strawberry_django.type(
    models.User,
    description="Somebody with an account; seen by themselves, and by staff who may see customers.",
)
class User(relay.Node):
    email: auto = strawberry_django.field(description="The name to sign in with.")
    first_name: auto = strawberry_django.field(description="May be blank.")
    last_name: auto = strawberry_django.field(description="May be blank.")
    phone: auto = strawberry_django.field(description="May be blank.")
    is_staff: auto = strawberry_django.field(description="Whether they work for the shop.")
    created_at: auto = strawberry_django.field(description="When the account was opened.")

    @strawberry_django.field(description="Whether they have proven to read mail to the address.")
    def email_verified(self, root: strawberry.Parent[models.User]) -> bool:
        return root.email_verified_at is not None

    @strawberry_django.field(description="Whether they want news and offers by mail.")
    def marketing_consent(self, root: strawberry.Parent[models.User]) -> bool:
        return root.marketing_consent_at is not None

    marketing_consent_at: auto = strawberry_django.field(
        description="Since when they want them; null while they do not."
    )

    @strawberry_django.field(
        description="All that the shop keeps about the caller, as a JSON text: amounts in minor"
        " units, times in UTC. Null to anybody else, staff too.",
        metadata=guard(ONESELF),
    )
    def account_export(self, root: strawberry.Parent[models.User], info: Info) -> str | None:
        who = viewer(info)
        return account_export.export(who) if who is not None and who.pk == root.pk else None

    @strawberry_django.field(description="In the order in which they were added.")
    def addresses(self, root: strawberry.Parent[models.User], info: Info) -> list[Address]:
        visible = addresses.visible_to(viewer(info)).order_by("pk")
        return cast("list[Address]", batch.many(root, "addresses", visible))

    @strawberry_django.field(
        description="What they say of products, the latest first: all to themselves and staff, the"
        " published to others."
    )
    def reviews(
        self,
        root: strawberry.Parent[models.User],
        info: Info,
        filter: Annotated[
            ReviewFilter | None, strawberry.argument(description="Narrows the list.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Review]:
        visible = ReviewRow.objects.visible_to(viewer(info))
        args = PageArgs.of(first, after, last, before)
        return reviews.page_by(root, visible, filter, args)

    @strawberry_django.field(description="What they ordered, the newest first.")
    def orders(
        self,
        root: strawberry.Parent[models.User],
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[TheirOrder]:
        from schema.checkout import lists

        return lists.page_for(root, viewer(info), filter, PageArgs.of(first, after, last, before))

    @strawberry_django.field(description="What they keep for later, the latest first.")
    def wishlist(
        self,
        root: strawberry.Parent[models.User],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection:
        return wishlist_of(root, viewer(info), PageArgs.of(first, after, last, before))

    @strawberry_django.field(description="Those that wait for their cause, the latest first.")
    def alerts(self, root: strawberry.Parent[models.User], info: Info) -> list[Alert]:
        return alerts_of(root, viewer(info))

    @strawberry_django.field(
        description="Their open cart; null without one, and to others.", metadata=guard(ONESELF)
    )
    def cart(self, root: strawberry.Parent[models.User], info: Info) -> TheirCart | None:
        from schema.checkout.carts import Cart

        who = viewer(info)
        row = carts.open_cart(root) if who is not None and who.pk == root.pk else None
        return Cart(row=row, token=None) if row else None


ids.NODES["User"] = models.User.objects.visible_to
ids.NODES["Address"] = addresses.visible_to
