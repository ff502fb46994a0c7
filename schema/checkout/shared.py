"""What carts and orders have in common."""

from typing import Any

import strawberry

from checkout import pricing
from schema.authorization.rules import OBJECT, guarded
from schema.money import Money
from shop import money


@guarded(OBJECT)
@strawberry.type(description="The sums; total = subtotal - discount + shipping, + tax if net.")
class Totals:
    subtotal: Money = strawberry.field(description="Unit prices times units.")
    discount: Money = strawberry.field(description="All discounts, free shipping included.")
    shipping: Money = strawberry.field(description="Before its discount.")
    tax: Money = strawberry.field(
        description="On goods and shipping; inside the total when `shop.pricesIncludeTax`."
    )
    total: Money = strawberry.field(description="What is to be paid.")

    @classmethod
    def of(cls, totals: pricing.Totals, currency: str) -> "Totals":
        def shown(minor: int) -> Money:
            return Money.of(money.Money(minor, currency))

        return cls(
            subtotal=shown(totals.subtotal),
            discount=shown(totals.discount),
            shipping=shown(totals.shipping),
            tax=shown(totals.tax),
            total=shown(totals.total),
        )


@guarded(OBJECT)
@strawberry.type(description="Something that lowered the total.")
class AppliedDiscount:
    name: str = strawberry.field(description="As shown to shoppers.")
    code: str | None = strawberry.field(description="Null when it came by itself.")
    amount: Money = strawberry.field(description="What it took off.")

    @classmethod
    def of(cls, name: str, code: str, amount: int, currency: str) -> "AppliedDiscount":
        return cls(name=name, code=code or None, amount=Money.of(money.Money(amount, currency)))


@guarded(OBJECT)
@strawberry.type(description="An address as it was given; later changes elsewhere do not reach it.")
class PostalAddress:
    name: str = strawberry.field(description="Of the person.")
    company: str = strawberry.field(description="May be empty.")
    line1: str = strawberry.field(description="Street and number.")
    line2: str = strawberry.field(description="May be empty.")
    city: str = strawberry.field(description="Town or city.")
    region: str = strawberry.field(description="State, province or county; may be empty.")
    postcode: str = strawberry.field(description="May be empty, where there are none.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2.")
    phone: str = strawberry.field(description="For the carrier; may be empty.")

    @classmethod
    def of(cls, fields: dict[str, Any] | None) -> "PostalAddress | None":
        return cls(**fields) if fields else None
