"""Questions about carts and orders."""

from typing import Annotated, cast

import strawberry
from django.conf import settings

from checkout import access, carts, health, payments
from checkout.models import Order as Row
from checkout.querysets import SEEING
from schema import ids
from schema.authorization.rules import BUYER, CART, PUBLIC, guard, guarded
from schema.checkout import lists
from schema.checkout.carts import Cart
from schema.checkout.lists import Filter
from schema.checkout.payments import PaymentHealth
from schema.checkout.states import PaymentMethod
from schema.checkout.types import Order, by_token
from schema.context import viewer
from schema.errors import Denied, Info
from schema.pages import After, Before, First, Last, Page, PageArgs
from schema.permissions import may
from users import countries
from users.models import User

API_VERSION = "1"

CartToken = Annotated[
    str, strawberry.argument(description="What `cartCreate` told whoever made the cart.")
]
OrderId = Annotated[strawberry.ID | None, strawberry.argument(description="This, or `number`.")]
OrderNumber = Annotated[str | None, strawberry.argument(description="This, or `id`.")]
AccessToken = Annotated[
    str | None,
    strawberry.argument(description="What `orderPlace` or the mail told a guest."),
]


@guarded(PUBLIC)
@strawberry.type(description="A country.")
class Country:
    code: str = strawberry.field(description="ISO 3166-1 alpha-2.")
    name: str = strawberry.field(description="In English.")


@guarded(PUBLIC)
@strawberry.type(description="What is true for the whole shop.")
class Shop:
    @strawberry.field(description="As shown to shoppers.")
    def name(self) -> str:
        return str(settings.SHOP_NAME)

    @strawberry.field(description="Of all prices in the catalogue; ISO 4217.")
    def currency(self) -> str:
        return str(settings.SHOP_CURRENCY)

    @strawberry.field(description="The countries that an address can be in.")
    def countries(self) -> list[Country]:
        return [Country(code=one.code, name=one.name) for one in countries.all_countries()]

    @strawberry.field(description="The ways to pay that are offered now.")
    def payment_methods(self) -> list[PaymentMethod]:
        return payments.offered()

    @strawberry.field(description="Whether prices are shown with their tax.")
    def prices_include_tax(self) -> bool:
        return bool(settings.PRICES_INCLUDE_TAX)

    @strawberry.field(description="Counts up when something in the API goes away.")
    def api_version(self) -> str:
        return API_VERSION


def find_order(
    who: User | None, id: str | None, number: str | None, access_token: str | None
) -> Row | None:
    """The order that `who` may see by itself, or with its access token.

    Raises:
        Denied: BAD_REQUEST unless exactly one of id and number is given.
    """
    if (id is None) == (number is None):
        raise Denied("BAD_REQUEST", "Give the order's id or its number, not both.")
    key = number if id is None else ids.key_of("Order", id)
    if key is None:
        return None
    if own := Row.objects.visible_to(who).filter(number=key).first():
        return own
    return opened(key, access_token)


def opened(number: str, access_token: str | None) -> Row | None:
    """The order with that number, if the token is its own."""
    if not access_token:
        return None
    row = Row.objects.shown().filter(number=number).first()
    return by_token(row) if row and access.opens(row, access_token) else None


@strawberry.type
class CheckoutQuery:
    @strawberry.field(description="What is true for the whole shop.", metadata=guard(PUBLIC))
    def shop(self) -> Shop:
        return Shop()

    @strawberry.field(
        description="An open cart by its token: a guest's, or your own. Null for any other.",
        metadata=guard(CART),
    )
    def cart(self, info: Info, token: CartToken) -> Cart | None:
        row = carts.by_token(token, user=viewer(info))
        return Cart(row=row, token=token, buyer=viewer(info)) if row else None

    @strawberry.field(
        description="One order, or null if there is none you may see.", metadata=guard(BUYER)
    )
    def order(
        self,
        info: Info,
        id: OrderId = None,
        number: OrderNumber = None,
        access_token: AccessToken = None,
    ) -> Order | None:
        return cast("Order | None", find_order(viewer(info), id, number, access_token))

    @strawberry.field(
        description="All orders, the newest first; for staff.",
        permission_classes=[may(*SEEING)],
    )
    def orders(
        self,
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Order]:
        return lists.page_of(viewer(info), filter, PageArgs.of(first, after, last, before))

    @strawberry.field(
        description="How payment by Stripe is doing, counted anew at each call; for staff.",
        permission_classes=[may(*SEEING)],
    )
    def payment_health(self) -> PaymentHealth:
        return cast("PaymentHealth", health.now())
