"""Lists of products: what narrows and orders them, and the counts beside them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog import facets
from schema.authorization.rules import OBJECT, guarded
from schema.catalog.states import ProductStatus
from schema.errors import Denied
from schema.money import Money
from schema.pages import Page

if TYPE_CHECKING:
    from schema.catalog.types import Product

LONGEST = 120  # characters of a text in a filter; the longest slug has as many, a name has fewer


@strawberry.enum(description="Orders of a list of products; equal ones stand by age.")
class ProductSort(Enum):
    NEWEST = strawberry.enum_value("NEWEST", description="The latest made first.")
    PRICE_ASC = strawberry.enum_value("PRICE_ASC", description="The cheapest first.")
    PRICE_DESC = strawberry.enum_value("PRICE_DESC", description="The dearest first.")
    NAME = strawberry.enum_value("NAME", description="By the alphabet.")
    RATING = strawberry.enum_value("RATING", description="The best rated first.")
    BEST_SELLING = strawberry.enum_value("BEST_SELLING", description="The most units sold first.")
    RELEVANCE = strawberry.enum_value(
        "RELEVANCE", description="What fits the search best first; without a search as NEWEST."
    )


@strawberry.enum(description="What a facet narrows the list by.")
class FacetKind(Enum):
    CATEGORY = strawberry.enum_value("CATEGORY", description="`category` of the filter.")
    BRAND = strawberry.enum_value("BRAND", description="`brand` of the filter.")
    OPTION = strawberry.enum_value("OPTION", description="An entry of `options` of the filter.")
    ATTRIBUTE = strawberry.enum_value(
        "ATTRIBUTE", description="An entry of `attributes` of the filter."
    )
    PRICE = strawberry.enum_value(
        "PRICE", description="`minPrice` and `maxPrice`: it has a range in place of values."
    )
    RATING = strawberry.enum_value("RATING", description="`minRating`: so many stars and up.")
    AVAILABILITY = strawberry.enum_value("AVAILABILITY", description="`inStock` of the filter.")


@strawberry.input(description="One property and the values of it that will do.")
class AttributeFilter:
    name: str = strawberry.field(description="Slug or name of the attribute or option.")
    values: list[str] = strawberry.field(
        description="Slugs or names; any one of them will do. Empty: any value."
    )


@strawberry.input(
    description="Narrows a list of products: all fields must hold, and one value of each list."
    " Null and an empty list narrow nothing. At most 50 values in a list."
)
class ProductFilter:
    category: list[str] | None = strawberry.field(
        default=None, description="Slugs; what is in their sub-categories belongs to them."
    )
    collection: list[str] | None = strawberry.field(default=None, description="Slugs.")
    brand: list[str] | None = strawberry.field(default=None, description="Slugs or names.")
    min_price: Decimal | None = strawberry.field(
        default=None, description="The cheapest variant costs at least this, in Shop.currency."
    )
    max_price: Decimal | None = strawberry.field(
        default=None, description="The cheapest variant costs at most this, in Shop.currency."
    )
    in_stock: bool | None = strawberry.field(
        default=None, description="Whether it can be bought now."
    )
    min_rating: float | None = strawberry.field(
        default=None, description="Rated so many stars or more on average."
    )
    attributes: list[AttributeFilter] | None = strawberry.field(
        default=None, description="What it is like; every entry must hold."
    )
    options: list[AttributeFilter] | None = strawberry.field(
        default=None, description="What can be chosen; one variant must offer every entry at once."
    )
    status: list[ProductStatus] | None = strawberry.field(
        default=None, description="For staff; others only ever see what is public."
    )
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only these; ids that lead to no product are passed over."
    )
    updated_from: datetime | None = strawberry.field(
        default=None, description="Changed at this instant or later."
    )


def refuse_long(wanted: ProductFilter) -> None:
    """Raises Denied: LIMIT_EXCEEDED; counts are kept by the filter, which has to have an end."""
    lists = [wanted.category, wanted.collection, wanted.brand]
    lists += [[one.name, *one.values] for one in wanted.attributes or []]
    lists += [[one.name, *one.values] for one in wanted.options or []]
    if any(len(text) > LONGEST for texts in lists for text in texts or []):
        raise Denied("LIMIT_EXCEEDED", f"A text in a filter takes at most {LONGEST} characters.")


@guarded(OBJECT)
@strawberry.type(description="One choice of a facet.")
class FacetValue:
    value: str = strawberry.field(description="What the filter takes; the same in every language.")
    label: str = strawberry.field(description="For people.")
    count: int = strawberry.field(
        description="Products that this choice gives, with all other choices as they are."
    )
    selected: bool = strawberry.field(description="Whether the filter has it.")


@guarded(OBJECT)
@strawberry.type(description="One way to narrow the list further, counted without its own choice.")
class Facet:
    name: str = strawberry.field(
        description="The filter's field; for options and attributes the slug that `name` takes."
    )
    label: str = strawberry.field(description="For people.")
    kind: FacetKind = strawberry.field(description="What it narrows by.")
    values: list[FacetValue] = strawberry.field(
        description="Choices with a count, and those that are chosen; empty for PRICE."
    )
    min: Money | None = strawberry.field(description="The lowest price; null but for PRICE.")
    max: Money | None = strawberry.field(description="The highest price; null but for PRICE.")


@strawberry.type(description="A page of products, with the counts to narrow the list by.")
class ProductConnection(Page[Annotated["Product", strawberry.lazy("schema.catalog.types")]]):
    counted: strawberry.Private[Callable[[], list[facets.Facet]]]

    @strawberry.field(
        description="Each counted with its own choice relaxed, so that a shopper sees what the"
        " other choices would give. For one list at a time: LIMIT_EXCEEDED where a query asks"
        " for those of several categories or collections at once."
    )
    def facets(self) -> list[Facet]:
        return self.counted()  # type: ignore[return-value]
