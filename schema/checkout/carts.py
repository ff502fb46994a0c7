"""What the API shows of carts: the rows as priced at this moment."""

from datetime import datetime
from functools import cached_property

import strawberry

from checkout import carts, models, shipping
from checkout.lines import QuoteLine
from checkout.problems import Problem
from checkout.quotes import Quote
from schema import batch, ids
from schema.authorization.rules import CART, OBJECT, guarded
from schema.catalog import choices
from schema.catalog.types import Variant
from schema.checkout.shared import AppliedDiscount, PostalAddress, Totals
from schema.errors import ErrorCode
from schema.money import Money
from shop import money
from users.models import User


@guarded(OBJECT)
@strawberry.type(description="Some units of a variant in a cart.")
class CartLine:
    id: strawberry.ID = strawberry.field(description="For `cartLinesUpdate` and `cartLinesRemove`.")
    variant: Variant | None = strawberry.field(
        description="Null once it is gone or hidden: the line stays, as a problem."
    )
    sku: str = strawberry.field(description="As last seen.")
    name: str = strawberry.field(description="As last seen: the product and which variant.")
    quantity: int = strawberry.field(description="Units.")
    unit_price: Money = strawberry.field(description="Today's; of what is gone, the last seen.")
    discount: Money = strawberry.field(description="Off the whole line.")
    total: Money = strawberry.field(description="Unit price times units, less the discount.")

    @classmethod
    def of(cls, line: QuoteLine, quote: Quote) -> "CartLine":
        def shown(minor: int) -> Money:
            return Money.of(money.Money(minor, quote.currency))

        priced = quote.prices[line.id]

        return cls(
            id=strawberry.ID(ids.pack("CartLine", str(line.id))),
            variant=line.variant,  # type: ignore[arg-type]  # the row that the type shows
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            unit_price=shown(line.unit_minor),
            discount=shown(priced.discount),
            total=shown(priced.total),
        )


@guarded(OBJECT)
@strawberry.type(description="Why a cart cannot be ordered yet.")
class CartProblem:
    code: ErrorCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")
    line: CartLine | None = strawberry.field(description="The line it is about, if it is one.")
    mutation: str = strawberry.field(description="The mutation that puts it right.")

    @classmethod
    def of(cls, problem: Problem, quote: Quote) -> "CartProblem":
        return cls(
            code=ErrorCode[problem.refusal.code],
            message=str(problem.refusal),
            line=CartLine.of(problem.line, quote) if problem.line else None,
            mutation=problem.mutation,
        )


@guarded(OBJECT)
@strawberry.type(description="A code that the customer entered.")
class CartDiscountCode:
    code: str = strawberry.field(description="As it was entered.")
    applied: bool = strawberry.field(description="Whether it lowers the total.")
    reason: str | None = strawberry.field(description="Why not; null when it does.")


@guarded(OBJECT)
@strawberry.type(description="A way to have the cart sent.")
class ShippingOption:
    id: strawberry.ID = strawberry.field(description="For `shippingOptionId`.")
    name: str = strawberry.field(description="As shown to shoppers.")
    price: Money = strawberry.field(description="For this cart as it is.")
    min_days: int | None = strawberry.field(description="Working days at best; null if not known.")
    max_days: int | None = strawberry.field(description="Working days at most; null if not known.")

    @classmethod
    def of(cls, option: shipping.Option, currency: str) -> "ShippingOption":
        return cls(
            id=strawberry.ID(ids.pack("ShippingOption", str(option.id))),
            name=option.name,
            price=Money.of(money.Money(option.price, currency)),
            min_days=option.min_days,
            max_days=option.max_days,
        )


@guarded(CART)
@strawberry.type(description="What somebody is about to order, priced at this moment.")
class Cart:
    row: strawberry.Private[models.Cart]
    token: str | None = strawberry.field(
        description="A guest's right to the cart: told to whoever made or presented it, else null."
    )
    # Who looks at it: mails about a guest's cart would go to their account's address.
    buyer: strawberry.Private[User | None] = None

    @cached_property
    def quote(self) -> Quote:
        quote = carts.quote(self.row, buyer=self.buyer)
        choices.with_products(batch.together(one.variant for one in quote.lines if one.variant))
        return quote

    @strawberry.field(description="For client caches; it opens nothing.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.of(self.row))

    @strawberry.field(description="Counts the changes.")
    def version(self) -> int:
        return self.row.version

    @strawberry.field(description="In the order in which they were added.")
    def lines(self) -> list[CartLine]:
        return [CartLine.of(line, self.quote) for line in self.quote.lines]

    @strawberry.field(description="Where mails about the order would go; null when not known yet.")
    def email(self) -> str | None:
        return carts.email_of(self.row, self.buyer) or None

    @strawberry.field(description="From the customer to the shop; may be empty.")
    def note(self) -> str:
        return self.row.note

    @strawberry.field(description="Where to send it; null until told.")
    def shipping_address(self) -> PostalAddress | None:
        return PostalAddress.of(self.row.shipping_address)

    @strawberry.field(description="Whom to bill; null: the shipping address.")
    def billing_address(self) -> PostalAddress | None:
        return PostalAddress.of(self.row.billing_address)

    @strawberry.field(
        description="The ways to have it sent; empty until it is known where to, and while the"
        " shop has set up none."
    )
    def shipping_options(self) -> list[ShippingOption]:
        return [ShippingOption.of(one, self.quote.currency) for one in self.quote.options]

    @strawberry.field(
        description="The way that was chosen, else the cheapest; null while there is none."
    )
    def shipping_option(self) -> ShippingOption | None:
        option = self.quote.option
        return ShippingOption.of(option, self.quote.currency) if option else None

    @strawberry.field(description="The codes that were entered, and what became of them.")
    def discount_codes(self) -> list[CartDiscountCode]:
        refused = self.quote.refused_codes
        return [
            CartDiscountCode(code=code, applied=code not in refused, reason=refused.get(code))
            for code in self.row.codes
        ]

    @strawberry.field(description="What lowers the total, and by how much.")
    def discounts(self) -> list[AppliedDiscount]:
        return [
            AppliedDiscount.of(row.name, code, amount, self.quote.currency)
            for row, code, amount in self.quote.applied
        ]

    @strawberry.field(description="What it comes to now.")
    def totals(self) -> Totals:
        return Totals.of(self.quote.totals, self.quote.currency)

    @strawberry.field(description="Why it cannot be ordered yet; empty when it can.")
    def problems(self) -> list[CartProblem]:
        return [CartProblem.of(problem, self.quote) for problem in self.quote.problems]

    @strawberry.field(description="Whether it can be ordered: there are no problems.")
    def ready(self) -> bool:
        return not self.quote.problems

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.row.created_at

    @strawberry.field(description="When it goes if it is not changed until then.")
    def expires_at(self) -> datetime:
        return self.row.expires_at
