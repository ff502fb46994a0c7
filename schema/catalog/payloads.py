"""What the catalogue's mutations answer."""

import strawberry

from schema.catalog.types import Category, Collection, Product, Review, Variant
from schema.errors import Payload


@strawberry.type(description="What came of making or changing a product.")
class ProductPayload(Payload):
    product: Product | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="What came of making or changing a variant.")
class VariantPayload(Payload):
    variant: Variant | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="What came of changing stocks.")
class StockAdjustPayload(Payload):
    variants: list[Variant] = strawberry.field(
        default_factory=list, description="As they are now, in the order of the changes."
    )


@strawberry.type(description="What came of making or changing a category.")
class CategoryPayload(Payload):
    category: Category | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="What came of making or changing a collection.")
class CollectionPayload(Payload):
    collection: Collection | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="What came of a review.")
class ReviewPayload(Payload):
    review: Review | None = strawberry.field(default=None, description="As it is now.")
